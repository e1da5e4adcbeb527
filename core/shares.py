"""Parts of a whole in per cent, and how a figure is rounded before a person or a file gets it."""

from decimal import ROUND_HALF_UP, Decimal


def percent_of(part: Decimal | int, whole: Decimal | int | None) -> Decimal | None:
    """Part ÷ whole in per cent, not rounded; of nothing, and of an unknown whole, there is none."""
    return Decimal(part) * 100 / Decimal(whole) if whole else None


def half_up(value: Decimal, places: int) -> Decimal:
    """The value with so many digits after the point; a half goes away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def rounded_percent(
    part: Decimal | int, whole: Decimal | int | None, places: int = 1
) -> Decimal | None:
    """Part ÷ whole in per cent as it is shown, half up; of nothing there is none."""
    exact = percent_of(part, whole)
    return None if exact is None else half_up(exact, places)
