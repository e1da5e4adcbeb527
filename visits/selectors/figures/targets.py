"""Plan figures of a period for the rows of the tree.

A unit's own figure for a month comes first; without one, the sum of what stands below it. The
whole is read the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from accounts.enums import TargetKind, TargetSpan
from accounts.models import Position, Target, Unit
from visits.figures.periods import Period, add_months
from visits.selectors.figures.counts import Leaf

CONTACTS = {TargetKind.K1_VISITS.value: "k1", TargetKind.K2_VISITS.value: "k2"}
Found = dict[str, tuple[Decimal | None, bool]]  # figure → sum of the months, whether of all


@dataclass
class Targets:
    """Values by month, figure and row."""

    months: tuple[date, ...] = ()
    figures: tuple[str, ...] = ()
    units: dict[int, Unit] = field(default_factory=dict)
    by_leaf: dict[tuple[date, str, Leaf], Decimal] = field(default_factory=dict)
    by_unit: dict[tuple[date, str, int | None], Decimal] = field(default_factory=dict)

    def leaves(self) -> set[Leaf]:
        """Employees with a plan, in the unit where they worked that month."""
        return {leaf for _, _, leaf in self.by_leaf}

    def of_leaf(self, leaf: Leaf) -> Found:
        """What was planned for an employee in a unit."""
        return self._summed(lambda month, figure: self.by_leaf.get((month, figure, leaf)))

    def of_unit(self, unit_id: int | None) -> Found:
        """What was planned for a unit; None is «no unit», for which nobody plans."""
        if unit_id is None:
            return {}
        return self._summed(lambda month, figure: self._unit(month, figure, unit_id))

    def of_all(self) -> Found:
        """What was planned for the centre."""
        return self._summed(self._all)

    def of_month(self, month: date, figure: str, unit_id: int | None) -> Decimal | None:
        """What was planned for a unit, or, with None, for the centre, in one month."""
        if unit_id is None:
            return self._all(month, figure)
        return self._unit(month, figure, unit_id)

    def _summed(self, value: Callable[[date, str], Decimal | None]) -> Found:
        found: Found = {}
        for figure in self.figures:
            given = [v for m in self.months if (v := value(m, figure)) is not None]
            if given:
                found[figure] = (sum(given, Decimal()), len(given) == len(self.months))
        return found

    def _unit(self, month: date, figure: str, unit_id: int) -> Decimal | None:
        own = self.by_unit.get((month, figure, unit_id))
        if own is not None:
            return own
        below = [self._unit(month, figure, pk) for pk in self._children(unit_id)]
        return _total([*below, *self._people(month, figure, unit_id)])

    def _all(self, month: date, figure: str) -> Decimal | None:
        own = self.by_unit.get((month, figure, None))
        if own is not None:
            return own
        below = [self._unit(month, figure, pk) for pk in self._children(None)]
        return _total([*below, *self._people(month, figure, None)])

    @cached_property
    def _below(self) -> dict[int | None, list[int]]:
        """Units by the one they lie in."""
        found: dict[int | None, list[int]] = {}
        for pk, unit in self.units.items():
            found.setdefault(unit.parent_id, []).append(pk)
        return found

    @cached_property
    def _by_place(self) -> dict[tuple[date, str, int | None], list[Decimal | None]]:
        """Plans of employees by where they worked that month."""
        found: dict[tuple[date, str, int | None], list[Decimal | None]] = {}
        for (month, figure, leaf), value in self.by_leaf.items():
            found.setdefault((month, figure, leaf[0]), []).append(value)
        return found

    def _children(self, unit_id: int | None) -> list[int]:
        return self._below.get(unit_id, [])

    def _people(self, month: date, figure: str, unit_id: int | None) -> list[Decimal | None]:
        return self._by_place.get((month, figure, unit_id), [])


def _total(values: list[Decimal | None]) -> Decimal | None:
    given = [value for value in values if value is not None]
    return sum(given, Decimal()) if given else None


def read_targets(
    period: Period, today: date, units: dict[int, Unit], kinds: Mapping[str, str] = CONTACTS
) -> Targets:
    """The plan figures of the period's months; nothing where it is not made of whole months.

    `kinds` are the kinds wanted and what each is called in the answer.
    """
    months = period.months()
    if not months:
        return Targets()
    found = Targets(months, tuple(kinds.values()), units)
    rows = list(Target.objects.filter(span=TargetSpan.MONTH, month__in=months, kind__in=kinds))
    worked = positions_within({r.employee_id for r in rows if r.employee_id}, period)
    for row in rows:
        if row.employee_id is None:
            found.by_unit[row.month, kinds[row.kind], row.unit_id] = row.value
            continue
        last = min(add_months(row.month, 1) - timedelta(days=1), max(today, row.month))
        leaf = (unit_on(worked.get(row.employee_id, []), last), row.employee_id)
        found.by_leaf[row.month, kinds[row.kind], leaf] = row.value
    return found


def positions_within(employees: set[int], period: Period) -> dict[int, list[Position]]:
    """Positions held in a period by employee, oldest first."""
    found: dict[int, list[Position]] = {}
    rows = Position.objects.filter(employee__in=employees, starts_on__lte=period.until)
    for row in rows.filter(Q(ends_on=None) | Q(ends_on__gt=period.since)).order_by("starts_on"):
        found.setdefault(row.employee_id, []).append(row)
    return found


def unit_on(positions: list[Position], on: date) -> int | None:
    """The unit on a day; of somebody who left within the month, the last one in it."""
    begun = [row for row in positions if row.starts_on <= on] or positions
    return begun[-1].unit_id if begun else None
