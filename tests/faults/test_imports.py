"""An import whose worker is killed, and two imports of the same clients at once: nothing lost,
nothing doubled."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import Client
from core import clock, jobs
from core.bulk import services
from core.bulk.models import Import, ImportChange
from core.bulk.resources import find
from core.models import AuditEntry, JobRun
from tests import factories
from tests.bulk.conftest import csv_of, sent
from tests.faults.conftest import LEASE, Lock, Processes, within

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HEAD = ["Код в КИС", "Название", "ИНН", "КПП", "Сегмент", "Клиент с"]


def rows(count: int, tag: str = "F") -> list[list[Any]]:
    return [
        [f"{tag}-{n}", f"ООО {tag} {n}", factories.inn(n), "770101001", "Сети", "01.02.2026"]
        for n in range(9000, 9000 + count)
    ]


def uploaded(actor: Any, content: bytes, name: str = "a.csv") -> Import:
    found = services.upload(
        actor=actor, resource=find("clients"), file=sent(name, content), name=name,
        repeat=False, now=clock.now(),
    )  # fmt: skip
    mapping = {int(place): column for place, column in found.mapping.items()}
    services.choose_columns(actor=actor, found=found, mapping=mapping)
    jobs.run_waiting()
    found.refresh_from_db()
    assert found.status == "checked", found.problem
    return found


@pytest.fixture
def director(transactional_db: None, settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path / "media"
    return factories.user("director", "manager")


@pytest.mark.parametrize("mode", ["best_effort", "all_or_nothing"])
def test_a_worker_killed_in_the_middle_of_an_import(
    processes: Processes, director: Any, mode: str
) -> None:
    """Stopped inside a chunk, killed with -9; another goes on behind the last whole chunk."""
    count = 2500
    found = uploaded(director, csv_of(HEAD, *rows(count)))
    services.confirm(actor=director, found=found, mode=mode)
    with Lock("bulk_importchange") as lock:
        first = processes.worker()
        within(60, lock.waiting)
        first.kill()
        first.wait(timeout=10)
    within(30, lambda: not Client.objects.filter(external_id__startswith="F-").exists())
    processes.worker()
    within(LEASE + 90, lambda: Import.objects.get(pk=found.pk).status == "done")
    found.refresh_from_db()
    run = JobRun.objects.get(kind="import_run")
    assert run.attempts == 2, processes.said()
    clients = Client.objects.filter(external_id__startswith="F-")
    assert (clients.count(), found.counts["created"]) == (count, count)
    assert ImportChange.objects.filter(of=found).count() == count
    made = AuditEntry.objects.filter(action="create", via=f"загрузка {found.pk}")
    assert made.filter(subject__startswith="accounts.client:").count() == count


def test_two_imports_of_the_same_clients_at_once(director: Any) -> None:
    """Each waits for the other's chunk and finds what it wrote: every client is there once."""
    count = 1500
    first = uploaded(director, csv_of(HEAD, *rows(count)))
    other = csv_of(HEAD, *reversed(rows(count)))
    second = uploaded(director, other, "b.csv")
    for found in (first, second):
        services.confirm(actor=director, found=found, mode="best_effort")
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            jobs.run_waiting()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for found in (first, second):
        found.refresh_from_db()
        assert (found.status, found.refused) == ("done", 0), found.problem
    clients = Client.objects.filter(external_id__startswith="F-")
    assert clients.count() == count
    made = first.counts["created"] + second.counts["created"]
    unchanged = first.counts["unchanged"] + second.counts["unchanged"]
    assert (made, unchanged) == (count, count)
    assert os.getpid() and set(clients.values_list("version", flat=True)) == {1}
