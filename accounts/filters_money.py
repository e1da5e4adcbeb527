"""What lists of contracts, prices and offers may be narrowed by, in pages and the API alike."""

from typing import Any

import django_filters
from django.db.models import F, Q

from accounts.enums import CampaignStatus, OfferStage, Segment
from accounts.filters import ClientRowFilter, IdFilter, SubtreeFilter
from accounts.models import (
    ChurnCause,
    Contract,
    ContractPrice,
    Employee,
    IndexationCampaign,
    IndexationOffer,
    SegmentPlan,
)
from core import clock
from core.filters import FilterSet, SearchFilter


class ContractFilter(ClientRowFilter):
    q = SearchFilter(field_name="client__search_key", label="Клиент")
    number = django_filters.CharFilter(label="Номер", lookup_expr="icontains", max_length=60)
    segment = django_filters.ChoiceFilter(
        choices=Segment.choices, label="Сегмент", field_name="client__segment"
    )
    unit = SubtreeFilter(field_name="client__unit")
    is_current = django_filters.BooleanFilter(label="Действует", method="by_current")
    fixed_until = django_filters.DateFromToRangeFilter(label="Цена зафиксирована по")

    class Meta:
        model = Contract
        fields: list[str] = []

    def by_current(self, queryset: Any, name: str, value: bool) -> Any:
        current = Contract.objects.current_on(clock.today()).values("pk")
        return queryset.filter(pk__in=current) if value else queryset.exclude(pk__in=current)


class ContractPriceFilter(FilterSet):
    contract = IdFilter(field_name="contract_id", label="Договор")
    client = IdFilter(field_name="contract__client_id", label="Клиент")
    effective_on = django_filters.DateFromToRangeFilter(label="Действует с")

    class Meta:
        model = ContractPrice
        fields: list[str] = []


class CampaignFilter(FilterSet):
    year = django_filters.NumberFilter(label="Год", min_value=2000, max_value=2099)
    status = django_filters.ChoiceFilter(choices=CampaignStatus.choices, label="Состояние")

    class Meta:
        model = IndexationCampaign
        fields: list[str] = []


class SegmentPlanFilter(FilterSet):
    campaign = IdFilter(field_name="campaign_id", label="Кампания")
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")

    class Meta:
        model = SegmentPlan
        fields: list[str] = []


class OfferFilter(ClientRowFilter):
    """Offers by client, place, stage; below a per cent, above the plan."""

    q = SearchFilter(field_name="client__search_key", label="Клиент")
    campaign = django_filters.ModelChoiceFilter(
        queryset=IndexationCampaign.objects.all(), label="Кампания"
    )
    stage = django_filters.ChoiceFilter(choices=OfferStage.choices, label="Этап")
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")
    unit = SubtreeFilter(field_name="client__unit")
    specialist = django_filters.ModelChoiceFilter(
        queryset=Employee.objects.all(), label="Специалист", field_name="client__specialist"
    )
    is_exception = django_filters.BooleanFilter(label="Исключение")
    above_plan = django_filters.BooleanFilter(label="Выше плана", method="by_above_plan")
    below = django_filters.NumberFilter(
        label="Согласовано ниже, %", method="by_below", min_value=0, max_value=100
    )

    class Meta:
        model = IndexationOffer
        fields: list[str] = []

    def by_above_plan(self, queryset: Any, name: str, value: bool) -> Any:
        above = Q(stage=OfferStage.AGREED, agreed_percent__gt=F("planned_percent"))
        return queryset.filter(above) if value else queryset.exclude(above)

    def by_below(self, queryset: Any, name: str, value: Any) -> Any:
        """Agreed below so many per cent; a refusal is nought."""
        agreed = Q(stage=OfferStage.AGREED, agreed_percent__lt=value)
        return queryset.filter(agreed | Q(stage=OfferStage.REFUSED))


class ChurnCauseFilter(FilterSet):
    is_active = django_filters.BooleanFilter(label="Предлагается")

    class Meta:
        model = ChurnCause
        fields: list[str] = []
