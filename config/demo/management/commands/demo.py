"""`manage.py demo`: the invented centre, and who may log in to it."""

from argparse import ArgumentParser
from datetime import date
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo import CLIENTS, fill
from config.demo.build import DemoRefused, is_filled, nights, unfinished
from config.demo.staff import PASSWORD, TOKEN

LOGINS = (
    ("director", "директор по сервису: весь центр"),
    ("head1 … head5", "начальники отделов НОИО 1 … НОИО 5"),
    ("spec1", "специалист НОИО 1, среди клиентов «Ромашка»"),
    ("spec2", "специалист НОИО 1, «Василек»; замещает spec3"),
    ("spec3", "специалист НОИО 1, «Лютик»; сейчас в отпуске"),
    ("spec4 … spec51", "остальные специалисты"),
    ("admin", "администратор: пользователи, настройки, журнал"),
)


class Command(BaseCommand):
    help = "Заполнить пустую базу вымышленным сервисным центром; --logins: кто может войти."
    _said = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, default=CLIENTS, help="сколько клиентов")
        parser.add_argument(
            "--on", type=date.fromisoformat, help="на дату ГГГГ-ММ-ДД; нет: сегодня"
        )
        parser.add_argument("--no-history", action="store_true", help="без года ночных расчётов")
        parser.add_argument("--force", action="store_true", help="в рабочем режиме, в пустую базу")
        parser.add_argument("--logins", action="store_true", help="только напечатать, кто войдёт")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self._logins()
            return
        if settings.PRODUCTION and not options["force"]:
            raise CommandError("В рабочем режиме демонстрация не заполняется (нужен --force).")
        began = monotonic()
        say = self._say if options["verbosity"] else None
        if is_filled():
            if settings.PRODUCTION:
                raise CommandError("База не пуста: демонстрация не заполняется.")
            day = unfinished()
            if day is None or options["no_history"]:
                self.stdout.write("Данные уже есть, ничего не изменено.")
                return
            nights(day, say)
            self.stdout.write("Данные уже были; рассчитаны лампочки за год.")
            return
        try:
            rows = fill(
                clients=options["clients"],
                on=options["on"],
                history=not options["no_history"],
                progress=say,
            )
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Демонстрация готова: клиентов {options['clients']}, строк {sum(rows.values())}, "
            f"{monotonic() - began:.0f} с."
        )

    def _say(self, step: str) -> None:
        """Each step once: the night reports every day it computes."""
        if step != self._said:
            self._said = step
            self.stdout.write(f"  {step}")
            self.stdout.flush()

    def _logins(self) -> None:
        if settings.PRODUCTION:
            raise CommandError("В рабочем режиме демонстрационных входов нет.")
        self.stdout.write(f"Пароль у всех один: {PASSWORD}")
        for login, who in LOGINS:
            self.stdout.write(f"  {login:<15} {who}")
        self.stdout.write(f"Ключ API (Authorization: Bearer …): {TOKEN}")
