"""Clients with signals of churn: what they show, what they pay, whose they are."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse

from accounts.models import Client
from accounts.tables import NUM, TITLE
from core.columns import RegisteredColumns


class ChurnRiskTable(RegisteredColumns, tables.Table):
    columns_target = "churn_risk"
    columns_after = "weight"

    name = tables.Column(
        linkify=lambda record: f"{reverse('client', args=[record.pk])}?tab=risk",
        attrs=TITLE,
        verbose_name="Клиент",
    )
    weight = tables.Column(verbose_name="Вес", attrs=NUM, initial_sort_descending=True)
    segment = tables.Column(orderable=False)
    specialist = tables.Column(orderable=False, empty_values=())
    unit = tables.Column(orderable=False)

    class Meta:
        empty_text = (
            "Никто не подаёт сигналов. Если так не бывает, проверьте пороги в настройках "
            "и свежесть данных."
        )
        model = Client
        fields = ("name", "weight", "segment", "specialist", "unit")
        order_by = "-weight"

    def order_name(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}sort_key", f"{sign}id"), True

    def order_weight(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        return queryset.order_by("-weight" if is_descending else "weight", "sort_key", "id"), True

    def render_specialist(self, record: Client) -> str:
        return record.specialist.short_name if record.specialist else "–"

    def value_specialist(self, record: Client) -> str:
        return str(record.specialist or "")
