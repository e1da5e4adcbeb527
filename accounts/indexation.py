"""The yearly indexation in formulas: prices, weighted per cent, days. Values only.

Per cent are Decimal with two places; prices roubles a month with two, rounded half up.
The formulas are those of docs/money.md, «Индексация».
"""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from core.shares import percent_of

KOPECK = Decimal("0.01")
ZERO = Decimal(0)

PLANNED, OFFERED, EXCEPTION, AGREED, REFUSED = (
    "planned",
    "offered",
    "exception",
    "agreed",
    "refused",
)
# Where an offer may go from each stage; migration 0009 holds the same table for the database.
MOVES: dict[str, frozenset[str]] = {
    PLANNED: frozenset({OFFERED, EXCEPTION}),
    OFFERED: frozenset({AGREED, EXCEPTION, REFUSED}),
    EXCEPTION: frozenset({AGREED, OFFERED, PLANNED}),
    AGREED: frozenset({OFFERED}),
    REFUSED: frozenset({OFFERED}),
}


def may_move(stage: str, to: str) -> bool:
    """Whether an offer may go from one stage to another."""
    return to in MOVES.get(stage, frozenset())


def raised(price: Decimal, percent: Decimal) -> Decimal:
    """A price in roubles raised by so many per cent, to the kopeck, half up."""
    return (price * (100 + percent) / 100).quantize(KOPECK, rounding=ROUND_HALF_UP)


def weighted(old: Decimal, new: Decimal) -> Decimal | None:
    """Σ new ÷ Σ old − 1 in per cent; of nothing there is none."""
    return (new / old - 1) * 100 if old else None


def is_within(percent: Decimal, floor: Decimal, ceiling: Decimal) -> bool:
    """Whether a per cent needs no exception: both borders are inside."""
    return floor <= percent <= ceiling


def takes_effect(agreed_on: date, effective_on: date) -> date:
    """From which day an agreed price is paid: the campaign's day, or the first of the month after
    an agreement that came later."""
    if agreed_on <= effective_on:
        return effective_on
    return (agreed_on.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True)
class Summary:
    """What a set of offers comes to. Sums in roubles a month, over exactly its rows.

    `agreed_*` are the agreed ones alone: an exception that nobody approved is not among them.
    `forecast` counts an agreed row with its new price, an offered one with what is offered, a
    planned one with the plan; a refusal and an exception that waits, with the price before.
    """

    offers: int = 0
    planned: int = 0
    offered: int = 0
    exception: int = 0
    agreed: int = 0
    refused: int = 0
    approved_exceptions: int = 0
    above_plan: int = 0
    old: Decimal = ZERO
    plan: Decimal = ZERO
    forecast: Decimal = ZERO
    agreed_old: Decimal = ZERO
    agreed_new: Decimal = ZERO
    days: int = 0  # from offer to agreement, all of `timed` together
    timed: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        names = [field.name for field in fields(self)]
        return Summary(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def plan_percent(self) -> Decimal | None:
        """The weighted plan."""
        return weighted(self.old, self.plan)

    @property
    def fact_percent(self) -> Decimal | None:
        """The weighted fact of what is agreed."""
        return weighted(self.agreed_old, self.agreed_new)

    @property
    def forecast_percent(self) -> Decimal | None:
        """What the whole would come to if the rest went as it stands."""
        return weighted(self.old, self.forecast)

    @property
    def mean_days(self) -> Decimal | None:
        """Days from offer to agreement on average."""
        return Decimal(self.days) / self.timed if self.timed else None

    @property
    def above_share(self) -> Decimal | None:
        """Of the agreed ones, those above the plan of their segment, per cent."""
        return percent_of(self.above_plan, self.agreed)

    @property
    def more(self) -> Decimal:
        """Roubles a month that the agreed prices add."""
        return self.agreed_new - self.agreed_old
