"""Filters of participants, shared by the page and the API."""

from typing import Any

import django_filters
from django import forms

from contacts.enums import Attitude, ParticipantRole
from contacts.models import ClientDepartment, Participant, RolePeriod
from core.filters import FilterSet, SearchFilter


class IdFilter(django_filters.NumberFilter):
    """A row by its id: a part of the address, not a field to fill in."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.HiddenInput)
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **kwargs)


class ParticipantFilter(FilterSet):
    name = SearchFilter(field_name="person__search_key", label="Фамилия, имя")
    q = SearchFilter(field_name="client__search_key", label="Клиент или ИНН")
    role = django_filters.MultipleChoiceFilter(
        label="Роль",
        choices=ParticipantRole.choices,
        method="of_role",
        widget=forms.CheckboxSelectMultiple,
    )
    department = django_filters.ModelChoiceFilter(
        label="Отдел", queryset=ClientDepartment.objects.all(), empty_label="Не важно"
    )
    attitude = django_filters.ChoiceFilter(
        label="Отношение", choices=Attitude.choices, empty_label="Не важно"
    )
    client = IdFilter(field_name="client", label="Клиент №")

    class Meta:
        model = Participant
        fields = ["name", "q", "role", "department", "attitude", "client"]

    def of_role(self, queryset: Any, name: str, value: list[str]) -> Any:
        """Participants who hold one of the roles now."""
        held = RolePeriod.objects.filter(role__in=value, ends_on=None)
        return queryset.filter(pk__in=held.values("participant"))


class ParticipantApiFilter(ParticipantFilter):
    """The API gives those who left too, unless told not to."""

    is_current = django_filters.BooleanFilter(
        field_name="ends_on", lookup_expr="isnull", label="В схеме сейчас"
    )

    class Meta(ParticipantFilter.Meta):
        fields = [*ParticipantFilter.Meta.fields, "is_current"]
