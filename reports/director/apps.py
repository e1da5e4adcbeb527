from django.apps import AppConfig


class DirectorConfig(AppConfig):
    name = "reports.director"
    label = "director"
    verbose_name = "Доска директора"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER
        from core import navigation

        navigation.register(
            navigation.NavItem(
                "director", "Цели года", "layout-dashboard", frozenset({MANAGER}), order=1
            )
        )
        navigation.register(
            navigation.NavItem(
                "churn_plan",
                "План отключений",
                "trending-down",
                frozenset({HEAD, MANAGER}),
                60,
                "money",
            )
        )
