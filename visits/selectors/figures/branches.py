"""The tree that any table of figures is shown as: division → department → employee.

What a row holds beyond its place is the table's own.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.enums import PositionKind
from accounts.models import Employee, Position, Unit
from visits.figures.periods import Period
from visits.selectors.figures.reach import FigureReach

Leaf = tuple[int | None, int]  # unit, employee


@dataclass(eq=False)
class TreeRow:
    """A unit with its subtree, an employee in a unit, or the whole (`is_total`)."""

    unit: Unit | None = None
    employee: Employee | None = None
    is_total: bool = False
    depth: int = 0
    head: str = ""
    left_on: date | None = None
    children: list[Any] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name of the row."""
        if self.is_total:
            return "Итого"
        if self.employee is not None:
            return str(self.employee)
        return str(self.unit) if self.unit else "Без отдела"

    def walk(self) -> Iterator[Any]:
        """The row and everything under it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class TreeReading:
    """A table read: its roots and the whole."""

    period: Period
    roots: list[Any]
    total: Any
    reach: FigureReach

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to count."""
        return not self.roots

    @property
    def has_total(self) -> bool:
        """Whether the whole is more than the only root."""
        return len(self.roots) > 1

    def rows(self) -> Iterator[Any]:
        """Every row, parents before children; the whole last, where it says more."""
        for root in self.roots:
            yield from root.walk()
        if self.has_total:
            yield self.total


class Tree:
    """Rows by unit and employee, made by `make` as they are asked for."""

    def __init__(
        self,
        reach: FigureReach,
        unit: Unit | None,
        on: date,
        today: date,
        leaves: Iterable[Leaf],
        make: Callable[..., Any] = TreeRow,
    ) -> None:
        self.reach, self.unit, self.today, self.make = reach, unit, today, make
        found = list(leaves)
        self.employees = Employee.objects.in_bulk({leaf[1] for leaf in found})
        self.heads = heads_on(on)
        self.total = make(is_total=True, unit=unit)
        self.rows: dict[tuple[int | None, int | None], Any] = {}
        self.roots: list[Any] = []
        for leaf in found:
            self.path(leaf)

    def path(self, leaf: Leaf) -> list[Any]:
        """The rows that a leaf belongs to, from the root to the leaf."""
        unit_id, employee_id = leaf
        found: list[Any] = []
        for pk in self._above(unit_id):
            found.append(self._row(found, pk, None))
        found.append(self._row(found, unit_id, employee_id))
        return found

    def _above(self, unit_id: int | None) -> list[int | None]:
        """Ids of the units above, top first, as far as they are within reach and asked for."""
        if unit_id is None:
            return [None] if self.reach.everything else []
        units = self.reach.units
        above = [int(pk) for pk in units[unit_id].path.split("/") if pk] or [unit_id]
        top = self.unit.path if self.unit else ""
        return [
            pk
            for pk in above
            if self.reach.holds_unit(units[pk]) and units[pk].path.startswith(top)
        ]

    def _row(self, above: list[Any], unit_id: int | None, employee_id: int | None) -> Any:
        key = (unit_id, employee_id)
        if key not in self.rows:
            employee = self.employees.get(employee_id) if employee_id else None
            gone = employee.left_on if employee else None
            row = self.rows[key] = self.make(
                unit=self.reach.units.get(unit_id) if unit_id else None,
                employee=employee,
                depth=len(above),
                head=self.heads.get(unit_id, "") if unit_id and not employee_id else "",
                left_on=gone if gone and gone <= self.today else None,
            )
            (above[-1].children if above else self.roots).append(row)
        return self.rows[key]

    def finish(self) -> list[Any]:
        """The roots, sorted at every level."""
        return _sorted(self.roots)


def within(leaf: Leaf, reach: FigureReach, unit: Unit | None) -> bool:
    """Whether a leaf without rows lies within reach and within the unit asked for."""
    stands = reach.units.get(leaf[0]) if leaf[0] else None
    if unit is not None and not (stands and stands.path.startswith(unit.path)):
        return False
    return reach.holds_unit(stands) or leaf[1] == reach.own


def _sorted(rows: list[Any]) -> list[Any]:
    for row in rows:
        row.children = _sorted(row.children)
    return sorted(
        rows,
        key=lambda r: (
            r.unit is None,
            r.employee is not None,
            r.label.casefold().replace("ё", "е"),
            r.employee.pk if r.employee else 0,
            r.unit.path if r.unit else "",
        ),
    )


def heads_on(on: date) -> dict[int, str]:
    """Who led each unit on a day."""
    held = Position.objects.current_on(on).exclude(kind=PositionKind.SPECIALIST)
    found: dict[int, list[str]] = {}
    for position in held.select_related("employee").order_by("kind", "employee__last_name", "pk"):
        found.setdefault(position.unit_id, []).append(position.employee.short_name)
    return {unit_id: ", ".join(names) for unit_id, names in found.items()}
