"""Check the chain of closed bonus sheets; the first broken entry is printed and fails."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bonuses.models import Sheet
from bonuses.selectors.chain import chain


class Command(BaseCommand):
    help = "Проверяет цепочку отпечатков закрытых листов и пересчитывает их по правилам."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--quick", action="store_true", help="только отпечатки, без пересчёта по правилам"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for broken in chain(recompute=not options["quick"]):
            raise CommandError(f"Лист № {broken.number} (id {broken.sheet}): {broken.why}.")
        newest = Sheet.objects.exclude(digest="").order_by("-number").first()
        if newest is None:
            self.stdout.write("Закрытых листов нет.")
        else:
            self.stdout.write(f"Листов: {newest.number}. Последний отпечаток: {newest.digest}")
