"""`manage.py benchmark reports`: many reports in one order, shared by two workers.

Real workers on a database of their own: time per report, memory at its highest and how it grows.
"""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.management import CommandError
from django.db import connection, transaction

from accounts.enums import PositionKind, Role
from accounts.models import Client, Employee, Invoice, Position, Service, Unit, Usage, User
from core import clock
from core.benchmarks import Benchmark, Write, database, register
from needs.models import Need, NeedStage, NeedStep
from reports import services
from reports.models import ReportBatch
from reports.selectors.batches import progress_of

_PATIENCE = 3600
_PROC = Path("/proc")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--reports", type=int, default=200, help="сколько отчётов в пакете")
    parser.add_argument("--workers", type=int, default=2, help="сколько рабочих процессов")


def run(options: dict[str, Any], write: Write) -> None:
    """Order the reports, start the workers, look at them until all is built."""
    count = options["reports"]
    with database("lampa_benchmark_reports", keep=False):
        batch = _order(count)
        workers = [_worker() for _ in range(options["workers"])]
        began, samples = time.perf_counter(), []
        try:
            while not (told := progress_of(batch, services.BUILD)).is_ended:
                if time.perf_counter() - began > _PATIENCE:
                    raise CommandError("Не дождались.")
                samples.append((told.built, sum(_memory(worker.pid) for worker in workers)))
                time.sleep(0.5)
            spent = time.perf_counter() - began
        finally:
            for worker in workers:
                os.killpg(worker.pid, 15)
                worker.wait(timeout=60)
        early = [size for built, size in samples if count // 10 <= built < count // 4]
        late = [size for built, size in samples if built >= count * 3 // 4]
        write(f"{told.built} отчётов, не получилось {told.failed}; рабочих {len(workers)}, ")
        write(f"загрузка машины {os.getloadavg()[0]:.1f}")
        write(f"  всего {spent:.0f} с, на отчёт {spent / count:.2f} с")
        write(f"  память всех процессов: не больше {max(s for _, s in samples) >> 20} МБ")
        if early and late:
            write(
                f"  наибольшая после десятой части {max(early) >> 20} МБ,"
                f" в последней четверти {max(late) >> 20} МБ"
            )


def _worker() -> subprocess.Popen[bytes]:
    given = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(given._replace(path=f"/{connection.settings_dict['NAME']}"))
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "REDIS_URL": ""},
        start_new_session=True,
    )


def _memory(pid: int) -> int:
    """Bytes that a process and all below it hold, what they share counted once."""
    below = [int(p) for p in _read(_PROC / str(pid) / "task" / str(pid) / "children").split()]
    lines = _read(_PROC / str(pid) / "smaps_rollup").splitlines()
    own = sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return own + sum(_memory(child) for child in below)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""


def _order(count: int) -> ReportBatch:
    """Clients of one department with a year of facts and needs, and the order."""
    today = clock.today()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Steps are written as history, not walked one by one.
        cursor.execute("SET LOCAL session_replication_role = replica")
        unit = Unit.objects.create(name="НОИО", kind="department", path="/1/")
        user = User.objects.create(username="benchmark", role=Role.MANAGER)
        chief = Employee.objects.create(
            last_name="Первая", first_name="Анна", hired_on=date(2020, 1, 1), user=user
        )
        Position.objects.create(
            employee=chief, unit=unit, kind=PositionKind.MANAGER, starts_on=date(2020, 1, 1)
        )
        clients = Client.objects.bulk_create(_client(n, unit, chief) for n in range(count))
        services_known = list(Service.objects.all())
        days = [today - timedelta(days=7 * week) for week in range(52)]
        Usage.objects.bulk_create(
            Usage(client=client, service=service, day=day, quantity=5 + client.pk % 7)
            for client in clients
            for service in services_known
            for day in days
        )
        month = today.replace(day=1)
        Invoice.objects.bulk_create(
            Invoice(client=client, month=month, amount=Decimal("12200.00"), due_on=today)
            for client in clients
        )
        needs = Need.objects.bulk_create(
            Need(
                client=client,
                title=f"Задача {number}",
                key_need="Найти ответ быстро и с обоснованием. " * 4,
                solution="Готовое решение, подборка, папка с материалами. " * 4,
                effect="Сами искали бы неделю. " * 3,
                effect_hours=Decimal("12.5"),
                effect_roubles=Decimal("45000.00"),
                author=chief,
                unit=unit,
                opened_on=today - timedelta(days=90),
            )
            for client in clients
            for number in range(1 + client.pk % 8)
        )
        stages = list(NeedStage.objects.filter(is_on=True))
        NeedStep.objects.bulk_create(
            NeedStep(
                need=need, stage=stage, on=today - timedelta(days=30), author=chief,
                evidence="письмо", recorded_at=clock.now(),
            )
            for need in needs
            for stage in stages
        )  # fmt: skip
    return services.request_batch(
        actor=user, clients=clients, title="Замер", since=today - timedelta(days=364),
        until=today, now=clock.now(),
    )  # fmt: skip


def _client(number: int, unit: Unit, chief: Employee) -> Client:
    client = Client(
        name=f"ООО «Клиент {number}»",
        inn=f"{7700000000 + number}",
        kpp="770101001",
        segment="network" if number % 5 == 0 else "retail",
        connected_on=date(2020, 1, 1),
        unit=unit,
        specialist=chief,
    )
    client.clean()
    return client


register(Benchmark("reports", "пакет отчётов о сотрудничестве", run, _arguments))
