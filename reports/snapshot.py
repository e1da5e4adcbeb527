"""All the figures of a report as values, apart from how they are shown.

A snapshot is drawn from the tables once; from then on the report is printed from it alone.
Money and hours are Decimal, kept in JSON as text; days are ISO. Values only: no table, no clock.
"""

import hashlib
import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from core.shares import percent_of

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
class PriceStep:
    """A price of a contract in roubles a month, from a day on; the one before it where it changed
    within the period, and the year and day of the agreement where an indexation changed it."""

    starts_on: date
    monthly: Decimal
    before: Decimal | None = None
    campaign: int | None = None
    agreed_on: date | None = None

    @property
    def percent(self) -> Decimal | None:
        """By how many per cent it changed; None without a base."""
        return _change(self.before, self.monthly)


@dataclass(frozen=True)
class Deal:
    """A contract within the period: its price by dates, the days on which that is fixed (both
    inclusive), the last day of one that ended within the period."""

    number: str
    kit: str
    steps: tuple[PriceStep, ...]
    fixed_from: date | None = None
    fixed_until: date | None = None
    ended_on: date | None = None

    @property
    def monthly(self) -> Decimal | None:
        """Roubles a month on the last day of the period; None for one that ended before."""
        return self.steps[-1].monthly if self.steps and self.ended_on is None else None


@dataclass(frozen=True)
class Billed:
    """Section 4: what was billed within the period, and the contracts that say why."""

    spans: tuple[Span, ...] = ()
    deals: tuple[Deal, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((span.total for span in self.spans), Decimal())

    @property
    def monthly(self) -> Decimal | None:
        """Roubles a month by all contracts on the last day; None where no price is known."""
        known = [deal.monthly for deal in self.deals if deal.monthly is not None]
        return sum(known, Decimal()) if known else None

    @property
    def priced(self) -> tuple[Deal, ...]:
        """Contracts that have a price to show."""
        return tuple(deal for deal in self.deals if deal.steps)

    @property
    def fixed(self) -> tuple[Deal, ...]:
        """Contracts whose price is fixed for some days."""
        return tuple(deal for deal in self.deals if deal.fixed_until is not None)


def _change(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Per cent from one price to the next; None without a base."""
    return (after / before - 1) * 100 if before and after is not None else None


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
        return percent_of(self.use.total, self.total_allowed)


@dataclass(frozen=True)
class Included:
    """A service that the price holds at the end of the period, and through which day."""

    label: str
    valid_until: date
    quota: int | None


class PriceState(StrEnum):
    """How sure the next price of a contract is."""

    AGREED = "agreed"
    OFFERED = "offered"
    SET = "set"  # written into the contract without an indexation
    UNKNOWN = ""


@dataclass(frozen=True)
class NextPrice:
    """A contract in force on the last day of the period: its price then and its next one.

    Of an indexation only what the client was told is here: an offer made or an agreement.
    """

    number: str
    kit: str
    now: Decimal | None
    after: Decimal | None = None
    starts_on: date | None = None
    state: str = PriceState.UNKNOWN
    told_on: date | None = None  # the day of the agreement or the offer
    fixed_until: date | None = None
    ends_on: date | None = None  # its last day, where that is known

    @property
    def percent(self) -> Decimal | None:
        return _change(self.now, self.after)

    @property
    def extra(self) -> Decimal | None:
        """Roubles a month that are added."""
        return None if self.now is None or self.after is None else self.after - self.now


@dataclass(frozen=True)
class NextYear:
    """Section 9: what the price consists of now and from when it is another; roubles of the
    month billed last."""

    monthly: Decimal | None
    included: tuple[Included, ...]
    prices: tuple[NextPrice, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether the client has still to answer an offer."""
        return any(one.state == PriceState.OFFERED for one in self.prices)

    @property
    def now(self) -> Decimal | None:
        """Roubles a month by all contracts; None where a price is not known."""
        known = [one.now for one in self.prices if one.now is not None]
        return sum(known, Decimal()) if known and len(known) == len(self.prices) else None

    @property
    def after(self) -> Decimal | None:
        """The same by the next prices; None unless each contract has one."""
        known = [one.after for one in self.prices if one.after is not None]
        return sum(known, Decimal()) if known and len(known) == len(self.prices) else None

    @property
    def percent(self) -> Decimal | None:
        """The weighted per cent: Σ new ÷ Σ old − 1 (docs/money.md)."""
        return _change(self.now, self.after)

    @property
    def extra(self) -> Decimal | None:
        return None if self.now is None or self.after is None else self.after - self.now


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

    What a report sealed long ago did not know yet is as its field has it without a word.
    Raises KeyError, TypeError or ValueError where the JSON is not of that kind.
    """
    if get_origin(kind) is types.UnionType:
        (inner,) = (one for one in get_args(kind) if one is not type(None))
        return None if value is None else from_json(inner, value)
    if get_origin(kind) is tuple:
        return tuple(from_json(get_args(kind)[0], one) for one in value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        found = {
            one.name: from_json(hints[one.name], value[one.name])
            for one in fields(kind)
            if one.name in value or one.default is MISSING
        }
        made: Any = kind
        return made(**found)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value)


def digest(printed: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of all that is printed: the same whatever the order of keys."""
    canonical = json.dumps(printed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
