"""Real processes against the test database: started, killed, and always ended."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import connection

from accounts.models import Client, Service, Usage
from config.schedule import TIMETABLE
from contacts.models import Participant
from core import clock, jobs
from core.models import JobRun
from lamps.models import Lamp, LampPeriod, Night, PoolDay
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
LEASE = 3


def database_url() -> str:
    """The address of the test database, as a process started from here needs it."""
    given = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(given._replace(path=f"/{connection.settings_dict['NAME']}"))


def within(seconds: float, condition: Callable[[], Any]) -> Any:
    """Wait for a condition; its value, or an assertion error."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s")


class Processes:
    """What a test started. Nothing of it outlives the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []
        self.day = clock.today()  # the business date of the undisturbed night

    def start(self, *command: str, redis: str = "") -> subprocess.Popen[bytes]:
        """Start a process of the program on the test database."""
        log = (self.folder / f"{len(self.started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": database_url(),
                "REDIS_URL": redis,
                "JOB_LEASE_SECONDS": str(LEASE),
                "PYTHONPATH": str(ROOT),
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """The worker of an installation without a broker."""
        return self.start("manage.py", "worker")

    def end(self) -> None:
        """End everything, the hard way."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait(timeout=10)

    def said(self) -> str:
        """The last words of every process, for the message of a failed test."""
        return "\n".join(p.read_text()[-2000:] for p in sorted(self.folder.glob("*.log")))


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    yield running
    running.end()
    # A backend whose client was killed may still run its statement: the tables wait for it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def centre(transactional_db: None) -> list[Client]:
    """Thirty-two clients of four specialists whose lamps differ."""
    division = factories.unit("Управление")
    clients = []
    service = Service.objects.get(code="kplus")
    for number in range(4):
        unit = factories.unit(f"НОИО {number}", division)
        specialist = factories.employee(unit)
        for n in range(8):
            client = factories.client(specialist, unit)
            clients.append(client)
            Usage.objects.bulk_create(
                Usage(
                    client=client,
                    service=service,
                    day=clock.today() - timedelta(days=day),
                    quantity=n * 3,
                )
                for day in range(1, 4)
            )
            if n % 3 == 0:
                factories.training(client)
            if n % 4 == 0:
                factories.gnd_record(client)
    factories.feeds()
    assert not Participant.objects.exists()
    return clients


def forget_the_night() -> None:
    """Take every result of a night away, facts stay."""
    for model in (LampPeriod, Lamp, PoolDay, Night, JobRun):
        model.objects.all().delete()


class Lock:
    """A table that nobody else may write while the lock is held: the night stops there."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.connection = psycopg2.connect(database_url())

    def __enter__(self) -> "Lock":
        with self.connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{self.table}" IN SHARE MODE')
        return self

    def waiting(self) -> int:
        """How many wait for it."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
                [self.table],
            )
            return int(cursor.fetchone()[0])

    def __exit__(self, *failure: Any) -> None:
        self.connection.rollback()
        self.connection.close()


@pytest.fixture
def undisturbed(centre: list[Client], processes: Processes) -> str:
    """The digest of a night that nothing disturbed; its results are taken away again."""
    from lamps import services

    jobs.tick(TIMETABLE)
    run = JobRun.objects.get(kind="night")
    assert (run.status, run.attempts, run.counters["clients"]) == ("done", 1, len(centre))
    processes.day = run.business_date
    digest = services.digest()
    forget_the_night()
    assert services.digest() != digest, "the digest sees nothing"
    return digest
