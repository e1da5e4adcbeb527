"""The drafts of a month by hand."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from bonuses.months import first_of
from bonuses.services.drafts import draft_month
from core import clock


class Command(BaseCommand):
    help = "Рассчитывает черновики листов премирования за месяц (ГГГГ-ММ, по умолчанию текущий)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--month", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        try:
            typed = options["month"]
            month = datetime.strptime(typed, "%Y-%m").date() if typed else first_of(today)
            counters = draft_month(month, today)
        except ValueError as error:
            raise CommandError("Месяц не понят: нужен ГГГГ-ММ.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            "Готово: листов {sheets}, оценённых ранее {settled}, строк {lines}, "
            "корректировок {corrections}.".format(**counters)
        )
