"""Lamp rules as data, the lamps they gave, and the counts kept by pool and day."""

from lamps.models.history import Counted, Lamp, LampPeriod, LampRefresh, Night, PoolDay
from lamps.models.scheme import Indicator, LampScheme, SchemeIndicator, Tier

__all__ = [
    "Counted",
    "Indicator",
    "Lamp",
    "LampPeriod",
    "LampRefresh",
    "LampScheme",
    "Night",
    "PoolDay",
    "SchemeIndicator",
    "Tier",
]
