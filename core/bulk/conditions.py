"""The conditions of check constraints, judged for a row in memory.

The database judges them in any case. Here they are read from the very same declaration, so that
of five thousand rows the wrong ones are found without five thousand questions. Pure.
"""

import re
from datetime import date
from typing import Any

from django.db.models import F, Q


class Unknown(Exception):
    """A condition that only the database can judge."""


def holds(condition: Q, row: Any) -> bool | None:
    """Whether a condition holds for a row's values; None as SQL's unknown. Raises Unknown."""
    found: list[bool | None] = []
    for child in condition.children:
        if isinstance(child, Q):
            found.append(holds(child, row))
        elif isinstance(child, tuple):
            found.append(_compare(child[0], child[1], row))
        else:
            raise Unknown(str(child))
    result: bool | None
    if condition.connector == Q.OR:
        result = True if True in found else (None if None in found else False)
    elif condition.connector == Q.AND:
        result = False if False in found else (None if None in found else True)
    else:
        raise Unknown(condition.connector)
    return (not result if result is not None else None) if condition.negated else result


def _compare(path: str, wanted: Any, row: Any) -> bool | None:
    name, *lookups = path.split("__")
    value = _value(name, row)
    if isinstance(wanted, F):
        wanted = _value(str(wanted.name), row)  # type: ignore[attr-defined]
        if wanted is None:  # a column without a value equals nothing, not even another such
            return None
    if len(lookups) == 2 and isinstance(value, date) and lookups[0] in ("day", "month", "year"):
        value, lookups = getattr(value, lookups[0]), lookups[1:]
    lookup = lookups[0] if lookups else "exact"
    if len(lookups) > 1:
        raise Unknown(path)
    if lookup == "isnull":
        return (value is None) == wanted
    if lookup == "exact" and wanted is None:
        return value is None
    if value is None or wanted is None:
        return None
    match lookup:
        case "exact":
            return value == wanted
        case "gt":
            return value > wanted
        case "gte":
            return value >= wanted
        case "lt":
            return value < wanted
        case "lte":
            return value <= wanted
        case "in":
            return value in wanted
        case "day" | "month" | "year":
            return getattr(value, lookup) == wanted
        case "regex":
            return re.search(wanted, value) is not None
    raise Unknown(path)


def _value(name: str, row: Any) -> Any:
    field = row._meta.get_field("id" if name == "pk" else name)
    return getattr(row, field.attname)
