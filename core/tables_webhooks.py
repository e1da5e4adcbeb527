"""Columns of webhooks and of what was sent by them."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from core import events
from core.models import Delivery, Webhook
from core.russian import daytime

NUM = {"th": {"class": "num"}, "td": {"class": "num"}}


def state_of(webhook: Webhook) -> str:
    """Whether a webhook sends, in a word."""
    if webhook.stopped_at:
        return "остановлен"
    return "получатель не отвечает" if webhook.retry_at else "работает"


class WebhookTable(tables.Table):
    """Every webhook and how it fares."""

    name = tables.Column(attrs={"td": {"class": "cell-title"}})
    url = tables.Column()
    user = tables.Column(orderable=False)
    kinds = tables.Column(orderable=False)
    state = tables.Column(verbose_name="Состояние", accessor="pk", orderable=False)
    waiting = tables.Column(verbose_name="Ждёт отправки", attrs=NUM)
    failed = tables.Column(verbose_name="Не доставлено", attrs=NUM)

    class Meta:
        empty_text = "Вебхуков пока нет: добавьте адрес, и события будут приходить туда сами"
        model = Webhook
        fields = ("name", "url", "user", "kinds")
        order_by = "name"

    def render_name(self, value: str, record: Webhook) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("webhook", args=[record.pk]), value)

    def value_name(self, value: str) -> str:
        return value

    def render_kinds(self, value: list[str]) -> str:
        return ", ".join(events.label_of(kind) for kind in value)

    def render_state(self, record: Webhook) -> Any:
        state = state_of(record)
        return state if state == "работает" else format_html('<span class="badge">{}</span>', state)

    def value_state(self, record: Webhook) -> str:
        return state_of(record)


class DeliveryTable(tables.Table):
    """The log of a webhook, the newest event first. What an event says is not shown: only who
    sees the client may read that."""

    position = tables.Column(attrs=NUM)
    kind = tables.Column(verbose_name="Событие", accessor="event__kind", orderable=False)
    at = tables.Column(verbose_name="Случилось", accessor="event__at", orderable=False)
    status = tables.Column()
    attempts = tables.Column(attrs=NUM)
    next_at = tables.Column(verbose_name="Следующая попытка", orderable=False)

    class Meta:
        empty_text = "Событий для этого получателя ещё не было"
        model = Delivery
        fields = ("position", "kind", "at", "status", "attempts", "next_at")
        order_by = "-position"

    def render_position(self, value: int, record: Delivery) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("delivery", args=[record.pk]), value)

    def value_position(self, value: int) -> int:
        return value

    def render_kind(self, value: str) -> str:
        return events.label_of(value)

    def render_at(self, value: Any) -> str:
        return daytime(value)

    def render_next_at(self, value: Any, record: Delivery) -> str:
        return daytime(value) if record.status == "pending" else "–"
