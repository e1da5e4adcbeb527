"""Working days: the country's calendar as it was published, and the centre's own days."""

from datetime import date, timedelta

import pytest

from core.workdays import WorkCalendar, are_moved_days_known

COUNTRY = WorkCalendar()


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        ("2025-11-01", True),  # a Saturday, worked for Monday 3 November
        ("2025-11-03", False),
        ("2025-11-04", False),
        ("2025-12-31", False),
        ("2026-01-08", False),
        ("2026-01-09", False),
        ("2026-01-12", True),
        ("2026-03-09", False),
        ("2026-05-11", False),
        ("2026-06-12", False),
        ("2026-06-13", False),
        ("2026-09-16", True),
        ("2026-09-20", False),
        ("2026-12-31", False),
        ("2027-02-20", True),  # a Saturday, worked for Monday 22 February
        ("2027-02-22", False),
    ],
)
def test_known_days(day: str, is_working: bool) -> None:
    assert COUNTRY.is_working(date.fromisoformat(day)) is is_working


@pytest.mark.parametrize(("year", "days"), [(2025, 247), (2026, 247)])
def test_as_many_working_days_as_the_published_calendar_has(year: int, days: int) -> None:
    assert COUNTRY.count(date(year, 1, 1), date(year + 1, 1, 1)) == days


def test_own_days_win_both_ways() -> None:
    calendar = WorkCalendar({date(2026, 9, 16): False, date(2026, 9, 19): True})
    assert not calendar.is_working(date(2026, 9, 16))
    assert calendar.is_working(date(2026, 9, 19))
    assert calendar.after(date(2026, 9, 15), 3) == date(2026, 9, 19)


@pytest.mark.parametrize(
    ("since", "days", "found"),
    [
        ("2026-09-16", 0, "2026-09-16"),
        ("2026-09-19", 0, "2026-09-21"),
        ("2026-09-16", 1, "2026-09-17"),
        ("2026-09-16", 3, "2026-09-21"),
        ("2026-09-19", 1, "2026-09-21"),
        ("2026-12-30", 1, "2027-01-11"),
        ("2025-10-31", 1, "2025-11-01"),
    ],
)
def test_a_number_of_working_days_later(since: str, days: int, found: str) -> None:
    assert COUNTRY.after(date.fromisoformat(since), days) == date.fromisoformat(found)


@pytest.mark.parametrize(
    ("until", "days", "found"),
    [
        ("2026-09-16", 0, "2026-09-16"),
        ("2026-09-20", 0, "2026-09-18"),
        ("2026-09-21", 1, "2026-09-18"),
        ("2026-09-20", 1, "2026-09-18"),
        ("2027-01-11", 2, "2026-12-29"),
    ],
)
def test_a_number_of_working_days_earlier(until: str, days: int, found: str) -> None:
    assert COUNTRY.before(date.fromisoformat(until), days) == date.fromisoformat(found)


def test_counting_agrees_with_going() -> None:
    since = date(2026, 4, 24)
    for days in range(1, 40):
        assert COUNTRY.count(since + timedelta(days=1), COUNTRY.after(since, days)) == days - 1


def test_what_is_said_of_a_day() -> None:
    calendar = WorkCalendar({date(2026, 9, 18): False})
    told = {day.on.day: day for day in calendar.month(2026, 9)}
    assert len(told) == 30
    assert (told[18].is_working, told[18].is_own, told[18].is_moved) == (False, True, True)
    assert (told[19].is_working, told[19].is_own, told[19].is_moved) == (False, False, False)
    january = {day.on.day: day for day in calendar.month(2026, 1)}
    assert january[9].name == "Выходной (перенесено с 03.01.2026)"
    assert calendar.day(date(2025, 11, 1)).name == "Рабочий выходной"


def test_moved_days_of_a_far_year_are_not_known() -> None:
    assert are_moved_days_known(2026)
    assert not are_moved_days_known(2035)
