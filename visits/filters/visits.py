"""Filters of contacts, shared by the page and the API."""

from typing import Any

import django_filters
from django.db.models import Q

from accounts.models import Employee, Unit
from accounts.policy import SPECIALIST
from contacts.filters import IdFilter
from core.clock import business_date
from core.filters import FilterSet, SearchFilter
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit
from visits.selectors import my_employees
from visits.selectors.waiting import of_people


class VisitFilter(FilterSet):
    q = SearchFilter(field_name="client__search_key", label="Клиент или ИНН")
    level = django_filters.ChoiceFilter(
        label="Уровень", choices=VisitLevel.choices, empty_label="Не важно"
    )
    status = django_filters.ChoiceFilter(
        label="Состояние", choices=VisitStatus.choices, empty_label="Не важно"
    )
    period = django_filters.DateFromToRangeFilter(label="Период", method="in_period")
    employee = django_filters.ModelChoiceFilter(
        label="Сотрудник",
        queryset=Employee.objects.all(),
        method="of_employee",
        empty_label="Не важно",
    )
    unit = django_filters.ModelChoiceFilter(
        label="Подразделение", queryset=Unit.objects.all(), method="of_unit", empty_label="Не важно"
    )
    whose = django_filters.ChoiceFilter(
        label="Чьи", choices=[("mine", "Мои")], method="by_whose", empty_label="Не важно"
    )
    client = IdFilter(field_name="client", label="Клиент №")

    class Meta:
        model = Visit
        fields = ["q", "level", "status", "period", "employee", "unit", "client"]

    def in_period(self, queryset: Any, name: str, value: slice) -> Any:
        """By the day it was held, or for which it is planned."""
        if value.start:
            since = business_date(value.start)
            queryset = queryset.filter(
                Q(held_on__gte=since) | Q(held_on=None, planned_for__gte=since)
            )
        if value.stop:
            until = business_date(value.stop)
            queryset = queryset.filter(
                Q(held_on__lte=until) | Q(held_on=None, planned_for__lte=until)
            )
        return queryset

    def by_whose(self, queryset: Any, name: str, value: str) -> Any:
        """What one's own day shows: held or joined by oneself; every К1У of a specialist's pool."""
        user = self.request.user
        return of_people(queryset, my_employees(user), pool=user.role == SPECIALIST)

    def of_employee(self, queryset: Any, name: str, value: Employee) -> Any:
        """Held by the employee, alone or as a companion."""
        joined = Visit.companions.through.objects.filter(employee=value).values("visit")
        return queryset.filter(Q(employee=value) | Q(pk__in=joined))

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """Clients of the unit and all below it."""
        return queryset.filter(client__unit__path__startswith=value.path)
