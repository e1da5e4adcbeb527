"""Filters of control points and trainings, shared by pages and API."""

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q

from accounts.filters import SubtreeFilter
from accounts.models import Employee
from contacts.filters import IdFilter
from core import clock
from core.filters import FilterSet
from visits.models import Attendance, ControlPoint, ControlPointKind, StaffTraining


class ReviewState(models.TextChoices):
    """How far a control point is."""

    PLANNED = "planned", "Запланирована"
    LATE = "late", "Просрочена"
    HELD = "held", "Проведена"


class ControlPointFilter(FilterSet):
    kind = django_filters.ModelChoiceFilter(
        label="Вид", queryset=ControlPointKind.objects.all(), empty_label="Не важно"
    )
    state = django_filters.ChoiceFilter(
        label="Состояние", choices=ReviewState.choices, method="by_state", empty_label="Не важно"
    )
    specialist = django_filters.ModelChoiceFilter(
        label="Специалист", queryset=Employee.objects.all(), empty_label="Не важно"
    )
    unit = SubtreeFilter(field_name="unit")
    on = django_filters.DateFromToRangeFilter(label="Дата")

    class Meta:
        model = ControlPoint
        fields: list[str] = []

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """As of today."""
        if value == ReviewState.HELD:
            return queryset.filter(held_at__isnull=False)
        rows = queryset.filter(held_at=None)
        return rows.filter(on__lt=clock.today()) if value == ReviewState.LATE else rows


class StaffTrainingFilter(FilterSet):
    q = django_filters.CharFilter(label="Программа или тема", method="by_words", max_length=100)
    unit = SubtreeFilter(field_name="unit")
    employee = django_filters.ModelChoiceFilter(
        label="Кто приглашён",
        queryset=Employee.objects.all(),
        method="of_employee",
        empty_label="Не важно",
    )
    on = django_filters.DateFromToRangeFilter(label="Дата")

    class Meta:
        model = StaffTraining
        fields: list[str] = []

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        """Every typed word stands in the programme or in the title."""
        for word in value.split():
            queryset = queryset.filter(Q(programme__icontains=word) | Q(title__icontains=word))
        return queryset

    def of_employee(self, queryset: Any, name: str, value: Employee) -> Any:
        """Lessons to which an employee is invited."""
        return queryset.filter(pk__in=Attendance.objects.filter(employee=value).values("training"))


class AttendanceFilter(FilterSet):
    training = IdFilter(field_name="training", label="Занятие №")
    employee = django_filters.ModelChoiceFilter(label="Сотрудник", queryset=Employee.objects.all())
    attended = django_filters.BooleanFilter(label="Был")

    class Meta:
        model = Attendance
        fields: list[str] = []
