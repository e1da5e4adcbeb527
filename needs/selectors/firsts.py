"""The funnel counted by first needs: one pass over the days asked for, no client looked at twice.

Every need knows when the one before it was opened (needs/migrations/0009_firsts.py). Where that
was before the period, the need is its client's first there, and the client is counted with it:
of the row of an author, of the unit, of the whole. Only of units that hold others, and are not
all that was read, clients are told apart by another query (docs/decisions/0013).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from accounts.models import Unit
from needs.funnel import Counts
from needs.models import NeedStage
from needs.selectors.levels import Levels, Sum, places_below, scope
from visits.figures.periods import Period
from visits.selectors.figures import FigureReach, Leaf

COUNTED = ("01", "02", "03", "04", "05", "06")


def can_count(stages: Sequence[NeedStage]) -> bool:
    """Whether the stages in use are among those that needs are counted by."""
    return all(stage.code in COUNTED for stage in stages)


def _reached(stages: Sequence[NeedStage]) -> str:
    """SQL: how many of the stages in use a need reached."""
    steps = " ".join(
        f"WHEN stage >= {int(stage.code)} THEN {n}"
        for n, stage in reversed(list(enumerate(stages, 1)))
    )
    return f"CASE {steps} ELSE 0 END" if steps else "0"


def _first(tier: str, stages: Sequence[NeedStage], since: str) -> str:
    """SQL: from which stage in use on the need is its client's first; beyond the last, at none."""
    steps = " ".join(
        f"WHEN {tier}_{number} < {since} THEN {n}"
        for n, number in enumerate([0, *(int(stage.code) for stage in stages)])
    )
    return f"CASE {steps} ELSE {len(stages) + 1} END"


def _source(segment: str) -> tuple[str, list[Any]]:
    if not segment:
        return "needs_tally", []
    joined = "needs_tally JOIN accounts_client c ON c.id = client_id AND c.segment = %s"
    return joined, [segment]


def statement(
    reach: FigureReach,
    period: Period,
    stages: Sequence[NeedStage],
    unit: Unit | None = None,
    segment: str = "",
) -> tuple[str, list[Any]]:
    """The query of all rows, with its values: needs by place, stage and who is first there.

    Stage and firsts go as one number, the digits of a base: a million rows are grouped by three
    keys in half the time of six.
    """
    where, values = scope(reach, unit)
    where = where.replace("unit_id", "needs_tally.unit_id")
    source, of_segment = _source(segment)
    since = "%s"
    width = len(stages) + 2
    packed = _reached(stages)
    for tier in _TIERS:
        packed = f"({packed}) * {width} + {_first(tier, stages, since)}"
    asked = [period.since] * (len(_TIERS) * (len(stages) + 1))
    reached, of_row, of_unit = (
        f"kind / {width**3}",
        f"kind / {width**2} %% {width}",
        f"kind / {width}",
    )
    sql = f"""
        WITH counted AS MATERIALIZED (
            SELECT needs_tally.unit_id, author_id, {packed} AS kind,
                count(*) AS needs, count(*) FILTER (WHERE dropped) AS dropped
            FROM {source} WHERE opened_on BETWEEN %s AND %s{where}
            GROUP BY 1, 2, 3
        )
        SELECT 'row', unit_id, author_id, {reached}, {of_row}, sum(needs)::int, sum(dropped)::int
        FROM counted GROUP BY 2, 3, 4, 5
        UNION ALL
        SELECT 'unit', unit_id, NULL, {reached}, {of_unit} %% {width}, sum(needs)::int, NULL
        FROM counted GROUP BY 2, 4, 5
        UNION ALL
        SELECT 'client', NULL, NULL, {reached}, kind %% {width}, sum(needs)::int, NULL
        FROM counted GROUP BY 4, 5
    """  # noqa: S608 (of this module's own words)
    return sql, [*asked, *of_segment, period.since, period.until, *values]


_TIERS = ("row", "unit", "client")


