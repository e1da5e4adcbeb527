"""Who shows signals that they may leave, and which: sets in SQL, no loop over clients.

Every rule is one SELECT over `asked (client_id, "on")`: the same statement answers for those
served today, for one client, and for those lost, each on a day before it went.
"""
# ruff: noqa: S608 (our own words and whole numbers of settings; every value else is a parameter)

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Churn, Client
from core import preferences
from core.policy import policy_for
from lamps.churn_risk import BEFORE_DAYS, UNDATED, Code, PastCheck, RiskSignal, Thresholds
from lamps.preferences import thresholds
from visits.enums import RiskKind

QUARTER = 91  # days
GRACE = 10  # days after which a bill counts as paid late
YEAR = 365
# The lamp on the day: as it stands, or as the history has it.
_NOW = """SELECT a.client_id, a."on", l.colour, l.since
    FROM asked a JOIN lamps_lamp l ON l.client_id = a.client_id"""
_THEN = """SELECT a.client_id, a."on", p.colour, p.since FROM asked a
    JOIN lamps_lampperiod p ON p.client_id = a.client_id AND p.starts_on <= a."on"
        AND (p.ends_on IS NULL OR p.ends_on > a."on")"""
_GREEN_BEFORE = """coalesce(
    (SELECT coalesce(g.ends_on, r.since) FROM lamps_lampperiod g WHERE g.client_id = r.client_id
        AND g.colour = 'green' AND g.starts_on <= r."on" ORDER BY g.starts_on DESC LIMIT 1),
    (SELECT min(g.starts_on) FROM lamps_lampperiod g WHERE g.client_id = r.client_id))"""
