from django.apps import AppConfig

from core import navigation, panels, tabs


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = "Потребности"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER, SPECIALIST
        from needs import policy  # noqa: F401  (policies register themselves)

        tabs.register(tabs.Tab("needs", "Потребности", "client_needs", "needs.Need", 40))
        navigation.register(
            navigation.NavItem(
                "needs", "Потребности", "puzzle", frozenset({SPECIALIST, HEAD, MANAGER}), order=35
            )
        )
        panels.register(
            panels.Panel(
                "needs",
                "Потребности в один шаг от подтверждения",
                "panel_needs",
                frozenset({SPECIALIST, HEAD}),
                order=40,
                more_url_name="needs",
                more_label="Все потребности",
            )
        )
