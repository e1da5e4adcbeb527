"""What people write down: bases of pay, additional sales, KPIs by hand. Each with its author."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import Client
from accounts.services.reach import not_future
from bonuses.enums import KpiSource, SheetStatus
from bonuses.models import ManualFact, PayBase, Sheet, Upsell
from bonuses.months import first_of, label, shifted
from bonuses.policy import People
from bonuses.selectors.corrections import first_corrected
from core import services
from core.errors import Refused
from core.policy import policy_for

STRANGER = "В этом месяце сотрудник не стоял в вашем подразделении."
NOT_ONES_OWN = "Свой показатель вносит другой человек."


@transaction.atomic
def save_pay_base(
    *, actor: Any, values: dict[str, Any], row: PayBase | None = None, version: int | None = None
) -> PayBase:
    """Set the base of an employee from a day on. Raises ValidationError, Refused, Conflict.

    A day within a closed month brings corrections to the open one; where the month lies too far
    back for that, it is refused.
    """
    policy_for(PayBase).check(actor, "change" if row else "add", row)
    if row is not None:
        _same(row, values, "employee", "Сотрудник не меняется: заведите другую базу.")
    days = [d for d in (values.get("starts_on"), getattr(row, "starts_on", None)) if d]
    employee = values.get("employee") or (row.employee if row else None)
    if employee is not None and days:
        _within_reach(employee.pk, min(days))
    if row is None:
        return services.create(PayBase(**values), actor=actor)
    return services.update(row, values, actor=actor, version=version)


@transaction.atomic
def delete_pay_base(*, actor: Any, row: PayBase, version: int | None = None) -> None:
    """Take back a base. Raises ValidationError as `save_pay_base`, Refused."""
    policy_for(PayBase).check(actor, "delete", row)
    _within_reach(row.employee_id, row.starts_on)
    services.delete(row, actor=actor, version=version)


def _within_reach(employee: int, starts_on: date) -> None:
    """Refuse a base that would change a closed sheet which nothing corrects any more."""
    closed = Sheet.objects.filter(status=SheetStatus.CLOSED)
    newest = closed.aggregate(month=Max("month"))["month"]
    if newest is None:
        return
    first = first_corrected(shifted(newest, 1))
    if closed.filter(employee=employee, until__gte=starts_on, month__lt=first).exists():
        told = (
            f"Листы до месяца «{label(first)}» закрыты и больше не исправляются: "
            f"задайте базу с {first:%d.%m.%Y} или позже."
        )
        raise ValidationError({"starts_on": told})


@transaction.atomic
def save_upsell(
    *, actor: Any, values: dict[str, Any], row: Upsell | None = None, version: int | None = None
) -> Upsell:
    """Write down an additional sale; a return has an amount below zero.

    A head writes those of their own people. Raises ValidationError, Refused, Conflict.
    """
    policy_for(Upsell).check(actor, "change" if row else "add", row)
    if "on" in values:
        not_future("on", values["on"])
    if "client" in values:
        policy_for(Client).check(actor, "view", values["client"])
    _own_people(actor, row, values, "on")
    if row is None:
        return services.create(Upsell(author=actor, **values), actor=actor)
    return services.update(row, values, actor=actor, version=version)


@transaction.atomic
def delete_upsell(*, actor: Any, row: Upsell, version: int | None = None) -> None:
    """Delete a sale entered by mistake. Raises Refused."""
    policy_for(Upsell).check(actor, "delete", row)
    _own_people(actor, row, {}, "on")
    services.delete(row, actor=actor, version=version)


@transaction.atomic
def save_manual_fact(
    *,
    actor: Any,
    values: dict[str, Any],
    row: ManualFact | None = None,
    version: int | None = None,
) -> ManualFact:
    """Write down the fact of a KPI by hand, with its document; never one's own.

    Raises ValidationError, Refused, Conflict.
    """
    policy_for(ManualFact).check(actor, "change" if row else "add", row)
    if row is not None:
        _same(row, values, "employee", "Сотрудник не меняется: внесите другой факт.")
        _same(row, values, "kpi", "Показатель не меняется: внесите другой факт.")
    kpi = values.get("kpi") or (row.kpi if row else None)
    if kpi is not None and kpi.source != KpiSource.MANUAL:
        raise ValidationError({"kpi": "Этот показатель программа считает сама."})
    employee = values.get("employee") or (row.employee if row else None)
    _own_people(actor, row, values, "month")
    if employee is not None and employee.user_id == actor.pk:
        raise Refused(NOT_ONES_OWN)
    if row is None:
        return services.create(ManualFact(author=actor, **values), actor=actor)
    return services.update(row, values | {"author": actor}, actor=actor, version=version)


@transaction.atomic
def delete_manual_fact(*, actor: Any, row: ManualFact, version: int | None = None) -> None:
    """Take a fact back. Raises Refused."""
    policy_for(ManualFact).check(actor, "delete", row)
    if row.employee.user_id == actor.pk:
        raise Refused("Свой показатель снимает другой человек.")
    services.delete(row, actor=actor, version=version)


def _same(row: Any, values: dict[str, Any], name: str, words: str) -> None:
    if name in values and values[name].pk != getattr(row, f"{name}_id"):
        raise ValidationError({name: words})


def _own_people(actor: Any, row: Any, values: dict[str, Any], day: str) -> None:
    """A head writes only about those who stood in their units in the month of the day: neither
    gives a stranger's row to one of them, nor one of theirs away."""
    stored = (row.employee, getattr(row, day)) if row else (None, None)
    wanted = (values.get("employee") or stored[0], values.get(day) or stored[1])
    for employee, on in dict.fromkeys([stored, wanted]):
        if employee is None or on is None:
            continue  # the model says that they are needed
        if not People(actor, [employee]).has(employee, first_of(on)):
            raise ValidationError({"employee": STRANGER})
