"""Columns of the list of participants."""

from typing import Any

import django_tables2 as tables
from django_tables2 import A

from contacts.models import Participant
from contacts.selectors import role_names
from core.russian import day

_NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
_TITLE = {"td": {"class": "cell-title"}}


class ParticipantTable(tables.Table):
    person = tables.Column(
        "Участник",
        order_by=("person__search_key", "pk"),
        linkify=("participant", {"pk": A("pk")}),
        attrs=_TITLE,
    )
    client = tables.Column(
        order_by=("client__sort_key", "pk"), linkify=("client", {"pk": A("client_id")})
    )
    roles = tables.Column("Роли", empty_values=(), orderable=False)
    department = tables.Column(order_by=("department__order", "pk"))
    job_title = tables.Column(orderable=False)
    attitude = tables.Column(orderable=False)
    influence = tables.Column(visible=False)
    phone = tables.Column(
        "Телефон", accessor="person__phone", orderable=False, attrs={"td": {"class": "nowrap"}}
    )
    email = tables.Column("E-mail", accessor="person__email", orderable=False)
    verified_on = tables.Column(attrs=_NUM)

    empty_text = "Участников пока нет: их добавляют на вкладке «СПР» карточки клиента."

    class Meta:
        model = Participant
        fields = [
            "person",
            "client",
            "roles",
            "department",
            "job_title",
            "attitude",
            "influence",
            "phone",
            "email",
            "verified_on",
        ]

    def render_roles(self, record: Any) -> str:
        return role_names(record) or "–"

    def value_roles(self, record: Any) -> str:
        return role_names(record)

    def render_verified_on(self, value: Any) -> str:
        return day(value)

    def value_verified_on(self, value: Any) -> Any:
        return value
