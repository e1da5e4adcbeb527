"""Pools and boards, read from the counts kept by day: never from clients."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth

from accounts.models import Employee, Unit
from accounts.policy import access_of
from lamps.health import Norm, Pool, Standard, standard_3
from lamps.models import Night, PoolDay
from lamps.selectors.schemes import computed_on, norm_on

_SUMMED = object()  # in place of a specialist: the pools of a unit together
_SUMS = {name: Sum(name) for name in ("red", "yellow", "green", "none")}


@dataclass
class BoardRow:
    """A unit or a specialist of a unit with its pool now, at the month's start and the night
    before; `start` and `before` are None where nothing was computed by then.

    A row without a specialist is the whole subtree of its unit; a specialist's row with
    `specialist` None and `is_vacant` holds clients nobody serves.
    """

    unit: Unit | None
    specialist: Employee | None = None
    is_vacant: bool = False
    depth: int = 0
    now: Pool = field(default_factory=Pool)
    start: Pool | None = None
    before: Pool | None = None
    norm: Norm = field(default_factory=Norm)
    children: list["BoardRow"] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name of the row."""
        if self.specialist:
            return str(self.specialist)
        if self.is_vacant:
            return "Без специалиста"
        return str(self.unit) if self.unit else "Без отдела"

    @property
    def standard(self) -> Standard:
        """Whether internal standard 3 holds for the row."""
        return standard_3(self.now, self.start, self.norm)

    def walk(self) -> Iterator["BoardRow"]:
        """The row and everything under it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class Board:
    """The tree of pools that a user sees, as of the last computed day not after the one asked.

    `on` is None before the first night. `total` is the sum of the roots: what the user sees.
    """

    on: date | None
    month_start: date | None
    before: date | None
    norm: Norm
    total: BoardRow
    roots: list[BoardRow]

    def rows(self) -> Iterator[BoardRow]:
        """Every row, parents before children."""
        for root in self.roots:
            yield from root.walk()


@dataclass(frozen=True)
class TrendPoint:
    """The pool at the last computed day of a month."""

    month: date
    on: date
    pool: Pool


def _pools(rows: QuerySet, *keys: str) -> dict[tuple, Pool]:
    """Key columns → the summed pool."""
    found = rows.order_by().values(*keys).annotate(**{f"n_{k}": v for k, v in _SUMS.items()})
    return {
        tuple(row[k] for k in keys): Pool(
            row["n_red"], row["n_yellow"], row["n_green"], row["n_none"]
        )
        for row in found
    }


def _days(on: date) -> tuple[date | None, date | None, date | None]:
    """The computed days that a board needs: the present, the month's start, the night before.

    The month's start is the last computed day not after the first of the month; in a month in
    which computing began, its first computed day.
    """
    present = computed_on(on)
    if present is None:
        return None, None, None
    first = present.replace(day=1)
    found = Night.objects.filter(on__lt=present).aggregate(
        start=Max("on", filter=Q(on__lte=first)), before=Max("on")
    )
    start = found["start"]
    if present == first:
        start = present
    elif start is None:
        start = Night.objects.filter(on__gte=first).order_by("on").values_list("on", flat=True)[0]
    return present, start, found["before"]


def board(user: Any, on: date, segment: str | None = None, *, near: Unit | bool = False) -> Board:
    """Division → department → specialist with health and standard 3, as `user` may see it.

    A unit is shown where its whole subtree is in the user's reach; otherwise only the pools of
    the specialists themselves stand as roots. With `near`, a page needs one level alone: who
    sees everything gets specialists of that unit (or, True, of the topmost units) and the sums
    of the others. The number of queries is constant and no client is read.
    """
    norm = norm_on(on, segment)
    present, start, before = _days(on)
    total = BoardRow(None, norm=norm)
    if present is None:
        return Board(None, None, None, norm, total, [])
    days = {present, start, before} - {None}
    rows = PoolDay.objects.visible_to(user).filter(on__in=days)
    if segment:
        rows = rows.filter(segment=segment)
    tree = _Tree(user, norm)
    pools = _pools(rows.annotate(**tree.keys(near)), "on", "unit_id", "is_named", "who")
    tree.employees = Employee.objects.in_bulk({who for *_, who in pools} - {None})
    for (day, unit_id, is_named, who), pool in pools.items():
        for row in [total, *tree.path(unit_id, who if is_named else _SUMMED)]:
            if day == present:
                row.now += pool
            if day == start:
                row.start = (row.start or Pool()) + pool
            if day == before:
                row.before = (row.before or Pool()) + pool
    return Board(present, start, before, norm, total, tree.finish())


class _Tree:
    """Rows of a board by unit and specialist, made as they are asked for."""

    def __init__(self, user: Any, norm: Norm) -> None:
        self.norm = norm
        self.access = access_of(user)
        self.units = {unit.pk: unit for unit in Unit.objects.all()}
        self.employees: dict[int, Employee] = {}
        self.rows: dict[tuple[int | None, Any], BoardRow] = {}
        self.roots: list[BoardRow] = []

    def keys(self, near: Unit | bool) -> dict[str, Any]:
        """What pools are summed by: whether specialists are told apart, and whose a pool is."""
        named: Any = Value(True)
        if near and self.access.everything:
            units = [near.pk] if isinstance(near, Unit) else self._topmost()
            named = Case(
                When(Q(unit=None) | Q(unit__in=units), then=Value(True)), default=Value(False)
            )
        who = Case(When(is_named=True, then=F("specialist_id")))
        return {"is_named": named, "who": who}

    def _topmost(self) -> list[int]:
        return [pk for pk, unit in self.units.items() if unit.parent_id is None]

    def path(self, unit_id: int | None, who: Any) -> list[BoardRow]:
        """The rows that a pool belongs to, from the root to the specialist."""
        found: list[BoardRow] = []
        for pk in self._reached(unit_id):
            found.append(self._row(found, pk, "unit"))
        if who is not _SUMMED:
            found.append(self._row(found, unit_id, who))
        return found

    def _reached(self, unit_id: int | None) -> list[int | None]:
        """Ids of the unit and those above it whose whole subtree the user sees, top first."""
        if unit_id is None:
            return [None] if self.access.everything else []
        above = [int(pk) for pk in self.units[unit_id].path.split("/") if pk] or [unit_id]
        return [
            pk
            for pk in above
            if self.access.everything
            or self.units[pk].path.startswith(tuple(self.access.unit_paths))
        ]

    def _row(self, above: list[BoardRow], unit_id: int | None, who: Any) -> BoardRow:
        key = (unit_id, who)
        if key not in self.rows:
            row = BoardRow(
                unit=self.units.get(unit_id) if unit_id else None,
                specialist=self.employees.get(who) if isinstance(who, int) else None,
                is_vacant=who is None,
                depth=len(above),
                norm=self.norm,
            )
            self.rows[key] = row
            (above[-1].children if above else self.roots).append(row)
        return self.rows[key]

    def finish(self) -> list[BoardRow]:
        """The roots, sorted at every level, without pools that are empty by now."""
        return self._tidy(self.roots)

    def _tidy(self, rows: list[BoardRow]) -> list[BoardRow]:
        kept = [row for row in rows if row.now.clients]
        for row in kept:
            row.children = self._tidy(row.children)
        return sorted(kept, key=lambda r: (r.is_vacant, r.unit is None, r.label))


def _of_pool(rows: Any, unit: Unit | None, specialist: Employee | None) -> Any:
    """Rows of a unit's subtree and of a specialist, where given."""
    if unit is not None:
        rows = rows.filter(unit__path__startswith=unit.path)
    if specialist is not None:
        rows = rows.filter(specialist=specialist)
    return rows


