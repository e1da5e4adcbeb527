"""`manage.py benchmark night`: the night beside hand-written SQL and beside a naive loop.

Data is invented by the database itself, the same for every run. The hand-written night counts
and scores in SQL of its own and shares the later steps, which are plain SQL anyway.
"""
# ruff: noqa: E501, S608 (long statements, into which only numbers and names of this module go)

import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db import connection, transaction

from accounts.models import Client
from core import clock
from core.benchmarks import Benchmark, Write, database, register
from lamps import score, selectors, services
from lamps.models import Lamp, LampPeriod, Night
from lamps.services import night

ON = date(2026, 3, 2)
SPECIALISTS, DEPARTMENTS = 200, 5
MEGABYTE = 1024 * 1024

# hash(x, n): a number below n that looks random and is the same on every server.
_FILL = f"""
SET session_replication_role = replica;
SET synchronous_commit = off;
SET statement_timeout = 0;
CREATE OR REPLACE FUNCTION pg_temp.hash(x bigint, n integer) RETURNS integer
    LANGUAGE sql IMMUTABLE AS 'SELECT (hashint8(x) & 2147483647) %% n';

INSERT INTO accounts_unit (id, version, name, kind, parent_id, path, is_active)
SELECT 1, 1, 'Управление', 'division', NULL, '/1/', true
UNION ALL SELECT 1 + n, 1, 'НОИО ' || n, 'department', 1, '/1/' || 1 + n || '/', true
FROM generate_series(1, {DEPARTMENTS}) n;

INSERT INTO accounts_employee (id, version, last_name, first_name, middle_name, hired_on)
SELECT n, 1, 'Сотрудник ' || n, 'Имя', '', '2020-01-01' FROM generate_series(1, {SPECIALISTS}) n;

INSERT INTO accounts_client (id, version, name, search_key, sort_key, inn, kpp, ogrn, segment,
    is_key, portrait, specifics, competitor, connected_on, specialist_id, unit_id)
SELECT n, 1, 'Клиент ' || n, 'клиент ' || n, 'клиент ' || lpad((pg_temp.hash(n, 1 << 30))::text, 10, '0'),
    lpad(n::text, 10, '0'), '770101001', '', CASE WHEN n %% 10 = 0 THEN 'network' ELSE 'retail' END,
    false, '', '', '', '2020-01-01', n %% {SPECIALISTS} + 1, n %% {SPECIALISTS} %% {DEPARTMENTS} + 2
FROM generate_series(1, %(clients)s) n;

INSERT INTO accounts_assignment (client_id, specialist_id, unit_id, starts_on, ends_on)
SELECT id, (id + 7) %% {SPECIALISTS} + 1, (id + 7) %% {SPECIALISTS} %% {DEPARTMENTS} + 2,
    '2020-01-01'::date, '2025-06-01'::date FROM accounts_client
UNION ALL SELECT id, specialist_id, unit_id, '2025-06-01', NULL FROM accounts_client;

DROP INDEX usage_unique_client_service_day;
INSERT INTO accounts_usage (client_id, service_id, day, quantity)
SELECT c.id, s.id, %(last)s::date - s.every * k - pg_temp.hash(c.id * 1000 + k * 3 + s.id, s.every),
    CASE WHEN s.id > 1 THEN pg_temp.hash(c.id * 37 + k, 100) / 97
        WHEN c.id %% 8 = 0 THEN pg_temp.hash(c.id + k, 7) ELSE pg_temp.hash(c.id * 7 + k, 40) END
FROM (VALUES (1, 2, 182), (2, 7, 53), (3, 7, 53)) s (id, every, rows),
    LATERAL generate_series(0, s.rows - 1) k, accounts_client c;
CREATE UNIQUE INDEX usage_unique_client_service_day
    ON accounts_usage (client_id, service_id, day) INCLUDE (quantity);

INSERT INTO visits_visit (version, client_id, level, status, channel, employee_id, started_at,
    goal, goal_kind, plan, materials, result, feedback, satisfaction_scale)
SELECT 1, c.id, CASE WHEN k %% 6 = 0 THEN 'K2' ELSE 'K1' END,
    CASE WHEN pg_temp.hash(c.id * 31 + k, 12) = 0 THEN 'cancelled' ELSE 'done' END, 'visit',
    c.specialist_id,
    (%(last)s::date - 15 * k - pg_temp.hash(c.id * 50 + k, 15)) + time '12:00', '', '', '', 0, '', '', 10
FROM generate_series(0, 23) k, accounts_client c;

INSERT INTO accounts_invoice (version, client_id, number, month, amount, due_on, settled_on)
SELECT 1, c.id, k::text, m.month, 10000, m.month + 20,
    CASE WHEN pg_temp.hash(c.id * 13 + k, 40) > 0 THEN m.month + 10 + pg_temp.hash(c.id * 17 + k, 25) END
FROM generate_series(0, 11) k,
    LATERAL (SELECT (date_trunc('month', %(last)s::date) - k * interval '1 month')::date) m (month),
    accounts_client c;

INSERT INTO accounts_training (version, client_id, topic, held_on, valid_until, people)
SELECT 1, c.id, 'Тема ' || k, d.held, d.held + 365, 1
FROM generate_series(1, 2) k, accounts_client c,
    LATERAL (SELECT %(last)s::date - pg_temp.hash(c.id * 11 + k, 500)) d (held)
WHERE pg_temp.hash(c.id * 5 + k, 3) > 0;

INSERT INTO accounts_gndrecord (version, client_id, opened_on, closed_on, note)
SELECT 1, c.id, d.opened, CASE WHEN pg_temp.hash(c.id * 23 + k, 4) > 0
    THEN d.opened + pg_temp.hash(c.id * 29 + k, 40) END, ''
FROM generate_series(1, 2) k, accounts_client c,
    LATERAL (SELECT %(last)s::date - pg_temp.hash(c.id * 19 + k, 400)) d (opened)
WHERE pg_temp.hash(c.id * 3 + k, 2) = 0;

INSERT INTO accounts_entitlement (version, client_id, service_id, starts_on, valid_until)
SELECT 1, c.id, s.id, d.starts, d.starts + 364
FROM accounts_service s, accounts_client c,
    LATERAL (SELECT %(last)s::date - pg_temp.hash(c.id * 41 + s.id, 364)) d (starts) WHERE s.id <= 3;

INSERT INTO accounts_feed (code, fresh_through, received_at)
SELECT code, %(last)s::date, now()
FROM unnest(ARRAY['usage', 'entitlements', 'trainings', 'gnd', 'invoices']) code;
SET session_replication_role = origin;
"""

