"""Closing a month: every approved sheet gets its digest, its number, and changes no more."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from bonuses.digests import EMPTY, digest_of
from bonuses.enums import SheetStatus
from bonuses.models import PayrollExport, Sheet
from bonuses.months import label
from bonuses.selectors.chain import line_document, sheet_document, with_batch
from bonuses.services.drafts import hold_the_month
from core import audit, clock, events
from core.enums import AuditAction
from core.policy import policy_for

_BATCH = 500
_UNFINISHED = (SheetStatus.DRAFT, SheetStatus.ASSESSED)


@transaction.atomic
def close_month(month: date, *, actor: Any) -> int:
    """Close every sheet of a month; how many were closed now.

    Raises ValidationError while one of them is not approved, or where there is none; Refused.
    """
    policy_for(Sheet).check(actor, "close")
    hold_the_month()
    rows = Sheet.objects.filter(month=month)
    waiting = rows.filter(status__in=_UNFINISHED).count()
    if waiting:
        raise ValidationError(f"Нельзя закрыть {label(month)}: листов без утверждения — {waiting}.")
    approved = list(rows.filter(status=SheetStatus.APPROVED).order_by("pk"))
    if not approved and not rows.exists():
        raise ValidationError(f"За {label(month)} нет ни одного листа.")
    newest = Sheet.objects.aggregate(number=Max("number"))["number"] or 0
    previous = Sheet.objects.get(number=newest).digest if newest else EMPTY
    at = clock.now()
    for start in range(0, len(approved), _BATCH):
        ids = [row.pk for row in approved[start : start + _BATCH]]
        batch = list(with_batch(Sheet.objects.filter(pk__in=ids).order_by("pk")))
        for sheet in batch:
            newest += 1
            sheet.number, sheet.previous, sheet.closed_at = newest, previous, at
            sheet.status = SheetStatus.CLOSED
            lines = map(line_document, sheet.lines.all())
            sheet.digest = previous = digest_of(sheet_document(sheet), lines, previous)
            sheet.version += 1
        fields = ["number", "previous", "digest", "status", "closed_at", "version"]
        Sheet.objects.bulk_update(batch, fields)
        for sheet in batch:
            after = {"status": sheet.status, "number": sheet.number, "digest": sheet.digest}
            audit.record(actor=actor, action=AuditAction.UPDATE, subject=sheet, after=after)
    _tell([row.pk for row in approved])
    return len(approved)


_CLOSED = """
    SELECT id, NULL::bigint, jsonb_build_object(
        'month', month, 'employee', employee_id, 'unit', unit_id, 'number', number,
        'digest', digest
    ) FROM bonuses_sheet WHERE id = ANY(%s) ORDER BY number
"""


def _tell(sheets: list[int]) -> None:
    """Say which sheets are closed; their amounts are read by whoever may, at the sheet."""
    events.publish_selected("sheet.closed", _CLOSED, [sheets])


@transaction.atomic
def record_export(month: date, *, actor: Any) -> PayrollExport:
    """That a closed month goes to payroll; asked again, the same row and the same digest.

    Raises ValidationError while a sheet of the month is not closed, Refused.
    """
    policy_for(PayrollExport).check(actor, "add")
    hold_the_month()
    rows = Sheet.objects.filter(month=month)
    if not rows.exists():
        raise ValidationError(f"За {label(month)} нет ни одного листа.")
    open_ones = rows.exclude(status=SheetStatus.CLOSED).count()
    if open_ones:
        raise ValidationError(
            f"Выгружается закрытый месяц, а за {label(month)} не закрыто листов: {open_ones}."
        )
    known = PayrollExport.objects.filter(month=month).first()
    digests = list(rows.order_by("number").values_list("digest", flat=True))
    digest = digest_of({"month": month, "sheets": len(digests)}, [{"digests": digests}], EMPTY)
    if known is None:
        known = PayrollExport.objects.create(
            month=month, sheets=len(digests), digest=digest, made_by=actor, made_at=clock.now()
        )
    audit.record(
        actor=actor,
        action=AuditAction.EVENT,
        subject=known,
        after={"month": month, "sheets": known.sheets, "digest": known.digest},
    )
    return known
