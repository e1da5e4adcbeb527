"""Filters of tasks, shared by the page and the API."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.http import QueryDict

from accounts.models import Employee, Position, Unit
from contacts.filters import IdFilter
from core import clock
from core.filters import FilterSet, SearchFilter
from visits.due import SOON_DAYS
from visits.enums import AgreementStatus
from visits.models import Agreement
from visits.selectors import my_employees
from visits.selectors.agreements import of_employees, remind_until


class TaskState(models.TextChoices):
    """What a reader looks for among tasks."""

    OPEN = "open", "В работе"
    OVERDUE = "overdue", "Просроченные"
    TODAY = "today", "На сегодня"
    REMINDED = "reminded", "Пора напомнить"
    WEEK = "week", "На неделю вперёд"
    CLOSED = "closed", "Закрытые"
    ALL = "all", "Все"


class AgreementApiFilter(FilterSet):
    """Tasks; every state unless one is asked for."""

    q = SearchFilter(field_name="client__search_key", label="Клиент или ИНН")
    state = django_filters.ChoiceFilter(
        label="Какие", choices=TaskState.choices, method="by_state", empty_label=None
    )
    whose = django_filters.ChoiceFilter(
        label="Чьи", choices=[("mine", "Мои")], method="by_whose", empty_label="Не важно"
    )
    due = django_filters.DateFromToRangeFilter(field_name="due_on", label="Срок")
    employee = django_filters.ModelChoiceFilter(
        label="Кто делает",
        queryset=Employee.objects.all(),
        method="of_employee",
        empty_label="Не важно",
    )
    unit = django_filters.ModelChoiceFilter(
        label="Подразделение", queryset=Unit.objects.all(), method="of_unit", empty_label="Не важно"
    )
    client = IdFilter(field_name="client", label="Клиент №")
    visit = IdFilter(field_name="visit", label="Контакт №")
    control_point = IdFilter(field_name="control_point", label="Контрольная точка №")

    class Meta:
        model = Agreement
        fields: list[str] = []

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """The state as of today."""
        today = clock.today()
        waiting = queryset.filter(status=AgreementStatus.OPEN)
        if value == TaskState.REMINDED:
            return waiting.filter(due_on__lte=remind_until(today))
        return {
            TaskState.OPEN: waiting,
            TaskState.OVERDUE: waiting.filter(due_on__lt=today),
            TaskState.TODAY: waiting.filter(due_on=today),
            TaskState.WEEK: waiting.filter(
                due_on__gte=today, due_on__lte=today + timedelta(days=SOON_DAYS)
            ),
            TaskState.CLOSED: queryset.exclude(status=AgreementStatus.OPEN),
        }.get(TaskState(value), queryset)

    def by_whose(self, queryset: Any, name: str, value: str) -> Any:
        """One's own and of those one substitutes for."""
        return queryset.filter(pk__in=of_employees(my_employees(self.request.user)).values("pk"))

    def of_employee(self, queryset: Any, name: str, value: Employee) -> Any:
        """Named as theirs, or of a client they serve and of nobody by name."""
        return queryset.filter(pk__in=of_employees([value.pk]).values("pk"))

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """About clients of the unit and all below it; without a client, of its people."""
        path = {"unit__path__startswith": value.path}
        people = Position.objects.current_on(clock.today()).filter(**path).values("employee")
        own = Q(responsible__in=people) | Q(control_point__unit__path__startswith=value.path)
        return queryset.filter(Q(client__unit__path__startswith=value.path) | Q(client=None) & own)


class AgreementFilter(AgreementApiFilter):
    """The page shows what is still to be done, unless asked for more."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # A list opened without a query is filtered too.
        super().__init__(QueryDict() if data is None else data, *args, **kwargs)

    def filter_queryset(self, queryset: Any) -> Any:
        if not self.form.cleaned_data.get("state"):
            queryset = queryset.filter(status=AgreementStatus.OPEN)
        return super().filter_queryset(queryset)
