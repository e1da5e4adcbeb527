"""Whose figures a user sees: their own, or those of the units they answer for.

Not the scope of clients: a figure belongs to whoever earned it, wherever the client went since.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.enums import Role
from accounts.models import Employee, Unit
from accounts.policy import access_of


@dataclass(frozen=True)
class FigureReach:
    """The rows within reach: all; or whole units; and the user's own in any unit.

    `units` holds every unit of the centre by id.
    """

    units: dict[int, Unit]
    everything: bool = False
    paths: tuple[str, ...] = ()
    own: int | None = None

    def holds_unit(self, unit: Unit | None) -> bool:
        """Whether the whole subtree of a unit is within reach; None is «no unit»."""
        if self.everything:
            return True
        return unit is not None and bool(self.paths) and unit.path.startswith(self.paths)

    def subtree(self, unit: Unit) -> list[int]:
        """Ids of a unit and of everything below it."""
        return [pk for pk, row in self.units.items() if row.path.startswith(unit.path)]

    def choices(self) -> list[Unit]:
        """The units that the user may ask about, parents before children."""
        return [row for row in self.units.values() if self.holds_unit(row)]

    def condition(self, unit: str = "unit", employee: str = "employee") -> Q:
        """The condition of the reach on rows with these two columns."""
        if self.everything:
            return Q()
        reach = Q(**{f"{employee}_id": self.own or 0})
        if self.paths:
            held = [pk for pk, row in self.units.items() if self.holds_unit(row)]
            reach |= Q(**{f"{unit}_id__in": held})
        return reach


def reach_of(user: Any) -> FigureReach:
    """The reach of a user today; managers and integrations see everything."""
    units = {unit.pk: unit for unit in Unit.objects.order_by("path")}
    access = access_of(user)
    if access.everything:
        return FigureReach(units, everything=True)
    own = Employee.objects.filter(user_id=user.pk, left_on=None).values_list("pk", flat=True)
    paths = access.unit_paths if user.role == Role.HEAD else ()
    return FigureReach(units, paths=tuple(paths), own=own.first())
