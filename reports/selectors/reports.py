"""Reads of reports: rows with their people, the editions of one, what is sealed, who waits."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from core.models import JobRun
from core.policy import policy_for
from reports import layout
from reports.enums import ReportStatus
from reports.models import CooperationReport, Letterhead, TextBlock
from reports.snapshot import Snapshot, digest, from_json
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit

_K2_DAYS = 120


def with_people(queryset: Any) -> Any:
    """Reports with what a row of a list shows; the figures are left in the database."""
    return queryset.select_related(
        "client__specialist", "author", "approved_by", "presented_to__person"
    ).defer("snapshot", "sections")


def editions_of(report: CooperationReport) -> list[CooperationReport]:
    """All editions of one report, the newest first; two queries."""
    rows = CooperationReport.objects.filter(
        client=report.client_id, since=report.since, until=report.until
    )
    by_id = {row.pk: row for row in with_people(rows)}
    next_of = {row.previous_id: row for row in by_id.values() if row.previous_id}
    first: CooperationReport | None = by_id.get(report.pk, report)
    while first is not None and first.previous_id in by_id:
        first = by_id[first.previous_id]
    found = []
    while first is not None:
        found.append(first)
        first = next_of.get(first.pk)
    return found[::-1]


def snapshot_of(report: CooperationReport) -> Snapshot:
    """The figures of a report that is built."""
    return from_json(Snapshot, report.snapshot)


def sections_of(report: CooperationReport) -> tuple[layout.Section, ...]:
    """Its nine sections, those switched off included."""
    return layout.read(report.sections)


def texts_for(segment: str) -> dict[str, str]:
    """The texts with which sections begin, by code."""
    return dict(TextBlock.objects.filter(segment=segment).values_list("section", "text"))


def letterhead_in_force() -> Letterhead:
    """The newest."""
    return Letterhead.objects.latest("pk")


def sealed(report: CooperationReport) -> dict[str, Any]:
    """All that is printed of a report, as it goes into the digest."""
    head = report.letterhead
    assert head is not None
    return {
        "client": report.client_id,
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "edition": report.edition,
        "snapshot": report.snapshot,
        "sections": report.sections,
        "letterhead": {
            "name": head.name,
            "requisites": head.requisites,
            "colour": head.colour,
            "logo": bytes(head.logo or b"").hex(),
        },
    }


def is_intact(report: CooperationReport) -> bool:
    """Whether what is stored is what was sealed."""
    return bool(report.digest) and digest(sealed(report)) == report.digest


def k2_visits(user: Any, report: CooperationReport, today: date) -> QuerySet[Visit]:
    """К2У of the client of late, at which a report may have been presented; those alone whose
    criteria the user may mark."""
    policy = policy_for(Visit)
    if not policy.can(user, "log_k2"):
        return Visit.objects.none()
    rows = policy.visible_to(user)
    return rows.filter(
        client=report.client_id,
        level=VisitLevel.K2,
        status=VisitStatus.DONE,
        held_on__gte=today - timedelta(days=_K2_DAYS),
    )


def runs_of(kind: str, reports: Iterable[CooperationReport]) -> dict[int, JobRun]:
    """The run that builds each report, by its id; one query."""
    keys = [str(report.pk) for report in reports]
    return {int(run.key): run for run in JobRun.objects.filter(kind=kind, key__in=keys)}


def waiting_for(user: Any) -> Any:
    """Reports that the user may approve now: in scope, not their own."""
    policy = policy_for(CooperationReport)
    if not policy.can(user, "approve"):
        return CooperationReport.objects.none()
    rows = policy.visible_to(user).filter(status=ReportStatus.REVIEW).exclude(author=user.pk)
    return with_people(rows).order_by("pk")
