"""Shares, plans and cells «N/P% — D». Whole numbers are compared, never rounded ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.shares import rounded_percent


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int = 0
    whole: int = 0

    @property
    def percent(self) -> Decimal | None:
        """To one digit, half up; of nothing there is no share."""
        return rounded_percent(self.part, self.whole)

    @property
    def whole_percent(self) -> int | None:
        """To whole per cent, half up, as the talk prints it."""
        found = rounded_percent(self.part, self.whole, 0)
        return None if found is None else int(found)

    def meets(self, norm: int | None, *, at_most: bool = False) -> bool | None:
        """Whether a norm in per cent holds; None without a norm or without rows."""
        if norm is None or not self.whole:
            return None
        shown, wanted = self.part * 100, norm * self.whole
        return shown <= wanted if at_most else shown >= wanted


def quality(met: Sequence[int], whole: int) -> Share:
    """Quality of К2У: the mean of the scored criteria, from counts and not from percentages.

    Each criterion was asked of every contact, so the mean of N ÷ all is Σ N ÷ (all × criteria).
    """
    return Share(sum(met), whole * len(met))


@dataclass(frozen=True)
class CriterionCell:
    """«N/P% — D»: contacts that met a criterion, of all; distinct clients of those."""

    met: int
    whole: int
    clients: int

    @property
    def percent(self) -> int | None:
        """P, to whole per cent."""
        return Share(self.met, self.whole).whole_percent

    @property
    def words(self) -> str:
        """As the talk prints it: «512/89% — 458», «0 — 0»."""
        if not self.met:
            return f"0 — {self.clients}"
        return f"{self.met}/{self.percent}% — {self.clients}"


@dataclass(frozen=True)
class Plan:
    """Visits of one level: held; planned and of those held; the target and its months."""

    held: int = 0
    planned: int = 0
    kept: int = 0
    target: Decimal | None = None
    is_whole: bool = True  # every month of the period has a target

    @property
    def percent(self) -> Decimal | None:
        """Fact ÷ target to one digit; nothing where the target does not span the period."""
        return rounded_percent(self.held, self.target) if self.is_whole else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is reached."""
        return None if self.percent is None or self.target is None else self.held >= self.target

    @property
    def kept_percent(self) -> Decimal | None:
        """Of planned contacts those that took place."""
        return Share(self.kept, self.planned).percent
