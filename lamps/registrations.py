"""What lamps add to pages below: menu, a tab, panels of the start page, a column of clients."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.utils.html import format_html

from accounts.enums import Role
from core import clock, columns, navigation, panels, readiness, tabs
from core.russian import hundredths
from core.templatetags.lampa import lamp
from lamps.enums import Colour
from lamps.review_section import lamps_section
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
