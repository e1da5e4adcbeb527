"""`manage.py benchmark <name>`: runs a registered benchmark and prints what it measured."""

from typing import Any

from django.core.management.base import BaseCommand

from core import benchmarks


class Command(BaseCommand):
    help = "Измеряет скорость в отдельной базе на том же сервере."

    def add_arguments(self, parser: Any) -> None:
        names = parser.add_subparsers(dest="name", required=True, metavar="что измерить")
        for found in benchmarks.all_benchmarks():
            found.arguments(names.add_parser(found.name, help=found.help))

    def handle(self, *args: Any, **options: Any) -> None:
        found = {b.name: b for b in benchmarks.all_benchmarks()}[options["name"]]
        found.run(options, self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
