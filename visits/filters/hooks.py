"""Filters of news hooks, shared by the page and the API; and the filter of clients by a hook."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from accounts.enums import Segment
from accounts.models import Client
from contacts.filters import IdFilter
from core import clock
from core.filters import FilterSet
from core.policy import policy_for
from visits.models import NewsHook
from visits.selectors import hooks

STATES = [("now", "Действуют"), ("ahead", "Впереди"), ("past", "Закончились")]


class HookFilter(FilterSet):
    q = django_filters.CharFilter(label="Слова повода", max_length=100, method="by_words")
    segment = django_filters.ChoiceFilter(
        label="Сегмент", choices=Segment.choices, empty_label="Не важно", method="of_segment"
    )
    state = django_filters.ChoiceFilter(
        label="Состояние", choices=STATES, empty_label="Не важно", method="in_state"
    )
    client = IdFilter(label="Клиент №", method="for_client")

    class Meta:
        model = NewsHook
        fields = ["q", "segment", "state", "client"]

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        for word in value.split():
            queryset = queryset.filter(
                Q(title__icontains=word) | Q(keywords__icontains=word) | Q(text__icontains=word)
            )
        return queryset

    def of_segment(self, queryset: Any, name: str, value: str) -> Any:
        """A hook without a segment is for both."""
        return queryset.filter(Q(segment="") | Q(segment=value))

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        today = clock.today()
        if value == "now":
            return hooks.in_force(queryset, today)
        late = Q(published_on__gt=today) if value == "ahead" else Q(valid_until__lt=today)
        return queryset.filter(late)

    def for_client(self, queryset: Any, name: str, value: int) -> Any:
        """Hooks in force that match a client in the user's scope."""
        rows = policy_for(Client).visible_to(self.request.user)
        client = rows.filter(pk=value).first()
        if client is None:
            return queryset.none()
        found = hooks.hooks_for(client, clock.today(), limit=1000)
        return queryset.filter(pk__in=[hook.pk for hook in found])


def _clients_of(queryset: Any, name: str, value: NewsHook | None) -> Any:
    return queryset if value is None else hooks.matching(queryset, value)


def client_filters() -> dict[str, Any]:
    """The list of clients narrowed to those whom a hook suits."""
    return {
        "hook": django_filters.ModelChoiceFilter(
            queryset=NewsHook.objects.all(),
            label="Инфоповод",
            method=_clients_of,
            widget=forms.HiddenInput,
        )
    }
