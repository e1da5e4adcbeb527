"""A sheet of the talk with every KPI, worked with a pencil from its rows to the kopeck."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from bonuses.enums import KpiSource, ScaleKind
from bonuses.formulas import Scale, Step, attainment, points, spread, total_of
from bonuses.measures import Bill, Event, Fact, materials_fact, payments_fact, share_fact, sum_fact
from lamps.enums import Direction

DAY = date(2026, 8, 12)
LOST = Scale(
    ScaleKind.STEPS_OF_FACT, Direction.LOWER, steps=(Step(D(0), D(100)), Step(D(1), D(50)))
)
HOLDS = Scale(ScaleKind.STEPS_OF_FACT, steps=(Step(D(1), D(100)),))


def events(*rows: tuple[Any, Any]) -> list[Event]:
    """(part, whole) of each row."""
    return [Event(n, 1, 1, DAY, D(part), D(whole)) for n, (part, whole) in enumerate(rows)]


def bills(*rows: tuple[int, int]) -> Fact:
    """(billed, paid) of each client."""
    found = {n: [Bill(n, D(billed), D(paid))] for n, (billed, paid) in enumerate(rows)}
    return payments_fact(list(found), found)


# source, fact, plan, scale, weight and share, then what is expected of each: fact, attainment
# and points. Boundaries stand on both sides: 80 % is the floor of payments and counts.
TALK: list[tuple[Any, ...]] = [
    # 1 000 of 1 000, 280 of 1 000, and 1 500 of 1 000 that pays no other: 2 280 ÷ 3 000
    (KpiSource.PAYMENTS, bills((1000, 1000), (1000, 280), (1000, 1500)), D(95),
     Scale(floor=D(80), cap=D(105)), (50, 65), "76.00", "80.00", "26"),
    # one client lost: up to one → 50 %
    (KpiSource.DISCONNECTED, sum_fact(events((1, 1))), None, LOST, (30, 65), "1", "50", "9.75"),
    # 35 000 sold, 5 000 returned, of 50 000
    (KpiSource.UPSELL, sum_fact(events((35_000, 1), (-5_000, 1))), D(50_000),
     Scale(floor=D(50), cap=D(150)), (20, 65), "30000", "60.00", "7.8"),
    # internal standard 3 holds
    (KpiSource.POOL, Fact(D(1)), None, HOLDS, (40, 15), "1", "100", "6"),
    # 7 of 9 contacts prepared
    (KpiSource.PREPARED, share_fact(events(*[(1, 1)] * 7, (0, 1), (0, 1))), D(100),
     Scale(floor=D(50)), (30, 15), "77.78", "77.78", "3.5001"),
    # folders for 5 of 12 clients, of 60 %: 41,67 ÷ 60
    (KpiSource.MATERIALS, materials_fact(range(12), set(range(5))), D(60), Scale(), (30, 15),
     "41.67", "69.45", "3.12525"),
    # 9 and 7 of 10 each, of 90 %: 80 ÷ 90
    (KpiSource.SATISFACTION, share_fact(events((9, 10), (7, 10))), D(90), Scale(), (50, 20),
     "80.00", "88.89", "8.889"),
    # seven needs of ten
    (KpiSource.NEEDS, sum_fact(events(*[(1, 1)] * 7)), D(10), Scale(), (50, 20), "7", "70.00", "7"),
]  # fmt: skip


@pytest.mark.parametrize("kpi", TALK, ids=lambda kpi: str(kpi[0]))
def test_a_kpi_from_its_rows_to_points(kpi: tuple[Any, ...]) -> None:
    _, fact, plan, scale, (weight, share), value, attained, earned = kpi
    assert fact.value == D(value)
    assert attainment(scale, fact.value, plan) == D(attained)
    assert points(D(attained), D(weight), D(share)) == D(earned)


def test_the_sheet_comes_to_its_kopecks() -> None:
    """Base 21 345,67. Points 26 + 9,75 + 7,8 + 6 + 3,5001 + 3,12525 + 8,889 + 7 = 72,06435, which
    are 15 382,618… → 15 382,62. Cut to kopecks the lines lack four of them: they go to the
    remainders 0,98 (preparation), 0,69 (needs), 0,66 (satisfaction) and 0,56 (folders)."""
    found = [D(kpi[-1]) for kpi in TALK]
    assert sum(found) == D("72.06435")
    assert total_of(D("21345.67"), found) == D("15382.62")
    amounts = spread(D("21345.67"), found)
    assert amounts == [
        D("5549.87"), D("2081.20"), D("1664.96"), D("1280.74"), D("747.12"), D("667.11"),
        D("1897.42"), D("1494.20"),
    ]  # fmt: skip
    assert sum(amounts) == D("15382.62")


def test_a_kopeck_less_of_payments_is_below_the_floor() -> None:
    """2 279,99 of 3 000 are 76,00 %, which counts; 2 279,80 are 75,99 %: 79,99 % of the plan."""
    scale = Scale(floor=D(80), cap=D(105))
    for paid, expected in (("279.99", "80.00"), ("279.80", "0")):
        fact = payments_fact([1, 2, 3], {
            1: [Bill(1, D(1000), D(1000))], 2: [Bill(2, D(1000), D(paid))],
            3: [Bill(3, D(1000), D(1000))],
        })  # fmt: skip
        assert attainment(scale, fact.value, D(95)) == D(expected)


def test_the_quality_of_k2_of_a_head() -> None:
    """Three К2У of four scored criteria each, five met in all: 5 ÷ 12 = 41,67 %, of 60 → 69,45."""
    fact = share_fact(events((2, 4), (3, 4), (0, 4)))
    assert (fact.value, fact.part, fact.whole) == (D("41.67"), 5, 12)
    attained = attainment(Scale(), fact.value, D(60))
    assert (attained, points(attained, D(30), D(15))) == (D("69.45"), D("3.12525"))


def test_a_kpi_by_hand_is_its_figure() -> None:
    """91,5 of 90 with a cap of 100 attain 100; with a cap of 120 they attain 101,67."""
    assert attainment(Scale(), D("91.50"), D(90)) == 100
    assert attainment(Scale(cap=D(120)), D("91.50"), D(90)) == D("101.67")


def test_every_kpi_of_the_program_has_its_example() -> None:
    elsewhere = {KpiSource.K2_QUALITY, KpiSource.MANUAL}
    assert {str(row[0]) for row in TALK} | elsewhere == set(KpiSource.values)
