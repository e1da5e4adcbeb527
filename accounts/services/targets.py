"""Plan figures: what is expected of whom in a month, a quarter or a year."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import Role, TargetKind, TargetSpan
from accounts.models import Target
from accounts.selectors import staff
from accounts.services.reach import in_reach
from core.errors import Refused
from core.policy import policy_for
from core.services import create, delete, update


@transaction.atomic
def save_target(
    *,
    actor: Any,
    values: dict[str, Any],
    target: Target | None = None,
    version: int | None = None,
) -> Target:
    """Set a plan figure, or change one. Raises ValidationError by field, Refused.

    A head plans for their own units and for those who work there in that time; the whole centre
    is planned by managers.
    """
    policy_for(Target).check(actor, "change" if target else "add", target)
    names = ("unit", "employee", "month", "span")
    whole = {n: values.get(n, getattr(target, n, None)) for n in names}
    if whole["unit"] is not None and whole["employee"] is not None:
        raise ValidationError({"employee": "План — отдела или сотрудника, не обоих сразу."})
    if values.get("kind", target and target.kind) == TargetKind.INDEXATION:
        _check_indexation(whole)
    if whole["month"] is not None:
        _check_reach(actor, whole)
    if target is None:
        return create(Target(**values), actor=actor)
    return update(target, values, actor=actor, version=version)


@transaction.atomic
def delete_target(*, actor: Any, target: Target, version: int | None = None) -> None:
    """Take a plan figure back; its last value stays in the log."""
    policy_for(Target).check(actor, "delete", target)
    delete(target, actor=actor, version=version)


def _check_indexation(whole: dict[str, Any]) -> None:
    """A campaign is of a year, and prices are agreed by units: so are its goals."""
    if whole["span"] != TargetSpan.YEAR:
        raise ValidationError({"span": "Цель индексации ставят на год."})
    if whole["employee"] is not None:
        raise ValidationError({"employee": "Цель индексации ставят отделу или центру."})


def _check_reach(actor: Any, whole: dict[str, Any]) -> None:
    """That the unit, or the employee in that time, is the actor's to plan for."""
    unit, employee = whole["unit"], whole["employee"]
    if employee is not None:
        span = TargetSpan(whole["span"] or TargetSpan.MONTH)
        until = span.ends(span.begins(whole["month"]))
        position = staff.position_within(employee, whole["month"], until)
        if position is None:
            raise ValidationError({"employee": "В это время у сотрудника нет должности."})
        if not in_reach(actor, position.unit):
            raise Refused("Сотрудник не из вашего подразделения.")
    elif unit is not None:
        if not in_reach(actor, unit):
            raise Refused("Это не ваше подразделение.")
    elif actor.role == Role.HEAD:
        raise ValidationError(
            {"unit": "Укажите отдел или сотрудника: план центра ставит директор."}
        )
