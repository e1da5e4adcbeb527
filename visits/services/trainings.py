"""Writes of the staff's training: lessons, who is invited, who came with what result."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import Role
from accounts.models import Employee
from core.errors import Refused
from core.policy import policy_for
from core.services import create, delete, update
from visits.models import Attendance, StaffTraining
from visits.selectors import reviews
from visits.selectors.trainings import invitable

FARTHEST_DAYS = 731


@transaction.atomic
def save_staff_training(
    *,
    actor: Any,
    values: dict[str, Any],
    today: date,
    training: StaffTraining | None = None,
    version: int | None = None,
) -> StaffTraining:
    """Add a lesson or change one. A head's is of their own unit; the director's may be of all."""
    policy_for(StaffTraining).check(actor, "change" if training else "add", training)
    unit = values.get("unit", training.unit if training else None)
    if actor.role == Role.HEAD:
        if unit is None:
            raise ValidationError({"unit": "Укажите отдел: занятие всего центра ведёт директор."})
        if not reviews.led_units(actor).filter(pk=unit.pk).exists():
            raise Refused("Это не ваше подразделение.")
    on = values.get("on")
    if on is not None and not (
        today - timedelta(days=FARTHEST_DAYS) <= on <= today + timedelta(days=FARTHEST_DAYS)
    ):
        raise ValidationError({"on": "Дата не дальше двух лет: проверьте год."})
    if training is None:
        return create(StaffTraining(**values), actor=actor)
    return update(training, values, actor=actor, version=version)


@transaction.atomic
def invite(
    *, actor: Any, training: StaffTraining, employees: Iterable[Employee], today: date
) -> list[Attendance]:
    """Invite employees to a lesson; those already invited stay as they are."""
    policy_for(Attendance).check(actor, "add")
    row = _locked(actor, training)
    wanted = {employee.pk: employee for employee in employees}
    allowed = set(invitable(actor, today).filter(pk__in=wanted).values_list("pk", flat=True))
    if len(allowed) != len(wanted):
        raise ValidationError({"employees": "Пригласите сотрудников своего подразделения."})
    invited = set(row.attendance.values_list("employee", flat=True))
    return [
        create(Attendance(training=row, employee=employee), actor=actor)
        for pk, employee in wanted.items()
        if pk not in invited
    ]


@transaction.atomic
def mark_attendance(
    *, actor: Any, training: StaffTraining, marks: Mapping[int, Mapping[str, Any]], today: date
) -> list[Attendance]:
    """Say who came and with what result; `marks` by the id of the attendance row.

    A lesson to come has nobody present yet.
    """
    row = _locked(actor, training)
    rows = Attendance.objects.visible_to(actor).filter(training=row, pk__in=marks)
    found = {one.pk: one for one in rows}
    if set(found) != set(marks):
        raise Refused("Сотрудник не из вашего подразделения.")
    return [_mark(actor, found[pk], dict(values), row, today, None) for pk, values in marks.items()]


@transaction.atomic
def update_attendance(
    *,
    actor: Any,
    attendance: Attendance,
    values: dict[str, Any],
    today: date,
    version: int | None = None,
) -> Attendance:
    """Say of one employee whether they came and with what result."""
    training = _locked(actor, attendance.training)
    return _mark(actor, attendance, values, training, today, version)


@transaction.atomic
def uninvite(*, actor: Any, attendance: Attendance, version: int | None = None) -> None:
    """Take an employee off a lesson's list, unless they were there."""
    _locked(actor, attendance.training)
    policy_for(Attendance).check(actor, "delete", attendance)
    row = Attendance.objects.select_for_update(of=("self",)).get(pk=attendance.pk)
    if row.attended:
        raise ValidationError("Сотрудник был на занятии: из списка его не убрать.")
    delete(row, actor=actor, version=version)


def _mark(
    actor: Any,
    row: Attendance,
    values: dict[str, Any],
    training: StaffTraining,
    today: date,
    version: int | None,
) -> Attendance:
    policy_for(Attendance).check(actor, "change", row)
    unknown = set(values) - {"attended", "result"}
    if unknown:
        raise ValueError(f"not a field of an attendance: {sorted(unknown)}")
    if values.get("attended") and training.on > today:
        raise ValidationError({"attended": "Занятие ещё не прошло."})
    return update(row, values, actor=actor, version=version)


def _locked(actor: Any, training: StaffTraining) -> StaffTraining:
    row = StaffTraining.objects.select_for_update(of=("self",)).get(pk=training.pk)
    policy_for(StaffTraining).check(actor, "view", row)
    return row
