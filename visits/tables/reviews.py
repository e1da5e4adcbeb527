"""Columns of the lists of control points and of trainings."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.html import format_html
from django_tables2 import A

from core import clock
from core.russian import day, number, share
from visits.models import ControlPoint, StaffTraining

_NUM = {"th": {"class": "num"}, "td": {"class": "num"}}


class ControlPointTable(tables.Table):
    plain = ("kind", "specialist", "unit", "state")

    on = tables.Column(
        order_by=("on", "pk"),
        linkify=("review", {"pk": A("pk")}),
        attrs={"td": {"class": "cell-title tabular"}},
    )
    kind = tables.Column(orderable=False)
    specialist = tables.Column(
        "О ком", empty_values=(), order_by=("specialist__last_name", "unit__path", "pk")
    )
    unit = tables.Column(order_by=("unit__path", "pk"))
    led_by = tables.Column(orderable=False)
    state = tables.Column("Состояние", empty_values=(), orderable=False)
    decided = tables.Column("Решений", attrs=_NUM, orderable=False)
    waiting = tables.Column("Из них в работе", attrs=_NUM, orderable=False)

    class Meta:
        empty_text = "Контрольных точек пока нет. Запланируйте первые."
        model = ControlPoint
        fields = ["on", "kind", "specialist", "unit", "led_by", "state", "decided", "waiting"]
        order_by = "-on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today: date = clock.today()

    def render_on(self, value: date) -> str:
        return day(value)

    def value_on(self, value: date) -> date:
        return value

    def render_specialist(self, record: ControlPoint) -> str:
        return record.specialist.short_name if record.specialist else "весь отдел"

    def render_led_by(self, record: ControlPoint) -> str:
        return record.led_by.short_name

    def render_state(self, record: ControlPoint) -> Any:
        return render_to_string("visits/reviews/state.html", {"row": record, "today": self.today})

    def value_state(self, record: ControlPoint) -> str:
        return "Проведена" if record.held_at else "Запланирована"

    def render_decided(self, value: int) -> str:
        return number(value)

    def value_decided(self, value: int) -> int:
        return value

    def render_waiting(self, value: int) -> str:
        return number(value)

    def value_waiting(self, value: int) -> int:
        return value


class StaffTrainingTable(tables.Table):
    plain = ("on", "programme", "audience", "unit")

    title = tables.Column(
        order_by=("title", "pk"),
        linkify=("staff_training", {"pk": A("pk")}),
        attrs={"td": {"class": "cell-title"}},
    )
    on = tables.Column(order_by=("on", "pk"), attrs={"td": {"class": "tabular"}})
    programme = tables.Column(order_by=("programme", "pk"))
    audience = tables.Column(orderable=False)
    unit = tables.Column(empty_values=(), orderable=False)
    led_by = tables.Column(orderable=False)
    invited = tables.Column("Приглашено", attrs=_NUM, orderable=False)
    came = tables.Column("Пришли", attrs=_NUM, orderable=False, empty_values=())

    class Meta:
        empty_text = "Занятий пока нет."
        model = StaffTraining
        fields = ["title", "on", "programme", "audience", "unit", "led_by", "invited", "came"]
        order_by = "-on"

    def render_on(self, value: date) -> str:
        return day(value)

    def value_on(self, value: date) -> date:
        return value

    def render_unit(self, record: StaffTraining) -> str:
        return str(record.unit) if record.unit else "весь центр"

    def render_invited(self, value: int) -> str:
        return number(value)

    def value_invited(self, value: int) -> int:
        return value

    def render_came(self, record: Any) -> Any:
        if not record.marked:
            return format_html('<span class="text-secondary">{}</span>', "не отмечали")
        return f"{number(record.came)} ({share(record.came, record.invited, 0)})"

    def value_came(self, record: Any) -> int | None:
        return record.came if record.marked else None
