"""Writes of what the office sets: settings and the centre's own days."""

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core import preferences, text
from core.errors import Conflict
from core.models import CalendarDay, Setting
from core.policy import policy_for
from core.preferences import FLAG, TEXT, Preference
from core.services import create, delete, update
from core.workdays import WorkCalendar

EARLIEST_YEAR = 2000
YEARS_AHEAD = 5


@transaction.atomic
def set_preference(
    *, actor: Any, preference: Preference, value: Any, version: int | None = None
) -> None:
    """Change one setting; see `set_preferences`."""
    versions = None if version is None else {preference.code: version}
    set_preferences(actor=actor, values={preference: value}, versions=versions)


@transaction.atomic
def set_preferences(
    *,
    actor: Any,
    values: Mapping[Preference, Any],
    versions: Mapping[str, int] | None = None,
) -> None:
    """Change settings, all or none. A setting equal to its default is no longer stored.

    `versions` are those that the user saw, 0 for a setting that was not stored. Raises
    ValidationError by code, Conflict with what is stored by code, Refused.
    """
    policy_for(Setting).check(actor, "change")
    cleaned = _cleaned(values)
    codes = sorted(p.code for p in values)
    stored = {
        row.code: row
        for row in Setting.objects.select_for_update().filter(code__in=codes).order_by("code")
    }
    if versions is not None:
        _refuse_stale(cleaned, stored, versions)
    for preference, value in cleaned.items():
        _write(actor, preference, value, stored.get(preference.code))


def reset_preference(*, actor: Any, preference: Preference) -> None:
    """Let a setting have its default again."""
    set_preference(actor=actor, preference=preference, value=preference.default)


def _write(actor: Any, preference: Preference, value: Any, row: Setting | None) -> None:
    if value == preference.default:
        if row is not None:
            delete(row, actor=actor)
    elif row is None:
        create(Setting(code=preference.code, value=value), actor=actor)
    else:
        update(row, {"value": value}, actor=actor)


def _refuse_stale(
    wanted: Mapping[Preference, Any], stored: Mapping[str, Setting], seen: Mapping[str, int]
) -> None:
    def version_of(code: str) -> int:
        return stored[code].version if code in stored else 0

    if all(version_of(p.code) == seen.get(p.code, 0) for p in wanted):
        return
    now = preferences.read()
    words = {p.code: p.in_words(now[p]) for p in wanted}
    raise Conflict(
        current=SimpleNamespace(**words, version=None),
        typed={p.code: value for p, value in wanted.items()},
    )


def _cleaned(values: Mapping[Preference, Any]) -> dict[Preference, Any]:
    found: dict[Preference, Any] = {}
    problems: dict[str, Any] = {}
    for preference, value in values.items():
        try:
            found[preference] = _one_cleaned(preference, value)
        except ValidationError as error:
            problems[preference.code] = error.messages
    if problems:
        raise ValidationError(problems)
    return found


def _one_cleaned(preference: Preference, value: Any) -> Any:
    if preference.kind == TEXT and isinstance(value, str):
        value = text.clean(value)
    if preference.fits(value):
        return value
    if preference.kind == TEXT:
        raise ValidationError("Текст слишком длинный.")
    if preference.kind == FLAG:
        raise ValidationError("Да или нет.")
    raise ValidationError(f"Целое число от {preference.low} до {preference.high}.")


@transaction.atomic
def save_calendar_day(
    *,
    actor: Any,
    values: dict[str, Any],
    today: date,
    day: CalendarDay | None = None,
    version: int | None = None,
) -> CalendarDay:
    """Keep a day otherwise than the country does, or change such a day."""
    policy_for(CalendarDay).check(actor, "change" if day else "add", day)
    _check_day(day, values, today)
    if day is None:
        return create(CalendarDay(**values), actor=actor)
    return update(day, values, actor=actor, version=version)


@transaction.atomic
def delete_calendar_day(*, actor: Any, day: CalendarDay, version: int | None = None) -> None:
    """Keep a day as the country does again."""
    policy_for(CalendarDay).check(actor, "delete", day)
    delete(day, actor=actor, version=version)


def _check_day(day: CalendarDay | None, values: dict[str, Any], today: date) -> None:
    on = values.get("on", day.on if day else None)
    is_working = values.get("is_working", day.is_working if day else None)
    if on is None or is_working is None:
        return
    if not EARLIEST_YEAR <= on.year <= today.year + YEARS_AHEAD:
        years = f"от {EARLIEST_YEAR} до {today.year + YEARS_AHEAD}"
        raise ValidationError({"on": f"Проверьте год: календарь ведут {years}."})
    others = CalendarDay.objects.filter(on=on)
    if (others.exclude(pk=day.pk) if day else others).exists():
        raise ValidationError({"on": "Для этого дня исключение уже есть."})
    if WorkCalendar().is_working(on) == is_working:
        word = "рабочий" if is_working else "выходной"
        raise ValidationError({"is_working": f"Этот день и без того {word}."})
