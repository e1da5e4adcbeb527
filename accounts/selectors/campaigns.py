"""Reads of indexation campaigns: offers, their totals, the board (docs/money.md, «Индексация»)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    DurationField,
    ExpressionWrapper,
    F,
    Prefetch,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, ExtractDay, Round

from accounts.enums import CampaignStatus, OfferStage, Segment, TargetKind, TargetSpan
from accounts.indexation import ZERO, Summary
from accounts.models import IndexationCampaign, IndexationOffer, SegmentPlan, Target, Unit
from core.policy import policy_for

_MONEY = DecimalField(max_digits=20, decimal_places=2)
AGREED, OFFERED, PLANNED = Q(stage="agreed"), Q(stage="offered"), Q(stage="planned")


def _raised(percent: str) -> Any:
    """The price before raised, as `indexation.raised` does: numeric rounds half away from zero."""
    raised = F("price_before") * (Value(100) + F(percent)) / Value(100)
    return Round(ExpressionWrapper(raised, _MONEY), 2, output_field=_MONEY)


def campaigns_for(user: Any) -> Any:
    """The campaigns, latest first, with their plans."""
    rows = policy_for(IndexationCampaign).visible_to(user)
    # In the order in which the segments stand everywhere.
    order = Case(*(When(segment=code, then=place) for place, code in enumerate(Segment.values)))
    return rows.prefetch_related(Prefetch("plans", SegmentPlan.objects.order_by(order)))


def plans_for(user: Any) -> Any:
    """The plans of segments."""
    return policy_for(SegmentPlan).visible_to(user).select_related("campaign")


def current_campaign() -> IndexationCampaign | None:
    """The campaign that is running, else the last one that is closed."""
    rows = IndexationCampaign.objects.exclude(status=CampaignStatus.DRAFT).annotate(
        runs=Case(When(status=CampaignStatus.RUNNING, then=0), default=1)
    )
    return rows.order_by("runs", "-year").first()


def offers_for(user: Any) -> Any:
    """The offers that a user may see, with what a row of the list shows."""
    rows = policy_for(IndexationOffer).visible_to(user)
    return rows.select_related("campaign", "client", "contract", "client__specialist")


_DAYS = ExtractDay(ExpressionWrapper(F("agreed_on") - F("offered_on"), DurationField()))
_TOTALS: dict[str, Any] = {
    "offers": Count("pk"),
    **{stage: Count("pk", filter=Q(stage=stage)) for stage in OfferStage.values},
    "approved_exceptions": Count("pk", filter=AGREED & Q(is_exception=True)),
    "above_plan": Count("pk", filter=AGREED & Q(agreed_percent__gt=F("planned_percent"))),
    "old": Coalesce(Sum("price_before"), ZERO, output_field=_MONEY),
    "plan": Coalesce(Sum(_raised("planned_percent")), ZERO, output_field=_MONEY),
    "forecast": Coalesce(
        Sum(
            Case(
                When(AGREED, then=F("price_after")),
                When(OFFERED, then=_raised("offered_percent")),
                When(PLANNED, then=_raised("planned_percent")),
                default=F("price_before"),
                output_field=_MONEY,
            )
        ),
        ZERO,
        output_field=_MONEY,
    ),
    "agreed_old": Coalesce(Sum("price_before", filter=AGREED), ZERO, output_field=_MONEY),
    "agreed_new": Coalesce(Sum("price_after", filter=AGREED), ZERO, output_field=_MONEY),
    "days": Coalesce(Sum(_DAYS, filter=AGREED & Q(offered_on__isnull=False)), 0),
    "timed": Count("pk", filter=AGREED & Q(offered_on__isnull=False)),
}


def summarise(offers: Any) -> Summary:
    """What exactly the rows of a queryset come to, in one query."""
    found = offers.order_by().aggregate(**{f"t_{name}": value for name, value in _TOTALS.items()})
    return Summary(**{name: found[f"t_{name}"] for name in _TOTALS})


def summarise_by(offers: Any, *fields: str) -> dict[tuple[Any, ...], Summary]:
    """The same by the values of some fields, in one query."""
    totals = {f"t_{name}": value for name, value in _TOTALS.items()}
    rows = offers.order_by().values(*fields).annotate(**totals)
    return {
        tuple(row[name] for name in fields): Summary(**{n: row[f"t_{n}"] for n in _TOTALS})
        for row in rows
    }


@dataclass(frozen=True)
class BoardRow:
    """A row of the campaign's board: a segment or a unit (none: the whole, or no unit)."""

    label: str
    summary: Summary
    depth: int = 0
    unit: Unit | None = None
    segment: str = ""
    is_total: bool = False


@dataclass(frozen=True)
class Board:
    """The board of a campaign: the whole, by segment, by unit with all below it."""

    total: Summary
    segments: Sequence[BoardRow]
    units: Sequence[BoardRow]


def read_board(offers: Any, segments: Sequence[tuple[str, str]]) -> Board:
    """The board over a queryset of offers; two queries whatever their number.

    A unit's row is the sum of its subtree, never a mean of per cents.
    """
    found = summarise_by(offers, "client__unit", "segment")
    total = sum(found.values(), Summary())
    by_segment = [
        BoardRow(
            label,
            sum((s for (_, code_), s in found.items() if code_ == code), Summary()),
            segment=code,
        )
        for code, label in segments
    ]
    units = {unit.pk: unit for unit in Unit.objects.all()}
    sums: dict[int, Summary] = {}
    without = Summary()
    for (pk, _), summary in found.items():
        if pk is None:
            without += summary
            continue
        for above in (int(part) for part in units[pk].path.split("/") if part):
            sums[above] = sums.get(above, Summary()) + summary
    rows = [
        BoardRow(units[pk].name, summary, units[pk].path.count("/") - 2, units[pk])
        for pk, summary in sorted(sums.items(), key=lambda item: units[item[0]].path)
    ]
    if without.offers:
        rows.append(BoardRow("Без отдела", without))
    return Board(total, [row for row in by_segment if row.summary.offers], rows)


def goals_of(user: Any, year: int) -> dict[int | None, Decimal]:
    """The weighted per cent that a year's campaign is to reach, by unit; None is the centre.

    Per cent of parts do not add up: a unit without a goal of its own has none.
    """
    rows = policy_for(Target).visible_to(user)
    found = rows.filter(
        kind=TargetKind.INDEXATION, span=TargetSpan.YEAR, month=date(year, 1, 1), employee=None
    )
    return dict(found.order_by().values_list("unit_id", "value"))


def below(offers: Any, limit: int) -> int:
    """How many of the offers were agreed below so many per cent, or refused."""
    agreed = Q(stage=OfferStage.AGREED, agreed_percent__lt=limit)
    return offers.filter(agreed | Q(stage=OfferStage.REFUSED)).count()
