"""Filters of risks, shared by the page and the API."""

from typing import Any

import django_filters

from accounts.models import Unit
from contacts.filters import IdFilter
from core.filters import FilterSet, SearchFilter
from visits.enums import RiskKind
from visits.models import Risk

STATES = [("open", "Открыт"), ("closed", "Снят")]


class RiskFilter(FilterSet):
    q = SearchFilter(field_name="client__search_key", label="Клиент или ИНН")
    kind = django_filters.ChoiceFilter(
        label="Вид", choices=RiskKind.choices, empty_label="Не важно"
    )
    state = django_filters.ChoiceFilter(
        label="Состояние", choices=STATES, empty_label="Не важно", method="in_state"
    )
    raised = django_filters.DateFromToRangeFilter(label="Замечен", field_name="raised_on")
    unit = django_filters.ModelChoiceFilter(
        label="Подразделение", queryset=Unit.objects.all(), method="of_unit", empty_label="Не важно"
    )
    client = IdFilter(field_name="client", label="Клиент №")

    class Meta:
        model = Risk
        fields = ["q", "kind", "state", "raised", "unit", "client"]

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(closed_on__isnull=value == "open")

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """Clients of the unit and all below it."""
        return queryset.filter(client__unit__path__startswith=value.path)
