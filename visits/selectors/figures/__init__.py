"""Reads of figures: the tree of rows with every count, and the rows behind each count."""

from visits.selectors.figures.behind import (
    NumberAsked,
    RowKey,
    employee_named,
    rows_behind,
    with_doors,
)
from visits.selectors.figures.branches import Leaf, Tree, TreeReading, TreeRow, within
from visits.selectors.figures.cells import Cell, cells_of, norm_of, norm_words
from visits.selectors.figures.months import MonthScores, coverage, month_scores
from visits.selectors.figures.reach import FigureReach, reach_of
from visits.selectors.figures.sources import PREPARED
from visits.selectors.figures.tree import FigureRow, Figures, read_figures

__all__ = [
    "PREPARED",
    "Cell",
    "FigureReach",
    "FigureRow",
    "Figures",
    "Leaf",
    "MonthScores",
    "NumberAsked",
    "RowKey",
    "Tree",
    "TreeReading",
    "TreeRow",
    "cells_of",
    "coverage",
    "employee_named",
    "month_scores",
    "norm_of",
    "norm_words",
    "reach_of",
    "read_figures",
    "rows_behind",
    "with_doors",
    "within",
]
