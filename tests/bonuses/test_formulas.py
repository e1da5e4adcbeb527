"""From fact to roubles, worked by hand; and sums of lines equal to totals whatever the sheet."""

from decimal import Decimal as D
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonuses.enums import IfMissing, ScaleKind
from bonuses.formulas import (
    BlockRule,
    KpiRule,
    Scale,
    Step,
    attainment,
    kopecks,
    next_step,
    points,
    pro_rata,
    problems,
    ratio,
    share_of_plan,
    spread,
    total_of,
)
from lamps.enums import Direction

LINEAR = Scale(floor=D(80), cap=D(120))
LOWER = Scale(better=Direction.LOWER, floor=D(50), cap=D(150))
LOST = Scale(
    ScaleKind.STEPS_OF_FACT, Direction.LOWER, steps=(Step(D(0), D(100)), Step(D(2), D(50)))
)
POOL = Scale(ScaleKind.STEPS_OF_FACT, steps=(Step(D(1), D(100)),))
NEEDS = Scale(
    ScaleKind.STEPS_OF_PLAN, steps=(Step(D(50), D(40)), Step(D(80), D(80)), Step(D(100), D(100)))
)


@pytest.mark.parametrize(
    ("scale", "fact", "plan", "expected"),
    [
        # proportional: the floor and the cap included
        (LINEAR, "100", "100", "100"),
        (LINEAR, "79.99", "100", "0"),
        (LINEAR, "80", "100", "80"),
        (LINEAR, "120", "100", "120"),
        (LINEAR, "120.01", "100", "120"),
        (LINEAR, "95", "96", "98.96"),  # 98.958333… half up
        (LINEAR, "79.995", "100", "80"),  # rounded first, then held against the floor
        (LINEAR, "-5", "100", "0"),
        # nothing planned
        (LINEAR, "0", "0", "100"),
        (LINEAR, "7", "0", "100"),
        (LOWER, "0", "0", "100"),
        (LOWER, "1", "0", "0"),
        # less is better: what is above the plan is lost, what is below it is gained
        (LOWER, "5", "5", "100"),
        (LOWER, "6", "5", "80"),
        (LOWER, "8", "5", "0"),  # 40 %, below the floor
        (LOWER, "7.5", "5", "50"),
        (LOWER, "0", "5", "150"),  # 200 %, above the cap
        (LOWER, "99", "5", "0"),
        # steps of the fact, less is better: the thresholds are upper bounds, included
        (LOST, "0", None, "100"),
        (LOST, "1", None, "50"),
        (LOST, "2", None, "50"),
        (LOST, "3", None, "0"),
        # the state of the pool: standard 3 holds or not
        (POOL, "1", None, "100"),
        (POOL, "0", None, "0"),
        # steps of what is done of the plan
        (NEEDS, "5", "10", "40"),
        (NEEDS, "4.99", "10", "0"),
        (NEEDS, "8", "10", "80"),
        (NEEDS, "7.99", "10", "40"),
        (NEEDS, "10", "10", "100"),
        (NEEDS, "25", "10", "100"),
    ],
)
def test_attainment(scale: Scale, fact: str, plan: str | None, expected: str) -> None:
    assert attainment(scale, D(fact), None if plan is None else D(plan)) == D(expected)


@pytest.mark.parametrize(("kept", "expected"), [(IfMissing.ZERO, 0), (IfMissing.FULL, 100)])
def test_without_a_fact_or_a_plan_the_rule_decides(kept: str, expected: int) -> None:
    scale = Scale(if_missing=IfMissing(kept))
    assert attainment(scale, None, D(10)) == expected
    assert attainment(scale, D(10), None) == expected


def test_a_sheet_worked_by_hand() -> None:
    """Base 20 000,00. Payments 95,23 % of 92 % → 103,51 % × 50 % × 65 % = 33,640750 points;
    one client lost → 50 % × 30 % × 65 % = 9,75; sales 19 000 of 24 000 → 79,17 % × 20 % × 65 %
    = 10,292100. Together 53,682850 points = 10 736,57 roubles."""
    paid = attainment(Scale(floor=D(70), cap=D(105)), D("95.23"), D(92))
    sold = attainment(Scale(floor=D(40), cap=D(130)), D(19000), D(24000))
    assert (paid, sold) == (D("103.51"), D("79.17"))
    found = [points(paid, D(50), D(65)), points(D(50), D(30), D(65)), points(sold, D(20), D(65))]
    assert found == [D("33.64075"), D("9.75"), D("10.2921")]
    assert total_of(D("20000.00"), found) == D("10736.57")
    assert spread(D("20000.00"), found) == [D("6728.15"), D("1950.00"), D("2058.42")]


def test_kopecks_round_halves_away_from_zero() -> None:
    assert kopecks(D("2.675")) == D("2.68")
    assert kopecks(D("0.125")) == D("0.13")
    assert kopecks(D("-2.675")) == D("-2.68")
    assert kopecks(Fraction(1, 3)) == D("0.33")
    assert kopecks(Fraction(2, 3)) == D("0.67")


