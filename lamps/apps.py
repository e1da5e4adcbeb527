from django.apps import AppConfig


class LampsConfig(AppConfig):
    name = "lamps"
    verbose_name = "Лампочки"

    def ready(self) -> None:
        # They register themselves: policies, receivers of signals, jobs.
        from lamps import day, policy, receivers, registrations, sections, tasks  # noqa: F401

        registrations.register()
        sections.register_sections()
        day.register_sources()
