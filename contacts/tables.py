"""Columns of the list of participants."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django_tables2 import A

from contacts.models import Participant, Person
from contacts.selectors import Alike, alike_of, role_names
from core.columns import NOTHING, Column, RegisteredColumns
from core.russian import day

_NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
_TITLE = {"td": {"class": "cell-title"}}


class ParticipantTable(tables.Table):
    plain = ("client", "roles", "department", "job_title", "attitude", "phone", "email")

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

    class Meta:
        model = Participant
        empty_text = "Участников пока нет: их добавляют на вкладке «СПР» карточки клиента."
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


class DuplicateTable(RegisteredColumns, tables.Table):
    """Cards that may be of one human being; who they look like is read for a page at once."""

    plain = ("places", "phone", "email")

    columns_target = "duplicates"

    person = tables.Column(
        "Карточка", accessor="search_key", order_by=("search_key", "pk"), attrs=_TITLE
    )
    places = tables.Column("Где стоит", empty_values=(), orderable=False)
    phone = tables.Column(orderable=False, attrs={"td": {"class": "nowrap"}})
    email = tables.Column(orderable=False)
    alike = tables.Column("Похожа на", accessor="pk", orderable=False)

    class Meta:
        model = Person
        empty_text = "Похожих карточек нет: имена, телефоны и e-mail не повторяются."
        fields = ["person", "places", "phone", "email", "alike"]

    def render_person(self, record: Any) -> Any:
        if not record.standing:
            return str(record)
        address = reverse("participant", args=[record.standing[0].pk])
        return format_html('<a href="{}">{}</a>', address, record)

    def value_person(self, record: Any) -> str:
        return str(record)

    def render_places(self, record: Any) -> str:
        return self.value_places(record) or NOTHING

    def value_places(self, record: Any) -> str:
        return "; ".join(map(_place, record.standing))

    def render_alike(self, record: Any) -> Any:
        rows = self._alike(record) if record.standing else []
        if not rows:
            return NOTHING
        return format_html_join(
            format_html("<br>"),
            '<a class="underlined" href="{}?with={}">Сравнить: {}</a>, {} '
            '<span class="text-secondary">({})</span>',
            (
                (
                    reverse("participant_merge", args=[record.standing[0].pk]),
                    str(row.place.pk),
                    row.person,
                    row.place.client,
                    row.why,
                )
                for row in rows
            ),
        )

    def value_alike(self, record: Any) -> str:
        return "; ".join(f"{r.person}, {r.place.client} ({r.why})" for r in self._alike(record))

    def _alike(self, record: Any) -> list[Alike]:
        return self.loaded(self._column, record) or []

    @property
    def _column(self) -> Column:
        user = self.request.user
        return Column("alike", "", load=lambda ids: alike_of(user, ids))


def _place(row: Participant) -> str:
    """«ООО «Ромашка», главный бухгалтер (вышел)»."""
    said = ", ".join(filter(None, [str(row.client), row.job_title]))
    return f"{said} (вышел)" if row.ends_on else said
