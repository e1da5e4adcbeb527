"""Speed of bulk writes: usage by the engine and by an import, beside a bare COPY of the rows."""

import io
import resource
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import override_settings

from accounts.enums import Role, Segment
from accounts.models import Client, Service, Usage, User
from core import clock, export, jobs
from core.benchmarks import Benchmark, Write, database, register
from core.bulk import engine, services
from core.bulk.models import Import
from core.bulk.resources import find
from core.bulk.tables import RowTable
from core.models import AuditEntry, JobRun

DAYS = 20
_STATUS = Path("/proc/self/status")
Fact = tuple[int, str, int, str, date, int]  # client, ИНН, service, its code, day, quantity


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=100_000, help="сколько строк загрузить")


def _run(options: dict[str, Any], write: Write) -> None:
    count = options["rows"]
    with (
        database("lampa_benchmark_bulk", keep=False),
        TemporaryDirectory() as folder,
        override_settings(MEDIA_ROOT=folder),
    ):
        actor = User.objects.create(username="benchmark", role=Role.MANAGER)
        facts = _facts(count)
        write(f"строк: {count}, клиентов: {count // DAYS}")
        copied = _timed(lambda: _copy(facts))
        _say(write, "COPY тех же строк", count, copied, copied)
        Usage.objects.all().delete()
        bulk = _timed(lambda: _bulk(actor, facts))
        _say(write, "массовая запись, все новые", count, bulk, copied)
        again = _timed(lambda: _bulk(actor, facts))
        _say(write, "она же во второй раз (ничего не меняет)", count, again, copied)
        Usage.objects.all().delete()
        before = _memory()
        found, read, checked, written = _import(actor, facts)
        _say(write, "импорт: приём файла и заголовка", count, read, copied)
        _say(write, "импорт: чтение и проверка", count, checked, copied)
        _say(write, "импорт: запись", count, written, copied)
        write(f"память процесса: {before} МБ до импорта, пик {_memory()} МБ")
        write(f"итог: {found.counts}, записей журнала {AuditEntry.objects.count()}")
        for wanted in sorted(export.FORMATS):
            _export(found, wanted, copied, write)
        undone = _timed(lambda: _take_back(actor, found))
        _say(write, "отмена импорта", count, undone, copied)


def _facts(count: int) -> list[Fact]:
    """Rows of usage of as many clients as DAYS days need."""
    service = Service.objects.order_by("pk").first()
    assert service is not None
    first = clock.today() - timedelta(days=DAYS)
    clients = Client.objects.bulk_create(
        Client(
            name=f"ООО Замер {n}",
            sort_key=f"ооо замер {n}",
            search_key=f"ооо замер {n}",
            inn=f"77{n:08d}",
            segment=Segment.RETAIL,
            connected_on=date(2020, 1, 1),
            external_id=f"M-{n}",
        )
        for n in range(count // DAYS)
    )
    return [
        (client.pk, client.external_id or "", service.pk, service.code, day, n % 50)
        for n, client in enumerate(clients)
        for day in (first + timedelta(days=d) for d in range(DAYS))
    ]


def _copy(facts: list[Fact]) -> None:
    lines = "".join(f"{f[0]}\t{f[2]}\t{f[4].isoformat()}\t{f[5]}\n" for f in facts)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(
            "COPY accounts_usage (client_id, service_id, day, quantity) FROM STDIN",
            io.StringIO(lines),
        )


def _bulk(actor: User, facts: list[Fact]) -> None:
    usage = find("usage")
    for start in range(0, len(facts), engine.LIMIT):
        cells = (
            {
                "client_external_id": fact[1],
                "service": fact[3],
                "day": fact[4].isoformat(),
                "quantity": fact[5],
            }
            for fact in facts[start : start + engine.LIMIT]
        )
        rows = engine.read_rows(usage, enumerate(cells))
        report = engine.upsert(usage, actor=actor, rows=rows)
        assert report.applied, next(row.errors for row in rows if row.is_refused)


def _import(actor: User, facts: list[Fact]) -> tuple[Import, float, float, float]:
    lines = ["Код клиента в КИС;Сервис;День;Количество"]
    lines += [f"{f[1]};{f[3]};{f[4]:%d.%m.%Y};{f[5]}" for f in facts]
    content = "\r\n".join(lines).encode()
    found: list[Import] = []

    def upload() -> None:
        file = SimpleUploadedFile("benchmark.csv", content)
        found.append(
            services.upload(
                actor=actor,
                resource=find("usage"),
                file=file,
                name="benchmark.csv",
                repeat=False,
                now=clock.now(),
            )
        )

    def check() -> None:
        mapping = {int(place): name for place, name in found[0].mapping.items()}
        services.choose_columns(actor=actor, found=found[0], mapping=mapping)
        _work("import_check")

    def confirm() -> None:
        services.confirm(actor=actor, found=found[0], mode="best_effort")
        _work("import_run")

    read, checked = _timed(upload), _timed(check)
    found[0].refresh_from_db()
    written = _timed(confirm)
    found[0].refresh_from_db()
    return found[0], read, checked, written


def _take_back(actor: User, found: Import) -> None:
    services.take_back(actor=actor, found=found)
    _work("import_undo")


def _export(found: Import, wanted: str, copied: float, write: Write) -> None:
    """The rows of the import as a file; the peak is this file's own."""
    _forget_peak()
    before = _memory()
    sizes: list[int] = []

    def send() -> None:
        table = RowTable(found.rows.all(), found=found)
        sizes.extend(map(len, export.response(table, "Строки", wanted).streaming_content))

    took = _timed(send)
    _say(write, f"выгрузка строк, {wanted}", found.rows_total, took, copied)
    write(f"  {sum(sizes) / 2**20:.1f} МБ; память процесса: {before} МБ до, пик {_memory()} МБ")


def _work(kind: str) -> None:
    run = jobs.claim(clock.now())
    assert run is not None and run.kind == kind
    assert jobs.perform(run), JobRun.objects.get(pk=run.pk).error


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _memory() -> int:
    """The peak of this process since it was last forgotten, MB."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return int(_STATUS.read_text().partition("VmHWM:")[2].split()[0]) // 1024


def _forget_peak() -> None:
    """Let the peak begin anew from what is held now, where the system can (Linux, proc(5))."""
    if _STATUS.exists():
        _STATUS.with_name("clear_refs").write_text("5")


def _say(write: Write, what: str, count: int, took: float, copied: float) -> None:
    write(f"{what}: {took:.2f} с, {count / took:,.0f} строк/с, {took / copied:.1f} × COPY")


register(Benchmark("bulk", "массовая запись и импорт использования рядом с COPY", _run, _arguments))
