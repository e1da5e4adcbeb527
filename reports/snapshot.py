"""All the figures of a report as values, apart from how they are shown.

A snapshot is drawn from the tables once; from then on the report is printed from it alone.
Money and hours are Decimal, kept in JSON as text; days are ISO. Values only: no table, no clock.
"""

import hashlib
import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

TOLD = 30


@dataclass(frozen=True)
class ServiceUse:
    """Use of one service: by month of the period, in its own unit (documents, questions)."""

    label: str
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.months)

    @property
    def months_used(self) -> int:
        """In how many months there was any."""
        return sum(1 for quantity in self.months if quantity)


@dataclass(frozen=True)
class Group:
    """People of one department of the client: known users, contacts held with them."""

    department: str
    people: int
    contacts: int


@dataclass(frozen=True)
class Lesson:
    topic: str
    held_on: date
    people: int


@dataclass(frozen=True)
class Usage:
    """Section 1. The КИС counts use by organisation; by group, people and contacts are known."""

    kplus: ServiceUse
    before: int | None  # the same number of months just before; None where nothing is known
    groups: tuple[Group, ...] = ()
    lessons: tuple[Lesson, ...] = ()

    @property
    def change(self) -> Decimal | None:
        """Percent to the time before; None without a base."""
        if not self.before:
            return None
        return (Decimal(self.kplus.total) / self.before - 1) * 100


@dataclass(frozen=True)
class Case:
    """A need in the client's words, and what its solution brought. The number is not printed."""

    need_id: int
    title: str
    wanted: str
    solution: str
    tools: tuple[str, ...]
    asset: str
    effect: str
    hours: Decimal | None
    roubles: Decimal | None
    who: str
    department: str
    confirmed_on: date | None
    confirmed_by: str

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_on is not None


@dataclass(frozen=True)
class Needs:
    """Section 2. Sums are of confirmed effects alone. The first are told at length, the rest
    stand in a table: five hundred stories nobody reads."""

    cases: tuple[Case, ...] = ()

    @property
    def confirmed(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.is_confirmed)

    @property
    def others(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if not case.is_confirmed)

    @property
    def told(self) -> tuple[Case, ...]:
        return self.confirmed[:TOLD]

    @property
    def others_told(self) -> tuple[Case, ...]:
        return self.others[:TOLD]

    @property
    def others_listed(self) -> tuple[Case, ...]:
        return self.others[TOLD:]

    @property
    def hours(self) -> Decimal:
        return sum((case.hours or Decimal() for case in self.confirmed), Decimal())

    @property
    def roubles(self) -> Decimal:
        return sum((case.roubles or Decimal() for case in self.confirmed), Decimal())


@dataclass(frozen=True)
class Span:
    """Months on end billed alike: the first, the last, how many, roubles of each."""

    first: date
    last: date
    months: int
    amount: Decimal

    @property
    def total(self) -> Decimal:
        return self.amount * self.months


@dataclass(frozen=True)
class Billed:
    """Section 4: what was billed within the period."""

    spans: tuple[Span, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((span.total for span in self.spans), Decimal())


def spans_of(billed: Iterable[tuple[date, Decimal]]) -> tuple[Span, ...]:
    """Amounts by month, in order of months, as spans of equal ones; a gap ends a span."""
    found: list[Span] = []
    for month, amount in billed:
        last = found[-1] if found else None
        follows = (
            last is not None
            and (month.year * 12 + month.month) - (last.last.year * 12 + last.last.month) == 1
        )
        if last is not None and follows and last.amount == amount:
            found[-1] = replace(last, last=month, months=last.months + 1)
        else:
            found.append(Span(month, month, 1, amount))
    return tuple(found)


@dataclass(frozen=True)
class News:
    title: str
    text: str
    published_on: date


@dataclass(frozen=True)
class Right:
    """A right to a service: from, through, how much a month (None: unlimited or not told)."""

    starts_on: date
    valid_until: date
    quota: int | None


@dataclass(frozen=True)
class Entitled:
    """Sections 6 and 7: use of a service against the rights to it.

    `allowed` holds, by month, how many the rights in force on its last day allow; None where
    they set no number.
    """

    use: ServiceUse
    allowed: tuple[int | None, ...]
    rights: tuple[Right, ...]
    expiring: tuple[Right, ...]

    @property
    def total_allowed(self) -> int | None:
        """Of all months, where each sets a number; None otherwise."""
        known = [quota for quota in self.allowed if quota is not None]
        return sum(known) if known and len(known) == len(self.allowed) else None

    @property
    def share(self) -> Decimal | None:
        """Percent used of what was allowed."""
        allowed = self.total_allowed
        return Decimal(self.use.total) * 100 / allowed if allowed else None


@dataclass(frozen=True)
class Included:
    """A service that the price holds at the end of the period, and through which day."""

    label: str
    valid_until: date
    quota: int | None


@dataclass(frozen=True)
class NextYear:
    """Section 9: what the price consists of now; roubles of the month billed last."""

    monthly: Decimal | None
    included: tuple[Included, ...]


@dataclass(frozen=True)
class Snapshot:
    """Everything that a report says in numbers and names."""

    client: str
    inn: str
    segment: str
    connected_on: date
    since: date
    until: date
    drawn_on: date
    specialist: str
    months: tuple[date, ...]
    usage: Usage
    needs: Needs
    services: tuple[ServiceUse, ...]
    prices: Billed
    news: tuple[News, ...]
    cok: Entitled
    co: Entitled
    cabinet: ServiceUse
    next_year: NextYear


def as_json(value: Any) -> dict[str, Any]:
    """A snapshot as JSON holds it."""
    return json.loads(json.dumps(asdict(value), default=str, ensure_ascii=False))


def from_json(kind: Any, value: Any) -> Any:
    """A value of a dataclass, tuple, date, Decimal or plain type, read back from JSON.

    Raises KeyError, TypeError or ValueError where the JSON is not of that kind.
    """
    if get_origin(kind) is types.UnionType:
        (inner,) = (one for one in get_args(kind) if one is not type(None))
        return None if value is None else from_json(inner, value)
    if get_origin(kind) is tuple:
        return tuple(from_json(get_args(kind)[0], one) for one in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        found = {one.name: from_json(hints[one.name], value[one.name]) for one in fields(kind)}
        made: Any = kind
        return made(**found)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value)


def digest(printed: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of all that is printed: the same whatever the order of keys."""
    canonical = json.dumps(printed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
