"""Versions of the rules as a list."""

from typing import Any

import django_tables2 as tables

from core.russian import hundredths, number
from lamps.models import LampScheme


class LampSchemeTable(tables.Table):
    """Versions of the rules."""

    name = tables.Column(
        verbose_name="Название",
        linkify=("lamp_scheme", [tables.A("pk")]),
        attrs={"td": {"class": "cell-title"}},
    )
    segment = tables.Column(verbose_name="Сегмент", empty_values=())
    effective_from = tables.DateColumn(verbose_name="Действует с", format="d.m.Y")
    status = tables.Column(verbose_name="Состояние")
    limits = tables.Column(verbose_name="Жёлтый и зелёный от", accessor="yellow_from")
    norms = tables.Column(verbose_name="Норма, %", accessor="norm_red", orderable=False)

    class Meta:
        empty_text = "Схем пока нет"
        model = LampScheme
        fields = ("name", "segment", "effective_from", "status", "limits", "norms")
        order_by = "-effective_from"

    def render_segment(self, record: Any) -> str:
        return record.get_segment_display() or "Все сегменты"

    value_segment = render_segment

    def render_limits(self, record: Any) -> str:
        return f"{hundredths(record.yellow_from)} и {hundredths(record.green_from)}"

    def render_norms(self, record: Any) -> str:
        return " / ".join(
            number(v) for v in (record.norm_red, record.norm_yellow, record.norm_green)
        )
