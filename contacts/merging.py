"""How two cards of one human being become one. Values only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

# The day after the last one; None is open.
Interval = tuple[date, date | None]


@dataclass(frozen=True)
class Stay:
    """A place in one scheme by its dates; `is_kept` where it is of the card that lives on."""

    key: int
    starts_on: date
    ends_on: date | None
    is_kept: bool


def united(intervals: Iterable[Interval]) -> list[Interval]:
    """The days of all the intervals as intervals that neither overlap nor touch, in order."""
    found: list[Interval] = []
    for start, end in sorted(intervals, key=lambda one: one[0]):
        if found and (found[-1][1] is None or start <= found[-1][1]):
            found[-1] = (found[-1][0], later_end(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def later_end(one: date | None, other: date | None) -> date | None:
    """The later of two ends; an open one is the latest."""
    return None if one is None or other is None else max(one, other)


def meetings(stays: Iterable[Stay]) -> list[list[Stay]]:
    """Stays in groups that share days, the one who lives on first in each.

    Somebody who left and came back stood there twice: stays that share no day are apart.
    """
    groups: list[list[Stay]] = []
    end: date | None = date.min
    for stay in sorted(stays, key=lambda one: (one.starts_on, one.key)):
        if groups and (end is None or stay.starts_on < end):
            groups[-1].append(stay)
            end = later_end(end, stay.ends_on)
        else:
            groups.append([stay])
            end = stay.ends_on
    return [sorted(group, key=_claim, reverse=True) for group in groups]


def _claim(stay: Stay) -> tuple[bool, bool, date, int]:
    """Who lives on: a place of the kept card, an open one, the latest, the newest."""
    return (stay.is_kept, stay.ends_on is None, stay.starts_on, stay.key)


def boss_after(above: Mapping[int, int | None], into: int, gone: int) -> int | None:
    """To whom the merged place reports: as it did, else as the other did.

    Nobody where that boss would, by whatever way, report to the merged place itself.
    """
    for boss in (above.get(into), above.get(gone)):
        way: set[int] = set()
        step = boss
        while step is not None and step not in way and step not in (into, gone):
            way.add(step)
            step = above.get(step)
        if boss is not None and step is None:
            return boss
    return None


def filled(
    kept: Mapping[str, Any], dropped: Mapping[str, Any], empty: Sequence[Any] = ("", None)
) -> dict[str, Any]:
    """What the kept values lack and the dropped ones have."""
    return {
        name: dropped[name]
        for name, value in kept.items()
        if value in empty and dropped.get(name) not in empty
    }


def joined(one: str, other: str, longest: int) -> str:
    """Both notes; where they would not fit, the first alone."""
    if not other or other in one:
        return one
    both = f"{one}\n{other}" if one else other
    return both if len(both) <= longest else one
