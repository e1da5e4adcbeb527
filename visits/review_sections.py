"""What the program fills in for a review: sections that any app may add.

    # lamps/registrations.py
    review_sections.register(Source("lamps", 40, load_lamps))

A loader takes the pool and its period and answers with a section; the number of its queries must
not depend on the pool. What it says is kept as it was said when the review is held, so values
are words, numbers and addresses, never rows.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

SHOWN = 30


@dataclass(frozen=True)
class Pool:
    """Whose clients a review is about, and over which days: [since, until).

    One specialist's, or those of a whole unit. `on` is the day of which the pool is looked at.
    """

    unit_id: int
    unit_path: str
    specialist_id: int | None
    since: date
    until: date
    on: date

    def condition(self, prefix: str = "") -> Q:
        """The condition on rows; `prefix` leads to `specialist` and `unit`."""
        if self.specialist_id is not None:
            return Q(**{f"{prefix}specialist": self.specialist_id})
        return Q(**{f"{prefix}unit__path__startswith": self.unit_path})

    @property
    def query(self) -> str:
        """The same pool as a query of lists that filter by specialist or unit."""
        if self.specialist_id is not None:
            return f"specialist={self.specialist_id}"
        return f"unit={self.unit_id}"


@dataclass(frozen=True)
class Fact:
    """A number with its name; `is_bad` where it needs a word."""

    label: str
    value: str
    note: str = ""
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a section; `lamps` are colours from the former to the present one."""

    text: str
    url: str = ""
    note: str = ""
    lamps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """What one app says of a pool. `count` is of all rows, of which the first are given."""

    label: str
    facts: tuple[Fact, ...] = ()
    rows: tuple[Row, ...] = ()
    rows_label: str = ""
    count: int = 0
    more_url: str = ""
    empty: str = ""


@dataclass(frozen=True)
class Source:
    """Who says a section, and where among the others it stands."""

    code: str
    order: int
    load: Callable[[Pool], Section | None] = field(compare=False)


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a section, once per code."""
    _sources[source.code] = source


def sections_of(pool: Pool) -> list[dict[str, Any]]:
    """Every section of a pool as it is shown and kept; one without a word is left out."""
    found = []
    for source in sorted(_sources.values(), key=lambda source: source.order):
        section = source.load(pool)
        if section is not None:
            found.append({"code": source.code} | asdict(section))
    return found
