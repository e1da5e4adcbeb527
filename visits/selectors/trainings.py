"""Reads of the staff's training."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Employee, Position
from visits.models import Attendance, StaffTraining
from visits.selectors.reviews import led_units


def with_counts(queryset: Any, user: Any) -> Any:
    """Lessons with how many of those in the user's sight were invited, marked and came."""
    seen = Attendance.objects.visible_to(user).values("pk")
    of_mine = Q(attendance__in=seen)
    return queryset.select_related("unit").annotate(
        invited=Count("attendance", filter=of_mine),
        came=Count("attendance", filter=of_mine & Q(attendance__attended=True)),
        marked=Count("attendance", filter=of_mine & Q(attendance__attended__isnull=False)),
    )


def attendance_of(training: StaffTraining, user: Any) -> list[Attendance]:
    """Who was invited, by name, within the user's sight."""
    rows = Attendance.objects.visible_to(user).filter(training=training)
    return list(
        rows.select_related("employee").order_by(
            "employee__last_name", "employee__first_name", "pk"
        )
    )


def invitable(user: Any, on: date) -> QuerySet[Employee]:
    """The employees whom a user may invite: those who work now in the units they lead."""
    held = Position.objects.current_on(on).filter(unit__in=led_units(user).values("pk"))
    return Employee.objects.filter(pk__in=held.values("employee"), left_on=None)
