"""Periods of figures: a month, a quarter, a half-year, a year, or any days. Values only."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

EARLIEST = date(2000, 1, 1)
LATEST = date(2099, 12, 31)
_MONTHS = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
    "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
_QUARTERS = ("I", "II", "III", "IV")


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


_LENGTH = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}


def add_months(month: date, number: int) -> date:
    """The first day of the month so many months later."""
    index = month.year * 12 + month.month - 1 + number
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """Days from `since` to `until`, both included."""

    since: date
    until: date

    @classmethod
    def of(cls, kind: PeriodKind, day: date) -> "Period":
        """The month, quarter, half-year or year in which a day lies."""
        length = _LENGTH[kind]
        first = date(day.year, (day.month - 1) // length * length + 1, 1)
        return cls(first, add_months(first, length) - timedelta(days=1))

    @property
    def kind(self) -> PeriodKind | None:
        """Which calendar period it is; None for any other days."""
        return next((kind for kind in PeriodKind if Period.of(kind, self.since) == self), None)

    @property
    def is_month(self) -> bool:
        """Whether it is one calendar month, for which monthly norms are meant."""
        return self.kind == PeriodKind.MONTH

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    def shifted(self, step: int) -> "Period | None":
        """The next one (1) or the one before (-1); None beyond the calendar of the program."""
        kind = self.kind
        if kind is None:
            move = timedelta(days=self.days * step)
            moved = Period(self.since + move, self.until + move)
        else:
            moved = Period.of(kind, add_months(self.since, step * _LENGTH[kind]))
        return moved if moved.since >= EARLIEST and moved.until <= LATEST else None

    def months(self) -> tuple[date, ...]:
        """The first days of its months where it consists of whole ones; else nothing."""
        after = self.until + timedelta(days=1)
        if self.since.day != 1 or after.day != 1:
            return ()
        number = (after.year - self.since.year) * 12 + after.month - self.since.month
        return tuple(add_months(self.since, n) for n in range(number))

    def pool_day(self, today: date) -> date:
        """The day whose pools and roles count: the last of the period, or today if it lasts."""
        return min(self.until, today)

    @property
    def label(self) -> str:
        """«Ноябрь 2026», «IV квартал 2026», «2-е полугодие 2026», «2026 год», «01.11.2026 – …»."""
        year, month = self.since.year, self.since.month
        match self.kind:
            case PeriodKind.MONTH:
                return f"{_MONTHS[month - 1]} {year}"
            case PeriodKind.QUARTER:
                return f"{_QUARTERS[(month - 1) // 3]} квартал {year}"
            case PeriodKind.HALF:
                return f"{(month - 1) // 6 + 1}-е полугодие {year}"
            case PeriodKind.YEAR:
                return f"{year} год"
        if self.since == self.until:
            return f"{self.since:%d.%m.%Y}"
        return f"{self.since:%d.%m.%Y} – {self.until:%d.%m.%Y}"


def period_asked(
    kind: PeriodKind | None, since: date | None, until: date | None, today: date
) -> tuple[Period | None, dict[str, str]]:
    """The period that was asked for, or what is wrong by field.

    A kind alone is the present month (quarter, …), with `since` the one of that day; `since` and
    `until` alone are any days; nothing at all is the present month.
    """
    for name, day in (("since", since), ("until", until)):
        if day is not None and not EARLIEST <= day <= LATEST:
            return None, {name: "Дата вне 2000–2099 годов."}
    if kind is not None:
        return Period.of(kind, since or today), {}
    if since is None and until is None:
        return Period.of(PeriodKind.MONTH, today), {}
    if since is None:
        return None, {"since": "Укажите, с какого дня."}
    if until is None:
        return None, {"until": "Укажите, по какой день."}
    if until < since:
        return None, {"until": "Конец раньше начала."}
    return Period(since, until), {}
