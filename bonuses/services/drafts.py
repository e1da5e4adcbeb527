"""Drafts of a month for everybody in one run; what is already assessed stays as it is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from bonuses.enums import LineKind, SheetStatus
from bonuses.models import BonusScheme, PayrollExport, Sheet, SheetLine
from bonuses.months import label, last_of
from bonuses.selectors.corrections import Correction, corrections_for
from bonuses.selectors.drafts import Month, SheetNow
from bonuses.stints import Stint
from core import clock
from core.policy import policy_for
from core.selectors import work_calendar

Progress = Callable[[str, int], None]
_BATCH = 1000
_LOCK = 7_206_001
NO_SCHEME = "На {month} не действует ни одна схема премирования: опубликуйте её."
CLOSED = "Месяц уже выгружен в расчёт зарплаты: он не пересчитывается."
LATER = "{month} ещё не начался."

_SHEET = (
    "scheme", "since", "until", "worked", "working_days", "base", "points", "earned",
    "corrections", "total", "computed_at", "objections_until", "agreed_at", "version",
)  # fmt: skip
_LINE = (
    "kind", "order", "block", "label", "kpi", "corrects", "since", "until", "share", "weight",
    "plan", "plan_whole", "fact", "part", "whole", "note", "attainment", "points", "amount",
    "rows", "counted",
)  # fmt: skip


def hold_the_month() -> None:
    """Wait until nobody else drafts or closes; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def draft_month(
    month: date,
    today: date,
    *,
    employees: Iterable[int] | None = None,
    progress: Progress | None = None,
    hold: Callable[[], None] | None = None,
) -> dict[str, int]:
    """Compute every draft of a month anew; sheets that are assessed or further stay untouched.

    The number of queries does not grow with employees. Raises ValidationError where there is no
    scheme, where the month has not begun or is exported.
    """
    say = progress or (lambda text, percent: None)
    if month > today:
        raise ValidationError(LATER.format(month=label(month).capitalize()))
    hold_the_month()
    if PayrollExport.objects.filter(month=month).exists():
        raise ValidationError(CLOSED)
    wanted = None if employees is None else list(employees)
    say("факты", 5)
    found = Month(month, today, wanted)
    if not found.in_force:
        raise ValidationError(NO_SCHEME.format(month=label(month)))
    computed = list(found.sheets(say))
    say("поздние факты", 70)
    late = _placed(computed, found, corrections_for(month, today, wanted))
    say("запись", 80)
    counters = _write(month, today, computed, late, wanted)
    if hold is not None:
        hold()
    return counters


def draft_sheet(sheet: Sheet, *, actor: Any) -> Sheet | None:
    """Compute the draft of one employee anew; None where no work of that month is left to pay.

    Raises Refused, ValidationError.
    """
    policy_for(Sheet).check(actor, "lead", sheet)
    if sheet.status != SheetStatus.DRAFT:
        raise ValidationError("Пересчитать можно только черновик.")
    draft_month(sheet.month, clock.today(), employees=[sheet.employee_id])
    return Sheet.objects.filter(pk=sheet.pk).first()


def _write(
    month: date,
    today: date,
    computed: Sequence[SheetNow],
    late: dict[tuple[int, int, str], list[Correction]],
    employees: list[int] | None,
) -> dict[str, int]:
    at = clock.now()
    until = _deadlines(month, today, {s.scheme.pk: s.scheme for s in computed})
    rows = [_sheet(month, one, late.get(one.stint.key, []), at, until) for one in computed]
    known = _known(month, employees)
    settled = {key for key, row in known.items() if row.status != SheetStatus.DRAFT}
    rows_open = [_again(row, known.get(_key(row))) for row in rows if _key(row) not in settled]
    Sheet.objects.bulk_create(
        rows_open,
        update_conflicts=True,
        unique_fields=["employee", "month", "unit", "kind"],
        update_fields=_SHEET,
        batch_size=_BATCH,
    )
    drafts = Sheet.objects.filter(month=month, status=SheetStatus.DRAFT)
    if employees is not None:
        drafts = drafts.filter(employee__in=employees)
    ids = {
        (employee, unit, kind): pk
        for pk, employee, unit, kind in drafts.values_list("pk", "employee_id", "unit_id", "kind")
    }
    kept = {_key(row) for row in rows_open}
    gone = [pk for key, pk in ids.items() if key not in kept]
    Sheet.objects.filter(pk__in=gone).delete()
    lines = [
        line
        for one in computed
        if one.stint.key in ids
        for line in _lines(ids[one.stint.key], one, late.get(one.stint.key, []))
    ]
    _replace_lines([ids[key] for key in kept if key in ids], lines)
    return {
        "sheets": len(rows_open),
        "settled": len(rows) - len(rows_open),
        "removed": len(gone),
        "lines": len(lines),
        "corrections": sum(line.kind == LineKind.CORRECTION for line in lines),
    }


