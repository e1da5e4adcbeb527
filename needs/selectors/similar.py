"""Solved needs like one: of the same department, with the same tools, or about the same words.

A solution is knowledge of the whole centre; whose it is, and in whose words the effect was told,
is for those who serve that client.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.policy import policy_for
from needs.funnel import EFFECT
from needs.models import Need, NeedStage

# Each of the three ways brings so many of the newest; the best of them all are shown.
_EACH = 500
# Any of the words of a need, each in quotes.
_WORDS = """
    SELECT string_agg(quote_literal(word), ' | ')
    FROM needs_need n, unnest(tsvector_to_array(n.words)) word WHERE n.id = %s
"""
# Words and stages stand in it as constants: the planner then knows whether the words are rare (and
# asks their index) or common (and reads the newest needs until it has enough).
_SQL = """
    WITH near AS (
        (SELECT n.id FROM needs_need n
         WHERE n.words @@ %(words)s::tsquery AND n.stage_id = ANY(%(stages)s)
         ORDER BY n.id DESC LIMIT %(each)s)
        UNION
        (SELECT n.id FROM needs_need n
         WHERE n.stage_id = ANY(%(stages)s) AND n.id IN (
             SELECT t.need_id FROM needs_need_tools t
             WHERE t.tool_id = ANY(%(tools)s::bigint[])
             ORDER BY t.id DESC LIMIT %(each)s)
        )
        UNION
        (SELECT n.id FROM needs_need n
         WHERE n.department_id = %(department)s AND n.stage_id = ANY(%(stages)s)
         ORDER BY n.id DESC LIMIT %(each)s)
    ), judged AS (
        SELECT n.id, n.words @@ %(words)s::tsquery AS by_words,
        coalesce(n.department_id = %(department)s, false) AS by_department, tools.number,
        ts_rank(n.words, %(words)s::tsquery, 1) * 4 + least(tools.number, 3) * 0.3
            + coalesce(n.department_id = %(department)s, false)::int * 0.3 AS nearness,
        md5(n.solution) AS solution
    FROM near JOIN needs_need n USING (id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM needs_need_tools t
        WHERE t.need_id = n.id AND t.tool_id = ANY(%(tools)s::bigint[])
    ) tools
    WHERE n.id <> %(need)s AND n.solution <> ''
    )
    SELECT id, by_words, by_department, number, times FROM (
        SELECT *, count(*) OVER (PARTITION BY solution) AS times,
            row_number() OVER (PARTITION BY solution ORDER BY nearness DESC, id DESC) AS place
        FROM judged
    ) numbered
    WHERE place = 1
    ORDER BY nearness DESC, id DESC
    LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Similar:
    """A solved need as its reader may see it: without `is_open` only what is nobody's."""

    need: Need
    is_open: bool
    reasons: tuple[str, ...]
    times: int = 1  # how often this very solution was found: it is shown once

    @property
    def whose(self) -> str:
        """The client, or what may be said of another's."""
        if self.is_open:
            return str(self.need.client)
        return f"другой клиент, {self.need.client.get_segment_display()}"


def similar_to(need: Need, user: Any, limit: int = 5) -> list[Similar]:
    """The nearest solved needs of the centre, the nearest first; of one solution the nearest."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [need.pk])
        asked: dict[str, Any] = {
            "words": cursor.fetchone()[0] or "",
            "stages": list(NeedStage.objects.filter(code__gte=EFFECT).values_list("pk", flat=True)),
            "need": need.pk,
            "department": need.department_id,
            "tools": [tool.pk for tool in need.tools.all()],
            "each": _EACH,
            "limit": limit,
        }
        cursor.execute(_SQL, asked)
        found = cursor.fetchall()
    ids = [row[0] for row in found]
    rows = (
        Need.objects.filter(pk__in=ids)
        .select_related("client", "stage", "department")
        .prefetch_related("tools", "advantages")
        .in_bulk()
    )
    mine = set(policy_for(Need).visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        Similar(rows[pk], pk in mine, tuple(_reasons(by_words, by_department, tools)), times)
        for pk, by_words, by_department, tools, times in found
        if pk in rows
    ]


def _reasons(by_words: bool, by_department: bool, tools: int) -> Iterable[str]:
    if by_words:
        yield "похожие слова"
    if tools:
        yield "те же инструменты"
    if by_department:
        yield "тот же отдел клиента"
