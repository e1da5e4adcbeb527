"""What tasks and reviews add to pages: menu, a tab of the client's card, a panel."""

from accounts.enums import Role
from core import navigation, panels, tabs
from visits import review_figures as figures
from visits import review_sections
from visits.review_sections import Source

_SERVING = frozenset({Role.SPECIALIST.value, Role.HEAD.value, Role.MANAGER.value})


def register() -> None:
    """Tell the kernel's registries; called once, when all apps are ready."""
    tabs.register(tabs.Tab("tasks", "Задачи", "client_tasks", "visits.Agreement", 35))
    navigation.register(navigation.NavItem("tasks", "Задачи", "checklist", _SERVING, order=31))
    panels.register(
        panels.Panel(
            "tasks",
            "Мои задачи: просроченные и на сегодня",
            "panel_tasks",
            _SERVING,
            order=15,
            more_url_name="tasks",
            more_label="Все задачи",
        )
    )
    navigation.register(
        navigation.NavItem("reviews", "Контрольные точки", "list-check", _SERVING, order=36)
    )
    navigation.register(
        navigation.NavItem("staff_trainings", "Обучение", "school", _SERVING, 75, "staff")
    )
    for code, order, load in (
        ("contacts", 10, figures.contacts_section),
        ("k2", 20, figures.k2_section),
        ("tasks", 30, figures.tasks_section),
        ("key_users", 50, figures.key_users_section),
    ):
        review_sections.register(Source(code, order, load))
