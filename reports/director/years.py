"""A year looked at on a day, beside the year before up to the same day. Values only."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from visits.figures.periods import Period, PeriodKind, add_months


def year_before(day: date) -> date:
    """The same day a year earlier; of the 29th of February, the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@dataclass(frozen=True)
class Year:
    """A calendar year as far as it has gone by a day."""

    number: int
    today: date

    @property
    def whole(self) -> Period:
        """All of it."""
        return Period.of(PeriodKind.YEAR, date(self.number, 1, 1))

    @property
    def until(self) -> date:
        """Its last day, or today while it runs."""
        return max(min(self.today, self.whole.until), self.whole.since)

    @property
    def is_running(self) -> bool:
        """Whether it is not over yet."""
        return self.today < self.whole.until

    @property
    def so_far(self) -> Period:
        """From its first day to `until`."""
        return Period(self.whole.since, self.until)

    @property
    def before(self) -> Period:
        """The year before, up to the same day."""
        return Period(date(self.number - 1, 1, 1), year_before(self.until))

    @property
    def gone(self) -> Decimal:
        """What part of its days has gone, 0 … 1."""
        return Decimal((self.until - self.whole.since).days + 1) / self.whole.days

    @property
    def months(self) -> list[date]:
        """The first days of its months that have begun."""
        return [month for month in self.whole.months() if month <= self.until]

    @property
    def closed_month(self) -> Period:
        """The last whole month by `until`; of the year before where none is over yet."""
        after = self.until + timedelta(days=1)
        first = add_months(after.replace(day=1), -1)
        return Period.of(PeriodKind.MONTH, first)
