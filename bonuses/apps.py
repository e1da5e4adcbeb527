from django.apps import AppConfig


class BonusesConfig(AppConfig):
    name = "bonuses"
    verbose_name = "Премирование"

    def ready(self) -> None:
        # They register themselves: policies, settings, jobs.
        from bonuses import policy, preferences, registrations, tasks  # noqa: F401

        registrations.register()
