"""Columns of the list of needs."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django_tables2 import A

from core import clock
from core.russian import day
from needs.enums import ConfirmationStatus, NeedStatus
from needs.models import Confirmation, Need


class NeedTable(tables.Table):
    plain = ("client", "stage", "level", "participant", "specialist")

    title = tables.Column(linkify=("need", {"pk": A("pk")}), attrs={"td": {"class": "cell-title"}})
    client = tables.Column(
        order_by=("client__sort_key", "pk"), linkify=("client", {"pk": A("client_id")})
    )
    stage = tables.Column("Этап", empty_values=(), order_by=("stage__code", "pk"))
    level = tables.Column(orderable=False)
    is_key = tables.Column("Ключевая", orderable=False)
    priority = tables.Column()
    department = tables.Column(orderable=False, visible=False)
    participant = tables.Column(orderable=False)
    specialist = tables.Column(
        "Специалист",
        accessor="client__specialist__short_name",
        order_by=("client__specialist__last_name", "pk"),
    )
    opened_on = tables.Column(attrs={"th": {"class": "num"}, "td": {"class": "num"}})

    class Meta:
        empty_text = "Потребностей пока нет. Откройте первую: её находят на контакте с клиентом."
        model = Need
        fields = [
            "title",
            "client",
            "stage",
            "level",
            "is_key",
            "priority",
            "department",
            "participant",
            "specialist",
            "opened_on",
        ]

    def value_stage(self, record: Need) -> str:
        if record.status == NeedStatus.DROPPED:
            return "Снята"
        return str(record.stage) if record.stage else "Ещё не выявлена"

    def render_stage(self, record: Need) -> str:
        return self.value_stage(record)

    def render_is_key(self, value: bool) -> str:
        return "да" if value else "–"

    def value_is_key(self, value: bool) -> str:
        return "да" if value else "нет"

    def render_opened_on(self, value: Any) -> str:
        return day(value)

    def value_opened_on(self, value: Any) -> Any:
        return value


class ConfirmationTable(tables.Table):
    plain = ("client", "participant", "way", "status")

    need = tables.Column(
        orderable=False,
        linkify=("need", {"pk": A("need_id")}),
        attrs={"td": {"class": "cell-title"}},
    )
    client = tables.Column(
        "Клиент", accessor="need__client", order_by=("need__client__sort_key", "pk"),
        linkify=("client", {"pk": A("need__client_id")}),
    )  # fmt: skip
    participant = tables.Column(orderable=False)
    way = tables.Column(orderable=False)
    status = tables.Column(orderable=False)
    requested_by = tables.Column(order_by=("requested_by__last_name", "pk"))
    requested_at = tables.Column(attrs={"th": {"class": "num"}, "td": {"class": "num"}})
    answered_at = tables.Column(attrs={"th": {"class": "num"}, "td": {"class": "num"}})
    answer = tables.Column(orderable=False)

    class Meta:
        empty_text = "Запросов нет. Подтверждение запрашивают в карточке потребности с эффектом."
        model = Confirmation
        fields = [
            "need", "client", "participant", "way", "status",
            "requested_by", "requested_at", "answered_at", "answer",
        ]  # fmt: skip

    def render_status(self, record: Confirmation, value: str) -> Any:
        if record.status == ConfirmationStatus.WAITING and record.expires_at is None:
            return format_html(
                '{}. <a href="{}">Рассмотреть<span class="visually-hidden">: {}</span></a>',
                value,
                reverse("confirmation", args=[record.pk]),
                record.need,
            )
        return value

    def value_status(self, value: str) -> str:
        return value

    def render_requested_at(self, value: Any) -> str:
        return day(clock.business_date(value))

    def value_requested_at(self, value: Any) -> Any:
        return clock.business_date(value)

    def render_answered_at(self, value: Any) -> str:
        return day(clock.business_date(value))

    def value_answered_at(self, value: Any) -> Any:
        return clock.business_date(value)
