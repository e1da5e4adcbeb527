"""What effects came to: hours and roubles by row, and which tools and features lead to them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from accounts.models import Unit
from needs.funnel import CONFIRMED, EFFECT, FEW
from needs.models import Need, NeedStage, NeedStep, ProductAdvantage, Tool
from visits.figures.periods import Period
from visits.figures.shares import Share
from visits.selectors.figures import FigureReach, Tree, TreeReading, TreeRow

CODES = (EFFECT, CONFIRMED)


@dataclass(frozen=True)
class Effect:
    """Needs, what their effects came to, and how many of them say so."""

    needs: int = 0
    with_hours: int = 0
    hours: Decimal = Decimal()
    with_roubles: int = 0
    roubles: Decimal = Decimal()

    def __add__(self, other: "Effect") -> "Effect":
        return Effect(
            self.needs + other.needs,
            self.with_hours + other.with_hours,
            self.hours + other.hours,
            self.with_roubles + other.with_roubles,
            self.roubles + other.roubles,
        )


@dataclass(eq=False)
class EffectRow(TreeRow):
    """Effects of a row by the code of the stage stepped into: recorded, confirmed."""

    effects: dict[str, Effect] = field(default_factory=lambda: defaultdict(Effect))


@dataclass
class Effects(TreeReading):
    """Effects of a period."""

    stages: list[NeedStage]
    tools: list["Means"]
    advantages: list["Means"]


@dataclass(frozen=True)
class Means:
    """A tool or a feature of К+: needs opened in the period that used it, and how far they came."""

    row: Tool | ProductAdvantage
    needs: int
    with_effect: int
    confirmed: int

    @property
    def share(self) -> Share:
        """Confirmed of all."""
        return Share(self.confirmed, self.needs)

    @property
    def is_few(self) -> bool:
        """Whether there are too few to judge by."""
        return self.needs < FEW


def read_effects(
    reach: FigureReach, period: Period, today: date, unit: Unit | None = None, segment: str = ""
) -> Effects:
    """Effects of steps made in a period; a need counts once for each of the two stages."""
    narrowed = reach.condition("row_unit", "row_employee")
    if unit is not None:
        narrowed &= Q(row_unit_id__in=reach.subtree(unit))
    if segment:
        narrowed &= Q(need__client__segment=segment)
    stages = list(NeedStage.objects.filter(code__in=CODES).order_by("code"))
    found = (
        NeedStep.objects.filter(stage__in=stages, on__range=(period.since, period.until))
        .annotate(row_unit_id=F("need__unit_id"), row_employee_id=F("need__author_id"))
        .filter(narrowed)
        .order_by()
        .values("row_unit_id", "row_employee_id", "stage__code")
        .annotate(
            needs=Count("pk"),
            with_hours=Count("need__effect_hours"),
            hours=Sum("need__effect_hours"),
            with_roubles=Count("need__effect_roubles"),
            roubles=Sum("need__effect_roubles"),
        )
    )
    rows = list(found)
    leaves = {(row["row_unit_id"], row["row_employee_id"]) for row in rows}
    tree = Tree(reach, unit, period.pool_day(today), today, leaves, EffectRow)
    for row in rows:
        effect = Effect(
            row["needs"],
            row["with_hours"],
            row["hours"] or Decimal(),
            row["with_roubles"],
            row["roubles"] or Decimal(),
        )
        for place in [tree.total, *tree.path((row["row_unit_id"], row["row_employee_id"]))]:
            place.effects[row["stage__code"]] += effect
    means = [
        _means(model, name, reach, period, unit, segment)
        for model, name in ((Tool, "tools"), (ProductAdvantage, "advantages"))
    ]
    return Effects(period, tree.finish(), tree.total, reach, stages, *means)


def _means(
    model: Any, name: str, reach: FigureReach, period: Period, unit: Unit | None, segment: str
) -> list[Means]:
    """Needs opened in the period by what they were solved with, the surest first."""
    rows = Need.objects.annotate(row_unit_id=F("unit_id"), row_employee_id=F("author_id")).filter(
        reach.condition("row_unit", "row_employee"),
        opened_on__range=(period.since, period.until),
        **{f"{name}__isnull": False},
    )
    if unit is not None:
        rows = rows.filter(unit_id__in=reach.subtree(unit))
    if segment:
        rows = rows.filter(client__segment=segment)
    counted = (
        rows.order_by()
        .values(name)
        .annotate(
            needs=Count("pk"),
            with_effect=Count("pk", filter=Q(stage__code__gte=EFFECT)),
            confirmed=Count("pk", filter=Q(stage__code__gte=CONFIRMED)),
        )
    )
    numbers = {row[name]: row for row in counted}
    named = model.objects.in_bulk(list(numbers))
    return _surest(
        Means(named[pk], row["needs"], row["with_effect"], row["confirmed"])
        for pk, row in numbers.items()
    )


def _surest(means: Iterable[Means]) -> list[Means]:
    """Those with enough needs first, by share; then the rest."""
    return sorted(means, key=lambda m: (m.is_few, -(m.share.percent or 0), -m.needs, str(m.row)))
