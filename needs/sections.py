"""What needs say before a contact: those in work, with their stage."""

from datetime import date
from typing import Any

from accounts.models import Client
from needs.enums import NeedStatus
from visits.sections import Section, register

SHOWN = 10


def _load(client: Client, user: Any, on: date) -> dict[str, Any]:
    rows = client.needs.filter(status=NeedStatus.OPEN).select_related(
        "stage", "participant__person", "department"
    )
    found = list(rows.order_by("-is_key", "priority", "-pk")[: SHOWN + 1])
    return {"needs": found[:SHOWN], "more": len(found) > SHOWN}


def register_sections() -> None:
    """Tell the preparation page; called once, when all apps are ready."""
    register(
        Section(
            "needs", "Потребности в работе", "needs/sections/needs.html", _load, 40, tab="needs"
        )
    )
