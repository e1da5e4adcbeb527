from django.apps import AppConfig

from core import navigation, tabs


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = "Схема принятия решений"

    def ready(self) -> None:
        from accounts.policy import HEAD, MANAGER, SPECIALIST
        from contacts import policy, preferences  # noqa: F401  (they register themselves)

        tabs.register(tabs.Tab("scheme", "СПР", "client_scheme", "contacts.Participant", 20))
        navigation.register(
            navigation.NavItem(
                "participants",
                "Участники СПР",
                "sitemap",
                frozenset({SPECIALIST, HEAD, MANAGER}),
                order=40,
                section="clients",
            )
        )
