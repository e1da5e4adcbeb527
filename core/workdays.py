"""Working days: the country's production calendar with moved days, and the centre's own days.

The country's days come from the package `holidays`; a day that the centre keeps otherwise is a
row of `CalendarDay`, read by the caller and passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import holidays

_ONE = timedelta(days=1)
_SATURDAY = 5


@lru_cache(maxsize=32)
def _country(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("RU", years=year, expand=False, language="ru")


def are_moved_days_known(year: int) -> bool:
    """Whether the package knows which days the government moved; it decides anew each year."""
    country: Any = _country(year)
    return (
        year in country.special_public_holidays or year in country.special_public_holidays_observed
    )


@dataclass(frozen=True)
class Day:
    """A day of the calendar. `name` says why it is not an ordinary one; `is_own`, the centre's."""

    on: date
    is_working: bool
    name: str = ""
    is_own: bool = False

    @property
    def is_moved(self) -> bool:
        """A weekday that is off, or a weekend day that is worked."""
        return self.is_working != (self.on.weekday() < _SATURDAY)


@dataclass(frozen=True)
class WorkCalendar:
    """The calendar; `own` says of single days whether they are worked, whatever holds elsewhere."""

    own: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, on: date) -> bool:
        """Whether a day is worked."""
        if on in self.own:
            return self.own[on]
        country = _country(on.year)
        if on in country:
            return False
        return on.weekday() < _SATURDAY or on in country.weekend_workdays

    def day(self, on: date) -> Day:
        """A day with what is said of it."""
        country = _country(on.year)
        name = country.get(on) or ("Рабочий выходной" if on in country.weekend_workdays else "")
        return Day(on, self.is_working(on), name, on in self.own)

    def month(self, year: int, month: int) -> list[Day]:
        """The days of a month in their order."""
        on = date(year, month, 1)
        found = []
        while on.month == month:
            found.append(self.day(on))
            on += _ONE
        return found

    def on_or_after(self, on: date) -> date:
        """The day itself where it is worked, else the next that is."""
        while not self.is_working(on):
            on += _ONE
        return on

    def on_or_before(self, on: date) -> date:
        """The day itself where it is worked, else the last before it that is."""
        while not self.is_working(on):
            on -= _ONE
        return on

    def after(self, on: date, days: int) -> date:
        """The working day that is `days` (≥ 0) working days after `on`; 0 is `on_or_after`."""
        found = self.on_or_after(on) if days == 0 else on
        for _ in range(days):
            found = self.on_or_after(found + _ONE)
        return found

    def before(self, on: date, days: int) -> date:
        """The working day `days` (≥ 0) working days before `on`; 0 is `on_or_before`."""
        found = self.on_or_before(on) if days == 0 else on
        for _ in range(days):
            found = self.on_or_before(found - _ONE)
        return found

    def count(self, since: date, until: date) -> int:
        """How many days of [since, until) are worked."""
        return sum(self.is_working(since + n * _ONE) for n in range((until - since).days))
