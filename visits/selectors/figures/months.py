"""Figures of everybody within a reach together: satisfaction and quality by month, coverage."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from visits.figures.periods import Period
from visits.figures.shares import Share, quality
from visits.models import VisitCriterion, VisitMark
from visits.selectors.figures.reach import FigureReach
from visits.selectors.figures.sources import COVERAGE, HELD, Asked, held, reached, roles_held


@dataclass
class MonthScores:
    """Sums of a month; shares are made of them as in the tree of figures."""

    scores: int = 0
    best: int = 0
    k2: int = 0
    met: list[int] = field(default_factory=list)

    @property
    def satisfaction(self) -> Share:
        """Scores ÷ the best possible ones."""
        return Share(self.scores, self.best)

    @property
    def quality(self) -> Share:
        """Mean of the scored criteria."""
        return quality(self.met, self.k2)

    def __add__(self, other: "MonthScores") -> "MonthScores":
        longer = max(len(self.met), len(other.met))
        pairs = zip(_filled(self.met, longer), _filled(other.met, longer), strict=True)
        return MonthScores(
            self.scores + other.scores,
            self.best + other.best,
            self.k2 + other.k2,
            [a + b for a, b in pairs],
        )


def month_scores(reach: FigureReach, period: Period) -> dict[date, MonthScores]:
    """What clients said and what К2У met in a period, by month. Three queries."""
    asked = Asked(period, period.until)
    narrowed = reach.condition("row_unit", "row_employee")
    criteria = list(
        VisitCriterion.objects.filter(is_on=True, is_scored=True).values_list("pk", flat=True)
    )
    scored, k2 = HELD["satisfaction", "whole"], HELD["k2", "held"]
    contacts = held(asked).filter(narrowed)
    sums = contacts.filter(scored | k2).order_by().annotate(of_month=TruncMonth("held_on"))
    found = {
        month: MonthScores(scores or 0, best or 0, number, [0] * len(criteria))
        for month, scores, best, number in sums.values_list("of_month").annotate(
            scores=Sum("satisfaction", filter=scored),
            best=Sum("satisfaction_scale", filter=scored),
            number=Count("pk", filter=k2),
        )
    }
    marks: Any = VisitMark.objects.filter(
        Q(criterion__in=criteria), visit__in=contacts.filter(k2).order_by().values("pk")
    )
    met = marks.order_by().annotate(of_month=TruncMonth("visit__held_on"))
    for month, criterion, number in met.values_list("of_month", "criterion_id").annotate(
        number=Count("pk")
    ):
        found[month].met[criteria.index(criterion)] = number
    return found


def _filled(met: list[int], longer: int) -> list[int]:
    return met + [0] * (longer - len(met))


def coverage(reach: FigureReach, period: Period) -> dict[str, Share]:
    """Coverage of a month by the code of its figure, of everybody within a reach together, as
    the tree counts it: roles held on the last day, of those whom the month reached."""
    asked = Asked(period, period.until)
    narrowed = reach.condition("row_unit", "row_employee")
    met = Q(pk__in=reached(asked, narrowed))
    by_role = roles_held(asked, narrowed).order_by().values_list("role")
    found = {
        COVERAGE[role]: Share(part, whole)
        for role, part, whole in by_role.annotate(
            part=Count("pk", distinct=True, filter=met), whole=Count("pk", distinct=True)
        )
    }
    return {code: found.get(code, Share()) for code in COVERAGE.values()}
