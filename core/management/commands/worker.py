"""The worker of an installation without a broker: calls the tick in a loop until stopped."""

import signal
import threading
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from core import jobs


class Command(BaseCommand):
    help = "Выполняет задания: ночной расчёт и пересчёт после изменений. Останавливается по Ctrl-C."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="один проход и выход")

    def handle(self, *args: Any, **options: Any) -> None:
        timetable = import_module(settings.TIMETABLE_MODULE).TIMETABLE
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                jobs.tick(timetable)
            except Exception as error:  # the database may be restarting: wait, do not die
                self.stderr.write(f"{type(error).__name__}: {error}")
                connection.close()
            if options["once"]:
                return
            stop.wait(1)
