"""Reads of batches: their reports and how far they are."""

from dataclasses import dataclass
from typing import Any

from core.enums import JobStatus
from core.models import JobRun
from reports.enums import ReportStatus
from reports.models import CooperationReport, ReportBatch


@dataclass(frozen=True)
class Progress:
    """How far a batch is: reports in all, built, failed, stopped; the rest wait or are at work."""

    total: int
    built: int
    failed: int
    cancelled: int

    @property
    def waiting(self) -> int:
        return self.total - self.built - self.failed - self.cancelled

    @property
    def percent(self) -> int:
        return (self.total - self.waiting) * 100 // self.total if self.total else 100

    @property
    def is_ended(self) -> bool:
        return self.waiting == 0


def reports_of(batch: ReportBatch) -> Any:
    """The reports of a batch, in the order of their clients."""
    return CooperationReport.objects.filter(batch=batch).order_by("client__sort_key", "pk")


def progress_of(batch: ReportBatch, kind: str) -> Progress:
    """How far it is; two queries however many reports there are."""
    rows = dict(reports_of(batch).order_by().values_list("pk", "status"))
    waiting = [pk for pk, status in rows.items() if status == ReportStatus.REQUESTED]
    runs = JobRun.objects.filter(kind=kind, key__in=map(str, waiting))
    states = list(runs.values_list("status", flat=True))
    return Progress(
        len(rows),
        len(rows) - len(waiting),
        states.count(JobStatus.FAILED),
        states.count(JobStatus.CANCELLED),
    )


def pack_run(batch: ReportBatch, kind: str) -> JobRun | None:
    """The run that makes its zip."""
    return JobRun.objects.filter(kind=kind, key=str(batch.pk)).first()
