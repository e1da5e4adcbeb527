"""Editing the rules: a draft is changed freely, checked, published for a month, then final."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from bonuses.enums import SchemeStatus
from bonuses.models import BonusBlock, BonusKpi, BonusScheme, BonusStep, Sheet
from bonuses.months import first_of, label, shifted
from bonuses.selectors import schemes as selectors
from core import clock, services
from core.policy import policy_for

Steps = Sequence[tuple[Decimal, Decimal]]

FINAL = "Опубликованная схема не меняется: сделайте её копию."
_SCHEME_FIELDS = ("name", "kind", "objection_days")
_BLOCK_FIELDS = ("label", "order", "share", "period")
_KPI_FIELDS = (
    "label", "order", "source", "weight", "plan_level", "target_kind", "plan", "better", "scale",
    "floor", "cap", "if_missing",
)  # fmt: skip


def _draft(scheme: BonusScheme) -> BonusScheme:
    """The locked scheme; ValidationError where it may not be changed any more."""
    fresh = BonusScheme.objects.select_for_update().get(pk=scheme.pk)
    if fresh.status != SchemeStatus.DRAFT:
        raise ValidationError(FINAL)
    return fresh


def create_scheme(*, actor: Any, values: Mapping[str, Any]) -> BonusScheme:
    """Begin a draft without blocks. Raises ValidationError, Refused."""
    policy_for(BonusScheme).check(actor, "add")
    return services.create(BonusScheme(**values), actor=actor)


@transaction.atomic
def update_scheme(
    scheme: BonusScheme, values: Mapping[str, Any], *, actor: Any, version: int | None = None
) -> BonusScheme:
    """Change name, kind or month of a draft. Raises ValidationError, Refused, Conflict."""
    policy_for(BonusScheme).check(actor, "change", scheme)
    return services.update(_draft(scheme), dict(values), actor=actor, version=version)


@transaction.atomic
def delete_scheme(scheme: BonusScheme, *, actor: Any, version: int | None = None) -> None:
    """Remove a draft with its blocks. Raises ValidationError, Refused, Conflict."""
    policy_for(BonusScheme).check(actor, "delete", scheme)
    services.delete(_draft(scheme), actor=actor, version=version)


@transaction.atomic
def copy_scheme(scheme: BonusScheme, *, actor: Any) -> BonusScheme:
    """A new draft with the same rules, from the next month."""
    policy_for(BonusScheme).check(actor, "add")
    values = {name: getattr(scheme, name) for name in _SCHEME_FIELDS}
    start = shifted(first_of(clock.today()), 1)
    copy = services.create(BonusScheme(effective_from=start, **values), actor=actor)
    source = selectors.with_rules(BonusScheme.objects.filter(pk=scheme.pk))[0]
    for block in source.blocks.all():
        taken = {name: getattr(block, name) for name in _BLOCK_FIELDS}
        new = save_block(copy, taken, actor=actor)
        for kpi in block.kpis.all():
            steps = [(step.threshold, step.percent) for step in kpi.steps.all()]
            save_kpi(new, {n: getattr(kpi, n) for n in _KPI_FIELDS}, steps, actor=actor)
    return copy


# --- blocks and KPIs -------------------------------------------------------------------------


@transaction.atomic
def save_block(
    scheme: BonusScheme,
    values: Mapping[str, Any],
    *,
    actor: Any,
    block: BonusBlock | None = None,
    version: int | None = None,
) -> BonusBlock:
    """Add a block to a draft, or change `block` of it.

    Raises ValidationError, Refused, Conflict.
    """
    draft = _draft(scheme)
    if block is None:
        policy_for(BonusBlock).check(actor, "add")
        return services.create(BonusBlock(scheme=draft, **values), actor=actor)
    policy_for(BonusBlock).check(actor, "change", block)
    if block.scheme_id != draft.pk:
        raise ValidationError("Блок из другой схемы.")
    return services.update(block, dict(values), actor=actor, version=version)


@transaction.atomic
def remove_block(block: BonusBlock, *, actor: Any, version: int | None = None) -> None:
    """Take a block with its KPIs out of a draft. Raises ValidationError, Refused, Conflict."""
    policy_for(BonusBlock).check(actor, "delete", block)
    _draft(block.scheme)
    services.delete(block, actor=actor, version=version)


@transaction.atomic
def save_kpi(
    block: BonusBlock,
    values: Mapping[str, Any],
    steps: Steps,
    *,
    actor: Any,
    kpi: BonusKpi | None = None,
    version: int | None = None,
) -> BonusKpi:
    """Add a KPI to a block of a draft, or change `kpi` of it, together with its steps.

    `steps` are (threshold, per cent). Raises ValidationError, Refused, Conflict.
    """
    _draft(block.scheme)
    if kpi is None:
        policy_for(BonusKpi).check(actor, "add")
        kpi = services.create(BonusKpi(block=block, **values), actor=actor)
        _set_steps(kpi, steps, actor)
        return kpi
    policy_for(BonusKpi).check(actor, "change", kpi)
    if kpi.block_id != block.pk:
        raise ValidationError("Показатель из другого блока.")
    saved = services.update(kpi, dict(values), actor=actor, version=version)
    if _set_steps(saved, steps, actor) and saved.version == kpi.version:
        # Steps are a part of the row that people edit, so they raise its version.
        BonusKpi.objects.filter(pk=saved.pk).update(version=F("version") + 1)
        saved.refresh_from_db()
    return saved


def _set_steps(kpi: BonusKpi, steps: Steps, actor: Any) -> bool:
    """Make the steps of a KPI those given; whether anything changed."""
    wanted = dict(steps)
    if len(wanted) < len(steps):
        raise ValidationError("Пороги повторяются.")
    changed = False
    for step in BonusStep.objects.filter(kpi=kpi):
        if wanted.get(step.threshold) == step.percent:
            del wanted[step.threshold]
        else:
            services.delete(step, actor=actor)
            changed = True
    for threshold, percent in sorted(wanted.items()):
        services.create(BonusStep(kpi=kpi, threshold=threshold, percent=percent), actor=actor)
        changed = True
    return changed


@transaction.atomic
def remove_kpi(kpi: BonusKpi, *, actor: Any, version: int | None = None) -> None:
    """Take a KPI out of a draft. Raises ValidationError, Refused, Conflict."""
    policy_for(BonusKpi).check(actor, "delete", kpi)
    _draft(kpi.block.scheme)
    services.delete(kpi, actor=actor, version=version)


# --- into force and out ----------------------------------------------------------------------


@transaction.atomic
def publish_scheme(scheme: BonusScheme, *, actor: Any, version: int | None = None) -> BonusScheme:
    """Put a draft into force from its month; it never changes again.

    Raises ValidationError with every reason why it does not add up, or where a month that it
    would rule is already closed. Refused, Conflict.
    """
    policy_for(BonusScheme).check(actor, "publish", scheme)
    draft = _draft(scheme)
    found = selectors.problems(draft) + _month_problems(draft.kind, draft.effective_from)
    if found:
        raise ValidationError(found)
    values = {"status": SchemeStatus.PUBLISHED, "published_at": clock.now()}
    return services.update(draft, values, actor=actor, version=version)


def _month_problems(kind: str, month: date) -> list[str]:
    """Why a scheme may not rule from a month: people have been paid by another."""
    first = selectors.first_open_month(kind)
    if first is None or month >= first:
        return []
    return [
        f"Схема не может действовать с месяца «{label(month)}»: листы по месяц "
        f"«{label(shifted(first, -1))}» закрыты. Самый ранний месяц — {label(first)}."
    ]


@transaction.atomic
def withdraw_scheme(scheme: BonusScheme, *, actor: Any, version: int | None = None) -> BonusScheme:
    """Call off a published scheme that no sheet was computed by. Raises as `publish_scheme`."""
    policy_for(BonusScheme).check(actor, "publish", scheme)
    fresh = BonusScheme.objects.select_for_update().get(pk=scheme.pk)
    if fresh.status != SchemeStatus.PUBLISHED:
        raise ValidationError("Отозвать можно только действующую схему.")
    if Sheet.objects.filter(scheme=fresh).exists():
        raise ValidationError("По этой схеме уже рассчитаны листы: опубликуйте вместо неё другую.")
    values = {"status": SchemeStatus.WITHDRAWN}
    return services.update(fresh, values, actor=actor, version=version)
