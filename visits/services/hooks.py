"""Writes of news hooks."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core import text
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, delete, update
from visits.hooks import period_problems, phrases
from visits.models import NewsHook
from visits.selectors.hooks import unsearchable

HOOK_FIELDS = ("title", "text", "keywords", "segment", "published_on", "valid_until")


@transaction.atomic
def add_hook(*, actor: Any, values: dict[str, Any], today: date) -> NewsHook:
    """Write a hook. Raises ValidationError by field, Refused."""
    policy_for(NewsHook).check(actor, "add")
    row = NewsHook()
    for name, value in _checked(row, {"published_on": today} | values, today).items():
        setattr(row, name, value)
    return create(row, actor=actor)


@transaction.atomic
def update_hook(
    *, actor: Any, hook: NewsHook, values: dict[str, Any], today: date, version: int | None = None
) -> NewsHook:
    """Change a hook."""
    row = _locked(actor, hook, values, version)
    return update(row, _checked(row, values, today), actor=actor)


@transaction.atomic
def archive_hook(*, actor: Any, hook: NewsHook, today: date) -> NewsHook | None:
    """End a hook as of yesterday; one that never held before today is deleted."""
    row = _locked(actor, hook, {}, None)
    yesterday = today - timedelta(days=1)
    if row.published_on > yesterday:
        delete(row, actor=actor)
        return None
    if row.valid_until is not None and row.valid_until <= yesterday:
        return row
    return update(row, {"valid_until": yesterday}, actor=actor)


def _locked(actor: Any, hook: NewsHook, typed: dict[str, Any], version: int | None) -> NewsHook:
    row = NewsHook.objects.select_for_update().get(pk=hook.pk)
    policy_for(NewsHook).check(actor, "change", row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed)
    return row


def _checked(row: NewsHook, typed: dict[str, Any], today: date) -> dict[str, Any]:
    """The values to write; every rule asked, every field told."""
    unknown = set(typed) - set(HOOK_FIELDS)
    if unknown:
        raise ValueError(f"not a field of a hook: {sorted(unknown)}")
    values = dict(typed)
    values["published_on"] = values.get("published_on", row.published_on) or today
    until = values.get("valid_until", row.valid_until)
    problems = period_problems(values["published_on"], until, today)
    if "keywords" in values:
        words = phrases(text.clean(values["keywords"]))
        if lost := unsearchable(words):
            problems["keywords"] = f"По этим словам ничего не найти: {', '.join(lost)}."
        elif not words:
            problems["keywords"] = "Напишите хотя бы одно слово."
        values["keywords"] = ", ".join(words)
    if problems:
        raise ValidationError(problems)
    return values
