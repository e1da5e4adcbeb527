"""Plan and fact of a year: steps into each stage, in needs and in distinct clients."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.enums import TargetKind
from accounts.models import Target, Unit
from needs.funnel import CONFIRMED, EFFECT, IDENTIFIED, IMPLEMENTED, Counts, PlanFact, plan_of
from needs.models import NeedStage
from needs.selectors.funnel import of_segment
from needs.selectors.levels import Source, levels, scope, total
from visits.figures.periods import Period
from visits.selectors.figures import FigureReach, Leaf, Tree, TreeReading, TreeRow, within
from visits.selectors.figures.targets import positions_within, unit_on

# Stage → the plan of its needs, the plan of its clients.
KINDS: dict[str, tuple[TargetKind, TargetKind]] = {
    IDENTIFIED: (TargetKind.NEEDS_IDENTIFIED, TargetKind.NEEDS_IDENTIFIED_CLIENTS),
    IMPLEMENTED: (TargetKind.NEEDS_IMPLEMENTED, TargetKind.NEEDS_IMPLEMENTED_CLIENTS),
    EFFECT: (TargetKind.NEEDS_EFFECT, TargetKind.NEEDS_EFFECT_CLIENTS),
    CONFIRMED: (TargetKind.NEEDS_CONFIRMED, TargetKind.NEEDS_CONFIRMED_CLIENTS),
}
Plans = dict[str, Decimal]  # by kind


@dataclass(eq=False)
class PlanRow(TreeRow):
    """A row with its facts and its plans."""

    counts: Counts = field(default_factory=Counts)
    plans: Plans = field(default_factory=dict)
    stages: list[NeedStage] = field(default_factory=list, repr=False)

    def pair(self, number: int) -> tuple[PlanFact, PlanFact]:
        """Needs and clients of a stage, by its place."""
        kinds = KINDS[self.stages[number].code]
        reached = self.counts.reached[number] if self.counts.reached else None
        facts = (reached.needs, reached.clients) if reached else (0, 0)
        needs, clients = (
            PlanFact(fact, self.plans.get(kind)) for fact, kind in zip(facts, kinds, strict=True)
        )
        return needs, clients


@dataclass
class PlanTable(TreeReading):
    """Plan and fact of a year."""

    stages: list[NeedStage]


def read_plan(
    reach: FigureReach, year: Period, today: date, unit: Unit | None = None, segment: str = ""
) -> PlanTable:
    """What was stepped into in a year beside what was planned. Plans know no segment."""
    stages = list(NeedStage.objects.filter(is_on=True, code__in=KINDS).order_by("code"))
    source = stepped(reach, year, stages, unit, segment)
    found = levels(source, reach)
    plans = _Plans(year, today, reach) if not segment else _Plans(None, today, reach)
    leaves = set(found.leaves) | {leaf for leaf in plans.leaves if within(leaf, reach, unit)}
    tree = Tree(reach, unit, year.pool_day(today), today, leaves, PlanRow)
    for (unit_id, employee_id), row in tree.rows.items():
        row.stages = stages
        if employee_id is not None:
            row.counts = found.leaves.get((unit_id, employee_id), Counts())
            row.plans = plans.leaves.get((unit_id, employee_id), {})
        else:
            row.counts = found.units.get(unit_id, Counts())
            row.plans = plans.of_unit(unit_id)
    table = PlanTable(year, tree.finish(), tree.total, reach, stages)
    table.total.stages = stages
    if unit is not None:
        table.total.plans = plans.of_unit(unit.pk)
    elif reach.everything:
        table.total.plans = plans.of_unit(None)
    if table.has_total:
        table.total.counts = total(source)
    elif table.roots:
        table.total.counts = table.roots[0].counts
    if reach.everything and unit is None and len(table.roots) == 1:
        # The plan of the whole is told where the whole stands: at the only root.
        root = table.roots[0]
        root.plans |= plans.own(None) | plans.own(root.unit.pk if root.unit else None)
    return table


def stepped(
    reach: FigureReach,
    period: Period,
    stages: list[NeedStage],
    unit: Unit | None = None,
    segment: str = "",
) -> Source:
    """Steps made in a period by unit, author and client of their needs."""
    where, values = scope(reach, unit)
    columns = "".join(
        f", (count(*) FILTER (WHERE s.stage_id = %s))::int AS r{n}"
        for n in range(1, len(stages) + 1)
    )
    sql = f"""
        SELECT unit_id, n.author_id, client_id, count(DISTINCT n.id)::int AS whole,
            0 AS dropped{columns}
        FROM needs_needstep s JOIN needs_need n ON n.id = s.need_id
        WHERE s."on" BETWEEN %s AND %s{where.replace("author_id", "n.author_id")}
        GROUP BY unit_id, n.author_id, client_id
    """  # noqa: S608
    ids: list[Any] = [stage.pk for stage in stages]
    return of_segment(
        Source(sql, (*ids, period.since, period.until, *values), len(stages)), segment
    )


class _Plans:
    """The plans of a year by row. A unit's own comes first; without one, the sum of those below."""

    def __init__(self, year: Period | None, today: date, reach: FigureReach) -> None:
        self.reach = reach
        self.leaves: dict[Leaf, Plans] = {}
        self.units: dict[int | None, Plans] = {}
        if year is None:
            return
        kinds = [kind for pair in KINDS.values() for kind in pair]
        rows = list(Target.objects.filter(month__range=(year.since, year.until), kind__in=kinds))
        worked = positions_within({r.employee_id for r in rows if r.employee_id}, year)
        last = max(min(today, year.until), year.since)
        given: dict[Any, list[tuple[str, Decimal]]] = defaultdict(list)
        for row in rows:
            place: Any = row.unit_id
            if row.employee_id is not None:
                place = (unit_on(worked.get(row.employee_id, []), last), row.employee_id)
            given[place, row.kind].append((row.span, row.value))
        for (place, kind), spans in given.items():
            plan = plan_of(spans)
            if plan is None:
                continue
            rows_of: dict[Any, Plans] = self.leaves if isinstance(place, tuple) else self.units  # type: ignore[assignment]
            rows_of.setdefault(place, {})[kind] = plan

    def own(self, unit_id: int | None) -> Plans:
        """What was planned for a unit itself; for the whole, with None."""
        return self.units.get(unit_id, {})

    def of_unit(self, unit_id: int | None) -> Plans:
        """What is planned for a unit, or, with None, for the whole."""
        below: dict[str, list[Decimal]] = defaultdict(list)
        for pk, row in self.reach.units.items():
            if row.parent_id == unit_id:
                for kind, value in self.of_unit(pk).items():
                    below[kind].append(value)
        for (place, _), plans in self.leaves.items():
            if place == unit_id:
                for kind, value in plans.items():
                    below[kind].append(value)
        summed = {kind: sum(values, Decimal()) for kind, values in below.items()}
        return summed | self.own(unit_id)
