from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = "Потребности"

    def ready(self) -> None:
        from needs import policy  # noqa: F401  (policies register themselves)
