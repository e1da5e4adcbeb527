from django.apps import AppConfig

from core import navigation, panels, tabs


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Контакты"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER, SPECIALIST
        from contacts import reach
        from core import events
        from visits import (  # noqa: F401  (they register themselves)
            policy,
            preferences,
            registrations,
            registrations_day,
        )
        from visits.models import Visit
        from visits.selectors.reach import reached_participants

        reach.register(reached_participants)
        events.register("visit.recorded", "Контакт записан", Visit)

        registrations.register()
        registrations_day.register()
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
        navigation.register(
            navigation.NavItem(
                "calendar",
                "Календарь",
                "calendar",
                frozenset({SPECIALIST, HEAD, MANAGER}),
                order=32,
            )
        )
        navigation.register(
            navigation.NavItem(
                "figures",
                "Показатели",
                "chart-bar",
                frozenset({SPECIALIST, HEAD, MANAGER}),
                order=34,
            )
        )
        navigation.register(
            navigation.NavItem(
                "risks",
                "Риски",
                "alert-triangle",
                frozenset({HEAD, MANAGER}),
                order=36,
                section="clients",
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
