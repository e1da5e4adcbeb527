from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "Контакты"

    def ready(self) -> None:
        from visits import policy  # noqa: F401  (policies register themselves)
