"""Editing the rules: a draft is changed freely, checked, published, and never changes again."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max

from core import clock, services
from core.policy import policy_for
from lamps import score
from lamps.enums import SchemeStatus
from lamps.models import Indicator, LampScheme, SchemeIndicator, Tier
from lamps.selectors import newest_night, scheme_values
from lamps.services.night import try_to_hold_the_night

Tiers = Sequence[tuple[int, int]]

FINAL = "Опубликованная схема не меняется: сделайте её копию."
BUSY = "Сейчас идёт расчёт лампочек. Попробуйте через минуту."
# What a copy takes over from the version it is made of.
_RULE_FIELDS = (
    "indicator",
    "order",
    "source",
    "service",
    "direction",
    "window_days",
    "missing_policy",
    "stale_after_days",
    "warning_days",
)
_SCHEME_FIELDS = (
    "name",
    "segment",
    "yellow_from",
    "green_from",
    "norm_red",
    "norm_yellow",
    "norm_green",
    "tolerance",
)


def _locked(scheme: LampScheme) -> LampScheme:
    """The scheme as it stands, held until the transaction ends."""
    return LampScheme.objects.select_for_update().get(pk=scheme.pk)


def _draft(scheme: LampScheme) -> LampScheme:
    """The locked scheme; ValidationError where it may not be changed any more."""
    fresh = _locked(scheme)
    if fresh.status != SchemeStatus.DRAFT:
        raise ValidationError(FINAL)
    return fresh


# --- schemes ---------------------------------------------------------------------------------


def create_scheme(*, actor: Any, values: Mapping[str, Any]) -> LampScheme:
    """Begin a draft without indicators. Raises ValidationError, Refused."""
    policy_for(LampScheme).check(actor, "add")
    return services.create(LampScheme(**values), actor=actor)


@transaction.atomic
def update_scheme(
    scheme: LampScheme, values: Mapping[str, Any], *, actor: Any, version: int | None = None
) -> LampScheme:
    """Change limits, norms, name or dates of a draft. Raises ValidationError, Refused, Conflict."""
    policy_for(LampScheme).check(actor, "change", scheme)
    return services.update(_draft(scheme), dict(values), actor=actor, version=version)


@transaction.atomic
def delete_scheme(scheme: LampScheme, *, actor: Any, version: int | None = None) -> None:
    """Remove a draft with its indicators. Raises ValidationError, Refused, Conflict."""
    policy_for(LampScheme).check(actor, "delete", scheme)
    services.delete(_draft(scheme), actor=actor, version=version)


@transaction.atomic
def copy_scheme(
    scheme: LampScheme,
    *,
    actor: Any,
    name: str | None = None,
    effective_from: date | None = None,
) -> LampScheme:
    """A new draft with the same rules, from the first day that is still to be computed."""
    policy_for(LampScheme).check(actor, "add")
    values = {field: getattr(scheme, field) for field in _SCHEME_FIELDS}
    start = max(clock.today(), newest_night() or date.min) + timedelta(days=1)
    values |= {"name": name or scheme.name, "effective_from": effective_from or start}
    copy = services.create(LampScheme(**values), actor=actor)
    for rule in scheme.indicators.select_related("indicator", "service").prefetch_related("tiers"):
        tiers = [(tier.threshold, tier.weight) for tier in rule.tiers.all()]
        taken = {field: getattr(rule, field) for field in _RULE_FIELDS}
        save_indicator(copy, taken, tiers, actor=actor)
    return copy


# --- indicators of a scheme ------------------------------------------------------------------


@transaction.atomic
def save_indicator(
    scheme: LampScheme,
    values: Mapping[str, Any],
    tiers: Tiers,
    *,
    actor: Any,
    rule: SchemeIndicator | None = None,
    version: int | None = None,
) -> SchemeIndicator:
    """Add an indicator to a draft, or change `rule` of it, together with its tiers.

    `tiers` are (threshold, hundredths). Raises ValidationError, Refused, Conflict.
    """
    draft = _draft(scheme)
    if rule is None:
        policy_for(SchemeIndicator).check(actor, "add")
        rule = services.create(SchemeIndicator(scheme=draft, **values), actor=actor)
        _set_tiers(rule, tiers, actor)
        return rule
    policy_for(SchemeIndicator).check(actor, "change", rule)
    if rule.scheme_id != draft.pk:
        raise ValidationError("Показатель из другой схемы.")
    saved = services.update(rule, dict(values), actor=actor, version=version)
    if _set_tiers(saved, tiers, actor) and saved.version == rule.version:
        # Tiers are a part of the row that people edit, so they raise its version.
        SchemeIndicator.objects.filter(pk=saved.pk).update(version=F("version") + 1)
        saved.refresh_from_db()
    return saved


def _set_tiers(rule: SchemeIndicator, tiers: Tiers, actor: Any) -> bool:
    """Make the tiers of an indicator those given; whether anything changed."""
    wanted = dict(tiers)
    if len(wanted) < len(tiers):
        raise ValidationError("Пороги повторяются.")
    changed = False
    for tier in rule.tiers.all():
        if wanted.get(tier.threshold) == tier.weight:
            del wanted[tier.threshold]
        else:
            services.delete(tier, actor=actor)
            changed = True
    for threshold, weight in sorted(wanted.items()):
        new = Tier(indicator=rule, threshold=threshold, weight=weight)
        services.create(new, actor=actor)
        changed = True
    return changed


@transaction.atomic
def remove_indicator(rule: SchemeIndicator, *, actor: Any, version: int | None = None) -> None:
    """Take an indicator out of a draft. Raises ValidationError, Refused, Conflict."""
    policy_for(SchemeIndicator).check(actor, "delete", rule)
    _draft(rule.scheme)
    services.delete(rule, actor=actor, version=version)


# --- into force and out ----------------------------------------------------------------------


@transaction.atomic
def publish_scheme(scheme: LampScheme, *, actor: Any, version: int | None = None) -> LampScheme:
    """Put a draft into force from its date; it never changes again.

    Raises ValidationError with every reason why the scheme cannot be computed, or where its date
    is past or already computed: a past day keeps its rules. Refused, Conflict.
    """
    policy_for(LampScheme).check(actor, "publish", scheme)
    if not try_to_hold_the_night():
        raise ValidationError(BUSY)
    draft = _draft(scheme)
    found = score.problems(scheme_values([draft])[draft.pk]) + _date_problems(draft)
    if found:
        raise ValidationError(found)
    values = {"status": SchemeStatus.PUBLISHED, "published_at": clock.now()}
    return services.update(draft, values, actor=actor, version=version)


def _date_problems(scheme: LampScheme) -> list[str]:
    """Why the scheme may not take effect on its date. Before the first night any date will do."""
    newest = newest_night()
    if newest is None:
        return []
    first = max(newest + timedelta(days=1), clock.today())
    if scheme.effective_from >= first:
        return []
    return [
        f"Схема не может действовать с {scheme.effective_from:%d.%m.%Y}: прошедшие дни "
        f"сохраняют правила, по которым рассчитаны. Самая ранняя дата — {first:%d.%m.%Y}."
    ]


@transaction.atomic
def withdraw_scheme(scheme: LampScheme, *, actor: Any, version: int | None = None) -> LampScheme:
    """Call off a published scheme before its first day. Raises ValidationError, Refused, Conflict.

    One that lamps were computed with stays: it is replaced by publishing another.
    """
    policy_for(LampScheme).check(actor, "publish", scheme)
    if not try_to_hold_the_night():
        raise ValidationError(BUSY)
    fresh = _locked(scheme)
    if fresh.status != SchemeStatus.PUBLISHED:
        raise ValidationError("Отозвать можно только опубликованную схему.")
    newest = newest_night()
    if newest is not None and fresh.effective_from <= newest:
        raise ValidationError(
            "По этой схеме уже рассчитаны лампочки: опубликуйте вместо неё другую."
        )
    return services.update(fresh, {"status": SchemeStatus.WITHDRAWN}, actor=actor, version=version)


# --- the dictionary of indicators ------------------------------------------------------------


@transaction.atomic
def create_indicator(*, actor: Any, values: Mapping[str, Any]) -> Indicator:
    """Add an indicator to the dictionary; its place in the arrays of lamps is given for ever."""
    policy_for(Indicator).check(actor, "add")
    last = Indicator.objects.aggregate(slot=Max("slot"))["slot"]
    slot = 0 if last is None else last + 1
    return services.create(Indicator(slot=slot, **values), actor=actor)


def update_indicator(
    indicator: Indicator, values: Mapping[str, Any], *, actor: Any, version: int | None = None
) -> Indicator:
    """Change the labels of an indicator. Raises ValidationError, Refused, Conflict."""
    policy_for(Indicator).check(actor, "change", indicator)
    return services.update(indicator, dict(values), actor=actor, version=version)
