"""What preparation, news hooks and my day add to pages: menu, sections, filters of clients."""

from accounts.enums import Role
from core import columns, navigation, panels, tabs
from visits import day_sources
from visits.filters.hooks import client_filters
from visits.filters.waiting import waiting_filters
from visits.sections import Section
from visits.sections import register as register_section
from visits.selectors import preparation

_SERVING = frozenset({Role.SPECIALIST.value, Role.HEAD.value, Role.MANAGER.value})
_DAILY = frozenset({Role.SPECIALIST.value, Role.HEAD.value})
_SECTIONS = (
    Section(
        "scheme",
        "СПР: кто решает и кто пользуется",
        "visits/sections/scheme.html",
        preparation.scheme_section,
        20,
        "scheme",
    ),
    Section(
        "contacts",
        "Последние контакты и договорённости",
        "visits/sections/contacts.html",
        preparation.contacts_section,
        30,
        "visits",
    ),
    Section("risks", "Риски", "visits/sections/risks.html", preparation.risks_section, 50),
    Section(
        "portrait",
        "Портрет и специфика",
        "visits/sections/portrait.html",
        preparation.portrait_section,
        60,
        "overview",
    ),
    Section("hooks", "Инфоповоды", "visits/sections/hooks.html", preparation.hooks_section, 70),
    Section(
        "usage",
        "ЦОК и ЦО за 12 месяцев",
        "visits/sections/usage.html",
        preparation.usage_section,
        80,
        "usage",
    ),
)


def register() -> None:
    """Tell the kernel's registries; called once, when all apps are ready."""
    navigation.register(navigation.NavItem("day", "Мой день", "sun", _SERVING, order=-1))
    panels.register(
        panels.Panel("day", "Что ждёт сегодня", "panel_day", _DAILY, 1, True, "day", "Мой день")
    )
    tabs.register(tabs.Tab("overview", "Обзор", "client_overview", "accounts.Client", 5))
    for action in (
        tabs.Action("visit_log", "Записать контакт", "plus", "visits.Visit", "add", True, 10),
        tabs.Action("client_prepare", "Запланировать", "calendar-plus", "visits.Visit", order=20),
    ):
        tabs.register_action(action)
    day_sources.register_sources()
    navigation.register(navigation.NavItem("hooks", "Инфоповоды", "bell", _SERVING, 50, "clients"))
    columns.register_filters("client", client_filters)
    columns.register_filters("client", waiting_filters)
    for section in _SECTIONS:
        register_section(section)
