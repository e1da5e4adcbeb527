"""Staff and disconnections: few rows with many consequences, one by one through their services."""

from typing import Any

from accounts.models import Churn, Employee, Position
from accounts.services.clients import disconnect_client, update_churn
from accounts.services.loads.lookups import causes_of, clients_of, require, units_of
from accounts.services.staff import save_employee, save_position
from core.bulk.resources import Batch, Row
from core.bulk.saving import by, each
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

    def write(row: Row) -> tuple[Any, bool] | None:
        values = {name: row.values[name] for name in _NAMES if name in row.values}
        if "middle_name" in values:
            values["middle_name"] = values["middle_name"] or ""
        present = stored.get(row.values["external_id"])
        if present is None and not require(row, "last_name", "first_name", "hired_on"):
            return None
        if bool(row.values.get("unit")) != bool(row.values.get("position")):
            row.refuse("unit", "Отдел и должность указывают вместе.")
            return None
        employee = save_employee(actor=batch.actor, values=values, employee=present)
        unit, kind = units.get(row.number), row.values.get("position")
        if unit is not None and kind:
            place = places.get(employee.pk)
            if place is None or (place.unit_id, place.kind) != (unit.pk, kind):
                starts = row.values.get("position_from") or (
                    batch.today if present else employee.hired_on
                )
                position = {"employee": employee, "unit": unit, "kind": kind, "starts_on": starts}
                save_position(actor=batch.actor, values=position)
        return employee.pk, present is None

    each(batch, write)


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

    def write(row: Row) -> tuple[Any, bool] | None:
        names = ("on", "reason", "competitor", "lost_monthly")
        values = {name: row.values[name] for name in names if name in row.values}
        if "competitor" in values:
            values["competitor"] = values["competitor"] or ""
        if "cause" in row.values:
            values["cause"] = causes.get(row.number)
        present = stored.get(keys[row.number])
        if present is not None:
            update_churn(actor=batch.actor, churn=present, values=values)
            return present.pk, False
        if not require(row, "reason"):
            return None
        client = clients[row.number]
        return disconnect_client(actor=batch.actor, client=client, values=values).pk, True

    each(batch, write)
