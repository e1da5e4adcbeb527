"""Reads of the funnel: the tree of one period, and the same by month."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.models import Unit
from needs.enums import NeedStatus
from needs.funnel import Counts, Reached, Rung, rungs
from needs.models import NeedStage
from needs.selectors import firsts
from needs.selectors.levels import Source, counts_of, levels, scope, total
from visits.figures.periods import Period, add_months
from visits.selectors.figures import FigureReach, Tree, TreeReading, TreeRow


def stages_in_use() -> list[NeedStage]:
    """The stages that the funnel shows, in order."""
    return list(NeedStage.objects.filter(is_on=True).order_by("code"))


@dataclass(eq=False)
class FunnelRow(TreeRow):
    """A row of the funnel."""

    counts: Counts = field(default_factory=Counts)
    width: int = 0

    @property
    def rungs(self) -> list[Rung]:
        """Its stages."""
        return rungs(self.counts, self.width)


@dataclass
class Funnel(TreeReading):
    """The funnel of a period."""

    stages: list[NeedStage]
    segment: str = ""


def read_funnel(
    reach: FigureReach,
    period: Period,
    today: date,
    unit: Unit | None = None,
    segment: str = "",
) -> Funnel:
    """The funnel of needs opened in a period. The number of queries does not depend on rows."""
    stages = stages_in_use()
    if firsts.can_count(stages):
        found = firsts.read_levels(reach, period, stages, unit, segment)
    else:
        found = levels(opened(reach, period, stages, unit, segment), reach)
    tree = Tree(reach, unit, period.pool_day(today), today, found.leaves, FunnelRow)
    for (unit_id, employee_id), row in tree.rows.items():
        row.width = len(stages)
        row.counts = (
            found.leaves.get((unit_id, employee_id), Counts())
            if employee_id is not None
            else found.units.get(unit_id, Counts())
        )
    funnel = Funnel(period, tree.finish(), tree.total, reach, stages, segment)
    funnel.total.width = len(stages)
    if funnel.has_total:
        whole = found.whole or total(opened(reach, period, stages, unit, segment))
        funnel.total.counts = whole
    elif funnel.roots:
        funnel.total.counts = funnel.roots[0].counts
    return funnel


def opened(
    reach: FigureReach,
    period: Period,
    stages: list[NeedStage],
    unit: Unit | None = None,
    segment: str = "",
) -> Source:
    """Needs opened in a period by unit, author and client, whatever the stages are called."""
    where, values = scope(reach, unit)
    reaching, ids = _reaching(stages)
    sql = f"""
        SELECT unit_id, author_id, client_id, count(*)::int AS whole,
            (count(*) FILTER (WHERE status = %s))::int AS dropped{reaching}
        FROM needs_need WHERE opened_on BETWEEN %s AND %s{where}
        GROUP BY unit_id, author_id, client_id
    """  # noqa: S608
    asked: tuple[Any, ...] = (NeedStatus.DROPPED, *ids, period.since, period.until, *values)
    return of_segment(Source(sql, asked, len(stages)), segment)


def _reaching(stages: list[NeedStage]) -> tuple[str, list[Any]]:
    """A column for each stage: needs at it or beyond, whether or not that stage is in use."""
    known = list(NeedStage.objects.values_list("code", "pk"))
    columns = [
        f", (count(*) FILTER (WHERE stage_id = ANY(%s)))::int AS r{n}"
        for n in range(1, len(stages) + 1)
    ]
    ids = [[pk for code, pk in known if code >= stage.code] for stage in stages]
    return "".join(columns), ids


def of_segment(source: Source, segment: str) -> Source:
    """Clients of one segment only; asked of clients, not of each need."""
    if not segment:
        return source
    sql = f"""
        SELECT own.* FROM ({source.sql}) own
        JOIN accounts_client c ON c.id = own.client_id AND c.segment = %s
    """  # noqa: S608
    return Source(sql, (*source.values, segment), source.width)


@dataclass(frozen=True)
class FunnelMonth:
    """The funnel of one month."""

    period: Period
    counts: Counts
    width: int

    @property
    def rungs(self) -> list[Rung]:
        """Its stages."""
        return rungs(self.counts, self.width)


@dataclass(frozen=True)
class FunnelMonths:
    """The months of a period and the period whole; its clients are not the sum of theirs."""

    stages: list[NeedStage]
    months: list[FunnelMonth]
    total: FunnelMonth
    roots: tuple[Any, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was opened."""
        return not self.total.counts.whole.needs


def read_months(
    reach: FigureReach, period: Period, unit: Unit | None = None, segment: str = ""
) -> FunnelMonths:
    """The funnel of each month that a period touches."""
    stages = stages_in_use()
    months = months_of(period)
    if reach.everything and unit is None and firsts.can_count(stages):
        *by_month, whole = firsts.read_spans([*months, period], stages, segment)
    else:
        known = _months(reach, period, stages, unit, segment)
        none = Counts(reached=(Reached(),) * len(stages))
        by_month = [known.get(days.since.replace(day=1), none) for days in months]
        whole = total(opened(reach, period, stages, unit, segment))
    width = len(stages)
    return FunnelMonths(
        stages,
        [FunnelMonth(*pair, width) for pair in zip(months, by_month, strict=True)],
        FunnelMonth(period, whole, width),
    )


def months_of(period: Period) -> list[Period]:
    """The months that a period touches, as far as it touches them."""
    found, month = [], period.since.replace(day=1)
    while month <= period.until:
        after = add_months(month, 1)
        found.append(Period(max(month, period.since), min(after - timedelta(days=1), period.until)))
        month = after
    return found


def _months(
    reach: FigureReach, period: Period, stages: list[NeedStage], unit: Unit | None, segment: str
) -> dict[date, Counts]:
    """The counts of months by their first day, whatever the stages are called."""
    where, values = scope(reach, unit)
    reaching, ids = _reaching(stages)
    names = [f"r{n}" for n in range(1, len(stages) + 1)]
    pairs = ", ".join(f"sum({n}), count(*) FILTER (WHERE {n} > 0)" for n in ["whole", *names])
    joined = " JOIN accounts_client c ON c.id = own.client_id AND c.segment = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH own AS (
                SELECT date_trunc('month', opened_on)::date AS month, client_id,
                    count(*)::int AS whole,
                    (count(*) FILTER (WHERE status = %s))::int AS dropped{reaching}
                FROM needs_need WHERE opened_on BETWEEN %s AND %s{where}
                GROUP BY 1, 2
            )
            SELECT month, sum(dropped), {pairs}
            FROM own{joined if segment else ""} GROUP BY month
            """,  # noqa: S608
            [
                NeedStatus.DROPPED,
                *ids,
                period.since,
                period.until,
                *values,
                *([segment] if segment else []),
            ],
        )
        return {month: counts_of(numbers) for month, *numbers in cursor.fetchall()}
