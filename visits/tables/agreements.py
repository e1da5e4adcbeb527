"""Columns of the list of tasks."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from django_tables2 import A

from core import clock
from visits.models import Agreement


def executor_name(row: Agreement) -> str:
    """Who does it: the one named, else whoever serves the client today."""
    if row.responsible is not None:
        return row.responsible.short_name
    served = row.client.specialist if row.client else None
    return served.short_name if served else "никто: клиент не закреплён"


class AgreementTable(tables.Table):
    plain = ("due_on", "client", "participant", "status")

    what = tables.Column(
        "Задача",
        linkify=("task", {"pk": A("pk")}),
        orderable=False,
        attrs={"td": {"class": "cell-title"}},
    )
    due_on = tables.Column(order_by=("due_on", "pk"), attrs={"td": {"class": "tabular"}})
    client = tables.Column(
        order_by=("client__sort_key", "due_on", "pk"),
        linkify=lambda record: (
            reverse("client", args=[record.client_id]) if record.client_id else None
        ),
    )
    participant = tables.Column(orderable=False)
    responsible = tables.Column("Кто делает", empty_values=(), orderable=False)
    status = tables.Column(orderable=False)
    agreed_on = tables.Column(order_by=("agreed_on", "pk"), attrs={"td": {"class": "tabular"}})
    closed_on = tables.Column(visible=False)
    outcome = tables.Column(visible=False)

    class Meta:
        empty_text = "Задач нет. Договорённости записывают в контакте или в карточке клиента."
        model = Agreement
        fields = [
            "what",
            "due_on",
            "client",
            "participant",
            "responsible",
            "status",
            "agreed_on",
            "closed_on",
            "outcome",
        ]
        order_by = "due_on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today: date = clock.today()

    def render_what(self, value: str) -> str:
        return Truncator(value).chars(120)

    def value_what(self, value: str) -> str:
        return value

    def render_due_on(self, record: Agreement) -> str:
        return render_to_string("visits/tasks/due.html", {"row": record, "today": self.today})

    def value_due_on(self, value: date) -> date:
        return value

    def render_agreed_on(self, value: date) -> str:
        return f"{value:%d.%m.%Y}"

    def value_agreed_on(self, value: date) -> date:
        return value

    def render_responsible(self, record: Agreement) -> str:
        return executor_name(record)
