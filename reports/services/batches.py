"""Reports of many clients in one order: requested, stopped, tried again, packed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client
from core import jobs
from core.clock import business_date
from core.enums import JobStatus
from core.policy import policy_for
from core.russian import day
from core.services import create
from reports.enums import ReportStatus
from reports.models import CooperationReport, ReportBatch
from reports.selectors.batches import pack_path, reports_of
from reports.selectors.reports import runs_of
from reports.services import archive
from reports.services.building import pdf_of
from reports.services.reports import BUILD, check_period, request_report

PACK = "report_pack"
MOST = 1000


@transaction.atomic
def request_batch(
    *,
    actor: Any,
    clients: Iterable[Client],
    title: str,
    since: date,
    until: date,
    now: datetime,
) -> ReportBatch:
    """Ask for a draft for each client; each is a run of its own, so workers share them.

    Raises ValidationError by field, Refused.
    """
    policy_for(ReportBatch).check(actor, "add")
    check_period(since, until, business_date(now))
    chosen = list(clients)
    if not chosen:
        raise ValidationError("Под эти условия не подходит ни один клиент.")
    if len(chosen) > MOST:
        raise ValidationError(f"Больше {MOST} клиентов за раз: сузьте условия.")
    row = ReportBatch(
        title=title[:300], since=since, until=until, requested_by=actor, requested_at=now,
        on=business_date(now),
    )  # fmt: skip
    batch = create(row, actor=actor)
    for client in chosen:
        request_report(actor=actor, client=client, since=since, until=until, now=now, batch=batch)
    return batch


@transaction.atomic
def cancel_batch(*, actor: Any, batch: ReportBatch) -> int:
    """Stop what is not built yet; how many runs were asked to end."""
    policy_for(ReportBatch).check(actor, "change", batch)
    runs = runs_of(BUILD, reports_of(batch)).values()
    waiting = [run for run in runs if run.status not in JobStatus.ended()]
    for run in waiting:
        jobs.cancel(run, actor=actor)
    return len(waiting)


@transaction.atomic
def retry_batch(*, actor: Any, batch: ReportBatch) -> int:
    """Ask again for what failed or was stopped; how many reports."""
    policy_for(ReportBatch).check(actor, "change", batch)
    rows = [row for row in reports_of(batch) if row.status == ReportStatus.REQUESTED]
    runs = runs_of(BUILD, rows)
    ended = [row for row in rows if row.pk not in runs or runs[row.pk].status in JobStatus.ended()]
    for row in ended:
        jobs.request(BUILD, row.on, key=str(row.pk), actor=actor)
    return len(ended)


@transaction.atomic
def request_pack(*, actor: Any, batch: ReportBatch) -> Any:
    """Ask for a zip of all that is built."""
    policy_for(ReportBatch).check(actor, "change", batch)
    if not reports_of(batch).exclude(status=ReportStatus.REQUESTED).exists():
        raise ValidationError("Пока не собран ни один отчёт.")
    return jobs.request(PACK, batch.on, key=str(batch.pk), actor=actor)


def pack(
    batch_id: int,
    *,
    step: Callable[[str, int], None],
    hold: Callable[[], None],
    stop: Callable[[], None],
) -> dict[str, int]:
    """Write the zip, one report in memory at a time, and an index of all; counters.

    The file stands under its name only when it is whole. Raises core.pdf.Unprintable.
    """
    batch = ReportBatch.objects.get(pk=batch_id)
    head = ["Файл", "Клиент", "ИНН", "Период", "Состояние"]
    entries = _entries(batch, step, stop)
    return {"reports": archive.write_zip(pack_path(batch_id), head, entries, hold)}


def _entries(
    batch: ReportBatch, step: Callable[[str, int], None], stop: Callable[[], None]
) -> Iterator[archive.Entry]:
    ids = list(reports_of(batch).values_list("pk", flat=True))
    for number, pk in enumerate(ids, 1):
        stop()
        step(f"{number} из {len(ids)}", number * 100 // (len(ids) + 1))
        row = CooperationReport.objects.select_related("client", "letterhead", "approved_by").get(
            pk=pk
        )
        period = f"{day(row.since)}–{day(row.until)}"
        cells = [row.client.name, row.client.inn, period, row.get_status_display()]
        if row.is_built:
            name = archive.member(number, row.client.name, f"{row.until:%Y-%m}")
            yield name, pdf_of(row), cells
        else:
            yield "", b"", cells
