"""Reads of links: what one may still do, and those of a report."""

from datetime import datetime

from django.conf import settings

from accounts.tokens import digest
from core.clock import business_date
from reports.enums import LinkState
from reports.models import CooperationReport, ReportLink


def by_secret(secret: str) -> ReportLink | None:
    """The link that a secret opens; nothing tells how near a wrong one came."""
    rows = ReportLink.objects.select_related(
        "report__client", "report__letterhead", "report__approved_by", "participant__person"
    )
    return rows.filter(digest=digest(secret, settings.TOKEN_PEPPER)).first()


def link_state(row: ReportLink | None, now: datetime) -> LinkState:
    """What a link may still do at a moment."""
    if row is None:
        return LinkState.UNKNOWN
    if row.used_at:
        return LinkState.USED
    if row.revoked_at:
        return LinkState.REVOKED
    if row.expires_at <= now:
        return LinkState.EXPIRED
    return LinkState.OPEN if row.participant.stands_on(business_date(now)) else LinkState.LEFT


def links_of(report: CooperationReport) -> list[ReportLink]:
    """The links of a report, the newest first."""
    return list(report.links.select_related("participant__person", "created_by"))
