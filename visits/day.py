"""My day: what waits for a user, gathered from sources that apps register, in one order.

    # lamps/apps.py, in AppConfig.ready()
    register(Source("red", Priority.RED_LAMPS, "Красные лампочки", {POOL, UNIT}, load))

`load(asker, limit)` gives at most `limit` rows, how many there are, and the address of the list
that holds exactly these, in a number of queries that does not grow with rows. It never reads all
clients: `asker.user`'s scope is a pool or a unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.preferences import Values

# Whose work is looked at: a specialist's pool, what is one's own, what a head's unit owes.
POOL, MINE, UNIT = "pool", "mine", "unit"


@dataclass(frozen=True)
class Asker:
    """Who asks, for which day, and whose work. `once` shares a read between sources."""

    user: Any
    on: date
    whose: str
    settings: Values
    employees: frozenset[int] = frozenset()
    _kept: dict[str, Any] = field(default_factory=dict, compare=False)

    def once(self, name: str, read: Callable[[], Any]) -> Any:
        """What `read` gives, asked for once however many sources need it."""
        if name not in self._kept:
            self._kept[name] = read()
        return self._kept[name]


@dataclass(frozen=True)
class Action:
    """A button of a row: one click to its page."""

    label: str
    url: str


@dataclass(frozen=True)
class Row:
    """Something that waits: what, why, since when, who answers, what to do about it.

    `sign` is the code of a lamp's colour where the row has one; `warning` says what is overdue,
    `remark` what is missing.
    """

    title: str
    url: str
    why: str
    note: str = ""
    warning: str = ""
    remark: str = ""
    since: date | None = None
    sign: str = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Found:
    """The first rows of a source, how many there are, where they all stand."""

    rows: list[Row]
    total: int
    url: str


@dataclass(frozen=True)
class Source:
    """A group of my day; `views` say in whose day it stands."""

    code: str
    priority: int
    label: str
    views: frozenset[str]
    load: Callable[[Asker, int], Found]


@dataclass(frozen=True)
class Group:
    """A source with what it found."""

    source: Source
    found: Found

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return self.found.total - len(self.found.rows)


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a source, once per code."""
    _sources[source.code] = source


def sources(whose: str) -> list[Source]:
    """The sources of a view, by priority."""
    found = [source for source in _sources.values() if whose in source.views]
    return sorted(found, key=lambda source: (source.priority, source.code))


def load_all(asker: Asker, limit: int) -> list[Group]:
    """What waits, group by group in the order of priority; empty groups are left out."""
    groups = [Group(source, source.load(asker, limit)) for source in sources(asker.whose)]
    return [group for group in groups if group.found.total]
