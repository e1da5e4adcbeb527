"""Columns of the lists of letters."""

from typing import Any

import django_tables2 as tables
from django_tables2 import A

from accounts.tables import NUM, TITLE, DayColumn
from accounts.tables_money import PercentColumn, RoublesColumn
from core.russian import percent, roubles
from reports.models import LetterBatch, PriceLetter


class LetterTable(tables.Table):
    client = tables.Column(
        "Клиент",
        accessor="offer__client__name",
        order_by=("offer__client__sort_key", "pk"),
        linkify=("price_letter", {"pk": A("pk")}),
        attrs=TITLE,
    )
    contract = tables.Column("Договор", accessor="offer__contract__number", orderable=False)
    made_on = DayColumn(order_by=("made_on", "pk"))
    percent = PercentColumn(
        verbose_name="Предложено", accessor="offer__offered_percent", orderable=False
    )
    price = RoublesColumn(verbose_name="Новая цена", accessor="snapshot", orderable=False)
    stage = tables.Column("Этап предложения", accessor="offer__get_stage_display", orderable=False)
    made_by = tables.Column(orderable=False)

    class Meta:
        empty_text = "Писем пока нет: подготовьте их на странице кампании индексации."
        model = PriceLetter
        fields = ("client", "contract", "made_on", "percent", "price", "stage", "made_by")
        order_by = "-made_on"

    def render_percent(self, record: PriceLetter) -> Any:
        return percent(record.snapshot["percent"], 2)

    def render_price(self, record: PriceLetter) -> str:
        return roubles(record.snapshot["price_after"])


class LetterBatchTable(tables.Table):
    title = tables.Column(orderable=False, linkify=("letter_batch", {"pk": A("pk")}), attrs=TITLE)
    campaign = tables.Column(orderable=False)
    size = tables.Column(orderable=False, attrs=NUM)
    written = tables.Column(orderable=False, attrs=NUM)
    requested_at = tables.Column(orderable=False, attrs=NUM)

    class Meta:
        empty_text = "Пакетов пока нет: подготовьте письма на странице кампании индексации."
        model = LetterBatch
        fields = ("title", "campaign", "size", "written", "requested_at")
