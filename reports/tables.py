"""Columns of the lists of reports."""

from typing import Any

import django_tables2 as tables
from django_tables2 import A

from core.russian import day
from reports.models import CooperationReport, ReportBatch, TextBlock

_NUM = {"th": {"class": "num"}, "td": {"class": "num"}}


class ReportTable(tables.Table):
    client = tables.Column(
        order_by=("client__sort_key", "pk"),
        linkify=("report", {"pk": A("pk")}),
        attrs={"td": {"class": "cell-title"}},
    )
    since = tables.Column(attrs=_NUM)
    until = tables.Column(attrs=_NUM)
    edition = tables.Column(orderable=False, attrs=_NUM)
    status = tables.Column(order_by=("status", "pk"))
    specialist = tables.Column(
        "Специалист",
        accessor="client__specialist__short_name",
        order_by=("client__specialist__last_name", "pk"),
    )
    presented_to = tables.Column(orderable=False)
    presented_on = tables.Column(attrs=_NUM)

    class Meta:
        empty_text = (
            "Отчётов пока нет. Запросите первый в карточке клиента, вкладка «Отчёты», "
            "или сразу для всего пула."
        )
        model = CooperationReport
        fields = [
            "client", "since", "until", "edition", "status", "specialist", "presented_to",
            "presented_on",
        ]  # fmt: skip

    def render_since(self, value: Any) -> str:
        return day(value)

    def value_since(self, value: Any) -> Any:
        return value

    def render_until(self, value: Any) -> str:
        return day(value)

    def value_until(self, value: Any) -> Any:
        return value

    def render_presented_on(self, value: Any) -> str:
        return day(value)

    def value_presented_on(self, value: Any) -> Any:
        return value


class BatchTable(tables.Table):
    title = tables.Column(
        orderable=False,
        linkify=("report_batch", {"pk": A("pk")}),
        attrs={"td": {"class": "cell-title"}},
    )
    since = tables.Column(orderable=False, attrs=_NUM)
    until = tables.Column(orderable=False, attrs=_NUM)
    reports = tables.Column("Отчётов", accessor="reports_count", orderable=False, attrs=_NUM)
    requested_at = tables.Column(orderable=False, attrs=_NUM)

    class Meta:
        empty_text = "Пакетов пока нет. Запросите отчёты сразу для пула или отдела."
        model = ReportBatch
        fields = ["title", "since", "until", "reports", "requested_at"]

    def render_since(self, value: Any) -> str:
        return day(value)

    def render_until(self, value: Any) -> str:
        return day(value)


class BlockTable(tables.Table):
    section = tables.Column(
        orderable=False,
        linkify=("report_block", {"pk": A("pk")}),
        attrs={"td": {"class": "cell-title"}},
    )
    segment = tables.Column(orderable=False)
    text = tables.Column(orderable=False)

    class Meta:
        empty_text = "Текстов пока нет."
        model = TextBlock
        fields = ["section", "segment", "text"]
