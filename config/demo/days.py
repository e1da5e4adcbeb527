"""The calendar seen from the demo's date: working days, and how busy each season is."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.workdays import WorkCalendar

PAST = 460
FUTURE = 60
# Only the days off that fall on the same date every year: enough for believable facts.
HOLIDAYS = {(1, d) for d in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
# How busy an accountant is, percent by month: reports in spring, holidays in summer.
SEASON = (70, 105, 130, 125, 85, 95, 85, 80, 100, 115, 100, 110)


@dataclass(frozen=True)
class Day:
    """A day by its offset: 0 is the demo's date, 30 is thirty days before."""

    off: int
    day: date
    is_work: bool
    # Which working day it is, counted back from the demo's date.
    work: int
    # The working day not after this one; and the nearest one that is already past.
    back: int
    near: int
    # The working day of the production calendar not before this one: plans are made for it.
    ahead: int
    season: int


def calendar(on: date) -> list[Day]:
    """The days from `FUTURE` ahead of `on` to `PAST` before it, by descending date."""

    def works(off: int) -> bool:
        day = on - timedelta(days=off)
        return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS

    days: list[Day] = []
    office = WorkCalendar()
    work = 0
    for off in range(-FUTURE, PAST + 1):
        day = on - timedelta(days=off)
        if off > 0 and works(off):
            work += 1
        back = next(o for o in range(off, off + 30) if works(o))
        near = next(
            (o for step in range(30) for o in (off + step, off - step) if o >= 1 and works(o)), 1
        )
        ahead = off - (office.on_or_after(day) - day).days
        season = SEASON[day.month - 1]
        days.append(Day(off, day, works(off), work, back, near, ahead, season))
    return days