def _placed(
    computed: list[SheetNow], now: Month, late: dict[tuple[int, int, str], list[Correction]]
) -> dict[tuple[int, int, str], list[Correction]]:
    """Corrections under the sheet that takes them up: of the same unit, else the first of the
    same person. Whoever left meanwhile gets a sheet that holds nothing else."""
    mine: dict[int, tuple[int, int, str]] = {}
    for one in computed:
        mine.setdefault(one.stint.employee, one.stint.key)
    keys = {one.stint.key for one in computed}
    found: dict[tuple[int, int, str], list[Correction]] = defaultdict(list)
    for key, corrections in late.items():
        place = key if key in keys else mine.get(key[0], key)
        if place not in keys:
            keys.add(place)
            stint = Stint(*place, now.month, last_of(now.month), 0, now.working_days, Fraction(0))
            computed.append(SheetNow(stint, corrections[0].scheme, Decimal(0), ()))
        found[place] += corrections
    return found


def _key(row: Sheet) -> tuple[int, int, str]:
    return (row.employee_id, row.unit_id, row.kind)


def _known(month: date, employees: list[int] | None) -> dict[tuple[int, int, str], Sheet]:
    """The sheets that the month has already, by employee, unit and position.

    They are held: whoever agrees, objects or assesses meanwhile waits, or their step would be
    written over by what was read before it.
    """
    fields = ("employee", "unit", "kind", "status", "total", "points", "version", "agreed_at",
              "objections_until")  # fmt: skip
    rows = Sheet.objects.filter(month=month)
    if employees is not None:
        rows = rows.filter(employee__in=employees)
    held = rows.select_for_update(of=("self",)).order_by("pk")
    return {_key(row): row for row in held.only(*fields)}


def _again(row: Sheet, before: Sheet | None) -> Sheet:
    """A draft computed anew. What the employee agreed to, and until when they may object,
    stands only while the sheet says the same."""
    if before is not None:
        row.version = before.version + 1
        if (row.total, row.points) == (before.total, before.points):
            row.agreed_at, row.objections_until = before.agreed_at, before.objections_until
    return row


def _deadlines(month: date, today: date, schemes: dict[int, BonusScheme]) -> dict[int, date]:
    """Scheme → the last day for objections: so many working days after the month, or after
    today where the draft comes later."""
    days = work_calendar()
    start = max(last_of(month), today)
    return {pk: days.after(start, row.objection_days) for pk, row in schemes.items()}


def _sheet(
    month: date, one: SheetNow, late: Sequence[Correction], at: datetime, until: dict[int, date]
) -> Sheet:
    corrections = sum((c.amount for c in late), Decimal(0))
    stint = one.stint
    return Sheet(
        employee_id=stint.employee,
        unit_id=stint.unit,
        kind=stint.kind,
        month=month,
        scheme=one.scheme,
        since=stint.since,
        until=stint.until,
        worked=stint.worked,
        working_days=stint.working_days,
        base=one.base,
        points=one.points,
        earned=one.earned,
        corrections=corrections,
        total=one.earned + corrections,
        computed_at=at,
        objections_until=until[one.scheme.pk],
    )


def _lines(sheet_id: int, one: SheetNow, late: Sequence[Correction]) -> list[SheetLine]:
    found = [line.row(sheet_id, number) for number, line in enumerate(one.lines)]
    start = len(found)
    return found + [c.line(sheet_id, start + number) for number, c in enumerate(late)]


def _replace_lines(sheets: Sequence[int], lines: Sequence[SheetLine]) -> None:
    """Make the lines of drafts those given; one that stays keeps its id and its objections."""
    SheetLine.objects.bulk_create(
        lines,
        update_conflicts=True,
        unique_fields=["sheet", "code"],
        update_fields=_LINE,
        batch_size=_BATCH,
    )
    codes = {(line.sheet_id, line.code) for line in lines}
    known = SheetLine.objects.filter(sheet__in=sheets).order_by()
    stale = [
        pk for pk, sheet, code in known.values_list("pk", "sheet_id", "code")
        if (sheet, code) not in codes
    ]  # fmt: skip
    if stale:
        SheetLine.objects.filter(pk__in=stale).delete()
