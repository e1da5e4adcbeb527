"""Chance that is the same on every machine: one small integer hash in Python and in SQL.

The database's own hash functions may change between versions and `random` between Pythons;
these are shifts and multiplications that cannot.
"""

_MASK = 0xFFFFFFFF
_FACTORS = (2654435761, 2246822519, 3266489917, 668265263)
_MIX = 73244475


def mix(*parts: int) -> int:
    """A number of 32 bits that depends on all of `parts`, each from 0 to 2^20."""
    x = sum(part * factor for part, factor in zip(parts, _FACTORS, strict=False)) & _MASK
    x = ((x ^ (x >> 16)) * _MIX) & _MASK
    return x ^ (x >> 16)


def sql_mix(*parts: str | int) -> str:
    """The SQL expression of the same number; `parts` are integer columns or literals."""
    total = " + ".join(
        f"{part}::bigint * {factor}" for part, factor in zip(parts, _FACTORS, strict=False)
    )
    x = f"(({total}) & {_MASK})"
    x = f"((({x} # ({x} >> 16)) * {_MIX}) & {_MASK})"
    return f"({x} # ({x} >> 16))"


def sql_pick(count: int | str, *parts: str | int) -> str:
    """The SQL expression of a number from 0 to `count` - 1."""
    return f"({sql_mix(*parts)} % {count})::int"


def sql_texts(values: list[str]) -> str:
    """A text array literal of SQL."""
    return "ARRAY[" + ", ".join(quote(value) for value in values) + "]::text[]"


def sql_choice(values: list[str], *parts: str | int) -> str:
    """The SQL expression of one of `values`."""
    return f"({sql_texts(values)})[1 + {sql_pick(len(values), *parts)}]"


def quote(value: str) -> str:
    """A text literal of SQL. Only this package's own words come here, never typed text."""
    return "'" + value.replace("'", "''") + "'"
