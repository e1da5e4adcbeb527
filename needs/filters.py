"""Filters of needs, shared by the page and the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Exists, Func, OuterRef, Q, Value
from django.db.models.functions import Lower

from accounts.models import Employee, Unit
from contacts.filters import IdFilter
from core import clock, preferences, text
from core.filters import FilterSet
from needs.enums import ConfirmationStatus, ConfirmationWay, NeedLevel, NeedStatus
from needs.models import Confirmation, Need, NeedFile, NeedStage
from needs.preferences import STUCK_DAYS
from needs.selectors.standing import standing_still


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
    waits = django_filters.BooleanFilter(label="Ждёт подтверждения", method="of_waiting")
    stuck = django_filters.BooleanFilter(label="Застряла на этапе", method="standing_still")
    client = IdFilter(field_name="client", label="Клиент №")

    class Meta:
        model = Need
        fields = [
            "q", "stage", "status", "level", "is_key", "unit", "specialist", "waits", "client",
        ]  # fmt: skip

    def of_waiting(self, queryset: Any, name: str, value: bool) -> Any:
        """Needs whose confirmation was asked and has not come."""
        asked = Confirmation.objects.filter(need=OuterRef("pk"), status=ConfirmationStatus.WAITING)
        return queryset.filter(Exists(asked) if value else ~Exists(asked))

    def standing_still(self, queryset: Any, name: str, value: bool) -> Any:
        """In work and on their stage for longer than the setting allows; or all the others."""
        days = preferences.read()[STUCK_DAYS]
        late = standing_still(queryset, clock.today(), days)
        return late if value else queryset.exclude(pk__in=late.order_by().values("pk"))

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """Clients of the unit and all below it."""
        return queryset.filter(client__unit__path__startswith=value.path)


class BoardFilter(NeedFilter):
    """The same on the board, whose columns are the stages of what is in work."""

    stage = None
    status = None

    class Meta:
        model = Need
        fields = ["q", "level", "is_key", "unit", "specialist", "waits", "client"]


class ConfirmationFilter(FilterSet):
    status = django_filters.ChoiceFilter(
        label="Состояние", choices=ConfirmationStatus.choices, empty_label="Не важно"
    )
    way = django_filters.ChoiceFilter(
        label="Способ", choices=ConfirmationWay.choices, empty_label="Не важно"
    )
    unit = django_filters.ModelChoiceFilter(
        label="Подразделение", queryset=Unit.objects.all(), method="of_unit", empty_label="Не важно"
    )
    requested_by = django_filters.ModelChoiceFilter(
        label="Кто запросил", queryset=Employee.objects.all(), empty_label="Не важно"
    )
    need = IdFilter(field_name="need", label="Потребность №")

    class Meta:
        model = Confirmation
        fields = ["status", "way", "unit", "requested_by", "need"]

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """Clients of the unit and all below it."""
        return queryset.filter(need__client__unit__path__startswith=value.path)


class FileFilter(FilterSet):
    need = IdFilter(field_name="need", label="Потребность №")

    class Meta:
        model = NeedFile
        fields = ["need"]