# The night as a careful person would write it for the dictionary's scheme and no other.
_BY_HAND = """
INSERT INTO lamp_staged (client_id, scheme_id, specialist_id, unit_id, segment, colour, total,
    raw, points, expiring, until, expires_on)
SELECT id, %(scheme)s, specialist_id, unit_id, segment,
    CASE WHEN total >= 80 THEN 'green' WHEN total >= 40 THEN 'yellow' ELSE 'red' END, total,
    ARRAY[activity, cok, co, k1, gnd, overhang, training],
    ARRAY[p0, p1, p2, p3, p4, p5, p6]::smallint[],
    array_remove(ARRAY[CASE WHEN u0 IS NOT NULL THEN 0 END, CASE WHEN u1 IS NOT NULL THEN 1 END,
        CASE WHEN u2 IS NOT NULL THEN 2 END, CASE WHEN u6 IS NOT NULL THEN 6 END]::smallint[], NULL),
    ARRAY[u0, u1, u2, NULL, NULL, NULL, u6], least(u0, u1, u2, u6)
FROM (
    SELECT *, p0 + p1 + p2 + p3 + p4 + p5 + p6 AS total,
        CASE WHEN e0 BETWEEN %(on)s AND %(on)s + 60 THEN e0 END AS u0,
        CASE WHEN e1 BETWEEN %(on)s AND %(on)s + 60 THEN e1 END AS u1,
        CASE WHEN e2 BETWEEN %(on)s AND %(on)s + 60 THEN e2 END AS u2,
        CASE WHEN e6 BETWEEN %(on)s AND %(on)s + 60 THEN e6 END AS u6
    FROM (
        SELECT *, CASE WHEN activity >= 50 THEN 40 ELSE 0 END AS p0,
            CASE WHEN cok >= 1 THEN 10 ELSE 0 END AS p1, CASE WHEN co >= 1 THEN 10 ELSE 0 END AS p2,
            CASE WHEN k1 >= 2 THEN 20 ELSE 0 END AS p3, CASE WHEN gnd <= 0 THEN 10 ELSE 0 END AS p4,
            CASE WHEN overhang <= 0 THEN 10 ELSE 0 END AS p5,
            CASE WHEN training >= 1 THEN 10 ELSE 0 END AS p6
        FROM (
            SELECT c.id, c.segment, a.specialist_id, a.unit_id,
                (SELECT coalesce(sum(quantity), 0)::integer FROM accounts_usage WHERE client_id = c.id
                    AND service_id = 1 AND day > %(on)s - 30 AND day <= %(on)s) AS activity,
                (SELECT coalesce(sum(quantity), 0)::integer FROM accounts_usage WHERE client_id = c.id
                    AND service_id = 2 AND day > %(on)s - 90 AND day <= %(on)s) AS cok,
                (SELECT coalesce(sum(quantity), 0)::integer FROM accounts_usage WHERE client_id = c.id
                    AND service_id = 3 AND day > %(on)s - 90 AND day <= %(on)s) AS co,
                (SELECT count(*)::integer FROM visits_visit WHERE client_id = c.id AND level = 'K1'
                    AND status = 'done' AND held_on > %(on)s - 30 AND held_on <= %(on)s) AS k1,
                (SELECT count(*)::integer FROM accounts_gndrecord WHERE client_id = c.id
                    AND opened_on <= %(on)s AND (closed_on IS NULL OR closed_on > %(on)s)) AS gnd,
                (SELECT count(*)::integer FROM accounts_invoice WHERE client_id = c.id
                    AND due_on < %(on)s AND (settled_on IS NULL OR settled_on > %(on)s)) AS overhang,
                t.training, t.e6, r.e0, r.e1, r.e2
            FROM accounts_client c
            LEFT JOIN accounts_assignment a ON a.client_id = c.id AND a.starts_on <= %(on)s
                AND (a.ends_on IS NULL OR a.ends_on > %(on)s)
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE valid_until >= %(on)s)::integer AS training,
                    max(valid_until) AS e6
                FROM accounts_training WHERE client_id = c.id AND held_on <= %(on)s
            ) t
            CROSS JOIN LATERAL (
                SELECT max(valid_until) FILTER (WHERE service_id = 1) AS e0,
                    max(valid_until) FILTER (WHERE service_id = 2) AS e1,
                    max(valid_until) FILTER (WHERE service_id = 3) AS e2
                FROM accounts_entitlement WHERE client_id = c.id AND starts_on <= %(on)s + 61
            ) r
            WHERE c.connected_on <= %(on)s
                AND (c.disconnected_on IS NULL OR c.disconnected_on > %(on)s)
            OFFSET 0
        ) counted
    ) scored
) summed
"""


