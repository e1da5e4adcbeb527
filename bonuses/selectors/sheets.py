"""A sheet as its page shows it, one that is stored and one that is only estimated alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.models import Employee
from bonuses import explain, formulas
from bonuses.enums import LineKind, ObjectionStatus, SheetStatus
from bonuses.models import Objection, PayrollExport, Sheet, SheetLine
from bonuses.months import period_label, shifted
from bonuses.selectors.drafts import Month, SheetNow
from core.models import JobRun
from core.policy import policy_for


@dataclass(frozen=True)
class Explained:
    """A line with its words; `before` is the same line of the month before."""

    line: SheetLine
    plan: str
    fact: str
    made_of: str
    scale: str
    period: str
    arithmetic: str
    missing: str
    before: SheetLine | None
    objections: Sequence[Objection]

    @property
    def delta(self) -> Decimal | None:
        """Points more than the month before; None without one."""
        return None if self.before is None else self.line.points - self.before.points

    @property
    def should_be(self) -> Decimal | None:
        """Of a correction: the closed line and this one together."""
        closed = self.line.corrects
        return None if closed is None else closed.amount + self.line.amount


@dataclass(frozen=True)
class BlockShown:
    """A block with its lines and sums."""

    label: str
    share: Decimal
    lines: Sequence[Explained]

    @property
    def points(self) -> Decimal:
        """Points of the block."""
        return sum((one.line.points for one in self.lines), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """Roubles of the block."""
        return sum((one.line.amount for one in self.lines), Decimal(0))


def sheets_for(user: Any) -> Any:
    """The sheets a user may see, with what a list shows."""
    return policy_for(Sheet).visible_to(user).select_related("employee", "unit", "scheme")


def lines_of(sheet: Sheet) -> list[SheetLine]:
    """The lines of a sheet with their rules."""
    return list(sheet.lines.select_related("kpi", "corrects__sheet").prefetch_related("kpi__steps"))


def month_before(sheet: Sheet) -> Sheet | None:
    """The sheet of the same person for the month before: of the same unit, else any."""
    rows = Sheet.objects.filter(employee=sheet.employee_id, month=shifted(sheet.month, -1))
    found = list(rows)
    same = [s for s in found if (s.unit_id, s.kind) == (sheet.unit_id, sheet.kind)]
    return next(iter(same or found), None)


def blocks_of(
    lines: Sequence[SheetLine],
    base: Decimal,
    before: Sheet | None,
    objections: Iterable[Objection] = (),
    *,
    is_open: bool = False,
) -> list[BlockShown]:
    """The lines by block, in words; while a month is open, with what is missing to earn more."""
    earlier = (
        {(s.label, s.kind): s for s in before.lines.all() if s.kind == LineKind.KPI}
        if before is not None
        else {}
    )
    made: dict[int, list[Objection]] = {}
    for objection in objections:
        made.setdefault(objection.line_id, []).append(objection)
    found: dict[str, list[Explained]] = {}
    for line in lines:
        one = _explained(line, base, earlier.get((line.label, line.kind)), made, is_open)
        found.setdefault(line.block, []).append(one)
    return [BlockShown(name, rows[0].line.share, rows) for name, rows in found.items()]


def _explained(
    line: SheetLine,
    base: Decimal,
    before: SheetLine | None,
    made: dict[int, list[Objection]],
    is_open: bool,
) -> Explained:
    kpi = line.kpi
    source = kpi.source if kpi else ""
    words = {"missing": "", "scale": "", "arithmetic": ""}
    if kpi is not None and line.kind == LineKind.KPI:
        rule = kpi.rule
        words["scale"] = explain.scale_words(source, rule)
        words["arithmetic"] = explain.arithmetic(
            line.attainment, line.weight, line.share, line.points, base
        )
        if is_open:
            step = formulas.next_step(rule, line.fact, line.plan)
            gain = None
            if step is not None:
                more = formulas.points(step.attainment, line.weight, line.share) - line.points
                gain = formulas.total_of(base, [more])
            words["missing"] = explain.missing_words(source, step, kpi.better, gain)
    return Explained(
        line=line,
        plan=explain.figure(source, line.plan) if line.plan is not None else "–",
        fact=explain.figure(source, line.fact),
        made_of=line.note or explain.made_of(source, line.part, line.whole),
        period=period_label(line.since, line.until),
        before=before,
        objections=made.get(line.pk, []),
        **words,
    )


@dataclass(frozen=True)
class Estimate:
    """What somebody has earned of a month so far."""

    sheet: SheetNow
    blocks: Sequence[BlockShown]
    unit: Any
    before: Sheet | None


def estimates_of(employee: Employee, month: date, today: date) -> list[Estimate]:
    """The running estimate of one person, of each unit they stood in; nothing is written."""
    found = Month(month, today, [employee.pk])
    units = {row.unit_id: row.unit for row in employee.positions.select_related("unit")}
    earlier = list(
        Sheet.objects.filter(employee=employee, month=shifted(month, -1)).prefetch_related("lines")
    )
    result = []
    for now in found.sheets():
        lines = [line.row(None, number) for number, line in enumerate(now.lines)]
        before = next((s for s in earlier if s.unit_id == now.stint.unit), None)
        blocks = blocks_of(lines, now.base, before, is_open=True)
        result.append(Estimate(now, blocks, units[now.stint.unit], before))
    return result


def employee_of(user: Any) -> Employee | None:
    """The employee behind an account."""
    return Employee.objects.filter(user_id=user.pk).first()


@dataclass(frozen=True)
class UnitMonth:
    """A unit's sheets of a month: how many stand where, how much they come to."""

    unit: Any
    counts: dict[str, int]
    base: Decimal
    earned: Decimal
    corrections: Decimal
    total: Decimal

    @property
    def sheets(self) -> int:
        """All sheets."""
        return sum(self.counts.values())


