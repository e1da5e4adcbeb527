"""Reads of the funnel: the tree of one period, and the same by month."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from accounts.models import Unit
from needs.enums import NeedStatus
from needs.funnel import Counts, Rung, rungs
from needs.models import Need, NeedStage
from needs.selectors.levels import Source, counts_of, levels, scope, total
from visits.figures.periods import Period, PeriodKind, add_months
from visits.selectors.figures import FigureReach, Tree, TreeReading, TreeRow

EVERYTHING = 0
TALLIED = frozenset({"01", "02", "03", "04", "05", "06"})


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
    source = opened(reach, period, stages, unit, segment)
    found = levels(source, reach)
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
        funnel.total.counts = total(source)
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
    """Needs opened in a period by unit, author and client.

    Quarters, halves, years and everything are read from the tally; other days from the needs.
    """
    where, values = scope(reach, unit)
    spans = tallied_spans(period) if all(stage.code in TALLIED for stage in stages) else None
    if spans is not None:
        return of_segment(_tallied(spans, stages, where, values), segment)
    reaching, ids = _reaching(stages)
    sql = f"""
        SELECT unit_id, author_id, client_id, false AS alone, count(*)::int AS whole,
            (count(*) FILTER (WHERE status = %s))::int AS dropped{reaching}
        FROM needs_need WHERE opened_on BETWEEN %s AND %s{where}
        GROUP BY unit_id, author_id, client_id
    """  # noqa: S608
    asked: tuple[Any, ...] = (NeedStatus.DROPPED, *ids, period.since, period.until, *values)
    return of_segment(Source(sql, asked, len(stages)), segment)


def _tallied(
    spans: list[int], stages: list[NeedStage], where: str, values: tuple[Any, ...]
) -> Source:
    columns = ["whole", "dropped", *(f"s{stage.code}" for stage in stages)]
    names = ["whole", "dropped", *(f"r{n}" for n in range(1, len(stages) + 1))]
    pairs = list(zip(columns, names, strict=True))
    if len(spans) == 1:
        read = ", ".join(f"{column} AS {name}" for column, name in pairs)
        alone, group = "alone", ""
    else:
        read = ", ".join(f"sum({column})::int AS {name}" for column, name in pairs)
        alone, group = "false", "GROUP BY unit_id, author_id, client_id"
    sql = f"""
        SELECT unit_id, author_id, client_id, {alone} AS alone, {read}
        FROM needs_tally WHERE span = ANY(%s){where} {group}
    """  # noqa: S608
    return Source(sql, (spans, *values), len(stages), knows_alone=len(spans) == 1)


def tallied_spans(period: Period) -> list[int] | None:
    """The spans of the tally that make up a period; None where none do."""
    known = known_days()
    if known is None or (period.since <= known.since and period.until >= known.until):
        return [EVERYTHING]
    year, quarter = period.since.year * 10, (period.since.month + 2) // 3
    match period.kind:
        case PeriodKind.YEAR:
            return [year]
        case PeriodKind.HALF:
            return [year + 4 + (quarter + 1) // 2]
        case PeriodKind.QUARTER:
            return [year + quarter]
    first = max(period.since, known.since.replace(month=1, day=1))
    last = min(period.until, known.until.replace(month=12, day=31))
    if (first.month, first.day, last.month, last.day) != (1, 1, 12, 31):
        return None
    return [number * 10 for number in range(first.year, last.year + 1)]


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
    return Source(sql, (*source.values, segment), source.width, source.knows_alone)


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
        by_month = {month: counts_of(numbers) for month, *numbers in cursor.fetchall()}
    whole = total(opened(reach, period, stages, unit, segment))
    months = []
    month = period.since.replace(day=1)
    while month <= period.until:
        last = add_months(month, 1) - timedelta(days=1)
        days = Period(max(month, period.since), min(last, period.until))
        months.append(FunnelMonth(days, by_month.get(month, Counts()), len(stages)))
        month = add_months(month, 1)
    return FunnelMonths(stages, months, FunnelMonth(period, whole, len(stages)))


def known_days() -> Period | None:
    """From the first need opened to the last; None where there is none."""
    found = Need.objects.aggregate(first=Min("opened_on"), last=Max("opened_on"))
    return Period(found["first"], found["last"]) if found["first"] else None