def test_kopecks_that_are_left_go_to_the_largest_remainders() -> None:
    """Three lines of a third of a rouble: 33, 33 and 34 kopecks; the earlier line first."""
    third = [D("33.3333333333")] * 3
    assert spread(D("1.00"), third) == [D("0.34"), D("0.33"), D("0.33")]
    assert spread(D("1.00"), [D("33.2"), D("33.3"), D("33.5")]) == [
        D("0.33"), D("0.33"), D("0.34"),
    ]  # fmt: skip
    assert spread(D("0.00"), third) == [D("0.00")] * 3
    assert spread(D("10.00"), []) == []


def _adds_up(base: D, lines: list[D]) -> None:
    amounts = spread(base, lines)
    assert sum(amounts) == total_of(base, lines)
    for amount, line in zip(amounts, lines, strict=True):
        assert abs(amount - base * line / 100) < D("0.01") and amount >= 0


def test_ten_thousand_sheets_add_up_and_no_line_is_a_kopeck_off() -> None:
    chance = Random(65_15_20)
    for _ in range(10_000):
        base = D(chance.randrange(50_000_000)) / 100
        lines = [
            points(*(D(chance.randrange(top)) / 100 for top in (30_001, 10_001, 10_001)))
            for _ in range(chance.randint(1, 9))
        ]
        _adds_up(base, lines)


_percent = st.decimals(0, 300, places=2)
_line = st.builds(points, _percent, st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))


@settings(max_examples=200, deadline=None)
@given(st.decimals(0, 500_000, places=2), st.lists(_line, min_size=1, max_size=9))
def test_the_odd_ones_add_up_too(base: D, lines: list[D]) -> None:
    _adds_up(base, lines)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([LINEAR, LOWER, LOST, POOL, NEEDS]),
    st.decimals(0, 1000, places=2),
    st.decimals("0.01", 1000, places=2),
)
def test_the_next_step_is_worth_taking(scale: Scale, fact: D, plan: D) -> None:
    step = next_step(scale, fact, plan)
    now = attainment(scale, fact, plan)
    if step is None:
        assert now >= scale.best or scale.better == Direction.LOWER
    else:
        assert step.missing > 0
        assert attainment(scale, step.fact, plan) == step.attainment > now


def test_what_is_missing_is_told_to_the_hundredth() -> None:
    step = next_step(LINEAR, D(50), D("33.33"))
    assert step is None  # the cap is reached
    step = next_step(LINEAR, D(20), D("33.33"))
    assert (step.fact, step.missing, step.attainment) == (D("26.67"), D("6.67"), D("80.02"))
    assert next_step(LOST, D(3), None).fact == 2
    assert next_step(LINEAR, D(1), None) is None


def test_a_base_is_taken_for_the_days_worked() -> None:
    """Ten of 22 days at 20 000, then five at half a rate of 30 000: 9 090,909… + 3 409,0909…"""
    found = pro_rata([(D(20000), D(1), 10), (D(30000), D("0.5"), 5)], 22)
    assert kopecks(found) == D("12500.00")
    assert pro_rata([(D(20000), D(1), 0)], 0) == 0
    assert share_of_plan(D(10), 7, 22) == D("3.18")
    assert share_of_plan(D(10), 0, 0) == 0


def test_a_share_of_nothing_is_none() -> None:
    assert ratio(1, 0) is None
    assert ratio(2, 3) == D("66.67")


def test_a_scheme_that_does_not_add_up_says_why() -> None:
    kpi = KpiRule("% оплат", D(60), Scale(), D(95))
    assert problems([]) == ["В схеме нет ни одного блока."]
    found = problems([BlockRule("Производство", D(65), (kpi,)), BlockRule("ВСК", D(15), ())])
    assert found == [
        "Доли блоков в сумме дают 80 %, а не 100 %: 65 + 15.",
        "Производство: веса показателей дают 60 %, а не 100 %: 60.",
        "ВСК: в блоке нет показателей.",
    ]


@pytest.mark.parametrize(
    ("scale", "plan", "told"),
    [
        (Scale(floor=D(110), cap=D(100)), D(1), "не выше потолка"),
        (Scale(cap=D(0)), D(1), "больше нуля"),
        (Scale(ScaleKind.STEPS_OF_FACT), None, "нет ни одной ступени"),
        (Scale(), None, "нужен план"),
        (
            Scale(ScaleKind.STEPS_OF_FACT, steps=(Step(D(0), D(100)), Step(D(1), D(50)))),
            None,
            "противоречат направлению",
        ),
        (
            Scale(
                ScaleKind.STEPS_OF_FACT,
                Direction.LOWER,
                steps=(Step(D(0), D(50)), Step(D(1), D(100))),
            ),
            None,
            "противоречат направлению",
        ),
    ],
)
def test_a_scale_that_cannot_be_used_says_why(scale: Scale, plan: D | None, told: str) -> None:
    found = problems([BlockRule("Б", D(100), (KpiRule("П", D(100), scale, plan),))])
    assert len(found) == 1 and told in found[0]
