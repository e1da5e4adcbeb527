"""The night: lamps, their history and the pools of a day, in a few statements over all clients.

Every step is one INSERT … SELECT, UPDATE or DELETE in the database; no row passes through this
process. A day is computed by taking its traces out of the history and writing them anew, so a
run can be repeated, and one that is killed leaves nothing. See docs/lamps.md, «Ночь».
"""
# ruff: noqa: S608 (only names of tables and columns are put into the statements)

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from core import clock, events
from lamps.enums import Colour
from lamps.expressions import COLUMNS, select_lamps
from lamps.models import Lamp, LampPeriod, LampRefresh, Night, PoolDay
from lamps.selectors import fresh_through, newest_night, schemes_on

Progress = Callable[[str, int], None]

# Serialises everything that writes lamps, in whatever process.
_LOCK = 7_265_001
_REFRESH_AT_ONCE = 500

_LAMP, _PERIOD, _POOL, _MARK = (
    connection.ops.quote_name(model._meta.db_table)
    for model in (Lamp, LampPeriod, PoolDay, LampRefresh)
)
# What makes a new period: everything that the staged lamp says except the raw values.
_KEY = (
    "scheme_id",
    "specialist_id",
    "unit_id",
    "segment",
    "colour",
    "total",
    "points",
    "expiring",
)
_PERIOD_COLUMNS = (*_KEY, "raw")
_LAMP_COLUMNS = (*_KEY, "raw", "until", "expires_on")

_STAGE = """
    CREATE TEMPORARY TABLE lamp_staged (
        client_id bigint PRIMARY KEY, scheme_id bigint NOT NULL, specialist_id bigint,
        unit_id bigint, segment varchar(8) NOT NULL, colour varchar(6) NOT NULL,
        total smallint, raw integer[] NOT NULL, points smallint[] NOT NULL,
        expiring smallint[] NOT NULL, until date[] NOT NULL, expires_on date
    ) ON COMMIT DROP
"""


# Before the lamps are written: a client's first lamp is no change of colour.
_RECOLOURED = f"""
    SELECT l.client_id, l.client_id, jsonb_build_object(
        'was', l.colour, 'colour', s.colour, 'since', p.since,
        'total', to_char(s.total / 100.0, 'FM0.00')
    )
    FROM lamp_staged s
    JOIN {_LAMP} l ON l.client_id = s.client_id AND l.colour <> s.colour
    JOIN {_PERIOD} p ON p.client_id = s.client_id AND p.ends_on IS NULL
    ORDER BY l.client_id
"""


