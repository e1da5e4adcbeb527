"""What lamps add to pages below: menu, a tab, panels of the start page, a column of clients."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.utils.html import format_html, format_html_join

from accounts.enums import Role
from accounts.selectors.contracts import monthly_by_client
from core import clock, columns, navigation, panels, readiness, tabs
from core.russian import counted, hundredths, roubles
from core.templatetags.lampa import icon, lamp
from lamps.churn_risk import RiskSignal
from lamps.enums import Colour
from lamps.review_section import lamps_section
from lamps.selectors.churn_risk import signals_of
from lamps.selectors.schemes import newest_night
from lamps.selectors.table import lamps_of
from visits import review_sections

_SERVING = frozenset({Role.SPECIALIST.value, Role.HEAD.value, Role.MANAGER.value})
_LEADING = frozenset({Role.HEAD.value, Role.MANAGER.value})
_OFFICE = frozenset({Role.MANAGER.value, Role.ADMIN.value})
_SPECIALIST = frozenset({Role.SPECIALIST.value})


def _load(client_ids: Sequence[int]) -> dict[int, Any]:
    return lamps_of(client_ids)


def _html(found: Any) -> Any:
    if found.total is None:
        return lamp(found.colour)
    shown = '<span class="lamp-and-sum">{}<span>{}</span></span>'
    return format_html(shown, lamp(found.colour), hundredths(found.total))


def _plain(found: Any) -> str:
    return str(found.get_colour_display())


def _filters() -> dict[str, django_filters.Filter]:
    return {
        "lamp": django_filters.MultipleChoiceFilter(
            distinct=False,
            field_name="lamp__colour",
            choices=Colour.choices,
            label="Лампочка",
            widget=forms.CheckboxSelectMultiple,
        )
    }


def _night_is_recent() -> bool:
    """Two nights lost in a row are a fault; before the first night there is nothing to lose."""
    night = newest_night()
    return night is None or (clock.today() - night).days <= 2


def _signals(client_ids: Sequence[int]) -> dict[int, list[RiskSignal]]:
    return signals_of(client_ids, clock.today())


def _risk_sign(signals: list[RiskSignal]) -> Any:
    """How many signals, with what they are for whoever points at it."""
    said = counted(len(signals), "сигнал,сигнала,сигналов")
    shown = '<span class="nowrap risk-sign" title="{}">{} {}</span>'
    return format_html(
        shown, "; ".join(s.words for s in signals), icon("alert-triangle", size=16), said
    )


def _risk_words(signals: list[RiskSignal]) -> Any:
    rows = format_html_join("", "<li>{}</li>", ((s.words,) for s in signals))
    return format_html('<ul class="list-unstyled mb-0 risk-why">{}</ul>', rows)


def _risk_text(signals: list[RiskSignal]) -> str:
    return "; ".join(signal.words for signal in signals)


def _prices(client_ids: Sequence[int]) -> dict[int, Any]:
    return dict(monthly_by_client(clock.today(), client_ids))


def _register_churn_risk() -> None:
    navigation.register(
        navigation.NavItem("churn_risk", "Риск отключения", "alert-triangle", _SERVING, 59, "money")
    )
    tabs.register(tabs.Tab("risk", "Риск отключения", "client_risk", "lamps.Lamp", 72))
    columns.register(
        "client",
        columns.Column(
            "risk", "Риск отключения", _signals, _risk_sign, _risk_text, order=20, in_list=False
        ),
    )
    columns.register(
        "churn_risk", columns.Column("signals", "Почему", _signals, _risk_words, _risk_text, 10)
    )
    columns.register(
        "churn_risk",
        columns.Column("price", "Платит в месяц", _prices, roubles, order=20, css="num"),
    )


def register() -> None:
    """Tell the kernel's registries; called once, when all apps are ready."""
    readiness.needs("night")(_night_is_recent)
    navigation.register(
        navigation.NavItem("board", "Состояние пула", "chart-bar", _LEADING, order=20)
    )
    navigation.register(navigation.NavItem("lamps", "Лампочки", "bulb", _SERVING, order=30))
    navigation.register(
        navigation.NavItem("lamp_schemes", "Схемы лампочек", "adjustments", _OFFICE, 80, "office")
    )
    navigation.register(navigation.NavItem("jobs", "Задания", "clock-play", _OFFICE, 90, "office"))
    tabs.register(tabs.Tab("lamp", "Лампочка", "client_lamp", "lamps.Lamp", 10))
    columns.register(
        "client",
        columns.Column(
            code="lamp",
            label="Лампочка",
            load=_load,
            html=_html,
            plain=_plain,
            order=10,
            filters=_filters,
        ),
    )
    _register_churn_risk()
    review_sections.register(review_sections.Source("lamps", 5, lamps_section))
    for panel in (
        panels.Panel("my_lamps", "Мои лампочки", "panel_my_lamps", _SPECIALIST, 10, True, "lamps"),
        panels.Panel("expiring", "Скоро закончится", "panel_expiring", _SPECIALIST, 20),
        panels.Panel("pools", "Пул: норма", "panel_pools", _LEADING, 10, True, "board"),
        panels.Panel(
            "changes", "Сменили цвет", "panel_changes", _LEADING, 20, False, "board_changes"
        ),
        panels.Panel("leaders_expiring", "Скоро закончится", "panel_expiring", _LEADING, 30),
    ):
        panels.register(panel)
