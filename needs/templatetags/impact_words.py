"""Words of the page of impact."""

from typing import Any

from django import template

from core.russian import signed

register = template.Library()


@register.filter
def points_of(share: Any) -> str:
    """A share 0 … 1 in points with a sign: 0.123 → «+12,3»."""
    return signed(None if share is None else share * 100, 1)


@register.filter
def covers(interval: Any, point: Any) -> bool:
    """Whether an interval holds a point."""
    return interval.covers(point)
