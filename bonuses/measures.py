"""What is measured for whom in a period, and the facts made of it. Values only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bonuses.enums import KpiSource, SchemeKind
from bonuses.formulas import ratio

# What is counted up: somebody who worked half the days is expected to bring half of it.
ADDITIVE = frozenset({KpiSource.DISCONNECTED, KpiSource.UPSELL, KpiSource.NEEDS})
SHARES = frozenset(
    {
        KpiSource.PAYMENTS,
        KpiSource.PREPARED,
        KpiSource.MATERIALS,
        KpiSource.SATISFACTION,
        KpiSource.K2_QUALITY,
    }
)


@dataclass(frozen=True)
class Who:
    """Whose fact: a specialist, or a head with the units under them; first and last day.

    `units` are the ids of a head's subtree, empty for a specialist. `spans` are the days within,
    where they are not all theirs.
    """

    key: Any
    employee: int
    since: date
    until: date
    kind: str = SchemeKind.SPECIALIST
    units: frozenset[int] = frozenset()
    spans: tuple[tuple[date, date], ...] = ()

    def has(self, on: date) -> bool:
        """Whether a day is theirs: within the spans [since, until) where there are any."""
        if not self.since <= on <= self.until:
            return False
        return not self.spans or any(first <= on < last for first, last in self.spans)


@dataclass(frozen=True)
class Fact:
    """A fact with what it was made of and the rows behind it. `value` is None without any."""

    value: Decimal | None = None
    part: Decimal | None = None
    whole: Decimal | None = None
    rows: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()
    note: str = ""


NOTHING = Fact()


@dataclass(frozen=True)
class Event:
    """A row that counts on its day for its employee and for the unit they stood in."""

    pk: int
    employee: int | None
    unit: int | None
    on: date
    part: Decimal
    whole: Decimal
    is_counted: bool = True


@dataclass
class Events:
    """Events found by employee and by unit."""

    by_employee: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    by_unit: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, events: Iterable[Event]) -> "Events":
        """The events, put where they are found."""
        found = cls()
        for event in events:
            if event.employee is not None:
                found.by_employee[event.employee].append(event)
            if event.unit is not None:
                found.by_unit[event.unit].append(event)
        return found

    def whose(self, who: Who) -> list[Event]:
        """Those of somebody within their days, in order of id."""
        return sorted((e for e in self._near(who) if who.has(e.on)), key=lambda e: e.pk)

    def _near(self, who: Who) -> Iterator[Event]:
        if who.kind != SchemeKind.HEAD:
            yield from self.by_employee.get(who.employee, ())
            return
        for unit in who.units:
            yield from self.by_unit.get(unit, ())


def share_fact(events: Sequence[Event]) -> Fact:
    """Σ part ÷ Σ whole in per cent; none where there is nothing to divide by."""
    part = sum((e.part for e in events), Decimal(0))
    whole = sum((e.whole for e in events), Decimal(0))
    return _fact(ratio(part, whole), part, whole, events)


def sum_fact(events: Sequence[Event]) -> Fact:
    """Σ part: a sum of nothing is zero, not missing."""
    part = sum((e.part for e in events), Decimal(0))
    return _fact(part, part, None, events)


def _fact(
    value: Decimal | None, part: Decimal, whole: Decimal | None, events: Sequence[Event]
) -> Fact:
    return Fact(
        value=value,
        part=part,
        whole=whole,
        rows=tuple(e.pk for e in events),
        counted=tuple(e.pk for e in events if e.is_counted),
    )


@dataclass(frozen=True)
class Served:
    """A client of a pool from a day until the day before another (open when None)."""

    client: int
    employee: int
    unit: int
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        """Whether it was so on a day."""
        return self.since <= day and (self.until is None or self.until > day)


@dataclass
class Pools:
    """Who served which client when, found by employee and by unit."""

    by_employee: dict[int, list[Served]] = field(default_factory=lambda: defaultdict(list))
    by_unit: dict[int, list[Served]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, rows: Iterable[Served]) -> "Pools":
        """The rows, put where they are found."""
        found = cls()
        for row in rows:
            found.by_employee[row.employee].append(row)
            found.by_unit[row.unit].append(row)
        return found

    def clients(self, who: Who) -> list[int]:
        """The clients of somebody's pool on their last day."""
        rows: Iterable[Served]
        if who.kind == SchemeKind.HEAD:
            rows = (row for unit in who.units for row in self.by_unit.get(unit, ()))
        else:
            rows = self.by_employee.get(who.employee, ())
        return sorted({row.client for row in rows if row.on(who.until)})


@dataclass(frozen=True)
class Bill:
    """An invoice: what was billed and what of it was paid, in roubles."""

    pk: int
    billed: Decimal
    paid: Decimal


def payments_fact(clients: Iterable[int], bills: Mapping[int, Sequence[Bill]]) -> Fact:
    """Paid ÷ billed of a pool's invoices; what is paid above a bill does not pay another."""
    found = [bill for client in clients for bill in bills.get(client, ())]
    part = sum((min(bill.paid, bill.billed) for bill in found), Decimal(0))
    whole = sum((bill.billed for bill in found), Decimal(0))
    rows = sorted(found, key=lambda b: b.pk)
    return Fact(
        value=ratio(part, whole),
        part=part,
        whole=whole,
        rows=tuple(b.pk for b in rows),
        counted=tuple(b.pk for b in rows if b.paid >= b.billed),
    )


def materials_fact(clients: Sequence[int], useful: frozenset[int] | set[int]) -> Fact:
    """Clients with folders or bookmarks made in the period ÷ pool."""
    counted = tuple(client for client in clients if client in useful)
    return Fact(
        value=ratio(len(counted), len(clients)),
        part=Decimal(len(counted)),
        whole=Decimal(len(clients)),
        rows=tuple(clients),
        counted=counted,
    )
