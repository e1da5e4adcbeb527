"""Columns of the list of risks."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django_tables2 import A

from core.russian import day
from visits.models import Risk


class RiskTable(tables.Table):
    plain = ("raised_on", "kind", "text", "visit", "closed_on")

    client = tables.Column(
        order_by=("client__sort_key", "pk"),
        linkify=("client", {"pk": A("client_id")}),
        attrs={"td": {"class": "cell-title"}},
    )
    raised_on = tables.Column(attrs={"td": {"class": "tabular nowrap"}})
    kind = tables.Column(orderable=False)
    text = tables.Column(orderable=False)
    raised_by = tables.Column(order_by=("raised_by__last_name", "pk"))
    visit = tables.Column(orderable=False, linkify=("visit", {"pk": A("visit_id")}))
    closed_on = tables.Column("Состояние", empty_values=())
    outcome = tables.Column(orderable=False)

    class Meta:
        empty_text = "Рисков нет. Их записывают при К2У и на вкладке контактов клиента."
        model = Risk
        fields = [
            "client", "raised_on", "kind", "text", "raised_by", "visit", "closed_on", "outcome",
        ]  # fmt: skip

    def render_raised_on(self, value: Any) -> str:
        return day(value)

    def render_raised_by(self, record: Risk) -> str:
        return record.raised_by.short_name if record.raised_by else "–"

    def render_closed_on(self, record: Risk) -> str:
        if record.closed_on:
            return f"снят {day(record.closed_on)}"
        return format_html(
            '<span>открыт · <a class="underlined" href="{}">Снять'
            '<span class="visually-hidden">: {}</span></a></span>',
            reverse("risk_close", args=[record.pk]),
            record,
        )

    def value_closed_on(self, record: Risk) -> Any:
        return record.closed_on
