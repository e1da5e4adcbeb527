"""What has changed for closed months since they were closed, as lines for the open one.

A line pays the difference between what a month would pay by the facts, bases and days of now and
what was paid for it so far, corrections of other months included. What is taken back therefore
takes the same roubles back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from bonuses.enums import LineKind, SheetStatus
from bonuses.models import BonusScheme, Sheet, SheetLine
from bonuses.months import label, shifted
from bonuses.preferences import CORRECTION_MONTHS
from bonuses.selectors.drafts import LineNow, Month, SheetNow
from bonuses.selectors.schemes import with_rules
from core import preferences
from core.russian import roubles

Key = tuple[int, int, str]
_NONE = Decimal(0)
BLOCK = "Корректировки"
_LATE, _UNKNOWN = "late-", "new-"


@dataclass(frozen=True)
class Correction:
    """A difference to pay (or to take back) for a line of a closed month.

    `before` is the line that was paid, None for work of that month which has no sheet there (who
    came or was transferred then is known only now); `now` is None where the work is no longer
    known. The same correction has the same `code` in every month.
    """

    month: date
    key: Key
    scheme: BonusScheme
    code: str
    why: str
    before: SheetLine | None
    now: LineNow | None
    amount: Decimal

    def line(self, sheet_id: int, order: int) -> SheetLine:
        """The row that keeps it: plan and fact as they are now, points as the difference."""
        corrects = self.before if self.code.startswith(_LATE) else None
        found = SheetLine(attainment=_NONE, points=_NONE)
        if self.now is not None:
            found = self.now.row(sheet_id, order)
        elif self.before is not None:
            for name in ("label", "kpi_id", "since", "until", "share", "weight"):
                setattr(found, name, getattr(self.before, name))
        if self.before is not None:
            found.points -= self.before.points
        found.sheet_id, found.order, found.code = sheet_id, order, self.code
        found.kind, found.block, found.amount = LineKind.CORRECTION, BLOCK, self.amount
        found.corrects_id = corrects.pk if corrects is not None else None
        found.note = f"за {label(self.month)}: {self.why}"[:300]
        return found


def unknown_code(month: date, key: Key, kpi: int | None) -> str:
    """The code of a correction of a line that no closed sheet has: month, unit, position, KPI."""
    _, unit, kind = key
    return f"{_UNKNOWN}{month:%Y-%m}-{unit}-{kind[0]}-{kpi}"


def first_corrected(month: date) -> date:
    """The first of the closed months that the sheets of a month still correct."""
    return shifted(month, -preferences.read()[CORRECTION_MONTHS])


def corrections_for(
    month: date, today: date, employees: list[int] | None = None
) -> dict[Key, list[Correction]]:
    """Corrections that the sheets of a month take up, by employee, unit and position.

    So many closed months back as the setting says; the queries grow with those months and not
    with people.
    """
    first = first_corrected(month)
    in_reach = Sheet.objects.filter(month__gte=first, month__lt=month).order_by("month", "pk")
    closed = in_reach.filter(status=SheetStatus.CLOSED).order_by("month", "kind")
    kinds: dict[date, set[str]] = defaultdict(set)
    for past, kind in closed.values_list("month", "kind").distinct():
        kinds[past].add(kind)
    if not kinds:
        return {}
    if employees is not None:
        in_reach = in_reach.filter(employee__in=employees)
    sheets: dict[date, list[Sheet]] = defaultdict(list)
    for sheet in in_reach:
        sheets[sheet.month].append(sheet)
    wanted = {sheet.scheme_id for some in sheets.values() for sheet in some}
    schemes = {row.pk: row for row in with_rules(BonusScheme.objects.filter(pk__in=wanted))}
    lines: dict[int, list[SheetLine]] = defaultdict(list)
    kept = SheetLine.objects.filter(kind=LineKind.KPI, sheet__in=in_reach.order_by().values("pk"))
    for line in kept.order_by("sheet", "order"):
        lines[line.sheet_id].append(line)
    paid = _Paid(first, month, employees)
    found: dict[Key, list[Correction]] = defaultdict(list)
    for past, ruled in kinds.items():
        now = Month(past, today, employees)
        for key, beside, again in _beside(sheets[past], now, schemes, ruled, lines):
            was = lines[beside.pk] if beside is not None else []
            scheme = schemes[beside.scheme_id] if beside is not None else now.in_force[key[2]]
            for one in _differences(past, key, scheme, was, beside, again, paid):
                found[one.key].append(one)
    for one in paid.for_nothing(set(kinds)):
        found[one.key].append(one)
    return found


class _Paid:
    """What the sheets of other months, closed or not, pay as corrections."""

    def __init__(self, first: date, month: date, employees: list[int] | None) -> None:
        rows = SheetLine.objects.filter(kind=LineKind.CORRECTION, sheet__month__gt=first)
        rows = rows.exclude(sheet__month=month)
        if employees is not None:
            rows = rows.filter(sheet__employee__in=employees)
        sums = rows.order_by().values_list("sheet__employee", "code").annotate(paid=Sum("amount"))
        self.left = {(employee, code): amount for employee, code, amount in sums}
        unknown = rows.filter(code__startswith=_UNKNOWN).select_related("sheet__scheme")
        self.unknown = {(line.sheet.employee_id, line.code): line for line in unknown}

    def take(self, employee: int, codes: Iterable[str]) -> Decimal:
        """Roubles that went to the same line under any of its codes; asked for once."""
        return sum((self.left.pop((employee, code), _NONE) for code in codes), _NONE)

    def for_nothing(self, months: set[date]) -> Iterator[Correction]:
        """Take back what was paid for work that had no sheet and is not known now either."""
        for (employee, code), line in self.unknown.items():
            month = date.fromisoformat(f"{code.removeprefix(_UNKNOWN)[:7]}-01")
            amount = self.take(employee, [code])
            if month in months and amount:
                sheet = line.sheet
                key = (employee, sheet.unit_id, sheet.kind)
                yield Correction(month, key, sheet.scheme, code, GONE, line, None, -amount)


def _beside(
    sheets: Sequence[Sheet],
    now: Month,
    schemes: Mapping[int, BonusScheme],
    ruled: set[str],
    lines: Mapping[int, Sequence[SheetLine]],
) -> Iterator[tuple[Key, Sheet | None, SheetNow | None]]:
    """Each closed sheet of a month beside what it would be by all that is known now, then the
    work that has no sheet. A sheet that is still open says what is known by itself."""
    stints = {stint.key: stint for stint in now.stints if stint.kind in ruled}
    for sheet in sheets:
        key = (sheet.employee_id, sheet.unit_id, sheet.kind)
        stint = stints.pop(key, None)
        if sheet.status == SheetStatus.CLOSED:
            again = None
            if stint is not None:
                closed = {line.kpi_id: line for line in lines.get(sheet.pk, ())}
                again = now.sheet(stint, schemes[sheet.scheme_id], closed)
            yield key, sheet, again
    for key, stint in stints.items():
        yield key, None, now.sheet(stint)


def _differences(
    month: date,
    key: Key,
    scheme: BonusScheme,
    lines: Sequence[SheetLine],
    sheet: Sheet | None,
    again: SheetNow | None,
    paid: _Paid,
) -> Iterator[Correction]:
    """The lines of one sheet that would pay other roubles than were paid for them so far."""
    closed = {line.kpi_id: line for line in lines}
    now = {line.kpi.pk: line for line in again.lines} if again is not None else {}
    for kpi in dict.fromkeys([*closed, *now]):
        line, fresh = closed.get(kpi), now.get(kpi or 0)
        codes = [unknown_code(month, key, kpi)]
        if line is not None:
            codes.insert(0, f"{_LATE}{line.pk}")
        was = (line.amount if line is not None else _NONE) + paid.take(key[0], codes)
        due = fresh.amount if fresh is not None else _NONE
        if due != was:
            why = _why(sheet, again)
            yield Correction(month, key, scheme, codes[0], why, line, fresh, due - was)


GONE = "по нынешним данным этой работы не было, уплаченное снимается"


def _why(sheet: Sheet | None, again: SheetNow | None) -> str:
    """What is known now and was not when the month was closed."""
    if again is None:
        return GONE
    days = f"{again.stint.worked} из {again.stint.working_days} рабочих дней"
    if sheet is None:
        return f"работа, на которую листа не было: {days}, база {roubles(again.base)}"
    changed = []
    if sheet.worked != again.stint.worked:
        changed.append(f"отработано {days} вместо {sheet.worked}")
    if sheet.base != again.base:
        changed.append(f"база {roubles(again.base)} вместо {roubles(sheet.base)}")
    return ", ".join(changed) or "уплачено по данным на день закрытия, уточнено поздними фактами"
