"""One line that is equal where lamps, history and pools are equal."""

from typing import Any

from django.core.management.base import BaseCommand

from lamps import services


class Command(BaseCommand):
    help = "Печатает отпечаток лампочек, их истории и пулов, чтобы сравнить два расчёта."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(services.digest())
