"""Filters of needs, shared by the page and the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Func, Q, Value
from django.db.models.functions import Lower

from accounts.models import Employee, Unit
from contacts.filters import IdFilter
from core import text
from core.filters import FilterSet
from needs.enums import NeedLevel, NeedStatus
from needs.models import Need, NeedStage


class TextSearch(django_filters.CharFilter):
    """Every typed word must occur in the client's name, ИНН or the need's title."""

    field_class = forms.CharField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="Клиент, ИНН или потребность", max_length=100, **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        words = text.key(value or "").split()
        if not words:
            return qs
        qs = qs.alias(
            title_key=Func(
                Lower("title"), Value("ё"), Value("е"), function="replace", output_field=CharField()
            )
        )
        for word in words:
            qs = qs.filter(Q(client__search_key__contains=word) | Q(title_key__contains=word))
        return qs


class NeedFilter(FilterSet):
    q = TextSearch()
    stage = django_filters.ModelChoiceFilter(
        label="Этап",
        queryset=NeedStage.objects.filter(is_on=True),
        null_label="Ещё не выявлена",
        empty_label="Не важно",
    )
    status = django_filters.ChoiceFilter(
        label="Состояние", choices=NeedStatus.choices, empty_label="Не важно"
    )
    level = django_filters.ChoiceFilter(
        label="Чья потребность", choices=NeedLevel.choices, empty_label="Не важно"
    )
    is_key = django_filters.BooleanFilter(label="Ключевая")
    unit = django_filters.ModelChoiceFilter(
        label="Подразделение", queryset=Unit.objects.all(), method="of_unit", empty_label="Не важно"
    )
    specialist = django_filters.ModelChoiceFilter(
        label="Специалист",
        queryset=Employee.objects.all(),
        field_name="client__specialist",
        empty_label="Не важно",
    )
    client = IdFilter(field_name="client", label="Клиент №")

    class Meta:
        model = Need
        fields = ["q", "stage", "status", "level", "is_key", "unit", "specialist", "client"]

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """Clients of the unit and all below it."""
        return queryset.filter(client__unit__path__startswith=value.path)
