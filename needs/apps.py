from django.apps import AppConfig

from core import navigation, panels, tabs


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = "Потребности"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER, SPECIALIST
        from core import events
        from needs import (  # noqa: F401  (they register themselves)
            agenda,
            day,
            policy,
            preferences,
            sections,
        )
        from needs.models import Need
        from needs.review_section import needs_section
        from visits import review_sections

        events.register("need.moved", "Потребность сменила этап", Need)
        agenda.register_parts()
        review_sections.register(review_sections.Source("needs", 60, needs_section))
        sections.register_sections()
        day.register_sources()

        tabs.register(tabs.Tab("needs", "Потребности", "client_needs", "needs.Need", 40))
        navigation.register(
            navigation.NavItem(
                "impact", "Влияние потребностей", "chart-line", frozenset({HEAD, MANAGER}), 56,
                "money",
            )
        )  # fmt: skip
        navigation.register(
            navigation.NavItem(
                "needs", "Потребности", "puzzle", frozenset({SPECIALIST, HEAD, MANAGER}), order=35
            )
        )
        panels.register(
            panels.Panel(
                "confirmations",
                "Ждут подтверждения",
                "panel_confirmations",
                frozenset({HEAD, MANAGER}),
                order=38,
                more_url_name="confirmations",
                more_label="Все запросы",
            )
        )
        panels.register(
            panels.Panel(
                "needs",
                "Потребности в один шаг от подтверждения",
                "panel_needs",
                frozenset({SPECIALIST, HEAD}),
                order=40,
                more_url_name="need_almost",
                more_label="Весь список",
            )
        )