def read_levels(
    reach: FigureReach,
    period: Period,
    stages: Sequence[NeedStage],
    unit: Unit | None = None,
    segment: str = "",
) -> Levels:
    """Needs and distinct clients of every row of the tree, as `levels` counts them."""
    width = len(stages)
    nodes = places_below(reach)
    above: dict[int | None, list[int]] = defaultdict(list)
    for node, places in nodes.items():
        for place in places:
            above[place].append(node)
    leaves: dict[Leaf, Sum] = defaultdict(lambda: Sum(width))
    units: dict[int | None, Sum] = defaultdict(lambda: Sum(width))
    whole = Sum(width)
    with connection.cursor() as cursor:
        cursor.execute(*statement(reach, period, stages, unit, segment))
        rows = cursor.fetchall()
    for tier, unit_id, author_id, reached, first, needs, dropped in rows:
        stands = reach.units.get(unit_id) if unit_id else None
        # Of a unit out of reach only the reader's own needs are here: one author, one row.
        by_unit = reach.everything or reach.holds_unit(stands)
        if tier == "row":
            leaves[unit_id, author_id].add_reached(reached, needs, dropped)
            leaves[unit_id, author_id].add_first(reached, first, needs)
            for node in {*above[unit_id], unit_id}:
                units[node].add_reached(reached, needs, dropped)
            whole.add_reached(reached, needs, dropped)
        if tier == ("unit" if by_unit else "row") and unit_id not in nodes:
            units[unit_id].add_first(reached, first, needs)
        if tier == "client":
            whole.add_first(reached, first, needs)
    is_all = reach.everything and unit is None
    read = {unit_id for tier, unit_id, *_ in rows if tier == "unit"}
    apart = {}
    for node, places in nodes.items():
        if is_all and read <= set(places):
            units[node].clients = list(whole.clients)
        elif read & set(places):
            apart[node] = places
    for node, reached, clients in _apart(apart, period, stages, segment) if apart else ():
        units[node].add_first(reached, 0, clients)
    return Levels(
        {leaf: found.counts() for leaf, found in leaves.items()},
        {unit_id: found.counts() for unit_id, found in units.items()},
        whole.counts() if is_all else None,
    )


def _apart(
    nodes: dict[int, list[int]], period: Period, stages: Sequence[NeedStage], segment: str
) -> list[tuple[int, int, int]]:
    """Unit that holds others, how far a client came there, how many clients."""
    pairs = [(node, place) for node, places in nodes.items() for place in places]
    source, of_segment = _source(segment)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT node, reached, count(*)::int FROM (
                SELECT node, client_id, max({_reached(stages)}) AS reached
                FROM {source}
                JOIN unnest(%s::bigint[], %s::bigint[]) n (node, place)
                    ON place = needs_tally.unit_id
                WHERE opened_on BETWEEN %s AND %s GROUP BY node, client_id
            ) found GROUP BY node, reached
            """,  # noqa: S608
            [
                *of_segment,
                [node for node, _ in pairs],
                [place for _, place in pairs],
                period.since,
                period.until,
            ],
        )
        return cursor.fetchall()


def read_spans(
    spans: Sequence[Period], stages: Sequence[NeedStage], segment: str = ""
) -> list[Counts]:
    """The counts of some periods, of all needs, in one query."""
    source, of_segment = _source(segment)
    found = [Sum(len(stages)) for _ in spans]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT place, {_reached(stages)}, {_first("client", stages, "since")},
                count(*)::int, (count(*) FILTER (WHERE dropped))::int
            FROM unnest(%s::date[], %s::date[]) WITH ORDINALITY span (since, until, place)
            JOIN ({f"SELECT needs_tally.* FROM {source}"}) own
                ON opened_on BETWEEN since AND until
            GROUP BY 1, 2, 3
            """,  # noqa: S608
            [[span.since for span in spans], [span.until for span in spans], *of_segment],
        )
        for place, reached, first, needs, dropped in cursor.fetchall():
            found[place - 1].add_reached(reached, needs, dropped)
            found[place - 1].add_first(reached, first, needs)
    return [one.counts() for one in found]
