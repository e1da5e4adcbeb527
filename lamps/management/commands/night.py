"""The night by hand: today, another date, or everything since a date."""

from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from lamps import services


def parse_date(typed: str) -> date:
    """ДД.ММ.ГГГГ or ГГГГ-ММ-ДД. Raises CommandError."""
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(typed, form).date()
        except ValueError:
            continue
    raise CommandError(f"Дата «{typed}» не понята: нужна ДД.ММ.ГГГГ или ГГГГ-ММ-ДД.")


class Command(BaseCommand):
    help = "Рассчитывает лампочки на дату; пропущенные ночи рассчитываются тоже."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--on", type=parse_date, help="дата, по умолчанию сегодня")
        parser.add_argument(
            "--since", type=parse_date, help="рассчитать заново каждый день с этой даты"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        for day in (options["on"], options["since"]):
            if day and day > today:
                raise CommandError("Дата ещё не наступила.")
        if options["since"]:
            counters = services.recompute_since(options["since"], self._progress)
        else:
            counters = services.compute_night(options["on"] or today, self._progress)
        self.stdout.write(
            "Готово: дней {days}, клиентов {clients}, новых периодов {periods}, "
            "изменено лампочек {lamps}, пулов {pools}.".format(**counters)
        )

    def _progress(self, text: str, percent: int) -> None:
        self.stdout.write(f"{percent:3d} % {text}")
