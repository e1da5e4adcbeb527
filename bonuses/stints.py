"""Who worked where in a month, for how many working days, at what base. Values only.

A stint is an employee in a unit in one kind of position: somebody who is transferred in the
middle of a month has two, each with its own sheet and its own days (docs/bonuses.md, «Дни»).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from bonuses.formulas import pro_rata
from core.workdays import WorkCalendar

Span = tuple[date, date]  # from the first day to the day after the last
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Held:
    """A position as it was held: [since, until)."""

    employee: int
    unit: int
    kind: str
    since: date
    until: date


@dataclass(frozen=True)
class Pay:
    """A base from a day on: roubles of a full month at a full rate, and the rate."""

    starts_on: date
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Stint:
    """An employee in a unit in a month: first and last day, working days there, exact base."""

    employee: int
    unit: int
    kind: str
    since: date
    until: date
    worked: int
    working_days: int
    base: Fraction
    # The days in the unit, where they are not all those from the first to the last: somebody who
    # went to another unit and came back within the month has two.
    spans: tuple[Span, ...] = ()

    @property
    def key(self) -> tuple[int, int, str]:
        """What a sheet of the month is known by."""
        return (self.employee, self.unit, self.kind)


class Days:
    """The working days of a span, counted by bisection."""

    def __init__(self, days: Sequence[date]) -> None:
        self.days = list(days)

    @classmethod
    def of(cls, calendar: WorkCalendar, since: date, until: date) -> "Days":
        """The worked days of [since, until) by a calendar."""
        days = (since + n * _ONE for n in range((until - since).days))
        return cls([day for day in days if calendar.is_working(day)])

    def __len__(self) -> int:
        return len(self.days)

    def within(self, since: date, until: date) -> list[date]:
        """Working days of [since, until)."""
        return self.days[bisect_left(self.days, since) : bisect_left(self.days, until)]


def worked_days(days: Days, spans: Iterable[Span], away: Sequence[Span]) -> list[date]:
    """Working days of some spans, each once, without those of absence."""
    found = {day for span in spans for day in days.within(*span)}
    gone = {day for span in away for day in days.within(*span)} if found else set()
    return sorted(found - gone)


def base_of(worked: Sequence[date], pays: Sequence[Pay], working_days: int) -> Fraction:
    """The base that a number of worked days earns, in roubles, exactly. `pays` stand in order of
    their first days; days before the first of them earn nothing."""
    parts = []
    for number, pay in enumerate(pays):
        ends = pays[number + 1].starts_on if number + 1 < len(pays) else date.max
        at = bisect_left(worked, ends) - bisect_left(worked, pay.starts_on)
        parts.append((pay.amount, pay.rate, at))
    return pro_rata(parts, working_days)


def stints(
    held: Iterable[Held],
    away: Mapping[int, Sequence[Span]],
    pays: Mapping[int, Sequence[Pay]],
    days: Days,
    since: date,
    until: date,
) -> list[Stint]:
    """The stints of a month [since, until), in order of employee and day.

    Two positions of one kind in one unit are one stint. Whoever was away all the time still has
    one, with no days and no base: the sheet then says why it is empty.
    """
    spans: dict[tuple[int, int, str], list[Span]] = {}
    for row in held:
        first, last = max(row.since, since), min(row.until, until)
        if first < last:
            spans.setdefault((row.employee, row.unit, row.kind), []).append((first, last))
    found = []
    for (employee, unit, kind), parts in spans.items():
        worked = worked_days(days, parts, away.get(employee, ()))
        found.append(
            Stint(
                employee=employee,
                unit=unit,
                kind=kind,
                since=min(first for first, _ in parts),
                until=max(last for _, last in parts) - _ONE,
                worked=len(worked),
                working_days=len(days),
                base=base_of(worked, pays.get(employee, ()), len(days)),
                spans=tuple(sorted(parts)) if len(parts) > 1 else (),
            )
        )
    return sorted(found, key=lambda s: (s.employee, s.since, s.unit, s.kind))
