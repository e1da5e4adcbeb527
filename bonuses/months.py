"""Months and quarters of payments. Values only."""

from datetime import date, timedelta

_ONE = timedelta(days=1)
NAMES = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip


def first_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def shifted(month: date, number: int) -> date:
    """The first day of the month so many later (or, below zero, earlier)."""
    index = month.year * 12 + month.month - 1 + number
    return date(index // 12, index % 12 + 1, 1)


def last_of(month: date) -> date:
    """The last day of a month."""
    return shifted(month, 1) - _ONE


def quarter_paid(month: date) -> tuple[date, date]:
    """The quarter whose score a month's payment carries: first and last day of the newest
    quarter that is over when the month is.

    September, October and November pay the third quarter (docs/bonuses.md, «Квартал»).
    """
    after = shifted(month, 1)
    first = date(after.year, (after.month - 1) // 3 * 3 + 1, 1)
    start = shifted(first, -3)
    return start, first - _ONE


def label(month: date) -> str:
    """«ноябрь 2026»."""
    return f"{NAMES[month.month - 1]} {month.year}"


def period_label(since: date, until: date) -> str:
    """«ноябрь 2026», «III квартал 2026», otherwise the two days."""
    if since == first_of(since) and until == last_of(since):
        return label(since)
    quarter = ("I", "II", "III", "IV")[(since.month - 1) // 3]
    if since.day == 1 and since.month % 3 == 1 and until == shifted(since, 3) - _ONE:
        return f"{quarter} квартал {since.year}"
    return f"{since:%d.%m.%Y} – {until:%d.%m.%Y}"