@dataclass
class Measured:
    """Seconds of each way over the same number of nights, and the process's peak memory."""

    clients: int
    compiled: list[float] = field(default_factory=list)
    by_hand: list[float] = field(default_factory=list)
    staging: list[float] = field(default_factory=list)
    staging_by_hand: list[float] = field(default_factory=list)
    naive: float = 0.0
    peak: float = 0.0
    usage_rows: int = 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=100_000, help="сколько клиентов")
    parser.add_argument("--base", type=int, default=10_000, help="с чем сравнить рост")
    parser.add_argument("--runs", type=int, default=5, help="сколько ночей каждым способом")
    parser.add_argument("--sample", type=int, default=300, help="клиентов для наивного цикла")
    parser.add_argument("--keep", action="store_true", help="не удалять базы после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure at the base size and at the asked one, and print the comparison."""
    sizes = sorted({min(options["base"], options["clients"]), options["clients"]})
    found = []
    for clients in sizes:
        with database(f"lampa_benchmark_{clients}", keep=options["keep"]):
            fill(clients, write)
            found.append(_measure(clients, options["runs"], options["sample"], write))
    for measured in found:
        _report(measured, write)
    if len(found) > 1:
        _report_growth(found[0], found[-1], write)


def fill(clients: int, write: Write) -> None:
    """Invent the data of so many clients, unless the database already has it."""
    if Client.objects.count() == clients:
        return
    began = time.perf_counter()
    with connection.cursor() as cursor:
        # Data runs on after ON, so that each measured night is a new day with its own facts.
        cursor.execute(_FILL, {"clients": clients, "last": ON + timedelta(days=60)})
        cursor.execute("VACUUM (ANALYZE)")
    write(f"{clients:,} клиентов созданы за {time.perf_counter() - began:.0f} с")


def _by_hand(on: date) -> float:
    """A night with hand-written counting and scoring; seconds of that step."""
    with night._writing(wait=True), connection.cursor() as cursor:
        cursor.execute("DELETE FROM lamps_lamprefresh")
        night._rewind(cursor, on)
        began = time.perf_counter()
        cursor.execute("DROP TABLE IF EXISTS lamp_staged")
        cursor.execute(night._STAGE)
        cursor.execute(_BY_HAND, {"on": on, "scheme": selectors.schemes_on(on)["retail"].id})
        cursor.execute("ANALYZE lamp_staged")
        spent = time.perf_counter() - began
        night._write_periods(cursor, on)
        night._write_pools(cursor, on)
        Night.objects.update_or_create(on=on, defaults={"computed_at": clock.now()})
        night._write_lamps(cursor)
    return spent


def _compiled(on: date) -> float:
    """The night itself; seconds of its first step."""
    told: list[float] = []
    services.compute_night(on, lambda *_: told.append(time.perf_counter()))
    return told[1] - told[0]


def _timed(way: Callable[[date], float], on: date) -> tuple[float, float]:
    began = time.perf_counter()
    first_step = way(on)
    return time.perf_counter() - began, first_step


def _measure(clients: int, runs: int, sample: int, write: Write) -> Measured:
    measured = Measured(clients)
    on = selectors.newest_night() or ON
    services.compute_night(on)
    before = services.digest()
    _by_hand(on)
    if services.digest() != before:
        raise AssertionError("the hand-written night gives other lamps")
    for number in range(runs):
        ways = [("compiled", _compiled), ("by_hand", _by_hand)]
        for name, way in ways if number % 2 else reversed(ways):
            on += timedelta(days=1)
            _vacuum()
            spent, first_step = _timed(way, on)
            getattr(measured, name).append(spent)
            first = measured.staging if name == "compiled" else measured.staging_by_hand
            first.append(first_step)
            write(f"{clients:,} клиентов, {on:%d.%m.%Y}, {name}: {spent:.2f} с")
    measured.peak = _peak_memory()
    measured.naive = _naive(on, sample) / sample * clients
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_usage")
        measured.usage_rows = cursor.fetchone()[0]
    return measured


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE) lamps_lamp, lamps_lampperiod, lamps_poolday")


