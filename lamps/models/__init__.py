"""Lamp rules as data, the lamps they gave, and the counts kept by pool and day."""

from lamps.models.history import Lamp, LampPeriod, LampRefresh, PoolDay
from lamps.models.scheme import Indicator, LampScheme, SchemeIndicator, Tier

__all__ = [
    "Indicator",
    "Lamp",
    "LampPeriod",
    "LampRefresh",
    "LampScheme",
    "PoolDay",
    "SchemeIndicator",
    "Tier",
]
