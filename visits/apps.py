from django.apps import AppConfig

from core import navigation, panels, tabs


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Контакты"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER, SPECIALIST
        from visits import policy  # noqa: F401  (policies register themselves)

        tabs.register(tabs.Tab("visits", "Контакты", "client_visits", "visits.Visit", 30))
        navigation.register(
            navigation.NavItem(
                "visits",
                "Контакты",
                "calendar-event",
                frozenset({SPECIALIST, HEAD, MANAGER}),
                order=30,
            )
        )
        panels.register(
            panels.Panel(
                "visits",
                "Контакты на сегодня и просроченные",
                "panel_visits",
                frozenset({SPECIALIST, HEAD}),
                order=20,
                more_url_name="visits",
                more_label="Все контакты",
            )
        )
