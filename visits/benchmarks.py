"""`manage.py benchmark contacts`: К1У of a bulk call, beside the same written one by one."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from accounts.enums import PositionKind, Role, Segment, UnitKind
from accounts.models import Client, Employee, Position, Unit, User
from core import clock
from core.benchmarks import Benchmark, Write, database, register
from core.bulk import engine
from core.bulk.resources import find
from visits.enums import VisitLevel
from visits.models import Visit
from visits.services import log_visit

PEOPLE, ALONE = 50, 200
HIRED = date(2020, 1, 1)


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=5000, help="сколько контактов в вызове")


def _run(options: dict[str, Any], write: Write) -> None:
    rows = min(options["rows"], engine.LIMIT)
    with database("lampa_benchmark_contacts", keep=False):
        actor = User.objects.create(username="benchmark", role=Role.MANAGER)
        clients, staff = _world(rows)
        alone = min(ALONE, rows)
        single = _timed(lambda: _one_by_one(actor, clients[:alone], staff)) / alone
        Visit.objects.all().delete()
        together = _timed(lambda: _bulk(actor, clients, staff)) / rows
        again = _timed(lambda: _bulk(actor, clients, staff)) / rows
        for what, took in (
            ("по одному", single),
            ("одним вызовом, новые", together),
            ("одним вызовом, известные", again),
        ):
            write(f"{what:26} {1 / took:8,.0f} строк/с, в {single / took:.0f} раз быстрее")


def _world(rows: int) -> tuple[list[Client], list[Employee]]:
    """So many clients, dealt out to the specialists of one department."""
    unit = Unit.objects.create(name="НОИО", kind=UnitKind.DEPARTMENT)
    staff = Employee.objects.bulk_create(
        Employee(last_name=f"Замер{n}", first_name="Имя", hired_on=HIRED, external_id=f"E-{n}")
        for n in range(PEOPLE)
    )
    Position.objects.bulk_create(
        Position(employee=one, unit=unit, kind=PositionKind.SPECIALIST, starts_on=HIRED)
        for one in staff
    )
    clients = Client.objects.bulk_create(
        Client(
            name=f"ООО Замер {n}",
            sort_key=f"ооо замер {n}",
            search_key=f"ооо замер {n}",
            inn=f"77{n:08d}",
            segment=Segment.RETAIL,
            connected_on=HIRED,
            external_id=f"M-{n}",
            specialist=staff[n % PEOPLE],
            unit=unit,
        )
        for n in range(rows)
    )
    return clients, staff


def _days() -> list[date]:
    """A month of days: what a КИС pushes at a time."""
    return [clock.today() - timedelta(days=n) for n in range(1, 29)]


def _one_by_one(actor: User, clients: list[Client], staff: list[Employee]) -> None:
    days, now = _days(), clock.now()
    for n, client in enumerate(clients):
        values = {
            "external_id": f"V-{n}",
            "level": VisitLevel.K1,
            "employee": staff[n % PEOPLE],
            "started_at": now - timedelta(days=1 + n % len(days)),
            "materials": 1,
        }
        log_visit(actor=actor, client=client, values=values, now=now)


def _bulk(actor: User, clients: list[Client], staff: list[Employee]) -> None:
    visits, days = find("visits"), _days()
    cells = (
        {
            "external_id": f"V-{n}",
            "client_external_id": client.external_id,
            "level": VisitLevel.K1.label,
            "employee": staff[n % PEOPLE].external_id,
            "started_at": f"{days[n % len(days)]:%d.%m.%Y} 10:30",
            "materials": 1,
        }
        for n, client in enumerate(clients)
    )
    rows = engine.read_rows(visits, enumerate(cells))
    report = engine.upsert(visits, actor=actor, rows=rows)
    assert report.applied, next(row.errors for row in rows if row.is_refused)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


register(Benchmark("contacts", "контакты одним вызовом и по одному", _run, _arguments))
