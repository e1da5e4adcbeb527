"""Staff and disconnections. New people are written together; changes have many consequences and
go one by one through their services."""

from dataclasses import replace
from typing import Any

from accounts.models import Churn, Employee, Position
from accounts.services.clients import disconnect_client, update_churn
from accounts.services.loads.lookups import causes_of, clients_of, require, units_of
from accounts.services.staff import save_employee, save_position
from core.bulk.enums import Outcome
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, each, joined, part, same, save_many, whole
from core.errors import Refused
from core.policy import policy_for

_NAMES = ("external_id", "last_name", "first_name", "middle_name", "hired_on", "left_on")


def load_staff(batch: Batch) -> None:
    """Write employees with their positions, found by code. A new position closes the former."""
    for row in batch.good:
        require(row, "external_id")
    units = units_of(batch, "unit", needed=False)
    seen = policy_for(Employee).visible_to(batch.actor)
    stored = by(seen.filter(external_id__in=batch.given("external_id")), "external_id")
    places = by(Position.objects.filter(employee__in=stored.values(), ends_on=None), "employee_id")
    batch.refuse_doubles({row.number: row.values["external_id"] for row in batch.good})
    new = []
    for row in batch.good:
        if bool(row.values.get("unit")) != bool(row.values.get("position")):
            row.refuse("unit", "Отдел и должность указывают вместе.")
        elif row.values["external_id"] in stored:
            present = stored[row.values["external_id"]]
            place = places.get(present.pk)
            if same(present, _values(row)) and _stands(row, place, units):
                row.done(Outcome.UNCHANGED, present.pk)
        elif require(row, "last_name", "first_name", "hired_on"):
            new.append(row)
    _hire(batch, new, units)

    def write(row: Row) -> tuple[Any, bool]:
        present = stored[row.values["external_id"]]
        employee = save_employee(actor=batch.actor, values=_values(row), employee=present)
        if not _stands(row, places.get(employee.pk), units):
            position: dict[str, Any] = {
                "employee": employee,
                "unit": units[row.number],
                "kind": row.values["position"],
                "starts_on": row.values.get("position_from") or batch.today,
            }
            save_position(actor=batch.actor, values=position)
        return employee.pk, False

    each(batch, write)


def _values(row: Row) -> dict[str, Any]:
    values = {name: row.values[name] for name in _NAMES if name in row.values}
    if "middle_name" in values:
        values["middle_name"] = values["middle_name"] or ""
    return values


def _stands(row: Row, place: Position | None, units: dict[int, Any]) -> bool:
    """Whether the employee stands already where the row says, or it says nothing of that."""
    unit, kind = units.get(row.number), row.values.get("position")
    if unit is None or not kind:
        return True
    return place is not None and (place.unit_id, place.kind) == (unit.pk, kind)


def _hire(batch: Batch, rows: list[Row], units: dict[int, Any]) -> None:
    """Write new employees and their first positions, by the rules of `save_position`."""
    placed = [row for row in rows if units.get(row.number) is not None]
    for row in placed:
        try:
            policy_for(Position).check(batch.actor, "add")
        except Refused as error:
            row.refuse("", str(error))
        starts = row.values.get("position_from")
        if row.values.get("left_on") is not None:
            row.refuse("left_on", "Сотрудник уволен.")
        elif starts is not None and starts < row.values["hired_on"]:
            row.refuse("position_from", "Раньше даты приёма сотрудника.")
    writing = replace(batch, dry_run=False)  # in a dry run all of it is taken back

    def write(good: list[Row]) -> None:
        lines = {row.number: Line(row, Employee(), _values(row)) for row in good}
        save_many(writing, list(lines.values()))
        positions = []
        for row in placed:
            if row.number in lines and not row.is_refused:
                values = {
                    "employee": lines[row.number].instance,
                    "unit": units[row.number],
                    "kind": row.values["position"],
                    "starts_on": row.values.get("position_from") or row.values["hired_on"],
                }
                positions.append((row, Line(part(row), Position(), values)))
        save_many(writing, [line for _, line in positions])
        for row, line in positions:
            joined(row, [line], {"starts_on": "position_from", "kind": "position"})

    whole([row for row in rows if not row.is_refused], write)


def load_churns(batch: Batch) -> None:
    """Record that clients left, found by client and day; each is disconnected by it."""
    clients = clients_of(batch)
    for row in batch.good:
        require(row, "on")
    causes = causes_of(batch, "cause")
    keys = {row.number: (clients[row.number].pk, row.values["on"]) for row in batch.good}
    batch.refuse_doubles(keys)
    ids = {client.pk for client in clients.values()}
    stored = by(Churn.objects.filter(client__in=ids).select_related("client"), "client_id", "on")

    def values_of(row: Row) -> dict[str, Any]:
        names = ("on", "reason", "competitor", "lost_monthly")
        values = {name: row.values[name] for name in names if name in row.values}
        if "competitor" in values:
            values["competitor"] = values["competitor"] or ""
        if "cause" in row.values:
            values["cause"] = causes.get(row.number)
        return values

    for row in batch.good:
        present = stored.get(keys[row.number])
        if present is not None and same(present, values_of(row)):
            row.done(Outcome.UNCHANGED, present.pk)

    def write(row: Row) -> tuple[Any, bool] | None:
        present = stored.get(keys[row.number])
        if present is not None:
            update_churn(actor=batch.actor, churn=present, values=values_of(row))
            return present.pk, False
        if not require(row, "reason"):
            return None
        client = clients[row.number]
        churn = disconnect_client(actor=batch.actor, client=client, values=values_of(row))
        return churn.pk, True

    each(batch, write)
