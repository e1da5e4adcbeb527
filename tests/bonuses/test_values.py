"""Stints, months and measures as values."""

from datetime import date, timedelta
from decimal import Decimal as D

from bonuses.formulas import kopecks
from bonuses.measures import (
    Bill,
    Event,
    Events,
    Pools,
    Served,
    Who,
    materials_fact,
    payments_fact,
    share_fact,
    sum_fact,
)
from bonuses.months import period_label, quarter_paid
from bonuses.payroll import worksheet_names
from bonuses.stints import Days, Held, Pay, stints

MONTH, NEXT = date(2026, 9, 1), date(2026, 10, 1)
WEEKDAYS = Days([d for n in range(30) if (d := MONTH + timedelta(days=n)).weekday() < 5])
FULL = {1: [Pay(date(2025, 1, 1), D(22000), D(1))]}


def _stints(held: list[Held], away=None, pays=None):
    return stints(held, away or {}, pays or FULL, WEEKDAYS, MONTH, NEXT)


def _held(since: date = date(2020, 1, 1), until: date = date(2030, 1, 1), unit: int = 1) -> Held:
    return Held(1, unit, "specialist", since, until)


def test_a_whole_month_earns_the_whole_base() -> None:
    (one,) = _stints([_held()])
    assert (one.worked, one.working_days, one.base) == (22, 22, 22000)


def test_a_newcomer_and_a_leaver_earn_their_days() -> None:
    (came,) = _stints([_held(since=date(2026, 9, 15))])
    assert (came.worked, came.base, came.since) == (12, 12000, date(2026, 9, 15))
    (left,) = _stints([_held(until=date(2026, 9, 15))])
    assert (left.worked, left.base, left.until) == (10, 10000, date(2026, 9, 14))


def test_a_transfer_makes_two_stints_that_add_up() -> None:
    first, second = _stints([_held(until=date(2026, 9, 9)), _held(since=date(2026, 9, 9), unit=2)])
    assert [(s.unit, s.worked) for s in (first, second)] == [(1, 6), (2, 16)]
    assert first.base + second.base == 22000


def test_leave_is_taken_off_once_however_often_it_is_written_down() -> None:
    leave = [(date(2026, 9, 7), date(2026, 9, 14)), (date(2026, 9, 10), date(2026, 9, 16))]
    (one,) = _stints([_held()], {1: leave})
    assert (one.worked, one.base) == (15, 15000)
    (gone,) = _stints([_held()], {1: [(MONTH, NEXT)]})
    assert (gone.worked, gone.base) == (0, 0)


def test_part_time_and_a_new_base_count_from_their_day() -> None:
    pays = {1: [Pay(date(2025, 1, 1), D(22000), D("0.5")), Pay(date(2026, 9, 21), D(33000), D(1))]}
    (one,) = _stints([_held()], pays=pays)
    assert kopecks(one.base) == D("19000.00")  # 14 days of 500 and 8 of 1 500
    (none,) = _stints([_held()], pays={2: []})
    assert none.base == 0


def test_a_quarter_is_paid_by_its_last_month_and_the_two_after() -> None:
    third = (date(2026, 7, 1), date(2026, 9, 30))
    assert [quarter_paid(date(2026, m, 1)) for m in (9, 10, 11)] == [third] * 3
    assert quarter_paid(date(2026, 12, 1))[1] == date(2026, 12, 31)
    assert quarter_paid(date(2027, 1, 1))[0] == date(2026, 10, 1)
    assert period_label(*third) == "III квартал 2026"
    assert period_label(MONTH, date(2026, 9, 30)) == "сентябрь 2026"
    assert period_label(MONTH, date(2026, 9, 16)) == "01.09.2026 – 16.09.2026"


def _event(pk: int, part: int = 1, whole: int = 1, **given) -> Event:
    values = {"employee": 1, "unit": 7, "on": MONTH, "part": D(part), "whole": D(whole)}
    return Event(pk, **(values | given))


def test_events_belong_to_their_person_and_to_the_unit_of_their_day() -> None:
    events = Events.of(
        [
            _event(1),
            _event(2, employee=2),
            _event(3, unit=8),
            _event(4, on=NEXT),
            _event(5, unit=None),
        ]
    )
    person = Who("p", 1, MONTH, NEXT - timedelta(days=1))
    head = Who("h", 9, MONTH, NEXT - timedelta(days=1), "head", frozenset({7}))
    assert [e.pk for e in events.whose(person)] == [1, 3, 5]
    assert [e.pk for e in events.whose(head)] == [1, 2]


def test_a_share_of_no_events_is_missing_and_a_sum_of_none_is_zero() -> None:
    assert share_fact([]).value is None
    assert sum_fact([]).value == 0
    found = share_fact([_event(1), _event(2, 0, is_counted=False), _event(3)])
    assert (found.value, found.rows, found.counted) == (D("66.67"), (1, 2, 3), (1, 3))


def test_a_pool_is_that_of_the_last_day() -> None:
    long_ago = date(2020, 1, 1)
    pools = Pools.of(
        [
            Served(1, 1, 7, long_ago, None),
            Served(2, 1, 7, long_ago, date(2026, 9, 10)),
            Served(3, 1, 7, date(2026, 9, 20), None),
            Served(4, 2, 7, long_ago, None),
        ]
    )
    assert pools.clients(Who("p", 1, MONTH, date(2026, 9, 30))) == [1, 3]
    assert pools.clients(Who("p", 1, MONTH, date(2026, 9, 9))) == [1, 2]
    head = Who("h", 9, MONTH, date(2026, 9, 30), "head", frozenset({7}))
    assert pools.clients(head) == [1, 3, 4]


def test_what_is_paid_above_a_bill_pays_no_other() -> None:
    bills = {1: [Bill(1, D(100), D(150))], 2: [Bill(2, D(100), D(50))]}
    found = payments_fact([1, 2, 3], bills)
    assert (found.value, found.rows, found.counted) == (D("75.00"), (1, 2), (1,))
    assert payments_fact([3], bills).value is None


def test_folders_are_counted_in_clients_of_the_pool() -> None:
    found = materials_fact([1, 2, 3], {2, 9})
    assert (found.value, found.counted) == (D("33.33"), (2,))
    assert materials_fact([], {1}).value is None


def test_names_of_worksheets_are_what_excel_takes_each_once() -> None:
    names = list(worksheet_names(["НОИО 1", "НОИО 1", "a/b:[c]*?", "Свод", "", "x" * 40, "x" * 40]))
    assert names[:3] == ["НОИО 1", "НОИО 1 (2)", "abc"]
    assert len({n.casefold() for n in names}) == 7 and all(len(n) <= 31 for n in names)


def test_who_went_elsewhere_and_came_back_answers_for_their_own_days_alone() -> None:
    away, back = date(2026, 9, 9), date(2026, 9, 21)
    here, there = _stints([_held(until=away), _held(away, back, unit=2), _held(since=back)])
    assert (here.unit, here.worked, there.worked) == (1, 14, 8)
    assert here.spans == ((MONTH, away), (back, NEXT))
    days = (date(2026, 9, 8), date(2026, 9, 9), date(2026, 9, 18), date(2026, 9, 21))
    events = Events.of(Event(n, 1, None, on, D(1), D(1)) for n, on in enumerate(days))
    found = [
        [e.on for e in events.whose(Who(s.key, 1, s.since, s.until, spans=s.spans))]
        for s in (here, there)
    ]
    assert found == [[days[0], days[3]], [days[1], days[2]]]
