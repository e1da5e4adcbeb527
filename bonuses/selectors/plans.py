"""Plan figures for the KPIs of a month, read in one query."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.enums import TargetSpan
from accounts.models import Target, Unit
from bonuses.enums import BlockPeriod, PlanLevel
from bonuses.formulas import share_of_plan
from bonuses.measures import ADDITIVE
from bonuses.models import BonusKpi


@dataclass(frozen=True)
class Planned:
    """A plan for somebody; `whole` is that of all days, where the plan is the part of those worked
    (None where it stands as it is)."""

    value: Decimal | None = None
    whole: Decimal | None = None

    @classmethod
    def part(cls, whole: Decimal, worked: int, days: int) -> "Planned":
        """The part of a plan for whoever worked a part of the days."""
        return cls(share_of_plan(whole, worked, days), whole)


class Plans:
    """What is planned for whom in a month and in the quarter that it pays."""

    def __init__(self, month: date, quarter: date) -> None:
        self.spans = {
            BlockPeriod.MONTH: (TargetSpan.MONTH, month),
            BlockPeriod.QUARTER: (TargetSpan.QUARTER, quarter),
        }
        rows = Target.objects.filter(month__in=[month, quarter]).order_by()
        self.found: dict[tuple[str, str, date, int | None, int | None], Decimal] = {
            (kind, span, begins, employee, unit): value
            for kind, span, begins, employee, unit, value in rows.values_list(
                "kind", "span", "month", "employee_id", "unit_id", "value"
            )
        }
        self.paths = dict(Unit.objects.order_by().values_list("pk", "path"))

    def below(self, unit: int) -> frozenset[int]:
        """Ids of a unit and all under it."""
        top = self.paths[unit]
        return frozenset(pk for pk, path in self.paths.items() if path.startswith(top))

    def plan(
        self, kpi: BonusKpi, period: str, employee: int, unit: int, worked: int, days: int
    ) -> Planned:
        """The plan of a KPI for somebody; nothing where none is set anywhere.

        What is set for the person stands as it is; any other plan of things to be counted up is
        taken for the part of the working days that were worked.
        """
        span, begins = self.spans[BlockPeriod(period)]
        place: tuple[int | None, int | None] = (None, None)
        value = None
        if kpi.target_kind and kpi.plan_level != PlanLevel.SCHEME:
            if kpi.plan_level == PlanLevel.EMPLOYEE:
                own = self.found.get((kpi.target_kind, span, begins, employee, None))
                if own is not None:
                    return Planned(own)
            for place in self._places(kpi.plan_level, unit):
                value = self.found.get((kpi.target_kind, span, begins, *place))
                if value is not None:
                    break
        if value is None:
            value = kpi.plan
        if value is not None and kpi.source in ADDITIVE:
            return Planned.part(value, worked, days)
        return Planned(value)

    def _places(self, level: str, unit: int) -> list[tuple[None, int | None]]:
        """Where a plan is looked for: the unit and those above it, or the whole."""
        if level == PlanLevel.WHOLE:
            return [(None, None)]
        if level != PlanLevel.UNIT:
            return []
        above = [int(pk) for pk in self.paths[unit].strip("/").split("/")]
        return [(None, pk) for pk in reversed(above)]