def month_by_unit(user: Any, month: date) -> list[UnitMonth]:
    """The sheets of a month by unit, as far as a user may see them, in one query and units."""
    statuses = {s.value: Count("pk", filter=Q(status=s)) for s in SheetStatus}
    sums = {f"sum_{name}": Sum(name) for name in ("base", "earned", "corrections", "total")}
    rows = (
        policy_for(Sheet)
        .visible_to(user)
        .filter(month=month)
        .order_by("unit__path")
        .values("unit_id", "unit__name", "unit__path")
        .annotate(**statuses, **sums)
    )
    return [
        UnitMonth(
            unit={"pk": row["unit_id"], "name": row["unit__name"]},
            counts={s.value: row[s.value] for s in SheetStatus},
            **{name: row[f"sum_{name}"] for name in ("base", "earned", "corrections", "total")},
        )
        for row in rows
    ]


def total_of_month(user: Any, month: date) -> Decimal | None:
    """Roubles of a month's sheets, as far as a user may see them; None without any."""
    rows = policy_for(Sheet).visible_to(user).filter(month=month)
    return rows.aggregate(total=Sum("total"))["total"]


def open_objections(user: Any, month: date | None = None) -> int:
    """How many objections wait for an answer where the user could give it."""
    rows = policy_for(Objection).visible_to(user).filter(status=ObjectionStatus.OPEN)
    rows = rows.exclude(made_by_id=user.pk)
    return rows.filter(line__sheet__month=month).count() if month else rows.count()


def objections_of(sheet: Sheet) -> Any:
    """The objections to a sheet that is already found in scope, with who answered."""
    return Objection.objects.filter(line__sheet=sheet).select_related("answered_by")


def export_of(month: date) -> PayrollExport | None:
    """What of a month was given to payroll."""
    return PayrollExport.objects.filter(month=month).select_related("made_by").first()


def drafts_run(kind: str, month: date, key: str) -> JobRun | None:
    """The run of the drafts of a month."""
    return JobRun.objects.filter(kind=kind, business_date=month, key=key).first()
