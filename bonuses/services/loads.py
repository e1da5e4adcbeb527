"""Sales and KPIs by hand, many at a time: each function writes a batch of `core.bulk`."""

from collections import defaultdict
from typing import Any

from accounts.services.loads.lookups import clients_of, employees_of, refuse_future, require
from bonuses.enums import KpiSource, SchemeStatus
from bonuses.models import BonusKpi, BonusScheme, ManualFact, Upsell
from bonuses.months import first_of
from bonuses.policy import People
from bonuses.services.facts import NOT_ONES_OWN, STRANGER
from core import text
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, lock_rows, save_many
from core.policy import policy_for

NO_KPI = "Такого показателя, который вносят вручную, в этом месяце нет."
MANY_KPIS = "Показателей с таким названием несколько: укажите номер."


def load_upsells(batch: Batch) -> None:
    """Write additional sales, found by code; whoever sends them is the author of new ones."""
    for row in batch.good:
        require(row, "external_id")
    refuse_future(batch.good, "on", batch.today)
    clients = clients_of(batch)
    people = employees_of(batch, "employee", needed=False)
    seen = policy_for(Upsell).visible_to(batch.actor).select_related("employee")
    stored = by(lock_rows(seen.filter(external_id__in=batch.given("external_id"))), "external_id")
    reach = People(batch.actor, [*people.values(), *(row.employee for row in stored.values())])
    lines = {}
    for row in batch.good:
        present = stored.get(row.values["external_id"])
        if present is None and not require(row, "employee", "on", "product", "amount", "document"):
            continue
        names = ("external_id", "on", "product", "amount", "document")
        values: dict[str, Any] = {name: row.values[name] for name in names if name in row.values}
        values["client"] = clients[row.number]
        if row.number in people:
            values["employee"] = people[row.number]
        employee = values.get("employee") or present.employee  # type: ignore[union-attr]
        on = values.get("on") or present.on  # type: ignore[union-attr]
        whose = {(employee, on)} | ({(present.employee, present.on)} if present else set())
        if not all(reach.has(one, first_of(day)) for one, day in whose):
            row.refuse("employee", STRANGER)
            continue
        if present is None:
            values["author"] = batch.actor
        lines[row.number] = Line(row, present or Upsell(), values)
    batch.refuse_doubles({n: line.values["external_id"] for n, line in lines.items()})
    save_many(batch, [lines[row.number] for row in batch.good])


def load_manual_facts(batch: Batch) -> None:
    """Write facts of KPIs by hand, found by employee, KPI and month; never one's own.

    Whoever changes a fact becomes its author.
    """
    for row in batch.good:
        require(row, "month", "kpi")
    people = employees_of(batch, "employee", needed=True)
    reach = People(batch.actor, people.values())
    kpis = _kpis_of(batch, people)
    seen = policy_for(ManualFact).visible_to(batch.actor).filter(employee__in=people.values())
    stored = by(lock_rows(seen.order_by()), "employee_id", "kpi_id", "month")
    lines = {}
    keys = {}
    for row in batch.good:
        employee, month = people[row.number], row.values["month"]
        if employee.user_id == batch.actor.pk:
            row.refuse("employee", NOT_ONES_OWN)
            continue
        if not reach.has(employee, month):
            row.refuse("employee", STRANGER)
            continue
        key = (employee.pk, kpis[row.number].pk, month)
        present = stored.get(key)
        if present is None and not require(row, "value", "document"):
            continue
        given = ("value", "document")
        values: dict[str, Any] = {n: row.values[n] for n in given if n in row.values}
        if present is None:
            values |= {"employee": employee, "kpi": kpis[row.number], "month": month}
        if present is None or any(getattr(present, n) != v for n, v in values.items()):
            values["author"] = batch.actor
        keys[row.number] = key
        lines[row.number] = Line(row, present or ManualFact(), values)
    batch.refuse_doubles(keys)
    save_many(batch, [lines[row.number] for row in batch.good])


def _kpis_of(batch: Batch, people: dict[int, Any]) -> dict[int, BonusKpi]:
    """The KPI that each good row names by its label or number; the others are refused.

    A label means the one of the scheme in force in the month for the employee's position.
    """
    known = BonusKpi.objects.filter(
        source=KpiSource.MANUAL, block__scheme__status=SchemeStatus.PUBLISHED
    ).select_related("block__scheme")
    by_pk = {str(kpi.pk): kpi for kpi in known}
    by_label: dict[str, list[BonusKpi]] = defaultdict(list)
    for kpi in by_pk.values():
        by_label[text.key(kpi.label)].append(kpi)
    published = BonusScheme.objects.filter(status=SchemeStatus.PUBLISHED)
    schemes = list(published.order_by("effective_from"))
    held = People.held_by(people.values())
    found = {}
    for row in batch.good:
        typed, month = row.values["kpi"], row.values["month"]
        employee = people[row.number]
        kinds = {p.kind for p in held[employee.pk] if p.in_month(month)}
        newest = {s.kind: s.pk for s in schemes if s.effective_from <= month and s.kind in kinds}
        alike = [
            kpi for kpi in by_label[text.key(typed)]
            if kpi.block.scheme_id in newest.values()
        ]  # fmt: skip
        _pick(row, [by_pk[typed]] if typed in by_pk else alike, found)
    return found


def _pick(row: Row, alike: list[BonusKpi], found: dict[int, BonusKpi]) -> None:
    if len(alike) == 1:
        found[row.number] = alike[0]
    else:
        row.refuse("kpi", MANY_KPIS if alike else NO_KPI)
