"""A row's figures beside their norms, in the order of the catalogue."""

from dataclasses import dataclass
from decimal import Decimal

from contacts.preferences import COVERAGE_KEY_USER, COVERAGE_MAIN_KEY_USER
from core.preferences import Preference, Values
from visits.figures.catalogue import FIGURES, Figure, Kind
from visits.figures.periods import Period
from visits.figures.shares import Plan, Share
from visits.preferences import (
    FIREFIGHTING_LIMIT,
    K2_QUALITY_NORM,
    MATERIALS_NORM,
    PREPARED_NORM,
    SATISFACTION_NORM,
)
from visits.selectors.figures.tree import FigureRow, Figures

NORMS: dict[str, Preference] = {
    "coverage_main_key_user": COVERAGE_MAIN_KEY_USER,
    "coverage_key_user": COVERAGE_KEY_USER,
    "prepared": PREPARED_NORM,
    "materials": MATERIALS_NORM,
    "satisfaction": SATISFACTION_NORM,
    "k2_quality": K2_QUALITY_NORM,
    "firefighting": FIREFIGHTING_LIMIT,
}


def norm_of(figure: Figure, settings: Values) -> int | None:
    """The norm of a figure in per cent; None where none is set."""
    preference = NORMS.get(figure.code)
    return settings[preference] if preference else None


def norm_words(figure: Figure, settings: Values, period: Period) -> str:
    """«норма 85 %», «не больше 20 %», «норма не задана», «норма на месяц 85 %»."""
    if figure.kind == Kind.PLAN:
        return "из плана" if period.months() else "план — на месяц"
    norm = norm_of(figure, settings)
    if norm is None:
        return "норма не задана"
    if figure.at_most:
        return f"не больше {norm}\u00a0%"
    if figure.is_monthly and not period.is_month:
        return f"норма на месяц {norm}\u00a0%"
    return f"норма {norm}\u00a0%"


@dataclass(frozen=True)
class Cell:
    """One figure of one row: a share, or a plan; `is_met` is None where no norm applies."""

    figure: Figure
    share: Share | None = None
    plan: Plan | None = None
    rows: int = 0  # what stands behind a figure whose share does not count rows
    norm: int | None = None
    is_met: bool | None = None

    @property
    def percent(self) -> Decimal | None:
        """The number of the figure."""
        return self.share.percent if self.share else None

    @property
    def verdict(self) -> str:
        """The norm's verdict in words."""
        if self.is_met is None:
            return ""
        if self.is_met:
            return "норма" if self.plan is None else "план выполнен"
        if self.plan is not None:
            return "ниже плана"
        return "выше нормы" if self.figure.at_most else "ниже нормы"


def cells_of(row: FigureRow, figures: Figures) -> list[Cell]:
    """Every figure of a row."""
    return [_cell(figure, row, figures) for figure in FIGURES]


def _cell(figure: Figure, row: FigureRow, figures: Figures) -> Cell:
    if figure.kind == Kind.PLAN:
        plan = row.plan(figure.code)
        return Cell(figure, plan=plan, is_met=plan.is_met)
    if figure.kind == Kind.INDEX:
        share, rows = row.satisfaction, row.counts[figure.code, "whole"]
    elif figure.kind == Kind.QUALITY:
        share, rows = row.quality, row.counts[figure.code, "whole"]
    else:
        share = row.share(figure.code)
        rows = share.whole
    norm = norm_of(figure, figures.settings)
    applies = not figure.is_monthly or figures.period.is_month
    met = share.meets(norm, at_most=figure.at_most) if applies else None
    return Cell(figure, share=share, rows=rows, norm=norm, is_met=met)