def _naive(on: date, sample: int) -> float:
    """Seconds for a loop over some clients: read the facts, count in Python, save by the ORM.

    The scheme is read once, as even a naive loop would. Undone afterwards.
    """
    scheme = selectors.schemes_on(on)["retail"]
    began = time.perf_counter()
    with transaction.atomic():
        for client in Client.objects.order_by("pk")[:sample]:
            reading = score.read(scheme, selectors.facts_of(client, scheme, on), on)
            values = {
                "scheme_id": scheme.id,
                "segment": client.segment,
                "specialist_id": client.specialist_id,
                "unit_id": client.unit_id,
                "colour": reading.colour,
                "total": reading.total,
                "raw": reading.raw,
                "points": reading.points,
                "expiring": reading.expiring,
                "since": on,
            }
            period = LampPeriod.objects.filter(client=client, ends_on=None).first()
            if period is None or period.points != reading.points:
                LampPeriod.objects.filter(client=client, ends_on=None).update(
                    ends_on=on + timedelta(days=1)
                )
                LampPeriod.objects.create(client=client, starts_on=on + timedelta(days=1), **values)
            Lamp.objects.update_or_create(
                client=client,
                defaults=values | {"until": reading.until, "sort_key": client.sort_key},
            )
        transaction.set_rollback(True)
    return time.perf_counter() - began


def _peak_memory() -> float:
    """The most memory this process ever had, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEGABYTE if sys.platform == "darwin" else peak / 1024


def _report(found: Measured, write: Write) -> None:
    compiled, by_hand = median(found.compiled), median(found.by_hand)
    staging, staging_by_hand = median(found.staging), median(found.staging_by_hand)
    write("")
    write(f"{found.clients:,} клиентов, {found.usage_rows:,} строк использования, медианы:")
    write(f"  ночь                       {compiled:8.2f} с")
    write(f"  написанная вручную         {by_hand:8.2f} с   ночь к ней {compiled / by_hand:.2f}")
    write(
        f"  только счёт: {staging:.2f} с, вручную {staging_by_hand:.2f} с"
        f"   отношение {staging / staging_by_hand:.2f}"
    )
    write(
        f"  наивный цикл (по выборке)  {found.naive:8.0f} с   быстрее его в {found.naive / compiled:.0f} раз"
    )
    write(f"  память процесса, наибольшая {found.peak:7.0f} МБ")


def _report_growth(small: Measured, big: Measured, write: Write) -> None:
    clients = big.clients / small.clients
    times = median(big.compiled) / median(small.compiled)
    write("")
    write(
        f"Клиентов больше в {clients:.0f} раз: время больше в {times:.1f}, "
        f"память процесса на {big.peak - small.peak:+.1f} МБ"
    )


register(Benchmark("night", "ночной расчёт рядом с SQL вручную и наивным циклом", run, _arguments))

from lamps import benchmarks_day, benchmarks_pages  # noqa: E402, F401  (discovery finds this module)
