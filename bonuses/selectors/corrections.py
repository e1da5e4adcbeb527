"""What late facts change in closed months, as lines for the open one.

A line pays the difference between what a closed line would be with the facts of today and what
was paid for it so far, corrections of closed months included. A late fact that is taken back
therefore takes the same roubles back.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from bonuses import formulas
from bonuses.enums import LineKind, SheetStatus
from bonuses.models import BonusScheme, SheetLine
from bonuses.months import label, shifted
from bonuses.preferences import CORRECTION_MONTHS
from bonuses.selectors.drafts import LineNow, Month
from bonuses.selectors.schemes import with_rules
from bonuses.stints import Stint
from core import preferences

Key = tuple[int, int, str]


@dataclass(frozen=True)
class Correction:
    """A difference to pay (or to take back) for a line of a closed month."""

    closed: SheetLine
    now: LineNow
    amount: Decimal
    paid: Decimal

    def line(self, sheet_id: int, order: int) -> SheetLine:
        """The row that keeps it: plan and fact as they are now, points as the difference."""
        month = label(self.closed.sheet.month)
        return SheetLine(
            sheet_id=sheet_id,
            code=f"late-{self.closed.pk}",
            kind=LineKind.CORRECTION,
            order=order,
            block="Корректировки",
            label=f"{self.closed.label}"[:80],
            kpi_id=self.closed.kpi_id,
            corrects_id=self.closed.pk,
            since=self.closed.since,
            until=self.closed.until,
            share=self.closed.share,
            weight=self.closed.weight,
            plan=self.now.plan,
            fact=self.now.fact.value,
            part=self.now.fact.part,
            whole=self.now.fact.whole,
            note=f"за {month}: уплачено по данным на день закрытия, уточнено поздними фактами",
            attainment=self.now.attainment,
            points=self.now.points - self.closed.points,
            amount=self.amount,
            rows=list(self.now.fact.rows),
            counted=list(self.now.fact.counted),
        )


def corrections_for(
    month: date, today: date, employees: list[int] | None = None
) -> dict[Key, list[Correction]]:
    """Corrections that the sheets of a month take up, by employee, unit and position.

    So many closed months back as the setting says; the queries grow with those months and not
    with people.
    """
    back = preferences.read()[CORRECTION_MONTHS]
    first = shifted(month, -back)
    closed = list(_closed_lines(first, month, employees))
    if not closed:
        return {}
    paid = _paid_since(month, [line.pk for line in closed])
    schemes = {
        row.pk: row
        for row in with_rules(
            BonusScheme.objects.filter(pk__in={line.sheet.scheme_id for line in closed})
        )
    }
    by_month: dict[date, list[SheetLine]] = defaultdict(list)
    for line in closed:
        by_month[line.sheet.month].append(line)
    found: dict[Key, list[Correction]] = defaultdict(list)
    for past, lines in sorted(by_month.items()):
        for correction in _of_month(past, today, lines, schemes, paid, employees):
            sheet = correction.closed.sheet
            found[(sheet.employee_id, sheet.unit_id, sheet.kind)].append(correction)
    return found


def _closed_lines(first: date, month: date, employees: list[int] | None) -> list[SheetLine]:
    rows = SheetLine.objects.filter(
        kind=LineKind.KPI,
        sheet__status=SheetStatus.CLOSED,
        sheet__month__gte=first,
        sheet__month__lt=month,
    ).select_related("sheet__scheme")
    if employees is not None:
        rows = rows.filter(sheet__employee__in=employees)
    return list(rows.order_by("sheet__month", "sheet", "order"))


def _paid_since(month: date, lines: list[int]) -> dict[int, Decimal]:
    """Closed line → what the sheets of other months, closed or not, pay for it already."""
    rows = SheetLine.objects.filter(kind=LineKind.CORRECTION, corrects__in=lines).exclude(
        sheet__month=month
    )
    return dict(rows.order_by().values_list("corrects").annotate(paid=Sum("amount")))


def _of_month(
    month: date,
    today: date,
    lines: list[SheetLine],
    schemes: Mapping[int, BonusScheme],
    paid: Mapping[int, Decimal],
    employees: list[int] | None,
) -> list[Correction]:
    """Differences of one closed month. The base, the days and the scheme are those of the sheet;
    facts and plans are as of today."""
    sheets = {line.sheet_id: line.sheet for line in lines}
    rules = {sheet.kind: schemes[sheet.scheme_id] for sheet in sheets.values()}
    now = Month(month, today, employees, schemes=rules)
    of_sheet: dict[int, list[SheetLine]] = defaultdict(list)
    for line in lines:
        of_sheet[line.sheet_id].append(line)
    found = []
    for pk, closed in of_sheet.items():
        sheet = sheets[pk]
        stint = Stint(
            employee=sheet.employee_id, unit=sheet.unit_id, kind=sheet.kind, since=sheet.since,
            until=sheet.until, worked=sheet.worked, working_days=sheet.working_days,
            base=formulas.exactly(sheet.base),
        )  # fmt: skip
        computed = {line.kpi.pk: line for line in now.sheet(stint).lines}
        for line in closed:
            again = computed.get(line.kpi_id or 0)
            if again is None:
                continue
            before = line.amount + paid.get(line.pk, Decimal(0))
            if again.amount != before:
                found.append(Correction(line, again, again.amount - before, before))
    return found
