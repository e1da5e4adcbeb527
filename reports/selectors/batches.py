"""Reads of batches: whom they are for, their reports, how far they are, their zip."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.enums import Segment
from accounts.models import Client, Employee, IndexationCampaign, IndexationOffer, Unit
from core.enums import JobStatus
from core.models import JobRun
from core.policy import policy_for
from reports.enums import ReportStatus
from reports.models import CooperationReport, ReportBatch


@dataclass(frozen=True)
class Choice:
    """Whose clients get a report; without a condition, all of one's own. Conditions add up."""

    unit: Unit | None = None
    specialist: Employee | None = None
    segment: str = ""
    campaign: IndexationCampaign | None = None
    only_key: bool = False

    @property
    def title(self) -> str:
        """The conditions in words."""
        words = [
            str(self.unit) if self.unit else "",
            self.specialist.short_name if self.specialist else "",
            Segment(self.segment).label if self.segment else "",
            str(self.campaign) if self.campaign else "",
            "ключевые" if self.only_key else "",
        ]
        return ", ".join(filter(None, words)) or "Все мои клиенты"


def clients_of(user: Any, choice: Choice) -> Any:
    """The clients in service that the user may see and the conditions fit; of a campaign, those
    with an offer in it."""
    rows = policy_for(Client).visible_to(user).filter(disconnected_on=None)
    if choice.unit:
        rows = rows.filter(unit__path__startswith=choice.unit.path)
    if choice.specialist:
        rows = rows.filter(specialist=choice.specialist)
    if choice.segment:
        rows = rows.filter(segment=choice.segment)
    if choice.campaign:
        offers = IndexationOffer.objects.filter(campaign=choice.campaign)
        rows = rows.filter(pk__in=offers.order_by().values("client"))
    if choice.only_key:
        rows = rows.filter(is_key=True)
    return rows


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


def pack_path(batch_id: int) -> Path:
    """Where the zip of a batch lies once it is made."""
    return Path(settings.MEDIA_ROOT) / "reports" / f"batch-{batch_id}.zip"


def zip_for(user: Any, batch: ReportBatch) -> Path | None:
    """The zip, while every report of it lies within the user's scope; none otherwise."""
    path, rows = pack_path(batch.pk), reports_of(batch)
    seen = policy_for(CooperationReport).visible_to(user, rows)
    return path if path.exists() and seen.count() == rows.count() else None
