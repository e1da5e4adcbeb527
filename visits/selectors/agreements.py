"""Reads of agreements, which are tasks: whose they are and what is overdue."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Value, When, Window

from accounts.enums import PositionKind
from accounts.models import Client, Employee, Position, Substitution
from accounts.policy import access_of
from core import history, preferences
from core.audit import reference
from core.models import AuditEntry
from core.policy import policy_for
from core.selectors import work_calendar
from visits.due import SOON_DAYS, Urgency
from visits.enums import AgreementStatus
from visits.models import Agreement
from visits.preferences import AGREEMENT_DAYS, REMIND_DAYS
from visits.selectors.visits import employees_for


def with_names(queryset: Any) -> Any:
    """Agreements with what a row of a list shows: no query per row.

    No more joins than these: past eight tables the database no longer looks for the best order.
    """
    return queryset.select_related("client__specialist", "responsible", "participant__person")


def of_employees(employees: Collection[int], queryset: Any = None) -> QuerySet[Agreement]:
    """Tasks of some employees: named as theirs, or of clients they serve and of nobody by name.

    Two halves, each by its index, joined by their keys: an OR over two tables would read them all.
    """
    rows = Agreement.objects.all() if queryset is None else queryset
    named = rows.filter(responsible__in=employees)
    served = rows.filter(responsible=None, client__specialist__in=employees)
    found: Any = named.order_by().values("pk").union(served.order_by().values("pk"), all=True)
    return Agreement.objects.filter(pk__in=found)


def open_tasks(employees: Collection[int], user: Any = None) -> QuerySet[Agreement]:
    """Tasks of some employees that are still to be done; for a reader, those in their scope.

    Somebody named may have lost sight of the client: the head then sees the task, they do not.
    """
    rows = of_employees(employees, Agreement.objects.filter(status=AgreementStatus.OPEN))
    return rows if user is None else policy_for(Agreement).visible_to(user, rows)


@dataclass(frozen=True)
class Tasks:
    """Open tasks by urgency, the earliest due first, and how many of each there are."""

    overdue: list[Agreement] = field(default_factory=list)
    today: list[Agreement] = field(default_factory=list)
    soon: list[Agreement] = field(default_factory=list)
    counts: dict[Urgency, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many are overdue or due today."""
        return self.counts.get(Urgency.OVERDUE, 0) + self.counts.get(Urgency.TODAY, 0)


def tasks_for(
    employees: Collection[int],
    on: date,
    *,
    user: Any = None,
    soon: bool = True,
    limit: int = 50,
) -> Tasks:
    """Overdue tasks of some employees, those due on a day and in the week after it; one query.

    At most `limit` of each are read, the counts are whole. See `open_tasks` for `user`.
    """
    last = on + timedelta(days=SOON_DAYS if soon else 0)
    bucket = Case(
        When(due_on__lt=on, then=Value(Urgency.OVERDUE.value)),
        When(due_on=on, then=Value(Urgency.TODAY.value)),
        default=Value(Urgency.SOON.value),
    )
    rows = with_names(open_tasks(employees, user).filter(due_on__lte=last)).annotate(
        urgency=bucket,
        of_bucket=Window(Count("pk"), partition_by=bucket),
    )
    found: dict[str, list[Agreement]] = {name: [] for name in ("overdue", "today", "soon")}
    counts: dict[Urgency, int] = {}
    for row in rows.order_by("due_on", "pk")[: limit * 3]:
        counts[Urgency(row.urgency)] = row.of_bucket
        if len(found[row.urgency]) < limit:
            found[row.urgency].append(row)
    return Tasks(**found, counts=counts)


def remind_until(today: date) -> date:
    """The last due date of which there is already a reminder on a day; working days count."""
    return work_calendar().after(today, preferences.read()[REMIND_DAYS])


@dataclass(frozen=True)
class Reminders:
    """How many open tasks are past their due date, due today, due by the day `until`."""

    until: date
    overdue: int
    today: int
    soon: int

    @property
    def count(self) -> int:
        """How many there are to remind of."""
        return self.overdue + self.today + self.soon


def reminders(user: Any, today: date) -> Reminders:
    """One's own open tasks of which it is time to be reminded, counted in one query."""
    until = remind_until(today)
    rows = open_tasks(my_employees(user), user).filter(due_on__lte=until)
    counts = rows.aggregate(
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        today=Count("pk", filter=Q(due_on=today)),
        soon=Count("pk", filter=Q(due_on__gt=today)),
    )
    return Reminders(until, **counts)


def my_employees(user: Any) -> frozenset[int]:
    """The employee behind an account and those they substitute for: whose tasks are mine."""
    access = access_of(user)
    if access.employees:
        return access.employees
    own = Employee.objects.filter(user_id=user.pk, left_on=None).values_list("pk", flat=True)
    return frozenset(own)


def executors_for(user: Any, client: Client | None, on: date) -> QuerySet[Employee]:
    """Who may be given a task: whoever reaches the client, or, without one, one's own people.

    The client's specialist, their substitutes, the heads above the client's unit, the author.
    """
    if client is None:
        return employees_for(user, on)
    stands_in = Substitution.objects.current_on(on).filter(absent=client.specialist_id)
    reach = Q(user_id=user.pk) | Q(pk=client.specialist_id)
    reach |= Q(pk__in=stands_in.values("substitute"))
    if client.unit is not None:
        above = [int(part) for part in client.unit.path.strip("/").split("/")]
        leading = Position.objects.current_on(on).filter(
            unit__in=above, kind__in=[PositionKind.HEAD, PositionKind.MANAGER]
        )
        reach |= Q(pk__in=leading.values("employee"))
    return Employee.objects.filter(reach, left_on=None)


def agreements_of(client: Client, limit: int = 20) -> tuple[list[Agreement], list[Agreement]]:
    """The open agreements with a client, the earliest due first, and the latest closed."""
    rows = with_names(client.agreements.all())
    waiting = rows.filter(status=AgreementStatus.OPEN).order_by("due_on", "pk")
    closed = rows.exclude(status=AgreementStatus.OPEN)
    closed = closed.order_by(F("closed_on").desc(nulls_last=True), "-pk")
    return list(waiting[:limit]), list(closed[:limit])


def overdue_in_sight(user: Any, on: date) -> int:
    """How many overdue tasks a user may see."""
    rows = policy_for(Agreement).visible_to(user)
    return rows.filter(status=AgreementStatus.OPEN, due_on__lt=on).count()


def usual_due(today: date) -> date:
    """When an agreement is due that names no day: so many working days later."""
    return work_calendar().after(today, preferences.read()[AGREEMENT_DAYS])


def history_of(agreement: Agreement, limit: int = 50) -> list[AuditEntry]:
    """What was written about an agreement, newest first."""
    rows = AuditEntry.objects.filter(subject=reference(agreement)).select_related("actor")
    return history.with_names(rows.order_by("-pk")[:limit])
