"""The figures as a tree: division → department → employee."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Q

from accounts.models import Unit
from core import preferences
from visits.figures.periods import Period
from visits.figures.shares import CriterionCell, Plan, Share, quality
from visits.models import VisitCriterion
from visits.selectors.figures.branches import Tree, TreeReading, TreeRow, within
from visits.selectors.figures.counts import (
    NO_UNIT,
    CriterionCounts,
    Leaf,
    Met,
    Sets,
    criterion_counts,
    leaf_counts,
)
from visits.selectors.figures.reach import FigureReach
from visits.selectors.figures.sources import Asked
from visits.selectors.figures.targets import Targets, read_targets


@dataclass(eq=False)
class FigureRow(TreeRow):
    """A row with every figure of contacts.

    Counts of a unit are those of its subtree. `met` is by criterion; its clients are distinct
    within the row and so not the sum of those below.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    met: dict[int, Met] = field(default_factory=dict)
    targets: dict[str, tuple[Any, bool]] = field(default_factory=dict)
    criteria: list[VisitCriterion] = field(default_factory=list, repr=False)

    def share(self, figure: str) -> Share:
        """A share by the code of its figure."""
        return Share(self.counts[figure, "part"], self.counts[figure, "whole"])

    def plan(self, figure: str) -> Plan:
        """Plan and fact of a level."""
        target, is_whole = self.targets.get(figure, (None, False))
        return Plan(
            held=self.counts[figure, "held"],
            planned=self.counts[figure, "planned"],
            kept=self.counts[figure, "kept"],
            target=target,
            is_whole=is_whole,
        )

    @property
    def satisfaction(self) -> Share:
        """Scores ÷ the best possible ones."""
        return Share(self.counts["satisfaction", "sum"], self.counts["satisfaction", "best"])

    @property
    def quality(self) -> Share:
        """Mean of the scored criteria."""
        scored = [c.pk for c in self.criteria if c.is_scored]
        met = [self.met.get(pk, Met()).met for pk in scored]
        return quality(met, self.counts["k2", "held"])

    def criterion(self, row: VisitCriterion) -> CriterionCell:
        """«N/P% — D»."""
        found = self.met.get(row.pk, Met())
        return CriterionCell(found.met, self.counts["k2", "held"], found.clients)


@dataclass
class Figures(TreeReading):
    """Everything that the pages of figures show."""

    on: date
    criteria: list[VisitCriterion]
    settings: preferences.Values


def read_figures(
    reach: FigureReach, period: Period, today: date, unit: Unit | None = None
) -> Figures:
    """The figures of a period within a reach, of one unit's subtree if given.

    The number of queries does not depend on the rows.
    """
    asked = Asked(period, period.pool_day(today))
    narrowed = reach.condition("row_unit", "row_employee")
    if unit is not None:
        narrowed &= Q(row_unit_id__in=reach.subtree(unit))
    criteria = list(VisitCriterion.objects.filter(is_on=True))
    counts = leaf_counts(asked, narrowed)
    met = criterion_counts(asked, narrowed)
    targets = read_targets(period, today, reach.units)
    leaves = set(counts) | {leaf for leaf in targets.leaves() if within(leaf, reach, unit)}
    make = partial(FigureRow, criteria=criteria)
    tree = _Tree(reach, unit, asked.on, today, leaves, make)
    for leaf, values in counts.items():
        tree.add(leaf, values)
    tree.fill(met, targets)
    return Figures(
        period=period,
        roots=tree.finish(),
        total=tree.total,
        reach=reach,
        on=asked.on,
        criteria=criteria,
        settings=preferences.read(),
    )


class _Tree(Tree):
    """The tree of the figures of contacts."""

    def add(self, leaf: Leaf, values: Sets) -> None:
        """Add the counts of a leaf to it and to everything above."""
        for row in [self.total, *self.path(leaf)]:
            row.counts.update(values)

    def fill(self, met: CriterionCounts, targets: Targets) -> None:
        """Put what is not a sum of what lies below: criteria with their clients, targets."""
        self.total.met = met.total
        for (unit_id, employee_id), row in self.rows.items():
            if employee_id is not None:
                row.met = met.leaves.get((unit_id, employee_id), {})
                row.targets = targets.of_leaf((unit_id, employee_id))
            else:
                row.met = met.units.get(unit_id or NO_UNIT, {})
                row.targets = targets.of_unit(unit_id)
        if self.unit is not None:
            self.total.targets = targets.of_unit(self.unit.pk)
        elif self.reach.everything:
            self.total.targets = targets.of_all()
