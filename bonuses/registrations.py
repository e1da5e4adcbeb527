"""What this app tells the kernel: navigation, panels of the start page, events."""

from accounts.enums import Role
from bonuses.models import Sheet
from core import events, navigation, panels

_EARNING = frozenset({Role.SPECIALIST.value, Role.HEAD.value})
_LEADING = frozenset({Role.HEAD.value, Role.MANAGER.value})
_PEOPLE = _EARNING | _LEADING
_MANAGER = frozenset({Role.MANAGER.value})
SHEET_CLOSED = "sheet.closed"


def register() -> None:
    """Tell the kernel's registries; called once, when all apps are ready."""
    for item in (
        navigation.NavItem("pay_sheets", "Премия", "coin", _PEOPLE, 64, "money"),
        navigation.NavItem("pay_month", "Премирование за месяц", "calendar", _LEADING, 65, "money"),
        navigation.NavItem("upsells", "Допродажи ВКСП", "report-money", _PEOPLE, 66, "money"),
        navigation.NavItem("manual_facts", "Показатели вручную", "pencil", _LEADING, 67, "money"),
        navigation.NavItem("pay_bases", "Базы премий", "currency-ruble", _MANAGER, 68, "office"),
        navigation.NavItem("bonus_schemes", "Схемы премирования", "award", _PEOPLE, 69, "office"),
    ):
        navigation.register(item)
    for panel in (
        panels.Panel(
            "pay_estimate", "Моя премия", "panel_pay_estimate",
            frozenset({Role.SPECIALIST.value}), 40, False, "pay_estimate", "Подробно",
        ),
        panels.Panel(
            "pay_waiting", "Премирование", "panel_pay_waiting", _LEADING, 60, False, "pay_month"
        ),
    ):  # fmt: skip
        panels.register(panel)
    events.register(SHEET_CLOSED, "Лист премирования закрыт", Sheet)
