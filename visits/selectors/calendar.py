"""Reads of the calendar: the contacts of the days it shows, and of its subscribed address."""

import hmac
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.enums import Role
from accounts.models import Employee, Unit, User
from accounts.policy import access_of
from accounts.tokens import digest
from core.audit import reference
from core.models import AuditEntry
from core.policy import policy_for
from visits.enums import AgreementStatus, VisitStatus
from visits.models import Agreement, CalendarFeed, Visit
from visits.selectors.visits import own_employee

FEED_PAST, FEED_AHEAD = timedelta(days=30), timedelta(days=366)
# No phone shows more; a file without an end would be a way to tire the server.
FEED_LIMIT = 2000
# A row that nobody wrote here came with the data: older than any change of it.
_BEFORE_ANY_WRITE = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class DayVisits:
    """The contacts of a day as far as there is room for them, and how many there are."""

    visits: list[Visit] = field(default_factory=list)
    count: int = 0


def units_to_show(user: User) -> QuerySet[Unit]:
    """The units whose contacts a user may ask for as a whole: a head, of their subtree."""
    rows = Unit.objects.filter(is_active=True)
    if user.role == Role.MANAGER:
        return rows
    reach = Q(pk__in=[])
    for path in access_of(user).unit_paths:
        reach |= Q(path__startswith=path)
    return rows.filter(reach)


def contacts_by_day(
    user: User,
    since: date,
    until: date,
    *,
    employee: Employee | None = None,
    unit: Unit | None = None,
    room: int,
) -> dict[date, DayVisits]:
    """The contacts of each day of a period, at most `room` of them a day.

    Of an employee, what is planned and what took place, alone or together with others; of a
    unit only what is planned with its clients, for the held ones would be tens of thousands.
    """
    rows = policy_for(Visit).visible_to(user).select_related("client", "employee")
    planned = rows.filter(status=VisitStatus.PLANNED, planned_for__range=(since, until))
    held = rows.filter(status=VisitStatus.DONE, held_on__range=(since, until))
    if unit is not None:
        planned = planned.filter(client__unit__path__startswith=unit.path)
    if employee is not None:
        joint = list(
            Visit.companions.through.objects.filter(employee=employee)
            .filter(
                Q(visit__held_on__range=(since, until))
                | Q(visit__planned_for__range=(since, until))
            )
            .values_list("visit", flat=True)
        )
        # Two plain conditions, each with its index: a subquery here would read every contact.
        theirs = Q(employee=employee) | Q(pk__in=joint)
        planned, held = planned.filter(theirs), held.filter(theirs)
    found: dict[date, DayVisits] = defaultdict(DayVisits)
    for row in _first_of_day(planned, "planned_for", ("client__sort_key", "pk"), room):
        _add(found[row.planned_for], row, room)
    if employee is not None:
        for row in _first_of_day(held, "held_on", ("started_at", "pk"), room):
            _add(found[row.held_on], row, room)
    return dict(found)


def _first_of_day(rows: Any, day: str, order: tuple[str, ...], room: int) -> Iterable[Any]:
    """The first rows of each day, each with the number of all of its day."""
    return (
        rows.annotate(
            place=Window(RowNumber(), partition_by=F(day), order_by=order),
            of_day=Window(Count("pk"), partition_by=F(day)),
        )
        .filter(place__lte=room)
        .order_by(day, *order)
    )


def _add(day: DayVisits, row: Any, room: int) -> None:
    if row.place == 1:
        day.count += row.of_day
    if len(day.visits) < room:
        day.visits.append(row)


def open_feed(user: User) -> CalendarFeed | None:
    """The user's present address."""
    return policy_for(CalendarFeed).visible_to(user).filter(revoked_at=None).first()


def feed_owner(secret: str) -> User | None:
    """Whose calendar a secret address opens; nobody's, once revoked or deactivated."""
    stored = digest(secret, settings.TOKEN_PEPPER)
    rows = CalendarFeed.objects.filter(digest=stored, revoked_at=None, user__is_active=True)
    feed = rows.select_related("user").first()
    # Found by a keyed digest and compared as a whole: how long it takes tells nothing of it.
    return feed.user if feed and hmac.compare_digest(feed.digest, stored) else None


def feed_visits(user: User, today: date) -> list[Visit]:
    """The user's own planned contacts, alone or together, as the scope of this moment has them."""
    employee = own_employee(user)
    if employee is None:
        return []
    joint = Visit.companions.through.objects.filter(
        employee=employee, visit__status=VisitStatus.PLANNED
    )
    rows = policy_for(Visit).visible_to(user).filter(
        Q(employee=employee) | Q(pk__in=list(joint.values_list("visit", flat=True))),
        status=VisitStatus.PLANNED,
        planned_for__range=(today - FEED_PAST, today + FEED_AHEAD),
    )  # fmt: skip
    return _stamped(list(rows.select_related("client").order_by("planned_for", "pk")[:FEED_LIMIT]))


def feed_agreements(user: User, today: date) -> list[Agreement]:
    """The user's own open tasks with a due date: given to them, or of the clients they serve."""
    employee = own_employee(user)
    if employee is None:
        return []
    theirs = Q(responsible=employee) | Q(responsible=None, client__specialist=employee)
    rows = policy_for(Agreement).visible_to(user).filter(
        theirs,
        status=AgreementStatus.OPEN,
        due_on__range=(today - FEED_PAST, today + FEED_AHEAD),
    )  # fmt: skip
    return _stamped(list(rows.select_related("client").order_by("due_on", "pk")[:FEED_LIMIT]))


def _stamped(rows: list[Any]) -> list[Any]:
    """The rows, each with the moment of its last write as `changed_at`."""
    subjects = {reference(row): row for row in rows}
    entries = AuditEntry.objects.filter(subject__in=subjects).values("subject")
    written = dict(entries.annotate(newest=Max("at")).values_list("subject", "newest"))
    for subject, row in subjects.items():
        row.changed_at = written.get(subject, _BEFORE_ANY_WRITE)
    return rows
