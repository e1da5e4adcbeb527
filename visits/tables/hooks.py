"""Columns of the list of news hooks."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django_tables2 import A

from core.russian import day
from visits.models import NewsHook


class HookTable(tables.Table):
    plain = ("keywords", "clients")

    title = tables.Column(linkify=("hook", {"pk": A("pk")}), attrs={"td": {"class": "cell-title"}})
    keywords = tables.Column(orderable=False)
    segment = tables.Column(empty_values=(), orderable=False)
    published_on = tables.Column(attrs={"th": {"class": "num"}, "td": {"class": "num"}})
    valid_until = tables.Column(
        empty_values=(), attrs={"th": {"class": "num"}, "td": {"class": "num"}}
    )
    clients = tables.Column(
        "Клиенты", empty_values=(), orderable=False, exclude_from_export=True, accessor="pk"
    )
    text = tables.Column(visible=False)

    class Meta:
        empty_text = "Инфоповодов пока нет. Их добавляет начальник отдела или директор."
        model = NewsHook
        fields = ["title", "keywords", "segment", "published_on", "valid_until", "clients", "text"]

    def render_segment(self, record: NewsHook) -> str:
        return self.value_segment(record)

    def value_segment(self, record: NewsHook) -> str:
        return record.get_segment_display() if record.segment else "оба"

    def render_published_on(self, value: Any) -> str:
        return day(value)

    def render_valid_until(self, record: NewsHook) -> str:
        return day(record.valid_until) if record.valid_until else "пока не снимут"

    def value_valid_until(self, record: NewsHook) -> Any:
        return record.valid_until

    def render_clients(self, record: NewsHook) -> str:
        return format_html(
            '<a class="underlined" href="{}?hook={}">Кому подходит'
            '<span class="visually-hidden">: {}</span></a>',
            reverse("clients"),
            record.pk,
            record.title,
        )
