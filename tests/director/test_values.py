"""Goals and years as values: the verdict, the change, the same day a year before."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from reports.director.goals import Goal, Mark, Unit, cut
from reports.director.years import Year, year_before


def goal(**given: Any) -> Goal:
    return Goal("code", "Цель", **({"unit": Unit.PERCENT} | given))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, (Mark.UNKNOWN, "нет данных")),
        ({"fact": D(5)}, (Mark.UNKNOWN, "цель не задана")),
        ({"fact": D(90), "target": D(90)}, (Mark.GOOD, "цель достигнута")),
        ({"fact": D("89.99"), "target": D(90)}, (Mark.BAD, "ниже цели")),
        ({"fact": D(10), "target": D(10), "at_most": True}, (Mark.GOOD, "в пределах цели")),
        ({"fact": D(11), "target": D(10), "at_most": True}, (Mark.BAD, "больше цели")),
        # Half of the year has gone.
        ({"fact": D(5), "target": D(10), "grows": True, "gone": D("0.5")},
         (Mark.GOOD, "идёт по графику")),
        ({"fact": D(4), "target": D(10), "grows": True, "gone": D("0.5")},
         (Mark.LATE, "отстаёт от графика")),
        ({"fact": D(6), "target": D(10), "grows": True, "gone": D("0.5"), "at_most": True},
         (Mark.LATE, "выше графика")),
        ({"fact": D(4), "target": D(10), "grows": True, "gone": D(1)}, (Mark.BAD, "ниже цели")),
        # A rule of its own decides, whatever the figure says.
        ({"fact": D(90), "target": D(80), "holds": False}, (Mark.BAD, "вне нормы")),
        ({"fact": D(79), "target": D(80), "holds": True}, (Mark.GOOD, "цель достигнута")),
        ({"fact": D(0), "target": D(0), "at_most": True}, (Mark.GOOD, "в пределах цели")),
    ],
)  # fmt: skip
def test_the_verdict(given: dict[str, Any], verdict: tuple[Mark, str]) -> None:
    assert goal(**given).verdict == verdict


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fact": D("90.26"), "last": D("88.1")}, "лучше на 2,2\u00a0п.\u00a0п."),
        ({"fact": D(80), "last": D(88)}, "хуже на 8,0\u00a0п.\u00a0п."),
        ({"fact": D(3), "last": D(5), "at_most": True, "unit": Unit.COUNT}, "лучше на 2"),
        ({"fact": D(7), "last": D(5), "at_most": True, "unit": Unit.ROUBLES},
         "хуже на 2\u00a0₽"),
        ({"fact": D("90.01"), "last": D("90.02")}, "без изменений"),
        ({"fact": D(1)}, ""),
    ],
)  # fmt: skip
def test_the_change_says_better_or_worse(given: dict[str, Any], words: str) -> None:
    assert goal(**given).change_words == words


def test_fewer_by_so_many_per_cent() -> None:
    assert cut(12, 14) == 100 - D(1200) / 14
    assert cut(14, 7) == D(-100)
    assert cut(3, 0) is None


def test_a_running_year_is_set_beside_the_same_days_a_year_before() -> None:
    year = Year(2026, date(2026, 11, 26))
    assert (year.before.since, year.before.until) == (date(2025, 1, 1), date(2025, 11, 26))
    assert year.is_running
    assert year.gone == D(330) / 365
    assert year.closed_month.since == date(2026, 10, 1)
    assert year.months[-1] == date(2026, 11, 1)


def test_a_year_that_is_over_is_whole() -> None:
    year = Year(2025, date(2026, 11, 26))
    assert (year.until, year.gone, year.is_running) == (date(2025, 12, 31), D(1), False)
    assert year.before.until == date(2024, 12, 31)
    assert year.closed_month.since == date(2025, 12, 1)


def test_a_leap_day_has_a_day_before_it() -> None:
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert Year(2026, date(2026, 1, 15)).closed_month.since == date(2025, 12, 1)
