"""Who may see and log contacts: whoever serves the client; К2У is for heads and above."""

from typing import Any

from django.db.models import Q

from accounts.models import Client, Position
from accounts.policy import (
    HEAD,
    INTEGRATOR,
    LEADING,
    MANAGER,
    SERVING,
    SPECIALIST,
    ClientRowPolicy,
    OpenPolicy,
    access_of,
    pool_condition,
)
from core import clock
from core.policy import Policy
from visits.enums import VisitLevel
from visits.models import (
    Agreement,
    Attendance,
    CalendarFeed,
    ControlPoint,
    ControlPointKind,
    NewsHook,
    Risk,
    StaffTraining,
    Visit,
    VisitCriterion,
    VisitMark,
)


class VisitPolicy(ClientRowPolicy):
    model = Visit
    grants = {
        "view": SERVING,
        "add": SERVING,
        "change": SERVING,
        "log_k2": frozenset({HEAD, MANAGER, INTEGRATOR}),
    }

    def levels(self, user: Any) -> list[str]:
        """The levels of contact that the user may record."""
        return list(VisitLevel) if self.can(user, "log_k2") else [VisitLevel.K1]

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if action == "change" and obj.level not in self.levels(user):
            return False
        return super().can_object(user, action, obj)


class CalendarFeedPolicy(Policy):
    """Everybody issues and revokes an address of their own; nobody sees another's."""

    model = CalendarFeed
    _own = frozenset({SPECIALIST, HEAD, MANAGER})
    grants = {"view": _own, "add": _own, "revoke": _own}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(user_id=user.pk)


def _led(user: Any, prefix: str) -> Q:
    """The condition that a unit lies in what a head leads; `prefix` leads to the unit's row."""
    led = Q(pk__in=[])
    if user.role == HEAD:
        for path in access_of(user).unit_paths:
            led |= Q(**{f"{prefix}path__startswith": path})
    return led


def _staff(user: Any) -> Any:
    """The employees who work now in the units that a head leads."""
    held = Position.objects.current_on(clock.today())
    return held.filter(_led(user, "unit__")).values("employee")


class AgreementPolicy(Policy):
    """Tasks: those about a client go with the client, the others with who does them.

    A specialist sees what a head took upon themselves for the same client, and leaves it alone.
    """

    model = Agreement
    grants = {"view": SERVING, "add": SERVING, "change": SERVING}

    def scope(self, user: Any, queryset: Any) -> Any:
        access = access_of(user)
        if access.everything:
            return queryset
        # By sets of ids, not by joins: a join to each side would read every client.
        about = Q(client__in=Client.objects.filter(pool_condition(user)).values("pk"))
        own = Q(responsible__in=access.employees)
        if user.role == HEAD:
            led = ControlPoint.objects.filter(_led(user, "unit__")).values("pk")
            own |= Q(responsible__in=_staff(user)) | Q(control_point__in=led)
        return queryset.filter(about | Q(client=None) & own)

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if not super().can_object(user, action, obj):
            return False
        if action == "change" and user.role == SPECIALIST and obj.responsible_id:
            return obj.responsible_id in access_of(user).employees
        return True


class ControlPointKindPolicy(OpenPolicy):
    model = ControlPointKind


class ControlPointPolicy(Policy):
    """A head reviews the units below; a specialist reads what was said of their own pool."""

    model = ControlPoint
    grants = {"view": SERVING, "add": LEADING, "change": LEADING}

    def scope(self, user: Any, queryset: Any) -> Any:
        access = access_of(user)
        if access.everything:
            return queryset
        return queryset.filter(Q(specialist__in=access.employees) | _led(user, "unit__"))


class AttendancePolicy(Policy):
    """Who came to a lesson: one's own row, one's people, the lessons of one's units."""

    model = Attendance
    grants = {"view": SERVING, "add": LEADING, "change": LEADING, "delete": LEADING}

    def scope(self, user: Any, queryset: Any) -> Any:
        access = access_of(user)
        if access.everything:
            return queryset
        reach = Q(employee__in=access.employees)
        if user.role == HEAD:
            reach |= Q(employee__in=_staff(user)) | _led(user, "training__unit__")
        return queryset.filter(reach)


class StaffTrainingPolicy(Policy):
    """Lessons: a specialist's own; a head's units' and those to which their people are invited.

    A lesson of the whole centre is seen by every head and changed by the director.
    """

    model = StaffTraining
    grants = {"view": SERVING, "add": LEADING, "change": LEADING}

    def scope(self, user: Any, queryset: Any) -> Any:
        if access_of(user).everything:
            return queryset
        invited = Attendance.objects.visible_to(user).values("training")
        reach = Q(pk__in=invited)
        if user.role == HEAD:
            reach |= Q(unit=None) | _led(user, "unit__")
        return queryset.filter(reach)

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if not super().can_object(user, action, obj):
            return False
        if action == "change" and user.role == HEAD:
            return obj.unit is not None and any(
                obj.unit.path.startswith(path) for path in access_of(user).unit_paths
            )
        return True


class RiskPolicy(ClientRowPolicy):
    model = Risk
    grants = {"view": SERVING, "add": SERVING, "change": SERVING}


class VisitMarkPolicy(ClientRowPolicy):
    """Marks are written with their contact, by its power."""

    model = VisitMark
    path = "visit__client__"
    grants = {"view": SERVING}


class VisitCriterionPolicy(OpenPolicy):
    model = VisitCriterion


class NewsHookPolicy(OpenPolicy):
    """Reasons to call are nobody's secret; heads, directors and integrations write them."""

    model = NewsHook
    grants = {"view": SERVING, "add": LEADING | {INTEGRATOR}, "change": LEADING | {INTEGRATOR}}
