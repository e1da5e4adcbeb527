"""When the next review is due. Values only."""

from datetime import date, timedelta

from core.workdays import WorkCalendar


def next_on(last_on: date | None, every_days: int, today: date, calendar: WorkCalendar) -> date:
    """The working day of the next review: so many days after the last, not in the past."""
    due = today if last_on is None else last_on + timedelta(days=every_days)
    return calendar.on_or_after(max(due, today))


def since_of(last_on: date | None, every_days: int, on: date) -> date:
    """The first day of its period: where the last one ended, else so many days back.

    A period ends the day before its review: what happens later belongs to the next one.
    """
    if last_on is not None and last_on < on:
        return last_on
    return on - timedelta(days=every_days)
