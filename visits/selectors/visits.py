"""Reads of contacts."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.models import Client, Employee, Position, Unit, User
from accounts.policy import HEAD, access_of
from contacts.models import Participant
from core.policy import policy_for
from visits.enums import VisitStatus
from visits.models import Visit


def with_people(queryset: Any) -> Any:
    """Contacts with client, employee, companions and participants: no query per row."""
    people = Participant.objects.select_related("person")
    return queryset.select_related("client", "employee").prefetch_related(
        "companions", Prefetch("participants", queryset=people)
    )


def own_employee(user: User) -> Employee | None:
    """The working employee behind an account."""
    return Employee.objects.filter(user_id=user.pk, left_on=None).first()


def unit_of(employee: Employee, on: date) -> Unit | None:
    """The unit in which an employee worked on a day."""
    return units_of([employee.pk], on).get(employee.pk)


def units_of(employees: Iterable[int], on: date) -> dict[int, Unit]:
    """The units in which employees worked on a day, by their ids."""
    held = Position.objects.current_on(on).filter(employee__in=employees).select_related("unit")
    found: dict[int, Unit] = {}
    for position in held:
        found.setdefault(position.employee_id, position.unit)
    return found


def employees_for(user: User, on: date) -> QuerySet[Employee]:
    """In whose name a user may record a contact of a day.

    A specialist, their own and of those they substitute for; a head, of the whole subtree;
    managers and integrations, anybody's who worked that day.
    """
    rows = Employee.objects.filter(hired_on__lte=on).filter(Q(left_on=None) | Q(left_on__gt=on))
    access = access_of(user)
    if access.everything:
        return rows
    reach = Q(pk__in=access.employees)
    if user.role == HEAD:
        units = Q(pk__in=[])
        for path in access.unit_paths:
            units |= Q(unit__path__startswith=path)
        held = Position.objects.current_on(on).filter(units)
        reach |= Q(pk__in=held.values("employee"))
    return rows.filter(reach)


def visits_of(client: Client, limit: int = 20) -> tuple[list[Visit], list[Visit]]:
    """The planned contacts of a client, the nearest first, and the latest of the others."""
    rows = with_people(client.visits.all())
    planned = rows.filter(status=VisitStatus.PLANNED).order_by("planned_for", "pk")
    past = rows.exclude(status=VisitStatus.PLANNED)
    past = past.order_by(F("held_on").desc(nulls_last=True), "-pk")
    return list(planned[:limit]), list(past[:limit])


def next_planned(client: Client, user: User) -> Visit | None:
    """The nearest planned contact of a client that the user may see, an overdue one first."""
    rows = policy_for(Visit).visible_to(user).filter(client=client, status=VisitStatus.PLANNED)
    return with_people(rows).order_by("planned_for", "pk").first()


def due_visits(user: User, on: date, limit: int = 12) -> tuple[list[Visit], int]:
    """The user's contacts planned for a day or earlier and not held, and how many there are."""
    rows = policy_for(Visit).visible_to(user)
    rows = rows.filter(status=VisitStatus.PLANNED, planned_for__lte=on)
    found = with_people(rows).order_by("planned_for", "pk")
    return list(found[:limit]), rows.count()