def trend(
    user: Any,
    on: date,
    *,
    unit: Unit | None = None,
    specialist: Employee | None = None,
    segment: str | None = None,
    months: int = 12,
) -> list[TrendPoint]:
    """The pool at the last computed day of each of the last `months` months, oldest first.

    The present month counts as one. Months in which nothing was computed are left out.
    """
    first = on.replace(day=1)
    for _ in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    nights = Night.objects.filter(on__gte=first, on__lte=on)
    last = nights.annotate(month=TruncMonth("on")).values("month").annotate(last=Max("on"))
    days = {row["last"]: row["month"] for row in last}
    rows = _of_pool(PoolDay.objects.visible_to(user).filter(on__in=days), unit, specialist)
    if segment:
        rows = rows.filter(segment=segment)
    pools = _pools(rows, "on")
    return [TrendPoint(days[d], d, pools.get((d,), Pool())) for d in sorted(days)]


def pool_as_of(
    on: date,
    *,
    unit: Unit | None = None,
    specialist: Employee | None = None,
    segment: str | None = None,
    user: Any = None,
) -> Pool | None:
    """The pool on the last computed day not after `on`; None where nothing was computed yet.

    Without unit and specialist, the whole; with a user, only what the user may see.
    """
    day = computed_on(on)
    if day is None:
        return None
    rows = PoolDay.objects.all() if user is None else PoolDay.objects.visible_to(user)
    rows = _of_pool(rows.filter(on=day), unit, specialist)
    if segment:
        rows = rows.filter(segment=segment)
    return _pools(rows, "on").get((day,), Pool())
