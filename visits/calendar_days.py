"""Months and weeks of the calendar: which days they show, what they are called. Values only."""

from dataclasses import dataclass
from datetime import date, timedelta

MONTH, WEEK = "month", "week"
VIEWS = ((MONTH, "Месяц"), (WEEK, "Неделя"))
EARLIEST = date(2000, 1, 1)
# A plan lies a year ahead at most; the calendar is leafed through a little further.
AHEAD = timedelta(days=2 * 366)

MONTHS = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
    "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
MONTHS_OF = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
WEEKDAYS = (
    "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье",
)  # fmt: skip
WEEKDAYS_SHORT = ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс")


def monday_of(on: date) -> date:
    """The Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def day_and_month(on: date) -> str:
    """«16 сентября»."""
    return f"{on.day} {MONTHS_OF[on.month - 1]}"


def in_words(on: date) -> str:
    """«16 сентября, среда»."""
    return f"{day_and_month(on)}, {WEEKDAYS[on.weekday()]}"


@dataclass(frozen=True)
class Span:
    """A month or a week around a day, shown in whole weeks from Monday."""

    view: str
    on: date

    @property
    def first(self) -> date:
        """The first day shown."""
        return monday_of(self.on.replace(day=1) if self.view == MONTH else self.on)

    @property
    def last(self) -> date:
        """The last day shown."""
        if self.view == WEEK:
            return self.first + timedelta(days=6)
        return monday_of(self._next_month - timedelta(days=1)) + timedelta(days=6)

    @property
    def _next_month(self) -> date:
        return (self.on.replace(day=1) + timedelta(days=32)).replace(day=1)

    @property
    def days(self) -> list[date]:
        """Every day shown."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(count)]

    def holds(self, on: date) -> bool:
        """Whether a day belongs to the month or the week itself."""
        return self.view == WEEK or (on.year, on.month) == (self.on.year, self.on.month)

    @property
    def before(self) -> date:
        """A day of the span before this one."""
        if self.view == WEEK:
            return self.on - timedelta(days=7)
        return (self.on.replace(day=1) - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        """A day of the span after this one."""
        return self.on + timedelta(days=7) if self.view == WEEK else self._next_month

    @property
    def title(self) -> str:
        """«Сентябрь 2026», «14–20 сентября 2026», «28 сентября – 4 октября 2026»."""
        if self.view == MONTH:
            return f"{MONTHS[self.on.month - 1]} {self.on.year}"
        first, last = self.first, self.last
        if first.month == last.month:
            return f"{first.day}–{day_and_month(last)} {last.year}"
        year = f" {first.year}" if first.year != last.year else ""
        return f"{day_and_month(first)}{year} – {day_and_month(last)} {last.year}"


def may_show(on: date, today: date) -> bool:
    """Whether the calendar goes as far as a day."""
    return EARLIEST <= on <= today + AHEAD
