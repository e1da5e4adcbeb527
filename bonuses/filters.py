"""Filters of bonuses, shared by pages, their files and the API."""

import django_filters

from accounts.models import Client, Employee
from bonuses.enums import ObjectionStatus, SchemeKind, SchemeStatus, SheetStatus
from bonuses.models import BonusScheme, ManualFact, Objection, PayBase, PayrollExport, Sheet, Upsell
from core.filters import FilterSet
from lamps.filters import UnitFilter


def _employee(field_name: str = "employee") -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(
        field_name=field_name, label="Сотрудник", queryset=Employee.objects.all()
    )


class SheetFilter(FilterSet):
    """Filters of sheets."""

    month = django_filters.DateFromToRangeFilter(label="Месяц")
    unit = UnitFilter()
    employee = _employee()
    status = django_filters.ChoiceFilter(choices=SheetStatus.choices, label="Состояние")
    kind = django_filters.ChoiceFilter(choices=SchemeKind.choices, label="Должность")

    class Meta:
        model = Sheet
        fields: list[str] = []


class ObjectionFilter(FilterSet):
    """Filters of objections."""

    status = django_filters.ChoiceFilter(choices=ObjectionStatus.choices, label="Состояние")
    month = django_filters.DateFromToRangeFilter(field_name="line__sheet__month", label="Месяц")
    employee = _employee("line__sheet__employee")

    class Meta:
        model = Objection
        fields: list[str] = []


class BonusSchemeFilter(FilterSet):
    """Filters of the versions of the rules."""

    kind = django_filters.ChoiceFilter(choices=SchemeKind.choices, label="Для кого")
    status = django_filters.ChoiceFilter(choices=SchemeStatus.choices, label="Состояние")

    class Meta:
        model = BonusScheme
        fields: list[str] = []


class PayBaseFilter(FilterSet):
    """Filters of bases."""

    employee = _employee()
    starts_on = django_filters.DateFromToRangeFilter(label="С")

    class Meta:
        model = PayBase
        fields: list[str] = []


class UpsellFilter(FilterSet):
    """Filters of additional sales."""

    employee = _employee()
    client = django_filters.ModelChoiceFilter(label="Клиент", queryset=Client.objects.all())
    on = django_filters.DateFromToRangeFilter(label="Дата")

    class Meta:
        model = Upsell
        fields: list[str] = []


class ManualFactFilter(FilterSet):
    """Filters of KPIs entered by hand."""

    employee = _employee()
    month = django_filters.DateFromToRangeFilter(label="Месяц")

    class Meta:
        model = ManualFact
        fields: list[str] = []


class PayrollExportFilter(FilterSet):
    """Filters of what was given to payroll."""

    month = django_filters.DateFromToRangeFilter(label="Месяц")

    class Meta:
        model = PayrollExport
        fields: list[str] = []
