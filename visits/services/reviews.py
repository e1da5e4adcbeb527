"""Writes of control points: planned, moved, held with their figures frozen."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Employee, Unit
from core.clock import business_date
from core.errors import Conflict, Refused
from core.policy import policy_for
from core.services import create, delete, update
from visits.models import ControlPoint
from visits.selectors import own_employee, unit_of
from visits.selectors import reviews as selectors

REVIEW_FIELDS = ("kind", "unit", "specialist", "led_by", "since", "on", "notes")
_CHANGED = ("led_by", "since", "on", "notes")
PAST_DAYS = 92
FUTURE_DAYS = 366


@transaction.atomic
def plan_review(*, actor: Any, values: dict[str, Any], today: date) -> ControlPoint:
    """Plan a review of a specialist's pool, or of a unit's. Raises ValidationError, Refused.

    Without `since` its period begins where the last one ended; without `led_by` the head of the
    unit leads it.
    """
    policy_for(ControlPoint).check(actor, "add")
    values = _known(values, REVIEW_FIELDS)
    kind: Any = values.get("kind")
    on: Any = values.get("on")
    problems: dict[str, str] = {}
    if kind is None:
        problems["kind"] = "Выберите вид."
    elif not kind.is_on:
        problems["kind"] = "Этот вид больше не используется."
    if on is None:
        problems["on"] = "Укажите дату."
    elif told := _day_problem(on, today):
        problems["on"] = told
    if problems:
        raise ValidationError(problems)
    _place(actor, values)
    values["since"] = values.get("since") or selectors.since_for(
        kind, values["unit"], values["specialist"], on
    )
    row = ControlPoint(**values | {"led_by": _leader(actor, values["unit"], values)})
    _check_days(row, row.since, row.on, today)
    return create(row, actor=actor)


@transaction.atomic
def plan_next_reviews(*, actor: Any, today: date) -> list[ControlPoint]:
    """Plan every review that is due and not planned yet, on the days that their rhythm gives."""
    policy_for(ControlPoint).check(actor, "add")
    return [
        plan_review(
            actor=actor,
            values={
                "kind": one.kind,
                "unit": one.unit,
                "specialist": one.specialist,
                "on": one.on,
            },
            today=today,
        )
        for one in selectors.proposals_for(actor, today)
    ]


@transaction.atomic
def update_review(
    *,
    actor: Any,
    review: ControlPoint,
    values: dict[str, Any],
    today: date,
    version: int | None = None,
) -> ControlPoint:
    """Move a planned review, or change who leads it and what was noted."""
    values = _known(values, _CHANGED)
    row = _locked(actor, review, values, version)
    since, on = values.get("since", row.since), values.get("on", row.on)
    _check_days(row, since, on, today)
    led_by = values.get("led_by")
    if led_by is not None and led_by.pk != row.led_by_id:
        _check_leader(actor, row.unit, led_by, today)
    return update(row, values, actor=actor)


@transaction.atomic
def hold_review(
    *,
    actor: Any,
    review: ControlPoint,
    now: datetime,
    notes: str | None = None,
    version: int | None = None,
) -> ControlPoint:
    """Say that a review took place: its figures stay as they are now, and nothing changes later.

    Its decisions live on as tasks.
    """
    row = _locked(actor, review, {"notes": notes}, version)
    today = business_date(now)
    if row.on > today:
        raise ValidationError(
            f"Контрольная точка назначена на {row.on:%d.%m.%Y}. Если провели раньше, "
            "сначала перенесите её на сегодня."
        )
    figures = {"sections": selectors.figures_of(row, today), "pool_on": today.isoformat()}
    values: dict[str, Any] = {"held_at": now, "figures": figures}
    if notes is not None:
        values["notes"] = notes
    return update(row, values, actor=actor)


@transaction.atomic
def drop_review(*, actor: Any, review: ControlPoint, version: int | None = None) -> None:
    """Take a planned review off; one that decided something stays."""
    row = _locked(actor, review, {}, version)
    if row.decisions.exists():
        raise ValidationError("В контрольной точке записаны решения: её можно только перенести.")
    delete(row, actor=actor)


def _locked(
    actor: Any, review: ControlPoint, typed: dict[str, Any], version: int | None
) -> ControlPoint:
    row = (
        ControlPoint.objects.select_for_update(of=("self",))
        .select_related("unit", "kind")
        .get(pk=review.pk)
    )
    policy_for(ControlPoint).check(actor, "change", row)
    if row.held_at:
        raise ValidationError("Контрольная точка проведена и больше не меняется.")
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed)
    return row


def _place(actor: Any, values: dict[str, Any]) -> None:
    """Set the unit and the specialist, and make sure that the actor leads them."""
    kind, on = values["kind"], values["on"]
    specialist: Employee | None = values.get("specialist")
    if kind.is_personal:
        if specialist is None:
            raise ValidationError({"specialist": "Укажите, чей пул смотрим."})
        unit = unit_of(specialist, on)
        if unit is None or specialist.left_on is not None:
            raise ValidationError({"specialist": "На эту дату у сотрудника нет должности."})
        values["unit"] = unit
    else:
        values["specialist"] = None
        if values.get("unit") is None:
            raise ValidationError({"unit": "Укажите отдел."})
    if not selectors.led_units(actor).filter(pk=values["unit"].pk).exists():
        raise Refused("Это не ваше подразделение.")


def _leader(actor: Any, unit: Unit, values: dict[str, Any]) -> Employee:
    on, chosen = values["on"], values.get("led_by")
    if chosen is not None:
        _check_leader(actor, unit, chosen, on)
        return chosen
    leaders = selectors.leaders_of(unit, on)
    found = leaders[0] if leaders else own_employee(actor)
    if found is not None:
        return found
    raise ValidationError({"led_by": "У отдела нет начальника: укажите, кто проводит."})


def _check_leader(actor: Any, unit: Unit, chosen: Employee, on: date) -> None:
    if chosen not in selectors.leaders_of(unit, on) and chosen != own_employee(actor):
        raise ValidationError({"led_by": f"{chosen} не руководит этим отделом."})


def _check_days(row: ControlPoint, since: date, on: date, today: date) -> None:
    problems = {}
    if on != row.on and (told := _day_problem(on, today)):
        problems["on"] = told
    if since >= on:
        problems["since"] = "Период начинается раньше дня контрольной точки."
    elif since < on - timedelta(days=FUTURE_DAYS):
        problems["since"] = "Период не длиннее года."
    if problems:
        raise ValidationError(problems)


def _day_problem(on: date, today: date) -> str:
    """What is wrong with the day of a review; empty where nothing is."""
    if on < today - timedelta(days=PAST_DAYS):
        return "Так давно: контрольную точку записывают за последние три месяца."
    if on > today + timedelta(days=FUTURE_DAYS):
        return "Планируют не дальше, чем на год вперёд."
    return ""


def _known(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    unknown = set(values) - set(names)
    if unknown:
        raise ValueError(f"not a field of a control point: {sorted(unknown)}")
    return dict(values)