# Columns: client_id, "on", code, since, figure, whole, before, before_whole, amount, said.
_RULES: dict[Code, str] = {
    Code.RED: """
        SELECT r.client_id, r."on", 'red', r.since, r."on" - r.since,
               NULL::int, NULL::int, NULL::int, NULL::numeric, ''
        FROM ({lamp}) r WHERE r.colour = 'red'""",
    Code.NOT_GREEN: f"""
        SELECT r.client_id, r."on", 'not_green', w.since, r."on" - w.since,
               NULL::int, NULL::int, NULL::int, NULL::numeric, ''
        FROM ({{lamp}}) r CROSS JOIN LATERAL (SELECT {_GREEN_BEFORE} AS since) w
        WHERE r.colour IN ('red', 'yellow') AND r."on" - w.since >= {{not_green_days}}""",
    Code.FELL: """
        SELECT r.client_id, r."on", 'fell', r.since, r."on" - r.since,
               NULL::int, NULL::int, NULL::int, NULL::numeric, w.colour || '>' || r.colour
        FROM ({lamp}) r CROSS JOIN LATERAL (
            SELECT p.colour FROM lamps_lampperiod p WHERE p.client_id = r.client_id
                AND p.starts_on < r.since AND p.colour <> 'none'
            ORDER BY p.starts_on DESC LIMIT 1
        ) w
        WHERE r."on" - r.since < {fell_days} AND (w.colour = 'green' AND r.colour IN
            ('red', 'yellow') OR w.colour = 'yellow' AND r.colour = 'red')""",
    Code.OVERDUE: """
        SELECT a.client_id, a."on", 'overdue', min(i.due_on), count(*)::int,
               NULL::int, NULL::int, NULL::int, sum(i.amount - coalesce(p.paid, 0)), ''
        FROM asked a JOIN accounts_invoice i ON i.client_id = a.client_id AND i.due_on < a."on"
            AND (i.settled_on IS NULL OR i.settled_on > a."on")
        LEFT JOIN LATERAL (SELECT sum(amount) AS paid FROM accounts_payment
            WHERE invoice_id = i.id AND paid_on <= a."on") p ON true
        GROUP BY 1, 2 HAVING count(*) >= {overdue_bills}""",
    Code.PAYING_LESS: f"""
        SELECT client_id, "on", 'paying_less', NULL::date, good::int, bills::int, good_before::int,
               bills_before::int, NULL::numeric, ''
        FROM (
            SELECT a.client_id, a."on",
                   count(*) FILTER (WHERE i.due_on >= a."on" - {QUARTER + GRACE}) AS bills,
                   count(*) FILTER (WHERE i.due_on >= a."on" - {QUARTER + GRACE}
                       AND i.settled_on <= i.due_on + {GRACE}) AS good,
                   count(*) FILTER (WHERE i.due_on < a."on" - {QUARTER + GRACE}) AS bills_before,
                   count(*) FILTER (WHERE i.due_on < a."on" - {QUARTER + GRACE}
                       AND i.settled_on <= i.due_on + {GRACE}) AS good_before
            FROM asked a JOIN accounts_invoice i ON i.client_id = a.client_id
                AND i.due_on >= a."on" - {2 * QUARTER + GRACE} AND i.due_on < a."on" - {GRACE}
            GROUP BY 1, 2
        ) paid
        WHERE bills > 0 AND bills_before > 0
          AND good_before * 100 * bills - good * 100 * bills_before
              >= {{paying_points}} * bills * bills_before""",
    Code.KEY_LEFT: """
        SELECT a.client_id, a."on", 'key_left', max(r.ends_on), count(*)::int,
               NULL::int, NULL::int, NULL::int, NULL::numeric,
               (array_agg(r.role ORDER BY r.ends_on DESC, r.role))[1]
        FROM asked a
        JOIN contacts_participant t ON t.client_id = a.client_id AND t.merged_into_id IS NULL
        JOIN contacts_roleperiod r ON r.participant_id = t.id
            AND r.role IN ('decision_maker', 'main_key_user')
            AND r.ends_on > a."on" - {key_left_days} AND r.ends_on <= a."on"
        WHERE NOT EXISTS (SELECT FROM contacts_roleperiod n WHERE n.participant_id = t.id
            AND n.role = r.role AND n.starts_on <= a."on"
            AND (n.ends_on IS NULL OR n.ends_on > a."on"))
        GROUP BY 1, 2""",
    Code.NO_DECISION_MAKER: """
        SELECT a.client_id, a."on", 'no_decision_maker', max(r.ends_on), NULL::int,
               NULL::int, NULL::int, NULL::int, NULL::numeric, ''
        FROM asked a LEFT JOIN (
            SELECT t.client_id, r.starts_on, r.ends_on FROM contacts_participant t
            JOIN contacts_roleperiod r ON r.participant_id = t.id
            WHERE r.role = 'decision_maker' AND t.merged_into_id IS NULL
        ) r ON r.client_id = a.client_id AND r.starts_on <= a."on"
        GROUP BY 1, 2 HAVING count(*) FILTER (
            WHERE r.client_id IS NOT NULL AND (r.ends_on IS NULL OR r.ends_on > a."on")) = 0""",
    Code.COMPETITOR: """
        SELECT a.client_id, a."on", 'competitor', NULL::date, NULL::int,
               NULL::int, NULL::int, NULL::int, NULL::numeric, c.competitor
        FROM asked a JOIN accounts_client c ON c.id = a.client_id WHERE c.competitor <> ''""",
    Code.RISK: """
        SELECT a.client_id, a."on", 'risk', min(k.raised_on), count(*)::int,
               NULL::int, NULL::int, NULL::int, NULL::numeric,
               string_agg(DISTINCT k.kind, ',' ORDER BY k.kind)
        FROM asked a JOIN visits_risk k ON k.client_id = a.client_id AND k.raised_on <= a."on"
            AND (k.closed_on IS NULL OR k.closed_on > a."on")
        GROUP BY 1, 2""",
}


@dataclass(frozen=True)
class Asked:
    """Whom the rules look at and on which day: a statement of (client_id, "on")."""

    sql: str
    params: tuple[Any, ...]
    is_past: bool = False

    @classmethod
    def today(cls, clients: QuerySet, on: date) -> "Asked":
        """Clients that are served, on a day."""
        rows = clients.filter(disconnected_on=None).order_by().values("pk")
        sql, params = rows.query.sql_with_params()
        return cls(f"SELECT id, %s::date FROM ({sql}) c (id)", (on, *params))

    @classmethod
    def lost(cls, churns: QuerySet) -> "Asked":
        """Clients that left, each so many days before it did, if it was served then."""
        rows = churns.order_by().values("client_id", "on", "client__connected_on")
        sql, params = rows.query.sql_with_params()
        return cls(
            f'SELECT id, "on" - {BEFORE_DAYS} FROM ({sql}) c (id, "on", came)'
            f' WHERE came <= "on" - {BEFORE_DAYS}',
            params,
            is_past=True,
        )

    def statement(self, values: Thresholds, codes: Iterable[Code]) -> str:
        """Every signal of some codes as one statement; its parameters are `params`."""
        numbers = vars(values) | {"lamp": _THEN if self.is_past else _NOW}
        numbers.pop("weights")
        rules = " UNION ALL ".join(f"({_RULES[code].format(**numbers)})" for code in codes)
        columns = 'client_id, "on", code, since, figure, whole, before, before_whole, amount, said'
        nothing = "SELECT 0, NULL::date, '', NULL::date, 0, 0, 0, 0, 0::numeric, '' WHERE false"
        return (
            f'WITH asked (client_id, "on") AS NOT MATERIALIZED ({self.sql})'
            f" SELECT * FROM ({rules or nothing}) signals ({columns})"
        )


