"""Sheets as they would be now: everybody's of a month, computed in a constant number of queries."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from bonuses import formulas
from bonuses.enums import BlockPeriod, KpiSource, LineKind, SchemeKind
from bonuses.measures import ADDITIVE, Fact, Who
from bonuses.models import BonusKpi, BonusScheme, SheetLine
from bonuses.months import last_of, quarter_paid, shifted
from bonuses.selectors.facts import Facts
from bonuses.selectors.plans import Planned, Plans
from bonuses.selectors.schemes import in_force
from bonuses.selectors.staff import Staff
from bonuses.stints import Stint

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class LineNow:
    """A line as it would be: everything that `SheetLine` keeps."""

    kpi: BonusKpi
    block: str
    period: str
    share: Decimal
    since: date
    until: date
    plan: Decimal | None
    fact: Fact
    attainment: Decimal
    points: Decimal
    amount: Decimal = Decimal(0)
    plan_whole: Decimal | None = None

    @property
    def code(self) -> str:
        """The same line however often it is computed."""
        return f"kpi-{self.kpi.pk}"

    def row(self, sheet_id: Any, order: int) -> SheetLine:
        """The row that keeps it."""
        return SheetLine(
            sheet_id=sheet_id,
            code=self.code,
            kind=LineKind.KPI,
            order=order,
            block=self.block,
            label=self.kpi.label,
            kpi=self.kpi,
            since=self.since,
            until=self.until,
            share=self.share,
            weight=self.kpi.weight,
            plan=self.plan,
            plan_whole=self.plan_whole,
            fact=self.fact.value,
            part=self.fact.part,
            whole=self.fact.whole,
            note=self.fact.note,
            attainment=self.attainment,
            points=self.points,
            amount=self.amount,
            rows=list(self.fact.rows),
            counted=list(self.fact.counted),
        )


@dataclass(frozen=True)
class SheetNow:
    """A sheet as it would be."""

    stint: Stint
    scheme: BonusScheme
    base: Decimal
    lines: tuple[LineNow, ...]

    @property
    def points(self) -> Decimal:
        """Points of all lines."""
        return sum((line.points for line in self.lines), Decimal(0))

    @property
    def earned(self) -> Decimal:
        """Roubles of all lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass
class Month:
    """What the sheets of a month are computed from: staff, facts of both periods, plans.

    `today` ends the periods that still last. `employees` narrows it to some; `schemes` takes
    others than those in force, `plans` other plans by KPI: both for «what if».
    """

    month: date
    today: date
    employees: list[int] | None = None
    schemes: Mapping[str, BonusScheme] | None = None
    plans: Mapping[int, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.until = min(last_of(self.month), self.today)
        self.quarter = quarter_paid(self.month)
        quarter_since, quarter_until = self.quarter
        staff = Staff(min(quarter_since, self.month), shifted(self.month, 1), self.employees)
        self.staff = staff
        self.in_force = dict(in_force(self.month) if self.schemes is None else self.schemes)
        self.planned = Plans(self.month, quarter_since)
        self.stints = [s for s in staff.stints(self.month) if s.kind in self.in_force]
        units: list[int] | None = None
        if self.employees is not None:
            heads = [s.unit for s in self.stints if s.kind == SchemeKind.HEAD]
            units = sorted({pk for unit in heads for pk in self.planned.below(unit)})
        narrowed: dict[str, Any] = {"employees": self.employees, "units": units}
        self.facts = {
            BlockPeriod.MONTH: Facts(self.month, self.until, **narrowed),
            BlockPeriod.QUARTER: Facts(quarter_since, min(quarter_until, self.today), **narrowed),
        }

    @property
    def working_days(self) -> int:
        """All working days of the month."""
        return len(self.staff.days.within(self.month, shifted(self.month, 1)))

    def who(self, stint: Stint, period: str) -> Who:
        """Whose facts a stint's are in a period."""
        is_head = stint.kind == SchemeKind.HEAD
        since, until = (
            (stint.since, min(stint.until, self.until))
            if period == BlockPeriod.MONTH
            else (self.quarter[0], min(self.quarter[1], self.today))
        )
        return Who(
            key=stint.key,
            employee=stint.employee,
            since=since,
            until=until,
            kind=stint.kind,
            units=self.planned.below(stint.unit) if is_head else frozenset(),
            spans=stint.spans if period == BlockPeriod.MONTH else (),
        )

    def sheet(
        self,
        stint: Stint,
        scheme: BonusScheme | None = None,
        closed: Mapping[int | None, SheetLine] = MappingProxyType({}),
    ) -> SheetNow:
        """The sheet of a stint, by the scheme in force unless another is given.

        `closed` are lines already paid, by KPI: their plans stand, whatever was planned since.
        """
        scheme = scheme or self.in_force[stint.kind]
        base = formulas.kopecks(stint.base)
        lines = [
            self._line(stint, kpi, block, closed.get(kpi.pk))
            for block in scheme.blocks.all()
            for kpi in block.kpis.all()
        ]
        amounts = formulas.spread(base, [line.points for line in lines])
        paid = zip(lines, amounts, strict=True)
        return SheetNow(
            stint, scheme, base, tuple(replace(line, amount=amount) for line, amount in paid)
        )

    def sheets(self, progress: Progress | None = None) -> Iterable[SheetNow]:
        """Every sheet of the month, one after another."""
        for number, stint in enumerate(self.stints):
            if progress and number % 500 == 0:
                progress("листы", 10 + 60 * number // max(len(self.stints), 1))
            yield self.sheet(stint)

    def _line(self, stint: Stint, kpi: BonusKpi, block: Any, closed: SheetLine | None) -> LineNow:
        who = self.who(stint, block.period)
        worked, days = stint.worked, stint.working_days
        if block.period == BlockPeriod.QUARTER and kpi.source in ADDITIVE:
            until = shifted(self.quarter[0], 3)
            worked, days = self.staff.worked(stint.employee, self.quarter[0], until)
        facts = self.facts[BlockPeriod(block.period)]
        fact = facts.fact(kpi.source, who, kpi)
        if closed is None and kpi.pk in self.plans:
            plan = Planned(self.plans[kpi.pk])
        elif closed is None:
            plan = self.planned.plan(kpi, block.period, stint.employee, stint.unit, worked, days)
        elif closed.plan_whole is None:
            plan = Planned(closed.plan)
        else:
            plan = Planned.part(closed.plan_whole, worked, days)
        if closed is not None and kpi.source == KpiSource.K2_QUALITY:
            fact = facts.by_criteria_of(closed, fact)
        attained = formulas.attainment(kpi.rule, fact.value, plan.value)
        return LineNow(
            kpi=kpi,
            block=block.label,
            period=block.period,
            share=block.share,
            since=who.since,
            until=who.until,
            plan=plan.value,
            plan_whole=plan.whole,
            fact=fact,
            attainment=attained,
            points=formulas.points(attained, kpi.weight, block.share),
        )
