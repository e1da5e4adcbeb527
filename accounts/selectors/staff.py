"""Reads of units, employees, positions and substitutions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q

from accounts.enums import Role
from accounts.models import Client, Employee, Position, Substitution, Unit
from accounts.policy import access_of
from core.policy import policy_for


def position_on(employee: Employee, on: date) -> Position | None:
    """The position an employee holds on a day."""
    rows = Position.objects.current_on(on).filter(employee=employee)
    return rows.select_related("unit").order_by("-starts_on").first()


def position_within(employee: Employee, since: date, until: date) -> Position | None:
    """The last position an employee held in a period, both days included."""
    rows = Position.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=since), employee=employee, starts_on__lte=until
    )
    return rows.select_related("unit").order_by("-starts_on").first()


def employees_for(user: Any, on: date) -> Any:
    """Employees a user may see, with their present positions in `now`."""
    now = Position.objects.current_on(on).select_related("unit")
    return (
        policy_for(Employee)
        .visible_to(user)
        .select_related("user")
        .prefetch_related(Prefetch("positions", queryset=now, to_attr="now"))
    )


def servants_for(user: Any, on: date) -> Any:
    """Employees to whom a user may assign clients: those with a position, a head's own only."""
    rows = policy_for(Employee).visible_to(user).filter(left_on=None)
    held = Position.objects.current_on(on)
    if user.role == Role.HEAD:
        reach = Q(pk__in=[])
        for path in access_of(user).unit_paths:
            reach |= Q(unit__path__startswith=path)
        held = held.filter(reach)
    return rows.filter(pk__in=held.values("employee_id"))


@dataclass
class UnitNode:
    """A unit in the tree: its depth, people and clients; totals are of the whole subtree."""

    unit: Unit
    depth: int
    people: int = 0
    clients: int = 0
    heads: list[Employee] = field(default_factory=list)


def unit_tree(user: Any, on: date) -> list[UnitNode]:
    """The units from the root down with totals of each subtree; three queries.

    People and clients are counted within the user's scope: each number opens its rows.
    """
    units = list(policy_for(Unit).visible_to(user))
    by_path = {u.path: u for u in units}
    people: dict[int, set[int]] = {}
    heads: dict[int, list[Employee]] = {}
    seen_people = policy_for(Employee).visible_to(user).filter(left_on=None)
    held = Position.objects.current_on(on).filter(employee__in=seen_people.values("pk"))
    for position in held.select_related("employee"):
        people.setdefault(position.unit_id, set()).add(position.employee_id)
        if position.kind != "specialist":
            heads.setdefault(position.unit_id, []).append(position.employee)
    seen = policy_for(Client).visible_to(user, Client.objects.active_on(on))
    clients = dict(seen.order_by().values_list("unit_id").annotate(n=Count("id")))
    nodes = []
    for unit in _in_tree_order(units):
        inside = [u.pk for path, u in by_path.items() if path.startswith(unit.path)]
        nodes.append(
            UnitNode(
                unit=unit,
                depth=unit.path.count("/") - 2,
                people=len(set().union(*(people.get(pk, set()) for pk in inside))),
                clients=sum(clients.get(pk, 0) for pk in inside),
                heads=heads.get(unit.pk, []),
            )
        )
    return nodes


def _in_tree_order(units: Iterable[Unit]) -> list[Unit]:
    """Parents before children, brothers by name: the path alone sorts "10" before "2"."""
    names = {unit.pk: unit.name for unit in units}

    def place(unit: Unit) -> list[str]:
        return [names.get(int(part), "") + f"\0{part}" for part in unit.path.strip("/").split("/")]

    return sorted(units, key=place)


def units_led_by(user: Any) -> Any:
    """Units that a head answers for, with everything below them."""
    reach = Q(pk__in=[])
    for path in access_of(user).unit_paths:
        reach |= Q(path__startswith=path)
    return Unit.objects.filter(reach)


def units_below(units: Iterable[Unit]) -> Any:
    """Units of the subtrees of the given ones, themselves included."""
    reach = Q(pk__in=[])
    for unit in units:
        reach |= Q(path__startswith=unit.path)
    return Unit.objects.filter(reach)


def substitutions_for(user: Any) -> Any:
    """Substitutions a user may see, latest first."""
    rows = policy_for(Substitution).visible_to(user).select_related("absent", "substitute")
    return rows.order_by("-starts_on", "-id")


def pool_of(user: Any, specialist: Employee) -> Any:
    """The active clients of a specialist that the user may see."""
    rows = policy_for(Client).visible_to(user).filter(specialist=specialist, disconnected_on=None)
    return rows.select_related("unit").order_by("sort_key", "id")


def owners_for(user: Any) -> list[Employee]:
    """Employees who serve active clients that the user may see, with how many in `pool`."""
    seen = policy_for(Client).visible_to(user).filter(disconnected_on=None)
    pools = dict(seen.order_by().values_list("specialist_id").annotate(n=Count("id")))
    found = list(policy_for(Employee).visible_to(user).filter(pk__in=[k for k in pools if k]))
    for employee in found:
        employee.pool = pools[employee.pk]
    return found
