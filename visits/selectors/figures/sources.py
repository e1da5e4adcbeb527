"""The rows that figures count, each with whose they are: `row_unit_id`, `row_employee_id`.

Contacts stand under the employee who answers for them and the unit stored with them; pools and
participants under the assignment that held on the day of the pool.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from accounts.models import Assignment
from contacts.enums import ParticipantRole
from contacts.models import Participant, RolePeriod
from visits.enums import GoalKind, VisitLevel, VisitStatus
from visits.figures.periods import Period
from visits.models import Visit
from visits.selectors.reach import reached_participants

# The rule of visits.preparation as a condition; a test holds the two equal.
PREPARED = (
    ~Q(plan="")
    & Q(prepared_at__isnull=False)
    & (Q(started_at=None) | Q(prepared_at__lt=F("started_at")))
)
_K2 = Q(level=VisitLevel.K2)
_FIRE = Q(goal_kind=GoalKind.FIREFIGHTING)
# (figure, set) → which of the contacts held in the period, or planned for it.
HELD: dict[tuple[str, str], Q] = {
    ("prepared", "whole"): Q(),
    ("prepared", "part"): PREPARED,
    ("k1", "held"): Q(level=VisitLevel.K1),
    ("k2", "held"): _K2,
    ("satisfaction", "whole"): Q(satisfaction__isnull=False),
    ("k2_quality", "whole"): _K2,
    ("firefighting", "whole"): _K2,
    ("firefighting", "part"): _K2 & _FIRE,
}
PLANNED: dict[tuple[str, str], Q] = {
    (figure, name): Q(level=level) & condition
    for figure, level in (("k1", VisitLevel.K1), ("k2", VisitLevel.K2))
    for name, condition in (("planned", Q()), ("kept", Q(status=VisitStatus.DONE)))
}


EVERYBODY = Q()  # a condition on `row_unit_id` and `row_employee_id` that narrows nothing


@dataclass(frozen=True)
class Asked:
    """What a reading is about: the period, and the day whose pools and roles count."""

    period: Period
    on: date


def held(asked: Asked) -> Any:
    """Contacts that took place in the period; a joint one is one row."""
    days = (asked.period.since, asked.period.until)
    return Visit.objects.filter(status=VisitStatus.DONE, held_on__range=days).annotate(
        row_unit_id=F("unit_id"), row_employee_id=F("employee_id")
    )


def planned(asked: Asked) -> Any:
    """Contacts planned for the period and not cancelled."""
    days = (asked.period.since, asked.period.until)
    kept = [VisitStatus.PLANNED, VisitStatus.DONE]
    return Visit.objects.filter(status__in=kept, planned_for__range=days).annotate(
        row_unit_id=F("unit_id"), row_employee_id=F("employee_id")
    )


def _served(on: date, prefix: str = "") -> Q:
    return Q(**{f"{prefix}connected_on__lte": on}) & (
        Q(**{f"{prefix}disconnected_on": None}) | Q(**{f"{prefix}disconnected_on__gt": on})
    )


def pool(asked: Asked, narrowed: Q = EVERYBODY) -> Any:
    """The clients in somebody's pool on the day, as assignments."""
    return (
        Assignment.objects.current_on(asked.on)
        .filter(_served(asked.on, "client__"))
        .annotate(row_unit_id=F("unit_id"), row_employee_id=F("specialist_id"))
        .filter(narrowed)
    )


def with_materials(asked: Asked, narrowed: Q = EVERYBODY) -> Any:
    """Of the pool, the clients with folders or bookmarks made or updated in the period."""
    days = (asked.period.since, asked.period.until)
    useful = Visit.objects.filter(
        status=VisitStatus.DONE, materials__gt=0, held_on__range=days
    ).values("client_id")
    return pool(asked, narrowed).filter(client_id__in=useful)


def places(asked: Asked, narrowed: Q) -> Any:
    """Who stood on the day in the schemes of clients in somebody's pool."""
    on = asked.on
    current = Q(client__assignments__starts_on__lte=on) & (
        Q(client__assignments__ends_on=None) | Q(client__assignments__ends_on__gt=on)
    )
    return (
        Participant.objects.current_on(on)
        .filter(_served(on, "client__"))
        .annotate(assigned=FilteredRelation("client__assignments", condition=current))
        .filter(assigned__isnull=False)
        .annotate(row_unit_id=F("assigned__unit_id"), row_employee_id=F("assigned__specialist_id"))
        .filter(narrowed)
    )


def participants(asked: Asked, narrowed: Q, role: str) -> Any:
    """Those of them who held a role on the day."""
    roles = RolePeriod.objects.current_on(asked.on).filter(role=role, participant=OuterRef("pk"))
    return places(asked, narrowed).filter(Exists(roles))


def reached(asked: Asked, narrowed: Q) -> Any:
    """The ids of participants who stood in a useful contact of the period.

    `narrowed` to some pools it says nothing else about their people, for a contact has people of
    its client only; but it spares reading everybody's contacts.
    """
    found = reached_participants(asked.period.since, asked.period.until + timedelta(days=1))
    if not narrowed:
        return found
    return found.filter(visit__client__in=pool(asked, narrowed).values("client"))


# The figures of coverage by role.
COVERAGE = {
    ParticipantRole.MAIN_KEY_USER.value: "coverage_main_key_user",
    ParticipantRole.KEY_USER.value: "coverage_key_user",
}


def roles_held(asked: Asked, narrowed: Q) -> Any:
    """The same places, one row for each role of coverage that was held: all roles in one read."""
    on = asked.on
    current = Q(roles__starts_on__lte=on) & (Q(roles__ends_on=None) | Q(roles__ends_on__gt=on))
    found = places(asked, narrowed).filter(current, roles__role__in=COVERAGE)
    return found.annotate(role=F("roles__role"))


def _of_role(role: str, *, only_reached: bool) -> Callable[[Asked, Q], Any]:
    def rows(asked: Asked, narrowed: Q) -> Any:
        found = participants(asked, narrowed, role)
        return found.filter(pk__in=reached(asked, narrowed)) if only_reached else found

    return rows


# Sets that are queries of their own, because a join decides what they hold.
APART: dict[tuple[str, str], Callable[[Asked, Q], Any]] = {
    ("materials", "whole"): pool,
    ("materials", "part"): with_materials,
} | {
    (figure, name): _of_role(role, only_reached=name == "part")
    for role, figure in COVERAGE.items()
    for name in ("part", "whole")
}
