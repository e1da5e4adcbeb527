"""The numbers of contacts as values: periods, shares with their norms, the catalogue of figures."""

from visits.figures.catalogue import FIGURES, Figure, Kind, figure_of
from visits.figures.periods import Period, PeriodKind
from visits.figures.shares import CriterionCell, Plan, Share, quality

__all__ = [
    "FIGURES",
    "CriterionCell",
    "Figure",
    "Kind",
    "Period",
    "PeriodKind",
    "Plan",
    "Share",
    "figure_of",
    "quality",
]
