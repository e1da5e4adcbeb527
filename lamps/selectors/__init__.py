"""Reads of lamps: the rules in force, one client's lamp and history, pools and boards."""

from lamps.selectors.clients import (
    Crossing,
    Expiry,
    PointsChange,
    as_of,
    crossings,
    expiring_soon,
    explain,
    facts_of,
    history,
)
from lamps.selectors.pools import (
    Board,
    BoardRow,
    TrendPoint,
    board,
    pool_as_of,
    trend,
)
from lamps.selectors.schemes import (
    computed_on,
    fresh_through,
    indicator_labels,
    newest_night,
    norm_on,
    scheme_values,
    schemes_on,
)

__all__ = [
    "Board",
    "BoardRow",
    "Crossing",
    "Expiry",
    "PointsChange",
    "TrendPoint",
    "as_of",
    "board",
    "computed_on",
    "crossings",
    "expiring_soon",
    "explain",
    "facts_of",
    "fresh_through",
    "history",
    "indicator_labels",
    "newest_night",
    "norm_on",
    "pool_as_of",
    "scheme_values",
    "schemes_on",
    "trend",
]
