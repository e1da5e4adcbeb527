"""What the jobs do: figures drawn and printed, the final printed, each written at once."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction

from core import pdf
from core.clock import business_date
from core.services import update
from reports import layout, printing
from reports.enums import ReportStatus
from reports.models import CooperationReport, ReportFile
from reports.selectors.drafting import draw
from reports.selectors.reports import (
    letterhead_in_force,
    sections_of,
    snapshot_of,
    texts_for,
)
from reports.snapshot import as_json

Step = Callable[[str, int], None]


def build(
    report_id: int, *, now: datetime, step: Step, hold: Callable[[], None], stop: Callable[[], None]
) -> dict[str, int]:
    """Draw the figures of a requested report and print its draft; counters of what was done.

    `hold` makes sure, last before the commit, that nobody else builds it meanwhile; `stop`
    raises where the run is to end. A report built already is left alone.
    """
    row = CooperationReport.objects.select_related("client__specialist").get(pk=report_id)
    if row.status != ReportStatus.REQUESTED:
        return {"reports": 0}
    step("Показатели", 10)
    # What is known now, not what was known when it was asked for first: `row.on` names the run.
    snapshot = draw(row.client, row.since, row.until, business_date(now))
    stop()
    step("Печать", 50)
    sections = sections_of(row) if row.sections else layout.usual(texts_for(row.client.segment))
    values: dict[str, Any] = {
        "snapshot": as_json(snapshot),
        "sections": layout.as_json(sections),
        "status": ReportStatus.DRAFT,
        "built_at": now,
    }
    row.snapshot, row.sections = values["snapshot"], values["sections"]
    content = _printed(row)
    stop()
    with transaction.atomic():
        fresh = CooperationReport.objects.select_for_update(of=("self",)).get(pk=report_id)
        if fresh.status != ReportStatus.REQUESTED:
            return {"reports": 0}
        fresh = update(fresh, values, actor=row.author)
        if content:
            keep_file(fresh, content, now)
        hold()
    return {"reports": 1, "printed": int(bool(content))}


def print_pdf(
    report_id: int, *, now: datetime, step: Step, hold: Callable[[], None]
) -> dict[str, int]:
    """Print what a built report says now and keep the file. Raises core.pdf.Unprintable.

    What was changed while it was being printed is printed again: the file that stays is of the
    version that stands, however often the text is saved meanwhile.
    """
    for attempt in count(1):
        row = CooperationReport.objects.select_related("letterhead", "approved_by").get(
            pk=report_id
        )
        if not row.is_built or kept_file(row) is not None:
            break
        step("Печать" if attempt == 1 else "Текст изменили, печатаем заново", 30)
        content = printing.as_pdf(sheet_of(row))
        with transaction.atomic():
            fresh = CooperationReport.objects.select_for_update(of=("self",)).get(pk=report_id)
            if fresh.version == row.version:
                keep_file(row, content, now)
                hold()
                return {"printed": 1}
    return {"printed": 0}


def kept_file(row: CooperationReport) -> ReportFile | None:
    """The file of what the report says now; presenting changes no page of it."""
    printed = row.version - (row.status == ReportStatus.PRESENTED)
    return ReportFile.objects.filter(report=row, version__gte=printed).first()


def _printed(row: CooperationReport) -> bytes:
    """The draft's PDF; nothing where it cannot be printed: the draft can be read all the same."""
    try:
        return printing.as_pdf(sheet_of(row))
    except pdf.Unprintable:
        return b""


def sheet_of(row: CooperationReport) -> printing.Sheet:
    """A built report as it is printed now."""
    head = row.letterhead or letterhead_in_force()
    return printing.Sheet(
        snapshot=snapshot_of(row),
        sections=sections_of(row),
        look=printing.Look(head.name, head.requisites, head.colour, bytes(head.logo or b"")),
        edition=row.edition,
        is_draft=not row.is_closed,
        approved_by=row.approved_by.get_full_name() if row.approved_by else "",
        digest=row.digest,
    )


def keep_file(row: CooperationReport, content: bytes, now: datetime) -> None:
    """Keep what was printed of the present version, in place of what was printed before."""
    ReportFile.objects.update_or_create(
        report=row, defaults={"version": row.version, "content": content, "drawn_at": now}
    )


def pdf_of(row: CooperationReport) -> bytes:
    """The PDF of a built report: the kept one where it is of this version, or printed now.

    Raises core.pdf.Unprintable.
    """
    kept = kept_file(row)
    return bytes(kept.content) if kept else printing.as_pdf(sheet_of(row))


def pdf_at_once(row: CooperationReport) -> bytes | None:
    """The PDF of a built report where nobody has to wait for it: kept, or short enough to be
    printed now. None for a long one, which a job prints. Raises core.pdf.Unprintable."""
    kept = kept_file(row)
    if kept:
        return bytes(kept.content)
    sheet = sheet_of(row)
    return None if printing.takes_long(sheet) else printing.as_pdf(sheet)
