"""What lamps say before a contact: the colour, the sum, what pulls it down, what ends soon."""

from datetime import date
from typing import Any

from accounts.models import Client
from lamps import selectors
from lamps.models import Lamp
from lamps.selectors.cards import live_rows
from visits.sections import Section, register


def _load(client: Client, user: Any, on: date) -> dict[str, Any]:
    lamp = Lamp.objects.visible_to(user).select_related("scheme").filter(client=client).first()
    reading = selectors.explain(client) if lamp else None
    rows = live_rows(reading) if reading else []
    return {
        "lamp": lamp,
        "best": reading.scheme.best if reading else None,
        "losses": [row for row in rows if row.points is not None and row.points < row.best],
        "missing": [row for row in rows if row.is_missing],
        "expiring": [row for row in rows if row.is_expiring],
    }


def register_sections() -> None:
    """Tell the preparation page; called once, when all apps are ready."""
    register(Section("lamp", "Лампочка", "lamps/sections/lamp.html", _load, order=10, tab="lamp"))
