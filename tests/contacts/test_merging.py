"""Rules by which two cards become one: no day of a role is lost or invented, no ring of bosses."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.merging import Stay, boss_after, filled, joined, meetings, united

FIRST = date(2026, 1, 1)
DAYS = range(60)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@st.composite
def intervals(draws: st.DrawFn) -> tuple[date, date | None]:
    start = draws(st.integers(0, 40))
    length = draws(st.none() | st.integers(1, 15))
    return day(start), None if length is None else day(start + length)


def holds(found: list[tuple[date, date | None]], on: date) -> int:
    return sum(start <= on and (end is None or on < end) for start, end in found)


@given(st.lists(intervals(), max_size=8))
def test_united_days_are_those_of_any_and_none_twice(given_intervals: list) -> None:
    found = united(given_intervals)
    for number in DAYS:
        assert holds(found, day(number)) == min(1, holds(given_intervals, day(number)))
    assert len([end for _, end in found if end is None]) <= 1
    for (_, end), (start, _) in pairwise(found):
        assert end is not None
        assert end < start


def test_touching_intervals_are_one() -> None:
    assert united([(day(5), None), (day(0), day(5))]) == [(day(0), None)]


def test_stays_that_share_no_day_are_apart() -> None:
    left = Stay(1, day(0), day(10), True)
    back = Stay(2, day(10), None, False)
    assert meetings([back, left]) == [[left], [back]]


def test_the_kept_place_lives_on_and_of_its_own_the_open_one() -> None:
    old = Stay(1, day(0), day(10), True)
    other = Stay(2, day(5), None, False)
    new = Stay(3, day(20), None, True)
    assert meetings([old, other, new]) == [[new, old, other]]
    assert meetings([old, other]) == [[old, other]]


@pytest.mark.parametrize(
    ("above", "boss"),
    [
        ({1: 3, 2: 4, 3: None, 4: None}, 3),  # its own
        ({1: None, 2: 4, 4: None}, 4),  # the other's
        ({1: 2, 2: 4, 4: None}, 4),  # it reported to the other
        ({1: None, 2: 1}, None),  # the other reported to it
        ({1: 3, 3: 2, 2: 4, 4: None}, 4),  # its boss reported to the other
        ({1: 4, 2: 3, 3: 1, 4: None}, 4),  # the other's boss reports to it
        ({1: 3, 3: 2, 2: None}, None),
        ({1: 3, 3: 4, 4: 3, 2: None}, None),  # a ring that was there before
        ({}, None),
    ],
)
def test_a_merged_place_never_reports_to_itself(above: dict, boss: int | None) -> None:
    assert boss_after(above, 1, 2) == boss


@given(st.dictionaries(st.integers(1, 8), st.none() | st.integers(1, 8)))
def test_merging_closes_no_ring(above: dict[int, int | None]) -> None:
    for key in above:  # only sound schemes: nobody reports to themselves by any way
        step, way = above[key], {key}
        while step is not None and step in above:
            if step in way:
                return
            way.add(step)
            step = above[step]
    after = {k: (1 if b == 2 else b) for k, b in above.items() if k != 2}
    after[1] = boss_after(above, 1, 2)
    step, way = after[1], {1}
    while step is not None:
        assert step not in way
        way.add(step)
        step = after.get(step)


def test_only_what_is_empty_is_filled() -> None:
    kept = {"phone": "", "email": "a@example.org", "department": None, "title": ""}
    dropped = {"phone": "1", "email": "b@example.org", "department": 3, "title": ""}
    assert filled(kept, dropped) == {"phone": "1", "department": 3}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("а", "б", "а\nб"),
        ("", "б", "б"),
        ("а", "", "а"),
        ("а б", "б", "а б"),
        ("ааааа", "ббббб", "ааааа"),
    ],
)
def test_notes_are_joined_where_they_fit(one: str, other: str, both: str) -> None:
    assert joined(one, other, 10) == both
