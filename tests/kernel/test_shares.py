"""Parts of a whole, and the one way to round them."""

from decimal import Decimal

import pytest

from core.shares import half_up, percent_of, rounded_percent


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [("2.25", 1, "2.3"), ("2.35", 1, "2.4"), ("-2.25", 1, "-2.3"), ("0.5", 0, "1"), ("7", 2, "7")],
)
def test_a_half_goes_away_from_zero(value: str, places: int, shown: str) -> None:
    assert half_up(Decimal(value), places) == Decimal(shown)


def test_a_share_is_exact_until_it_is_shown() -> None:
    assert percent_of(1, 8) == Decimal("12.5")
    assert (rounded_percent(1, 8, 0), rounded_percent(9, 400)) == (Decimal(13), Decimal("2.3"))


@pytest.mark.parametrize("whole", [0, Decimal(0), None])
def test_of_nothing_there_is_no_share(whole: Decimal | int | None) -> None:
    assert (percent_of(5, whole), rounded_percent(5, whole)) == (None, None)
