"""Reads of the kernel's own tables."""

from dataclasses import dataclass
from datetime import date

from core.models import CalendarDay, Setting
from core.workdays import Day, WorkCalendar, are_moved_days_known


def work_calendar() -> WorkCalendar:
    """The calendar of working days in force, in one query."""
    return WorkCalendar(dict(CalendarDay.objects.values_list("on", "is_working")))


@dataclass(frozen=True)
class Month:
    """A month as weeks of seven places from Monday, None outside it; how many days are worked."""

    first: date
    weeks: list[list[Day | None]]
    working: int

    @property
    def number(self) -> int:
        """1 for January."""
        return self.first.month


@dataclass(frozen=True)
class Special:
    """A day that is not an ordinary one; `row` where it is the centre's own."""

    day: Day
    row: CalendarDay | None


@dataclass(frozen=True)
class Year:
    """A year of the calendar."""

    number: int
    months: list[Month]
    specials: list[Special]
    are_moved_days_known: bool

    @property
    def working(self) -> int:
        """How many days of the year are worked."""
        return sum(month.working for month in self.months)


def year_of(number: int) -> Year:
    """A year of the calendar with the centre's own days; one query."""
    own = {row.on: row for row in CalendarDay.objects.filter(on__year=number)}
    calendar = WorkCalendar({on: row.is_working for on, row in own.items()})
    months = [calendar.month(number, month) for month in range(1, 13)]
    specials = [
        Special(day, own.get(day.on))
        for days in months
        for day in days
        if day.name or day.is_own or day.is_moved
    ]
    return Year(
        number,
        [_month(days) for days in months],
        specials,
        are_moved_days_known(number),
    )


def _month(days: list[Day]) -> Month:
    places: list[Day | None] = [*[None] * days[0].on.weekday(), *days]
    places += [None] * (-len(places) % 7)
    weeks = [places[n : n + 7] for n in range(0, len(places), 7)]
    return Month(days[0].on, weeks, sum(day.is_working for day in days))


def versions_of_settings() -> dict[str, int]:
    """The versions of stored settings by code."""
    return dict(Setting.objects.values_list("code", "version"))