class ChurnRisk:
    """The signals of the clients in a user's reach on a day, read once."""

    def __init__(self, user: Any, on: date) -> None:
        self.on = on
        self.clients = policy_for(Client).visible_to(user).filter(disconnected_on=None)
        self.churns = policy_for(Churn).visible_to(user)

    @cached_property
    def values(self) -> Thresholds:
        """The settings in force."""
        return thresholds(preferences.read())

    @cached_property
    def shown(self) -> dict[int, frozenset[Code]]:
        """Client id → which signals it shows; one statement for everybody."""
        asked = Asked.today(self.clients, self.on)
        found: dict[int, set[Code]] = {}
        with connection.cursor() as cursor:
            inner = asked.statement(self.values, self.values.codes)
            cursor.execute(f"SELECT client_id, code FROM ({inner}) s", asked.params)
            for client_id, code in cursor.fetchall():
                found.setdefault(client_id, set()).add(Code(code))
        return {client_id: frozenset(codes) for client_id, codes in found.items()}

    def at_risk(self) -> QuerySet:
        """Clients with a signal, each with `weight`: the sum of what its signals weigh.

        The weights go as one object, in which the database finds a client's own at once.
        """
        weights = {
            str(pk): sum(self.values.weights[code] for code in codes)
            for pk, codes in self.shown.items()
        }
        weight = RawSQL(
            "(%s::jsonb ->> accounts_client.id::text)::int",
            [json.dumps(weights)],
            output_field=IntegerField(),
        )
        return self.clients.filter(pk__any_of=list(self.shown)).annotate(weight=weight)

    def showing(self, codes: Iterable[str]) -> list[int]:
        """Ids of the clients that show any of some signals."""
        wanted = frozenset(Code(code) for code in codes)
        return [pk for pk, shown in self.shown.items() if shown & wanted]

    def check(self) -> PastCheck:
        """Whether the signals spoke before clients left: the year's losses looked at as they stood
        before, beside those served now. What has no history takes no part."""
        codes = [code for code in self.values.codes if code not in UNDATED]
        since = self.on - timedelta(days=YEAR)
        lost = Asked.lost(self.churns.filter(on__gt=since, on__lte=self.on))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT (SELECT count(*) FROM ({lost.sql}) a),
                           (SELECT count(DISTINCT (client_id, "on"))
                            FROM ({lost.statement(self.values, codes)}) w)""",
                [*lost.params, *lost.params],
            )
            number, warned = cursor.fetchone()
        signalled = sum(not shown <= UNDATED for shown in self.shown.values())
        return PastCheck(number, warned, self.clients.count(), signalled)


def signals_of(client_ids: Sequence[int], on: date) -> dict[int, list[RiskSignal]]:
    """Client id → its signals, the heaviest first; of clients that came through a scope already.

    Two queries whatever the number.
    """
    values = thresholds(preferences.read())
    asked = Asked.today(Client.objects.filter(pk__in=list(client_ids)), on)
    found: dict[int, list[RiskSignal]] = {}
    if not client_ids or not values.codes:
        return found
    with connection.cursor() as cursor:
        cursor.execute(asked.statement(values, values.codes), asked.params)
        for client_id, _, code, *figures in cursor.fetchall():
            found.setdefault(client_id, []).append(_signal(Code(code), values, figures))
    order = list(Code)
    for signals in found.values():
        signals.sort(key=lambda s: (-s.weight, order.index(s.code)))
    return found


def _signal(code: Code, values: Thresholds, figures: list[Any]) -> RiskSignal:
    since, figure, whole, before, before_whole, amount, said = figures
    if code == Code.RISK:
        said = ", ".join(str(RiskKind(kind).label) for kind in said.split(",")).lower()
    weight = values.weights[code]
    return RiskSignal(code, weight, since, figure, whole, before, before_whole, amount, said)
