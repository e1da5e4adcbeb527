"""Filters of reports, shared by the page and the API."""

from typing import Any

import django_filters

from accounts.enums import Segment
from accounts.models import Employee, Unit
from contacts.filters import IdFilter
from core import text
from core.filters import FilterSet
from reports.enums import BLOCKS, ReportStatus
from reports.models import CooperationReport, ReportBatch, ReportLink, TextBlock


class ReportFilter(FilterSet):
    q = django_filters.CharFilter(label="Клиент или ИНН", max_length=100, method="of_client")
    status = django_filters.ChoiceFilter(
        label="Состояние", choices=ReportStatus.choices, empty_label="Не важно"
    )
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
    batch = IdFilter(field_name="batch", label="Пакет №")

    class Meta:
        model = CooperationReport
        fields = ["q", "status", "unit", "specialist", "client", "batch"]

    def of_client(self, queryset: Any, name: str, value: str) -> Any:
        """Every typed word stands in the client's name or ИНН."""
        for word in text.key(value).split():
            queryset = queryset.filter(client__search_key__contains=word)
        return queryset

    def of_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        """Clients of the unit and all below it."""
        return queryset.filter(client__unit__path__startswith=value.path)


class LinkFilter(FilterSet):
    report = IdFilter(field_name="report", label="Отчёт №")
    participant = IdFilter(field_name="participant", label="Участник №")

    class Meta:
        model = ReportLink
        fields = ["report", "participant"]


class BatchFilter(FilterSet):
    title = django_filters.CharFilter(label="Для кого", max_length=100, lookup_expr="icontains")

    class Meta:
        model = ReportBatch
        fields = ["title"]


class BlockFilter(FilterSet):
    section = django_filters.ChoiceFilter(label="Раздел", choices=BLOCKS, empty_label="Не важно")
    segment = django_filters.ChoiceFilter(
        label="Сегмент", choices=Segment.choices, empty_label="Не важно"
    )

    class Meta:
        model = TextBlock
        fields = ["section", "segment"]
