"""Contacts that took place, from the КИС, one by one through their services."""

from typing import Any

from accounts.services.loads.lookups import clients_of, employees_of, require
from contacts.models import Participant
from core import clock
from core.bulk.resources import Batch, Row
from core.bulk.saving import by, each
from visits.enums import VisitStatus
from visits.models import Visit
from visits.services.visits import complete_visit, log_visit, update_visit

_PLAIN = (
    "external_id", "level", "channel", "started_at", "ended_at", "goal", "goal_kind", "plan",
    "materials", "result", "feedback", "satisfaction",
)  # fmt: skip
_TEXTS = frozenset({"goal", "goal_kind", "plan", "result", "feedback"})


def load_visits(batch: Batch) -> None:
    """Write contacts that took place, found by code; a planned one becomes done."""
    for row in batch.good:
        require(row, "external_id")
    clients = clients_of(batch)
    employees = employees_of(batch, "employee", needed=False)
    seen = Visit.objects.visible_to(batch.actor).select_related("client", "employee")
    stored = by(seen.filter(external_id__in=batch.given("external_id")), "external_id")
    people = _people(batch)
    batch.refuse_doubles({row.number: row.values["external_id"] for row in batch.good})
    now = clock.now()

    def write(row: Row) -> tuple[Any, bool] | None:
        present = stored.get(row.values["external_id"])
        client = clients[row.number]
        if present is not None and present.client_id != client.pk:
            row.refuse("", "Клиент контакта не меняется.")
            return None
        if present is None and not require(row, "level", "employee", "started_at"):
            return None
        values = {name: row.values[name] for name in _PLAIN if name in row.values}
        for name in _TEXTS & set(values):
            values[name] = values[name] or ""
        if values.get("materials", 0) is None:
            values["materials"] = 0
        if row.number in employees:
            values["employee"] = employees[row.number]
        if row.values.get("participants"):
            values["participants"] = _named(row, people)
        if row.is_refused:
            return None
        if present is None:
            made = log_visit(actor=batch.actor, client=client, values=values, now=now)
            return made.pk, True
        change = complete_visit if present.status == VisitStatus.PLANNED else update_visit
        change(actor=batch.actor, visit=present, values=values, now=now)
        return present.pk, False

    each(batch, write)


def _codes(row: Row) -> list[str]:
    words = (row.values.get("participants") or "").replace(";", ",").split(",")
    return [word.strip() for word in words if word.strip()]


def _people(batch: Batch) -> dict[Any, Participant]:
    codes = {code for row in batch.good for code in _codes(row)}
    seen = Participant.objects.visible_to(batch.actor).select_related("person")
    return by(seen.filter(external_id__in=codes), "external_id")


def _named(row: Row, people: dict[Any, Participant]) -> list[Participant]:
    missing = [code for code in _codes(row) if code not in people]
    if missing:
        row.refuse("participants", f"Нет участника с кодом {', '.join(missing)}.")
    return [people[code] for code in _codes(row) if code in people]
