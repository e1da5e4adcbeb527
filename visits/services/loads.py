"""Contacts that took place, from the КИС.

New ones of specialists are written together, by the rules of one; what is known already, and
К2У with their marks, go one by one through their services.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Client
from accounts.services.loads.lookups import clients_of, employees_of, require
from contacts.models import Participant
from core import clock
from core.bulk.enums import Outcome
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, each, same, save_many
from core.errors import Refused
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit
from visits.services.visits import (
    MANY,
    Staff,
    checked,
    complete_visit,
    log_visit,
    tell,
    update_visit,
)
from visits.signals import visit_changed

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
    seen = seen.prefetch_related("participants")
    stored = by(seen.filter(external_id__in=batch.given("external_id")), "external_id")
    people = _people(batch)
    batch.refuse_doubles({row.number: row.values["external_id"] for row in batch.good})
    said: dict[int, dict[str, Any]] = {}
    for row in batch.good:
        present = stored.get(row.values["external_id"])
        if present is not None and present.client_id != clients[row.number].pk:
            row.refuse("", "Клиент контакта не меняется.")
        elif present is not None or require(row, "level", "employee", "started_at"):
            said[row.number] = _values(row, employees.get(row.number), people)
            if present is not None and not row.is_refused and _is_known(present, said[row.number]):
                row.done(Outcome.UNCHANGED, present.pk)
    now = clock.now()
    fresh = [
        row
        for row in batch.good
        if row.values["external_id"] not in stored and row.values["level"] == VisitLevel.K1
    ]
    _record(batch, fresh, clients, said, now)

    def write(row: Row) -> tuple[Any, bool]:
        present, values = stored.get(row.values["external_id"]), said[row.number]
        if present is None:
            client = clients[row.number]
            made = log_visit(actor=batch.actor, client=client, values=values, now=now)
            return made.pk, True
        change = complete_visit if present.status == VisitStatus.PLANNED else update_visit
        change(actor=batch.actor, visit=present, values=values, now=now)
        return present.pk, False

    each(batch, write)


def _record(
    batch: Batch,
    rows: Sequence[Row],
    clients: Mapping[int, Client],
    said: Mapping[int, dict[str, Any]],
    now: datetime,
) -> None:
    """New К1У as `log_visit` writes each, in as many statements for all as it needs for one."""
    staff = Staff(batch.actor, {said[row.number]["employee"].pk for row in rows})
    lines = []
    for row in rows:
        visit = Visit(client=clients[row.number], status=VisitStatus.DONE)
        try:
            values = checked(batch.actor, visit, said[row.number], now, staff=staff)
        except ValidationError as error:
            row.refuse_with(error)
        except Refused as error:
            row.refuse("", str(error))
        else:
            many = {name: values.pop(name) for name in MANY & set(values)}
            lines.append(Line(row, visit, values, many))
    written = [line.instance for line in save_many(batch, lines)]
    if written and not batch.dry_run:
        tell(written)
        visit_changed.send(sender=Visit, client_ids=sorted({v.client_id for v in written}))


def _values(row: Row, employee: Any, people: dict[Any, Participant]) -> dict[str, Any]:
    values = {name: row.values[name] for name in _PLAIN if name in row.values}
    for name in _TEXTS & set(values):
        values[name] = values[name] or ""
    if values.get("materials", 0) is None:
        values["materials"] = 0
    if employee is not None:
        values["employee"] = employee
    if row.values.get("participants"):
        values["participants"] = _named(row, people)
    return values


def _is_known(present: Visit, values: dict[str, Any]) -> bool:
    """Whether a contact that took place says already all that a row says."""
    if present.status != VisitStatus.DONE:
        return False
    plain = {name: value for name, value in values.items() if name != "participants"}
    named = values.get("participants")
    if named is not None and {p.pk for p in named} != {p.pk for p in present.participants.all()}:
        return False
    return same(present, plain)


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
