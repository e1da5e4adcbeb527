from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    verbose_name = "Схема принятия решений"

    def ready(self) -> None:
        from contacts import policy  # noqa: F401  (policies register themselves)
