"""Reads of schemes: which is in force, and its rules as values."""

from datetime import date
from typing import Any

from django.db.models import Prefetch

from bonuses import formulas
from bonuses.enums import PlanLevel, SchemeStatus
from bonuses.models import BonusBlock, BonusKpi, BonusScheme, Sheet
from bonuses.months import shifted


def with_rules(rows: Any) -> Any:
    """Schemes with blocks, KPIs and steps, in three more queries."""
    kpis = BonusKpi.objects.prefetch_related("steps")
    blocks = BonusBlock.objects.prefetch_related(Prefetch("kpis", queryset=kpis))
    return rows.prefetch_related(Prefetch("blocks", queryset=blocks))


def in_force(month: date) -> dict[str, BonusScheme]:
    """The scheme of each kind of position in a month, with its rules."""
    rows = BonusScheme.objects.filter(status=SchemeStatus.PUBLISHED, effective_from__lte=month)
    newest = rows.order_by("kind", "-effective_from").distinct("kind").values("pk")
    return {row.kind: row for row in with_rules(BonusScheme.objects.filter(pk__in=newest))}


def block_rules(scheme: BonusScheme) -> list[formulas.BlockRule]:
    """Blocks and KPIs as values, for `formulas.problems`."""
    return [
        formulas.BlockRule(
            block.label,
            block.share,
            tuple(
                formulas.KpiRule(
                    label=kpi.label,
                    weight=kpi.weight,
                    scale=kpi.rule,
                    plan=kpi.plan,
                    has_other_plan=kpi.plan_level != PlanLevel.SCHEME and bool(kpi.target_kind),
                )
                for kpi in block.kpis.all()
            ),
        )
        for block in scheme.blocks.all()
    ]


def problems(scheme: BonusScheme) -> list[str]:
    """Why a scheme cannot take effect, in Russian."""
    return formulas.problems(block_rules(with_rules(BonusScheme.objects.filter(pk=scheme.pk))[0]))


def first_open_month(kind: str) -> date | None:
    """The first month in which nobody of this kind has a closed sheet; None where none has."""
    closed = Sheet.objects.filter(kind=kind, status="closed").order_by("-month")
    newest = closed.values_list("month", flat=True).first()
    return shifted(newest, 1) if newest else None
