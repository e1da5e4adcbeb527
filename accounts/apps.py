from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Клиенты и сотрудники"

    def ready(self) -> None:
        from accounts import policy, preferences  # noqa: F401  (they register themselves)
        from accounts.enums import Role
        from accounts.models import Churn
        from core import events, navigation, panels, retention, tabs, webhooks  # noqa: F401
        from core.navigation import NavItem
        from core.panels import Panel
        from core.tabs import Tab

        events.register("client.churned", "Клиент отключился", Churn)
        for tab in (
            Tab("usage", "Использование", "client_usage", "accounts.Client", 60),
            Tab("money", "Деньги", "client_money", "accounts.Client", 70),
            Tab("history", "История", "client_history", "accounts.Client", 90),
        ):
            tabs.register(tab)

        admin = frozenset({Role.ADMIN.value})
        leading = frozenset({Role.HEAD.value, Role.MANAGER.value})
        serving = leading | {Role.SPECIALIST}
        office = frozenset({Role.MANAGER.value, Role.ADMIN.value})
        for item in (
            NavItem("home", "Главная", "home", order=0),
            NavItem("clients", "Клиенты", "building", serving, 20),
            NavItem("contracts", "Договоры", "file-text", serving, 58, "money"),
            NavItem("payment_shares", "Процент оплат", "report-money", serving, 59, "money"),
            NavItem("campaigns", "Индексация", "trending-up", serving, 57, "money"),
            NavItem("churns", "Отключения", "user-off", leading, 60, "money"),
            NavItem("targets", "Планы", "target", leading, 61, "staff"),
            NavItem("units", "Подразделения", "sitemap", leading | admin, 70, "staff"),
            NavItem("employees", "Сотрудники", "users", leading | admin, 71, "staff"),
            NavItem("substitutions", "Замещения", "user-check", leading | admin, 72, "staff"),
            NavItem("feeds", "Потоки данных", "database", office, 80, "exchange"),
            NavItem("churn_causes", "Причины отключений", "list", office, 81, "office"),
            NavItem(
                "imports",
                "Загрузки файлов",
                "upload",
                frozenset({Role.MANAGER.value, Role.INTEGRATOR.value}),
                81,
                "exchange",
            ),
            NavItem("settings", "Настройки", "settings", office, 82, "office"),
            NavItem("work_calendar", "Рабочие дни", "briefcase", office, 83, "office"),
            NavItem("users", "Пользователи", "user-circle", admin, 85, "office"),
            NavItem("tokens", "Ключи API", "key", admin, 86, "exchange"),
            NavItem(
                "events", "События", "activity", frozenset({Role.MANAGER.value}), 88, "exchange"
            ),
            NavItem("webhooks", "Вебхуки", "send", admin, 87, "exchange"),
            NavItem("audit", "Журнал", "history", admin, 87, "office"),
            NavItem("help", "Справка", "help-circle", order=99),
        ):
            navigation.register(item)
        for order, (code, label) in enumerate(
            [
                ("clients", "О клиентах"),
                ("money", "Деньги"),
                ("staff", "Сотрудники"),
                ("exchange", "Обмен с КИС"),
                ("office", "Настройки"),
            ]
        ):
            navigation.register_section(navigation.NavSection(code, label, order))

        panels.name_home(
            {
                Role.SPECIALIST.value: "Сегодня",
                Role.HEAD.value: "Мой отдел",
                Role.MANAGER.value: "Центр",
                Role.ADMIN.value: "Управление программой",
            }
        )
        for panel in (
            Panel(
                "new_clients",
                "Новые клиенты",
                "panel_new_clients",
                serving,
                60,
                more_url_name="clients",
                more_label="Все клиенты",
            ),
            Panel(
                "substitutions",
                "Замещения сегодня",
                "panel_substitutions",
                serving,
                70,
                more_url_name="substitutions",
                more_label="Все замещения",
            ),
            Panel(
                "churn",
                "Отключения месяца",
                "panel_churn",
                leading,
                65,
                more_url_name="churns",
                more_label="Все отключения",
            ),
            Panel(
                "feeds",
                "Свежесть данных",
                "panel_feeds",
                frozenset({Role.MANAGER.value}),
                90,
                more_url_name="feeds",
                more_label="Потоки данных",
            ),
            Panel("settings", "Настройки", "panel_settings", admin, 10, wide=True),
            Panel(
                "webhooks",
                "Вебхуки",
                "panel_webhooks",
                admin,
                20,
                more_url_name="webhooks",
                more_label="Все вебхуки",
            ),
        ):
            panels.register(panel)
