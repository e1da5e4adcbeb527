from django.apps import AppConfig


class LampsConfig(AppConfig):
    name = "lamps"
    verbose_name = "Лампочки"

    def ready(self) -> None:
        from lamps import policy  # noqa: F401  (policies register themselves)
