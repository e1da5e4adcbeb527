"""A worker killed while reports are built: none lost, none doubled."""

import hashlib
import os
import signal
from datetime import timedelta

import pytest

from core import clock
from core.models import AuditEntry, JobRun
from reports import services
from reports.enums import ReportStatus
from reports.models import CooperationReport, ReportFile
from tests import factories
from tests.faults.conftest import LEASE, Lock, Processes, within

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CLIENTS = 6


def batch() -> None:
    unit = factories.unit("НОИО")
    head = factories.user("head", "head")
    factories.employee(unit, "head", user=head)
    specialist = factories.employee(unit)
    clients = [factories.client(specialist, unit) for _ in range(CLIENTS)]
    for number, client in enumerate(clients):
        factories.usage(client, 100 + number, day=clock.today() - timedelta(days=9))
    services.request_batch(
        actor=head,
        clients=clients,
        title="Отдел",
        since=clock.today() - timedelta(days=99),
        until=clock.today(),
        now=clock.now(),
    )


def built() -> bool:
    return CooperationReport.objects.filter(status=ReportStatus.DRAFT).count() == CLIENTS


def test_a_worker_killed_in_the_middle_loses_and_doubles_none(processes: Processes) -> None:
    batch()
    with Lock("reports_reportfile") as lock:
        first = processes.worker()
        within(60, lock.waiting)  # drawn, and stopped in the middle of writing
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(timeout=10)
        assert not ReportFile.objects.exists()
    processes.worker()
    processes.worker()
    within(LEASE + 120, built)
    runs = JobRun.objects.filter(kind=services.BUILD)
    within(30, lambda: runs.filter(status="done").count() == CLIENTS)
    assert runs.count() == CLIENTS and sorted(runs.values_list("attempts", flat=True))[-1] == 2
    assert ReportFile.objects.count() == CLIENTS
    for report in CooperationReport.objects.select_related("client", "file"):
        assert report.version == report.file.version == 2, "built once"
        assert bytes(report.file.content).startswith(b"%PDF-")
        subject = f"reports.cooperationreport:{report.pk}"
        assert AuditEntry.objects.filter(subject=subject).count() == 2  # asked, built
    figures = CooperationReport.objects.values_list("snapshot", flat=True)
    totals = [sum(found["usage"]["kplus"]["months"]) for found in figures]
    assert sorted(totals) == [100 + n for n in range(CLIENTS)], processes.said()
    assert len({hashlib.sha256(str(f).encode()).hexdigest() for f in figures}) == CLIENTS
