"""The funnel of needs as values: «N/P% — D», conversions, plan beside fact. No tables, no clock.

A row of the funnel counts the needs opened in a period. All of them are the denominator, those
without a stage too; a need has reached a stage when its present one is that or a later one. A
dropped need counts as far as it came, and is told of apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.shares import rounded_percent
from visits.figures.shares import CriterionCell, Share

IDENTIFIED, IMPLEMENTED, EFFECT, CONFIRMED = "01", "03", "04", "06"
FEW = 5  # a share of fewer is told with a word of warning


@dataclass(frozen=True)
class Reached:
    """Needs, and the distinct clients who have them."""

    needs: int = 0
    clients: int = 0


@dataclass(frozen=True)
class Counts:
    """Needs of one row: all, of them dropped, and how many reached each stage in use, in order."""

    whole: Reached = Reached()
    dropped: int = 0
    reached: tuple[Reached, ...] = ()


@dataclass(frozen=True)
class Rung:
    """A stage of a row: its cell, and what passed on to it from the stage before."""

    cell: CriterionCell
    passed: Share

    @property
    def lost(self) -> int:
        """Needs that reached the stage before and not this one."""
        return self.passed.whole - self.passed.part


def rungs(counts: Counts, width: int) -> list[Rung]:
    """A row's stages, first to last; the first is passed on to from all needs opened."""
    found, before = [], counts.whole.needs
    for reached in counts.reached or (Reached(),) * width:
        cell = CriterionCell(reached.needs, counts.whole.needs, reached.clients)
        found.append(Rung(cell, Share(reached.needs, before)))
        before = reached.needs
    return found


@dataclass(frozen=True)
class PlanFact:
    """What was done in a year beside what was planned; no plan, no share."""

    fact: int
    plan: Decimal | None = None

    @property
    def percent(self) -> Decimal | None:
        """Fact ÷ plan, to one digit."""
        return rounded_percent(self.fact, self.plan)

    @property
    def is_met(self) -> bool | None:
        """Whether the plan is reached."""
        return None if self.plan is None else self.fact >= self.plan


def plan_of(spans: Sequence[tuple[str, Decimal]]) -> Decimal | None:
    """A year's plan: the one set for the year; else the sum of its quarters; else of months."""
    for span in ("year", "quarter", "month"):
        values = [value for named, value in spans if named == span]
        if values:
            return sum(values, Decimal())
    return None
