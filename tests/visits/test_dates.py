"""Days and hours a contact may have: every border."""

from datetime import UTC, date, datetime, timedelta

import pytest

from visits.dates import held_problems, planned_problems

TODAY = date(2026, 9, 16)
NOW = datetime(2026, 9, 16, 7, 30, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("planned_for", "before", "said"),
    [
        (None, None, "Укажите"),
        (TODAY, None, ""),
        (TODAY - DAY, None, "уже прошёл"),
        (TODAY - DAY, TODAY - DAY, ""),
        (TODAY - 2 * DAY, TODAY - DAY, "уже прошёл"),
        (TODAY + 366 * DAY, None, ""),
        (TODAY + 367 * DAY, None, "не дальше"),
    ],
)
def test_planned(planned_for: date | None, before: date | None, said: str) -> None:
    found = planned_problems(planned_for, before, TODAY)
    assert found == {} if not said else said in found["planned_for"]


@pytest.mark.parametrize(
    ("on", "started_at", "ended_at", "field", "said"),
    [
        (TODAY, None, None, "started_at", "Укажите"),
        (None, NOW, None, "started_at", "Укажите"),
        (TODAY, NOW, None, "", ""),
        (TODAY, NOW + SECOND, None, "started_at", "ещё не начался"),
        (date(1999, 12, 31), NOW - 9999 * DAY, None, "started_at", "2000"),
        (date(2000, 1, 1), NOW - 9999 * DAY, None, "", ""),
        (TODAY, NOW - DAY, NOW - DAY, "", ""),
        (TODAY, NOW - DAY, NOW, "", ""),
        (TODAY, NOW - DAY, NOW - DAY - SECOND, "ended_at", "раньше начала"),
        (TODAY, NOW - DAY, NOW + SECOND, "ended_at", "ещё не закончился"),
        (TODAY, NOW - DAY - SECOND, NOW, "ended_at", "длиннее суток"),
    ],
)
def test_held(on, started_at, ended_at, field: str, said: str) -> None:
    found = held_problems(on, started_at, ended_at, NOW)
    assert list(found) == ([field] if field else [])
    assert said in found.get(field, "")
