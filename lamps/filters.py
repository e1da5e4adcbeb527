"""Filters of lamps, shared by the table, its export and the API."""

from typing import Any

import django_filters
from django import forms

from accounts.enums import Segment
from accounts.filters import SubtreeFilter
from accounts.models import Client, Employee, Unit
from core import clock
from core.filters import FilterSet, SearchFilter
from lamps.churn_risk import LABELS
from lamps.enums import Colour, SchemeStatus
from lamps.models import Indicator, Lamp, LampPeriod, LampScheme, PoolDay
from lamps.selectors.churn_risk import ChurnRisk

NOBODY = "null"


class UnitFilter(django_filters.ModelChoiceFilter):
    """Rows of a unit and of everything under it."""

    def __init__(self, *args: Any, path: str = "unit", **kwargs: Any) -> None:
        self.path = path
        kwargs.setdefault("label", "Подразделение")
        kwargs.setdefault("null_label", "Без отдела")
        super().__init__(*args, queryset=Unit.objects.all(), **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if value == self.null_value:
            return qs.filter(**{f"{self.path}__isnull": True})
        if not value:
            return qs
        below = Unit.objects.filter(path__startswith=value.path).order_by().values("pk")
        return qs.filter(**{f"{self.path}__in": list(below.values_list("pk", flat=True))})


def _indicators() -> list[tuple[str, str]]:
    """What may be asked for; read when a form is made, for indicators are data."""
    rows = Indicator.objects.order_by("slot").values_list("code", "label")
    return [(ExpiringFilter.ANY, "Что угодно"), *rows]


class ClientSearch(SearchFilter):
    """Clients by name or ИНН; few are found once and their lamps read by their ids."""

    FEW = 1_000

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        found = super().filter(Client.objects.order_by(), value).values_list("pk", flat=True)
        ids = list(found[: self.FEW + 1])
        return qs.filter(client__in=ids if len(ids) <= self.FEW else found)


class ExpiringFilter(django_filters.ChoiceFilter):
    """Lamps with something that ends soon: an indicator by its code, or anything."""

    ANY = "any"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Скоро закончится")
        super().__init__(*args, choices=_indicators, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        if qs.model is Lamp:
            qs = qs.filter(expires_on__isnull=False)  # the same rows, by their small index
        if value == self.ANY:
            return qs.exclude(expiring=[])
        slots = list(Indicator.objects.filter(code=value).values_list("slot", flat=True))
        return qs.filter(expiring__contains=slots)


def _specialists(field_name: str = "specialist") -> django_filters.ModelChoiceFilter:
    return django_filters.ModelChoiceFilter(
        field_name=field_name,
        label="Специалист",
        queryset=Employee.objects.all(),
        null_label="Без специалиста",
    )


class LampFilter(FilterSet):
    """Filters of lamps as they stand and as they stood."""

    q = ClientSearch(field_name="search_key", label="Клиент, ИНН")
    colour = django_filters.MultipleChoiceFilter(
        distinct=False, choices=Colour.choices, label="Цвет", widget=forms.CheckboxSelectMultiple
    )
    unit = UnitFilter()
    specialist = _specialists()
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")
    is_key = django_filters.BooleanFilter(field_name="client__is_key", label="Ключевой")
    expiring = ExpiringFilter()
    since = django_filters.DateFromToRangeFilter(field_name="since", label="Цвет не меняется с")
    # A board's row of specialists counts a unit without those under it.
    own_unit = django_filters.ModelChoiceFilter(
        field_name="unit",
        queryset=Unit.objects.all(),
        label="Отдел без вложенных",
        null_label="Без отдела",
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Lamp
        fields: list[str] = []


class LampTableFilter(LampFilter):
    """The table also looks back; the view reads the day and chooses the rows."""

    on = django_filters.DateFilter(label="На дату", method="as_it_is")

    def as_it_is(self, qs: Any, name: str, value: Any) -> Any:
        """The view has chosen the rows of the day already."""
        return qs


class LampPeriodFilter(FilterSet):
    """Filters of the history of lamps."""

    client = django_filters.ModelChoiceFilter(queryset=Client.objects.all(), label="Клиент")
    as_of = django_filters.DateFilter(method="on_day", label="На дату")
    colour = django_filters.MultipleChoiceFilter(
        distinct=False, choices=Colour.choices, label="Цвет"
    )
    unit = UnitFilter()
    specialist = _specialists()
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")
    since = django_filters.DateFromToRangeFilter(field_name="since", label="Цвет с")

    class Meta:
        model = LampPeriod
        fields: list[str] = []

    def on_day(self, qs: Any, name: str, value: Any) -> Any:
        """Periods that cover a day."""
        covering = qs.filter(starts_on__lte=value)
        return covering.filter(ends_on__isnull=True) | covering.filter(ends_on__gt=value)


class PoolDayFilter(FilterSet):
    """Filters of the counts kept by day."""

    on = django_filters.DateFromToRangeFilter(label="Дата")
    unit = UnitFilter()
    specialist = _specialists()
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")

    class Meta:
        model = PoolDay
        fields: list[str] = []


class LampSchemeFilter(FilterSet):
    """Filters of the versions of the rules."""

    status = django_filters.MultipleChoiceFilter(
        distinct=False,
        choices=SchemeStatus.choices,
        label="Состояние",
        widget=forms.CheckboxSelectMultiple,
    )
    segment = django_filters.ChoiceFilter(
        choices=Segment.choices, label="Сегмент", null_label="Все сегменты", method="of_segment"
    )

    class Meta:
        model = LampScheme
        fields: list[str] = []

    def of_segment(self, qs: Any, name: str, value: Any) -> Any:
        """A general version has an empty segment."""
        return qs.filter(segment="" if value == NOBODY else value)


class ChurnRiskFilter(FilterSet):
    """Clients that show signals of churn, by who they are and by what they show."""

    q = SearchFilter(field_name="search_key", label="Клиент, ИНН")
    signal = django_filters.MultipleChoiceFilter(
        label="Любой из сигналов",
        choices=[(code.value, label) for code, label in LABELS.items()],
        method="by_signal",
        widget=forms.CheckboxSelectMultiple,
    )
    weight = django_filters.NumberFilter(
        field_name="weight", lookup_expr="gte", label="Вес не меньше", min_value=1, max_value=90
    )
    unit = SubtreeFilter(field_name="unit")
    specialist = _specialists()
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")
    is_key = django_filters.BooleanFilter(label="Ключевой")

    class Meta:
        model = Client
        fields: list[str] = []

    def by_signal(self, qs: Any, name: str, value: list[str]) -> Any:
        """Those that show at least one of the chosen."""
        if not value:
            return qs
        return qs.filter(pk__any_of=churn_risk_of(self.request).showing(value))


def churn_risk_of(request: Any) -> ChurnRisk:
    """Today's signals of whoever asks: read once a request by the list and its filters."""
    if not hasattr(request, "churn_risk"):
        request.churn_risk = ChurnRisk(request.user, clock.today())
    return request.churn_risk
