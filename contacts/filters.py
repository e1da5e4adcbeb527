"""Filters of participants, shared by the page and the API."""

from typing import Any

import django_filters
from django import forms

from contacts import selectors
from contacts.enums import Attitude, Likeness, ParticipantRole, Trouble
from contacts.models import ClientDepartment, Participant, Person, RolePeriod
from core import clock
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
    trouble = django_filters.MultipleChoiceFilter(
        label="Что поправить",
        choices=Trouble.choices,
        method="in_trouble",
        widget=forms.CheckboxSelectMultiple,
    )
    is_served = django_filters.BooleanFilter(
        field_name="client__disconnected_on", lookup_expr="isnull", label="Клиент подключён"
    )
    client = IdFilter(field_name="client", label="Клиент №")

    class Meta:
        model = Participant
        fields = ["name", "q", "role", "department", "attitude", "trouble", "client"]

    def of_role(self, queryset: Any, name: str, value: list[str]) -> Any:
        """Participants who hold one of the roles now."""
        held = RolePeriod.objects.filter(role__in=value, ends_on=None)
        return queryset.filter(pk__in=held.values("participant"))

    def in_trouble(self, queryset: Any, name: str, value: list[str]) -> Any:
        """Participants with all that is ticked: each tick narrows."""
        for trouble in value:
            queryset = _TROUBLES[Trouble(trouble)](queryset, clock.today())
        return queryset


_TROUBLES = {
    Trouble.WITHOUT_ROLE: selectors.without_role,
    Trouble.NOT_VERIFIED: selectors.long_unverified,
    Trouble.NOT_REACHED: selectors.not_reached,
}


class ParticipantApiFilter(ParticipantFilter):
    """The API gives those who left too, unless told not to."""

    is_current = django_filters.BooleanFilter(
        field_name="ends_on", lookup_expr="isnull", label="В схеме сейчас"
    )

    class Meta(ParticipantFilter.Meta):
        fields = [*ParticipantFilter.Meta.fields, "is_current"]


class DuplicateFilter(FilterSet):
    """Narrows the list of possible duplicates."""

    name = SearchFilter(field_name="search_key", label="Фамилия, имя")
    q = SearchFilter(field_name="search_key", label="Клиент или ИНН", method="at_client")
    by = django_filters.MultipleChoiceFilter(
        label="Что совпадает",
        choices=Likeness.choices,
        method="already",
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Person
        fields = ["name", "q", "by"]

    def at_client(self, queryset: Any, name: str, value: str) -> Any:
        """People in the schemes of clients whose name or ИНН holds the words."""
        places = Participant.objects.unmerged().visible_to(self.request.user)
        found = SearchFilter(field_name="client__search_key").filter(places, value)
        return queryset.filter(pk__in=found.values("person"))

    def already(self, queryset: Any, name: str, value: list[str]) -> Any:
        """The rows come so from the page: asked for again here, they would be found twice."""
        return queryset
