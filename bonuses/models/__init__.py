"""Schemes of bonuses, what is written down for them, sheets."""

from bonuses.models.facts import ManualFact, PayBase, Upsell
from bonuses.models.scheme import BonusBlock, BonusKpi, BonusScheme, BonusStep
from bonuses.models.sheet import Objection, PayrollExport, Sheet, SheetLine, SheetView

__all__ = [
    "BonusBlock",
    "BonusKpi",
    "BonusScheme",
    "BonusStep",
    "ManualFact",
    "Objection",
    "PayBase",
    "PayrollExport",
    "Sheet",
    "SheetLine",
    "SheetView",
    "Upsell",
]
