from django.apps import AppConfig


class LampsConfig(AppConfig):
    name = "lamps"
    verbose_name = "Лампочки"

    def ready(self) -> None:
        from core import events

        # They register themselves: policies, receivers of signals, jobs.
        from lamps import (  # noqa: F401
            day,
            policy,
            preferences,
            receivers,
            registrations,
            sections,
            tasks,
        )
        from lamps.models import Lamp

        events.register("lamp.changed", "Лампочка сменила цвет", Lamp)
        registrations.register()
        sections.register_sections()
        day.register_sources()
