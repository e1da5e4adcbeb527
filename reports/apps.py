from django.apps import AppConfig

from core import navigation, panels, parts, tabs


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Отчёты"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER, OFFICE, SPECIALIST
        from core import events
        from reports import policy, preferences, tasks  # noqa: F401  (they register themselves)
        from reports.models import CooperationReport

        events.register("report.presented", "Отчёт представлен", CooperationReport)
        tabs.register(
            tabs.Tab("reports", "Отчёты", "client_reports", "reports.CooperationReport", 80)
        )
        for place in ("campaign", "offer"):
            parts.register(
                parts.Part(
                    place,
                    "letters",
                    "Письма клиентам" if place == "campaign" else "Письмо клиенту",
                    f"{place}_letters",
                    "reports.PriceLetter",
                )
            )
        navigation.register(
            navigation.NavItem(
                "reports",
                "Отчёты клиентам",
                "file-text",
                frozenset({SPECIALIST, HEAD, MANAGER}),
                order=60,
            )
        )
        navigation.register(
            navigation.NavItem(
                "report_letterhead", "Оформление отчётов", "printer", OFFICE, 84, "office"
            )
        )
        panels.register(
            panels.Panel(
                "reports",
                "Отчёты ждут утверждения",
                "panel_reports",
                frozenset({HEAD, MANAGER}),
                order=45,
                more_url_name="reports",
                more_label="Все отчёты",
            )
        )
