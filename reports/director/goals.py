"""A goal of the year: where it stands against its target and against the year before. Values only.

How a verdict is reached stands in docs/money.md, «Цели года».
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.russian import NBSP, NOTHING, number, signed
from core.shares import half_up, percent_of


class Unit(StrEnum):
    """What a goal is counted in."""

    PERCENT = "percent"
    COUNT = "count"
    ROUBLES = "roubles"


class Mark(StrEnum):
    """How a goal stands; each is shown by a shape and a word."""

    GOOD = "good"
    LATE = "late"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Goal:
    """One line of the board.

    `fact`, `target` and `last` (the year before, up to the same day) are in `unit`. With `at_most`
    less is better. `grows` says that the fact is collected through the year, so that by now
    `gone` (0 … 1) of the target is due. `holds`, where given, is the verdict of a rule of its own.
    """

    code: str
    label: str
    unit: Unit
    fact: Decimal | None = None
    target: Decimal | None = None
    last: Decimal | None = None
    at_most: bool = False
    grows: bool = False
    gone: Decimal = Decimal(1)
    holds: bool | None = None
    period: str = ""
    note: str = ""
    trend: Sequence[Decimal | None] = ()
    trend_label: str = ""
    rows_url: str = ""
    target_url: str = ""

    @property
    def deviation(self) -> Decimal | None:
        """Fact less target."""
        if self.fact is None or self.target is None:
            return None
        return self.fact - self.target

    @property
    def due(self) -> Decimal | None:
        """What of the target is due by now."""
        if self.target is None or not self.grows:
            return self.target
        return self.target * self.gone

    @property
    def verdict(self) -> tuple[Mark, str]:
        """How it stands, in a mark and in words."""
        if self.fact is None:
            return Mark.UNKNOWN, "нет данных"
        if self.target is None or self.due is None:
            return Mark.UNKNOWN, "цель не задана"
        running = self.grows and self.gone < 1
        if self.at_most:
            if self.fact > self.target:
                return Mark.BAD, "больше цели"
            if running and self.fact > self.due:
                return Mark.LATE, "выше графика"
            return Mark.GOOD, "в пределах цели"
        if self.holds if self.holds is not None else self.fact >= self.target:
            return Mark.GOOD, "цель достигнута"
        if not running:
            return Mark.BAD, "ниже цели" if self.holds is None else "вне нормы"
        if self.fact >= self.due:
            return Mark.GOOD, "идёт по графику"
        return Mark.LATE, "отстаёт от графика"

    @property
    def change(self) -> Decimal | None:
        """Fact less that of the year before."""
        return None if self.fact is None or self.last is None else self.fact - self.last

    @property
    def change_words(self) -> str:
        """«лучше на 3», «хуже на 1,5 п. п.», «без изменений»; empty where nothing is known."""
        change = self.change
        if change is None:
            return ""
        shown = _rounded(change, self.unit)
        if not shown:
            return "без изменений"
        better = (shown < 0) == self.at_most
        return f"{'лучше' if better else 'хуже'} на {_written(abs(shown), self.unit, points=True)}"

    @property
    def fact_words(self) -> str:
        """The fact as people read it."""
        return _shown(self.fact, self.unit)

    @property
    def target_words(self) -> str:
        """The target as people read it."""
        return _shown(self.target, self.unit)

    @property
    def last_words(self) -> str:
        """What it was the year before, as people read it."""
        return _shown(self.last, self.unit)

    @property
    def deviation_words(self) -> str:
        """Fact less target with its sign."""
        if self.deviation is None:
            return ""
        found = _rounded(self.deviation, self.unit)
        return f"{signed(found)}{_suffix(self.unit, points=True)}"


@dataclass(frozen=True)
class Section:
    """Goals that stand together."""

    label: str
    goals: Sequence[Goal]


def _shown(value: Decimal | None, unit: Unit) -> str:
    return NOTHING if value is None else _written(value, unit)


def _rounded(value: Decimal, unit: Unit) -> Decimal:
    return half_up(value, 1 if unit == Unit.PERCENT else 0)


def _suffix(unit: Unit, *, points: bool = False) -> str:
    words = {Unit.PERCENT: "п. п." if points else "%", Unit.ROUBLES: "₽", Unit.COUNT: ""}[unit]
    return f"{NBSP}{words.replace(' ', NBSP)}" if words else ""


def _written(value: Decimal, unit: Unit, *, points: bool = False) -> str:
    places = 1 if unit == Unit.PERCENT else 0
    return f"{number(value, places)}{_suffix(unit, points=points)}"


def cut(now: int, before: int) -> Decimal | None:
    """By how many per cent there are fewer than before; negative where there are more."""
    share = percent_of(now, before)
    return None if share is None else 100 - share
