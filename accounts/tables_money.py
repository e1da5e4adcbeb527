"""Columns of contracts, campaigns and offers."""

from typing import Any

import django_tables2 as tables

from accounts.models import ChurnCause, Contract, IndexationCampaign, IndexationOffer
from accounts.tables import NUM, TITLE, DayColumn
from core.columns import PortionedData
from core.russian import day, percent, roubles


class RoublesColumn(tables.Column):
    """Roubles; a number in a file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", NUM)
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return roubles(value)

    def value(self, value: Any) -> Any:
        return value


class ContractTable(tables.Table):
    number = tables.Column(linkify=("contract", {"pk": tables.A("pk")}), attrs=TITLE)
    client = tables.Column(
        linkify=("client", {"pk": tables.A("client_id")}), order_by=("client__sort_key", "pk")
    )
    price = RoublesColumn(verbose_name="Цена в месяц")
    starts_on = DayColumn()
    ends_on = DayColumn(verbose_name="До")
    fixed_until = DayColumn(verbose_name="Цена зафиксирована по")

    class Meta:
        empty_text = "Договоров пока нет: добавьте первый из карточки клиента, вкладка «Деньги»."
        model = Contract
        fields = ("number", "client", "kit", "price", "starts_on", "ends_on", "fixed_until")
        order_by = "number"

    def render_fixed_until(self, value: Any) -> str:
        return day(value)


class PercentColumn(tables.Column):
    """Per cent; a number in a file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", NUM)
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return percent(value, 2)

    def value(self, value: Any) -> Any:
        return value


class CampaignTable(tables.Table):
    year = tables.Column(linkify=("campaign", {"pk": tables.A("pk")}), attrs=TITLE)
    starts_on = DayColumn()
    effective_on = DayColumn()

    class Meta:
        empty_text = "Кампаний пока нет: подготовьте первую, задайте планы сегментов и начните."
        model = IndexationCampaign
        fields = ("year", "status", "starts_on", "effective_on")
        order_by = "-year"


class OfferTable(tables.Table):
    client = tables.Column(
        linkify=("offer", {"pk": tables.A("pk")}), order_by=("client__sort_key", "pk"), attrs=TITLE
    )
    contract = tables.Column(accessor="contract__number", verbose_name="Договор", orderable=False)
    segment = tables.Column(orderable=False)
    specialist = tables.Column(
        accessor="client__specialist__short_name", verbose_name="Специалист", orderable=False
    )
    price_before = RoublesColumn()
    planned_percent = PercentColumn()
    offered_percent = PercentColumn()
    offered_on = DayColumn(verbose_name="Когда предложено")
    stage = tables.Column()
    agreed_percent = PercentColumn()
    agreed_on = DayColumn(verbose_name="Когда согласовано")
    price_after = RoublesColumn()

    class Meta:
        empty_text = "Предложений нет: они появляются, когда кампания начинается."
        model = IndexationOffer
        fields = (
            "client",
            "contract",
            "segment",
            "specialist",
            "price_before",
            "planned_percent",
            "offered_percent",
            "offered_on",
            "stage",
            "agreed_percent",
            "agreed_on",
            "price_after",
        )
        order_by = "client"

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(PortionedData(data), *args, **kwargs)

    def render_stage(self, record: IndexationOffer, value: str) -> Any:
        if record.is_exception and record.stage == "agreed":
            return f"{value}, исключение"
        return value


class ChurnCauseTable(tables.Table):
    label = tables.Column(linkify=("churn_cause_edit", {"pk": tables.A("pk")}), attrs=TITLE)

    class Meta:
        empty_text = "Причин пока нет"
        model = ChurnCause
        fields = ("label", "is_active", "order")