def _columns(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{name}" for name in names)


def _ignore_progress(text: str, percent: int) -> None:
    """Nobody watches."""


def _hold_always() -> None:
    """Nobody else can hold what was not leased."""


# --- the whole -------------------------------------------------------------------------------


def compute_night(
    on: date,
    progress: Progress = _ignore_progress,
    hold: Callable[[], None] = _hold_always,
) -> dict[str, int]:
    """Compute the lamps of every client as of a day; returns counters.

    Nights missed since the newest one are computed first, in order. A day that is not newer
    than the newest is computed again with every day after it, for a late fact moves later
    windows too. `progress` is told the step and percent; `hold` is called last before the
    commit and may raise, which undoes everything. All in one transaction; safe to repeat.
    """
    with _writing(wait=True):
        newest = newest_night()
        first = min(on, newest + timedelta(days=1)) if newest else on
        return _compute(first, max(on, newest or on), progress, hold)


def recompute_since(
    on: date,
    progress: Progress = _ignore_progress,
    hold: Callable[[], None] = _hold_always,
) -> dict[str, int]:
    """Write the history anew from a day to the newest night, from the facts known now.

    Each day keeps the scheme in force on it. Before the first night, that day alone.
    """
    with _writing(wait=True):
        return _compute(on, max(on, newest_night() or on), progress, hold)


def _compute(
    first: date, last: date, progress: Progress, hold: Callable[[], None]
) -> dict[str, int]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    counters = {"days": len(days), "clients": 0, "periods": 0, "lamps": 0, "pools": 0}
    with connection.cursor() as cursor:
        # Before the first night the tables are empty and the planner expects them to stay so:
        # a nested loop over a hundred thousand clients would never end.
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        # Marks seen now are answered by what follows; later ones stay for the refresh.
        cursor.execute(f"DELETE FROM {_MARK}")
        _rewind(cursor, first)
        for number, day in enumerate(days):
            share = 100 * number // len(days)
            progress(f"Значения за {day:%d.%m.%Y}", share)
            counters["clients"] = _stage(cursor, day)
            progress(f"История за {day:%d.%m.%Y}", share + 70 // len(days))
            counters["periods"] += _write_periods(cursor, day)
            counters["pools"] += _write_pools(cursor, day)
            Night.objects.update_or_create(on=day, defaults={"computed_at": clock.now()})
        progress("Лампочки", 95)
        counters["lamps"] = _write_lamps(cursor)
    progress("Запись", 99)
    hold()
    return counters


@contextmanager
def _writing(*, wait: bool) -> Iterator[bool]:
    """A transaction that alone writes lamps; says whether it is.

    Without waiting, a lock that is taken yields False. Limits are those of a long job.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', '45min', true),"
            " set_config('lock_timeout', '5min', true),"
            " set_config('work_mem', '64MB', true),"
            " set_config('jit', 'off', true)"
        )
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield wait or try_to_hold_the_night()


def try_to_hold_the_night() -> bool:
    """Keep lamps from being written until the transaction ends; False while somebody writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


# --- the steps -------------------------------------------------------------------------------


def _among(ids: Sequence[int] | None, column: str) -> tuple[str, list[Any]]:
    """A condition that narrows a step to some clients, or none."""
    return (f" AND {column} = ANY(%s)", [list(ids)]) if ids is not None else ("", [])


def _rewind(cursor: Any, on: date, ids: Sequence[int] | None = None) -> None:
    """Take a day and all later ones out of the history: what covered the day before is open."""
    among, params = _among(ids, "client_id")
    cursor.execute(f"DELETE FROM {_PERIOD} WHERE starts_on >= %s{among}", [on, *params])
    cursor.execute(f"UPDATE {_PERIOD} SET ends_on = NULL WHERE ends_on >= %s{among}", [on, *params])
    if ids is None:
        cursor.execute(f'DELETE FROM {_POOL} WHERE "on" >= %s', [on])


def _stage(cursor: Any, on: date, ids: Sequence[int] | None = None) -> int:
    """Compute the lamps of a day into a table of this transaction; returns how many."""
    cursor.execute("DROP TABLE IF EXISTS lamp_staged")
    cursor.execute(_STAGE)
    fresh = fresh_through()
    staged = 0
    by_scheme: dict[int, tuple[Any, list[str]]] = {}
    for segment, scheme in schemes_on(on).items():
        by_scheme.setdefault(scheme.id, (scheme, []))[1].append(segment)
    for scheme, segments in by_scheme.values():
        sql, params = select_lamps(scheme, fresh, on, segments, ids)
        cursor.execute(f"INSERT INTO lamp_staged ({_columns(COLUMNS)}) {sql}", params)
        staged += cursor.rowcount
    cursor.execute("ANALYZE lamp_staged")
    return staged


def _write_periods(cursor: Any, on: date, ids: Sequence[int] | None = None) -> int:
    """End the periods that a day does not continue and begin new ones; returns how many began.

    Clients no longer served are not staged, so their periods end.
    """
    among, params = _among(ids, "p.client_id")
    cursor.execute(
        f"""
        UPDATE {_PERIOD} p SET ends_on = %s
        WHERE p.ends_on IS NULL{among} AND NOT EXISTS (
            SELECT FROM lamp_staged s WHERE s.client_id = p.client_id
            AND ({_columns(_KEY, "s.")}) IS NOT DISTINCT FROM ({_columns(_KEY, "p.")})
        )
        """,
        [on, *params],
    )
    cursor.execute(
        f"""
        INSERT INTO {_PERIOD} (client_id, starts_on, ends_on, since, {_columns(_PERIOD_COLUMNS)})
        SELECT s.client_id, %s, NULL, CASE WHEN was.colour = s.colour THEN was.since ELSE %s END,
            {_columns(_PERIOD_COLUMNS, "s.")}
        FROM lamp_staged s
        LEFT JOIN {_PERIOD} was ON was.client_id = s.client_id AND was.ends_on = %s
        WHERE NOT EXISTS (
            SELECT FROM {_PERIOD} p WHERE p.client_id = s.client_id AND p.ends_on IS NULL
        )
        """,
        [on, on, on],
    )
    return int(cursor.rowcount)


def _count_pools(source: str) -> str:
    counts = ", ".join(f"count(*) FILTER (WHERE colour = '{colour}')" for colour in Colour.values)
    names = ", ".join(Colour.values)
    return (
        f'INSERT INTO {_POOL} ("on", unit_id, specialist_id, segment, {names}) '
        f"SELECT %s, unit_id, specialist_id, segment, {counts} FROM {source} "
        "GROUP BY unit_id, specialist_id, segment"
    )


def _write_pools(cursor: Any, on: date) -> int:
    """Count the staged lamps by pool; returns how many pools there are."""
    cursor.execute(_count_pools("lamp_staged"), [on])
    return int(cursor.rowcount)


def _write_lamps(cursor: Any, ids: Sequence[int] | None = None) -> int:
    """Bring the present lamps to what is staged, touching only rows that differ; how many.

    Other systems are told of those that change colour.
    """
    among, params = _among(ids, "l.client_id")
    events.publish_selected("lamp.changed", _RECOLOURED, [])
    cursor.execute(
        f"""
        DELETE FROM {_LAMP} l
        WHERE NOT EXISTS (SELECT FROM lamp_staged s WHERE s.client_id = l.client_id){among}
        """,
        params,
    )
    written = cursor.rowcount
    cursor.execute(
        f"""
        UPDATE {_LAMP} l SET ({_columns(_LAMP_COLUMNS)}, since, sort_key)
            = ROW({_columns(_LAMP_COLUMNS, "s.")}, p.since, c.sort_key)
        FROM lamp_staged s
        JOIN {_PERIOD} p ON p.client_id = s.client_id AND p.ends_on IS NULL
        JOIN accounts_client c ON c.id = s.client_id
        WHERE s.client_id = l.client_id
        AND ({_columns(_LAMP_COLUMNS, "l.")}, l.since, l.sort_key)
            IS DISTINCT FROM ({_columns(_LAMP_COLUMNS, "s.")}, p.since, c.sort_key)
        """
    )
    written += cursor.rowcount
    cursor.execute(
        f"""
        INSERT INTO {_LAMP} (client_id, {_columns(_LAMP_COLUMNS)}, since, sort_key)
        SELECT s.client_id, {_columns(_LAMP_COLUMNS, "s.")}, p.since, c.sort_key
        FROM lamp_staged s
        JOIN {_PERIOD} p ON p.client_id = s.client_id AND p.ends_on IS NULL
        JOIN accounts_client c ON c.id = s.client_id
        WHERE NOT EXISTS (SELECT FROM {_LAMP} l WHERE l.client_id = s.client_id)
        """
    )
    return int(written + cursor.rowcount)


# --- after a change --------------------------------------------------------------------------


def refresh_clients(client_ids: Iterable[int]) -> int:
    """Compute the lamps of some clients again as of the newest night; returns how many.

    The result is what that night would give if run again now. Before the first night there is
    nothing to refresh; facts of a day whose night has not run yet count from that night on.
    """
    with _writing(wait=True):
        return _refresh(client_ids)


def _refresh(client_ids: Iterable[int]) -> int:
    ids = sorted(set(client_ids))
    on = newest_night()
    if on is None or not ids:
        return 0
    with connection.cursor() as cursor:
        staged = _stage(cursor, on, ids)
        _rewind(cursor, on, ids)
        _write_periods(cursor, on, ids)
        cursor.execute("DROP TABLE IF EXISTS lamp_pools")
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE lamp_pools ON COMMIT DROP AS
            SELECT unit_id, specialist_id, segment FROM {_LAMP} WHERE client_id = ANY(%s)
            UNION SELECT unit_id, specialist_id, segment FROM lamp_staged
            """,
            [ids],
        )
        _write_lamps(cursor, ids)
        _recount_pools(cursor, on)
    return staged


def _recount_pools(cursor: Any, on: date) -> None:
    """Count again, from the present lamps, the pools that the refresh touched."""
    same = (
        "k.segment = p.segment AND k.unit_id IS NOT DISTINCT FROM p.unit_id"
        " AND k.specialist_id IS NOT DISTINCT FROM p.specialist_id"
    )
    cursor.execute(f'DELETE FROM {_POOL} p USING lamp_pools k WHERE p."on" = %s AND {same}', [on])
    # The specialist's index finds the few lamps; clients without one are found by the unit's.
    touched = f"""(
        SELECT p.* FROM {_LAMP} p WHERE p.specialist_id IN (SELECT specialist_id FROM lamp_pools)
            AND EXISTS (SELECT FROM lamp_pools k WHERE {same})
        UNION ALL
        SELECT p.* FROM {_LAMP} p WHERE p.specialist_id IS NULL
            AND EXISTS (SELECT FROM lamp_pools k WHERE {same})
    ) p"""
    cursor.execute(_count_pools(touched), [on])


def mark_stale(client_ids: Iterable[int]) -> None:
    """Note, in the transaction of the write, that these clients' facts changed."""
    at = clock.now()
    LampRefresh.objects.bulk_create(
        [LampRefresh(client_id=pk, requested_at=at) for pk in sorted(set(client_ids))],
        batch_size=5000,
    )


def refresh_marked() -> int:
    """Refresh the clients whose facts changed, a batch per transaction; returns how many.

    A mark is removed together with the refresh it asked for, so a killed worker loses none. A
    fact written meanwhile brings a mark of its own. While the night runs nothing is done: the
    marks wait.
    """
    done = 0
    while True:
        with _writing(wait=False) as mine:
            ids = _take_marks() if mine else []
            if not ids:
                return done
            _refresh(ids)
            done += len(ids)


def _take_marks() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {_MARK} WHERE id IN (
                SELECT id FROM {_MARK} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING client_id
            """,
            [_REFRESH_AT_ONCE],
        )
        return sorted({row[0] for row in cursor.fetchall()})


# --- comparing -------------------------------------------------------------------------------


class _Hashing:
    """A file that keeps only the hash of what is written to it."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def write(self, data: bytes | str) -> int:
        self.hash.update(data.encode() if isinstance(data, str) else data)
        return len(data)


def digest() -> str:
    """SHA-256 over lamps, history, pools and nights: equal for equal results.

    Surrogate keys and moments are left out. Streams, so the size does not matter.
    """
    out = _Hashing()
    queries = (
        f"SELECT client_id, since, sort_key, {_columns(_LAMP_COLUMNS)} FROM {_LAMP} ORDER BY 1",
        f"SELECT client_id, starts_on, ends_on, since, {_columns(_PERIOD_COLUMNS)}"
        f" FROM {_PERIOD} ORDER BY 1, 2",
        f'SELECT "on", unit_id, specialist_id, segment, {", ".join(Colour.values)}'
        f" FROM {_POOL} ORDER BY 1, 2 NULLS LAST, 3 NULLS LAST, 4",
        'SELECT "on" FROM lamps_night ORDER BY 1',
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', '10min', true)")
        for query in queries:
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", out)
            out.write("\n")
    return out.hash.hexdigest()
