"""Columns of the list of contacts."""

from typing import Any

import django_tables2 as tables
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.text import Truncator
from django_tables2 import A

from core.russian import day
from visits.enums import VisitStatus
from visits.models import Visit

_NUM = {"th": {"class": "num head-wraps"}, "td": {"class": "num"}}


class VisitTable(tables.Table):
    plain = ("level", "status", "client", "employee", "participants", "summary")

    held_on = tables.Column(
        "Дата",
        empty_values=(),
        linkify=("visit", {"pk": A("pk")}),
        attrs={"td": {"class": "cell-title tabular"}},
    )
    level = tables.Column(orderable=False)
    status = tables.Column(orderable=False)
    client = tables.Column(
        order_by=("client__sort_key", "pk"),
        linkify=("client", {"pk": A("client_id")}),
        attrs={"td": {"class": "cell-name"}},
    )
    employee = tables.Column("Сотрудник", order_by=("employee__last_name", "pk"))
    participants = tables.Column("Участники", empty_values=(), orderable=False)
    prepared = tables.Column("Подготовлен", empty_values=(), orderable=False)
    materials = tables.Column("Папок и закладок", attrs=_NUM)
    summary = tables.Column(
        "Цель или результат",
        empty_values=(),
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "cell-text"}},
    )
    # Both whole in the file; the page has room for the one that matters.
    goal = tables.Column(visible=False)
    result = tables.Column(visible=False)

    class Meta:
        empty_text = "Контактов пока нет. Запланируйте или запишите первый."
        model = Visit
        fields = [
            "held_on",
            "level",
            "status",
            "client",
            "employee",
            "participants",
            "prepared",
            "materials",
            "summary",
            "goal",
            "result",
        ]

    def order_held_on(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        """By the day it was held or is planned for."""
        day = Coalesce("held_on", "planned_for")
        return queryset.order_by(*((day.desc(), "-pk") if is_descending else (day, "pk"))), True

    def value_held_on(self, record: Visit) -> Any:
        return record.held_on or record.planned_for

    def render_held_on(self, record: Visit) -> str:
        return day(record.held_on or record.planned_for)

    def render_employee(self, record: Visit) -> str:
        joined = [companion.short_name for companion in record.companions.all()]
        return ", ".join([record.employee.short_name, *joined])

    def render_participants(self, record: Visit) -> str:
        return self.value_participants(record)

    def value_participants(self, record: Visit) -> str:
        return ", ".join(map(str, record.participants.all()))

    def render_summary(self, record: Visit) -> str:
        told = record.result if record.status == VisitStatus.DONE else record.goal
        return Truncator(told).chars(80)

    def render_materials(self, record: Visit) -> str:
        """Of a contact that did not take place there is nothing to say yet: no zero."""
        return str(record.materials) if record.status == VisitStatus.DONE else ""

    def render_prepared(self, record: Visit) -> str:
        if record.status == VisitStatus.CANCELLED:
            return "–"
        if record.is_prepared:
            return "да"
        word = "ещё нет" if record.status == VisitStatus.PLANNED else "нет"
        return format_html('<span class="text-secondary">{}</span>', word)

    def value_prepared(self, record: Visit) -> str:
        return "да" if record.is_prepared else "нет"
