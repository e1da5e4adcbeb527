"""What people write down: bases of pay, additional sales, KPIs by hand. Each with its author."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import Role
from accounts.models import Client, Position
from accounts.services.reach import not_future
from bonuses.enums import KpiSource, SheetStatus
from bonuses.models import ManualFact, PayBase, Sheet, Upsell
from bonuses.policy import units_led
from core import services
from core.errors import Refused
from core.policy import policy_for


@transaction.atomic
def save_pay_base(
    *, actor: Any, values: dict[str, Any], row: PayBase | None = None, version: int | None = None
) -> PayBase:
    """Set the base of an employee from a day on. Raises ValidationError, Refused, Conflict.

    A day within a closed month is refused: what was paid there keeps its base.
    """
    policy_for(PayBase).check(actor, "change" if row else "add", row)
    if row is not None:
        _same(row, values, "employee", "Сотрудник не меняется: заведите другую базу.")
    days = [d for d in (values.get("starts_on"), getattr(row, "starts_on", None)) if d]
    employee = values.get("employee") or (row.employee if row else None)
    if employee is not None and days:
        _not_closed(employee.pk, min(days))
    if row is None:
        return services.create(PayBase(**values), actor=actor)
    return services.update(row, values, actor=actor, version=version)


@transaction.atomic
def delete_pay_base(*, actor: Any, row: PayBase, version: int | None = None) -> None:
    """Take back a base that no closed month was paid by. Raises ValidationError, Refused."""
    policy_for(PayBase).check(actor, "delete", row)
    _not_closed(row.employee_id, row.starts_on)
    services.delete(row, actor=actor, version=version)


def _not_closed(employee: int, starts_on: date) -> None:
    closed = Sheet.objects.filter(
        employee=employee, status=SheetStatus.CLOSED, until__gte=starts_on
    ).order_by("-month")
    newest = closed.first()
    if newest is not None:
        told = f"Листы по {newest.month_label} закрыты: задайте базу с более позднего дня."
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
    _own_people(actor, values.get("employee") or (row.employee if row else None))
    if row is None:
        return services.create(Upsell(author=actor, **values), actor=actor)
    return services.update(row, values, actor=actor, version=version)


@transaction.atomic
def delete_upsell(*, actor: Any, row: Upsell, version: int | None = None) -> None:
    """Delete a sale entered by mistake. Raises Refused."""
    policy_for(Upsell).check(actor, "delete", row)
    _own_people(actor, row.employee)
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
    _own_people(actor, employee)
    if employee is not None and employee.user_id == actor.pk:
        raise Refused("Свой показатель вносит другой человек.")
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


def _own_people(actor: Any, employee: Any) -> None:
    """A head writes only about those who stand, or stood, in the units they lead."""
    if actor.role != Role.HEAD or employee is None:
        return
    if not Position.objects.filter(employee=employee, unit__in=units_led(actor)).exists():
        raise ValidationError({"employee": "Сотрудник не из вашего подразделения."})
