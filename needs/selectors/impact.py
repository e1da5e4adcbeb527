"""Two groups of clients over a window: who left, how soon they agreed, who paid above plan.

A client is in the first group where a need was identified before the window began: what came
later changes nothing. Counted in the database by strata of segment, price and tenure, so that
the number of clients does not matter (docs/money.md, «Влияние»).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Client
from accounts.selectors.contracts import PRICED
from core.policy import policy_for
from needs.funnel import IDENTIFIED
from needs.impact import (
    Curve,
    Interval,
    Matched,
    Shares,
    Times,
    days_difference,
    matched_days,
    matched_difference,
    matched_ratio,
    quicker,
    risk_difference,
    risk_ratio,
    survival,
)
from needs.models import NeedStep

_STRATUM = """
    segment,
    CASE WHEN monthly IS NULL THEN 0 WHEN monthly < 10000 THEN 1 WHEN monthly < 25000 THEN 2
         ELSE 3 END,
    CASE WHEN %(since)s - connected_on < 365 THEN 0 WHEN %(since)s - connected_on < 1095 THEN 1
         ELSE 2 END
"""
# A client as it stood when the window began, and its first leaving within it; then who left by
# stratum, when, and what the agreed offers came to. One statement: the clients are found once.
_IMPACT = f"""
    WITH chosen (id, side) AS {{how}} ({{chosen}}), grouped AS MATERIALIZED (
        SELECT c.id, c.segment, c.connected_on, chosen.side, p.monthly, gone."on" AS gone_on
        FROM chosen
        JOIN accounts_client c ON c.id = chosen.id
        LEFT JOIN (SELECT client_id, sum(monthly) AS monthly
                   FROM ({PRICED.replace("%s", "%(since)s")}) priced
                   {{priced}} GROUP BY client_id
        ) p ON p.client_id = c.id
        LEFT JOIN (SELECT client_id, min("on") AS "on" FROM accounts_churn
                   WHERE "on" >= %(since)s AND "on" <= %(until)s GROUP BY client_id
        ) gone ON gone.client_id = c.id
    ), agreed AS (
        SELECT g.side, g.id, min(g.segment) AS segment, min(g.monthly) AS monthly,
               min(g.connected_on) AS connected_on,
               max(o.agreed_on - o.offered_on) AS days,
               sum(o.price_after) > sum(round(o.price_before * (100 + o.planned_percent) / 100, 2))
                   AS above
        FROM grouped g JOIN accounts_indexationoffer o ON o.client_id = g.id
        WHERE o.stage = 'agreed' AND o.offered_on >= %(since)s AND o.offered_on <= %(until)s
        GROUP BY g.side, g.id
    )
    SELECT 'churn', side, {_STRATUM}, count(*), count(gone_on), NULL::bigint, NULL::bigint
    FROM grouped GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'offers', side, {_STRATUM}, count(*), count(*) FILTER (WHERE above), sum(days),
           sum(days * days)
    FROM agreed GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'lives', side, NULL, least(gone_on, %(until)s) - %(since)s,
           (gone_on IS NOT NULL)::int, count(*), NULL, NULL, NULL
    FROM grouped GROUP BY 2, 4, 5
