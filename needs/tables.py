"""Columns of the list of needs."""

from typing import Any

import django_tables2 as tables
from django_tables2 import A

from core.russian import day
from needs.enums import NeedStatus
from needs.models import Need


class NeedTable(tables.Table):
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

    empty_text = "Потребностей пока нет. Откройте первую: её находят на контакте с клиентом."

    class Meta:
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