"""  # noqa: S608 (our own words; every value is a parameter)


@dataclass(frozen=True)
class Impact:
    """Everything that the page compares; the first group is 1, the second 0."""

    since: date
    until: date
    churn: Shares
    churn_ratio: Interval | None
    churn_difference: Interval | None
    churn_matched: Matched
    days1: Times
    days0: Times
    days: Interval | None
    quicker: Interval | None
    days_matched: Matched
    above: Shares
    above_difference: Interval | None
    above_ratio: Interval | None
    above_matched: Matched
    curve1: Curve | None
    curve0: Curve | None


def clients_at(user: Any, since: date) -> QuerySet:
    """The clients that a user may see and that were served on a day.

    Who left on that very day or later was.
    """
    seen = policy_for(Client).visible_to(user)
    return seen.filter(connected_on__lt=since).filter(
        Q(disconnected_on=None) | Q(disconnected_on__gte=since)
    )


def with_need(clients: QuerySet, before: date) -> QuerySet:
    """Those of the clients of whom a need was identified before a day."""
    steps = NeedStep.objects.filter(
        need__client=OuterRef("pk"), stage__code=IDENTIFIED, on__lt=before
    )
    return clients.filter(Exists(steps))


def read_impact(
    first: QuerySet, second: QuerySet, since: date, until: date, *, of_all: bool = False
) -> Impact:
    """Compare two groups over a window, both days included; one query whatever the number.

    A client of both groups counts in the first. `of_all` says that they come from the whole
    centre: then every price is read at once, while of a pool only its own are asked for.
    """
    how, priced = "MATERIALIZED", "WHERE client_id IN (SELECT id FROM chosen)"
    if of_all:
        how, priced = "NOT MATERIALIZED", ""
    chosen, params = _chosen(first, second)
    params |= {"since": since, "until": until}
    statement = _IMPACT.replace("{how}", how).replace("{priced}", priced)
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{chosen}", chosen), params)
        found: dict[str, list[tuple[Any, ...]]] = {"churn": [], "offers": [], "lives": []}
        for kind, *row in cursor.fetchall():
            found[kind].append(tuple(row))
    offers = found["offers"]
    churn_strata = _strata([(row[0], row[1:4], row[5], row[4]) for row in found["churn"]])
    above_strata = _strata([(row[0], row[1:4], row[5], row[4]) for row in offers])
    churn, above = _sum(churn_strata), _sum(above_strata)
    times = [
        Times(
            sum(row[4] for row in offers if row[0] == side),
            float(sum(row[6] for row in offers if row[0] == side)),
            float(sum(row[7] for row in offers if row[0] == side)),
        )
        for side in (0, 1)
    ]
    curves = []
    for side in (0, 1):
        mine = [row for row in found["lives"] if row[0] == side]
        days, left = [row[2] for row in mine], [bool(row[3]) for row in mine]
        curves.append(survival(days, left, [row[4] for row in mine]))
    return Impact(
        since=since,
        until=until,
        churn=churn,
        churn_ratio=risk_ratio(churn),
        churn_difference=risk_difference(churn),
        churn_matched=matched_ratio(churn_strata),
        days1=times[1],
        days0=times[0],
        days=days_difference(times[1], times[0]),
        quicker=quicker(times[1], times[0]),
        days_matched=matched_days(_times(offers)),
        above=above,
        above_difference=risk_difference(above),
        above_ratio=risk_ratio(above),
        above_matched=matched_difference(above_strata),
        curve1=curves[1],
        curve0=curves[0],
    )


def _chosen(first: QuerySet, second: QuerySet) -> tuple[str, dict[str, Any]]:
    """The clients of both groups as one statement with named parameters."""
    params: dict[str, Any] = {}
    statements = []
    for name, group in (("a", first), ("b", second)):
        try:
            sql, values = group.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # the ORM knows that nobody fits and writes no statement
            sql, values = "SELECT NULL::bigint WHERE FALSE", ()
        named = {f"{name}{n}": value for n, value in enumerate(values)}
        params |= named
        statements.append(sql % tuple(f"%({key})s" for key in named) if named else sql)
    one, two = statements
    return (
        f"SELECT id, 1 FROM ({one}) one (id) UNION ALL"  # noqa: S608 (compiled by the ORM)
        f" SELECT id, 0 FROM ({two}) two (id) WHERE id NOT IN ({one})",
        params,
    )


def _strata(rows: Sequence[tuple[int, Any, int, int]]) -> list[Shares]:
    """Shares by stratum from rows of (group, stratum, hits, number)."""
    found: dict[Any, dict[int, tuple[int, int]]] = {}
    for side, stratum, hits, number in rows:
        found.setdefault(stratum, {})[side] = (hits, number)
    nobody = (0, 0)
    return [Shares(*pair.get(1, nobody), *pair.get(0, nobody)) for pair in found.values()]


def _times(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Times, Times]]:
    """Days by stratum, the first group and the second."""
    found: dict[Any, dict[int, Times]] = {}
    for row in rows:
        found.setdefault(row[1:4], {})[row[0]] = Times(row[4], float(row[6]), float(row[7]))
    nobody = Times(0, 0.0, 0.0)
    return [(pair.get(1, nobody), pair.get(0, nobody)) for pair in found.values()]


def _sum(strata: Sequence[Shares]) -> Shares:
    return Shares(
        sum(s.hits1 for s in strata),
        sum(s.n1 for s in strata),
        sum(s.hits0 for s in strata),
        sum(s.n0 for s in strata),
    )
