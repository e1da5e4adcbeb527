"""`manage.py benchmark funnel`: the funnel over many needs, by length of period, with its plan.

Data is invented by the database itself, the same for every run: three years of needs of clients
who have ten each, half of whom were handed over to another department in the middle.
"""
# ruff: noqa: E501, S608 (long statements, into which only numbers of this module go)

import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from functools import partial
from statistics import median
from typing import Any

from django.db import connection

from accounts.models import Unit
from core.benchmarks import Benchmark, Write, database, register
from needs.models import Need
from needs.selectors.firsts import statement
from needs.selectors.funnel import read_funnel, read_months, stages_in_use
from visits.figures.periods import Period, PeriodKind
from visits.selectors.figures import FigureReach

TODAY = date(2026, 12, 31)
SPECIALISTS, DEPARTMENTS, LIMIT = 200, 5, 300

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
SELECT n, 1, 'Клиент ' || n, 'клиент ' || n, 'клиент ' || lpad(n::text, 10, '0'),
    lpad(n::text, 10, '0'), '770101001', '', CASE WHEN n %% 10 = 0 THEN 'network' ELSE 'retail' END,
    false, '', '', '', '2020-01-01', n %% {SPECIALISTS} + 1, n %% {SPECIALISTS} %% {DEPARTMENTS} + 2
FROM generate_series(1, greatest(%(needs)s / 10, 1)) n;

INSERT INTO needs_need (version, client_id, title, level, is_key, priority, department_id, context,
    difficulties, works, key_need, solution, folder, effect, effect_risk, effect_formula,
    client_asset, stage_id, status, author_id, unit_id, opened_on, stage_on)
SELECT 1, c, (ARRAY['Субсидии', 'Проверка договоров', 'Отпуска', 'Налоговые вычеты', 'Закупки'])[n %% 5 + 1],
    'key_user', n %% 4 = 0, 2, (SELECT min(id) FROM contacts_clientdepartment) + n %% 3, '',
    (ARRAY['сроки', 'штрафы', 'ошибки', 'изменения закона'])[n %% 4 + 1], '',
    'быстро находить ' || (ARRAY['образцы', 'разъяснения', 'практику судов'])[n %% 3 + 1],
    'папка и ' || (ARRAY['типовая ситуация', 'готовое решение', 'профиль'])[n %% 3 + 1],
    '', '', '', '', '', s.id, CASE WHEN pg_temp.hash(n * 3, 20) = 0 THEN 'dropped' ELSE 'open' END,
    a, a %% {DEPARTMENTS} + 2, d, CASE WHEN s.id IS NOT NULL THEN d + 30 END
FROM (
    SELECT n, pg_temp.hash(n * 7, greatest(%(needs)s / 10, 1)) + 1 AS c,
        '2024-01-01'::date + (n * 1096 / (%(needs)s + 1))::int AS d, pg_temp.hash(n * 11, 100) AS luck
    FROM generate_series(1, %(needs)s::bigint) n
) made
CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.hash(c, 2) = 0 AND d < '2025-06-01'
    THEN (c + 7) %% {SPECIALISTS} + 1 ELSE c %% {SPECIALISTS} + 1 END AS a) whose
LEFT JOIN needs_needstage s ON s.code = CASE WHEN luck < 19 THEN NULL WHEN luck < 38 THEN '01'
    WHEN luck < 53 THEN '03' WHEN luck < 73 THEN '04' ELSE '06' END;
SET session_replication_role = origin;
TRUNCATE needs_tally;
SELECT needs_tally_fill(NULL);
"""

PERIODS = {
    "месяц": Period.of(PeriodKind.MONTH, date(2026, 3, 1)),
    "квартал": Period.of(PeriodKind.QUARTER, date(2026, 3, 1)),
    "полугодие": Period.of(PeriodKind.HALF, date(2026, 3, 1)),
    "год": Period.of(PeriodKind.YEAR, date(2026, 3, 1)),
    "два года": Period(date(2025, 1, 1), date(2026, 12, 31)),
    "год не с января": Period(date(2025, 4, 15), date(2026, 4, 14)),
    "все годы": Period(date(2000, 1, 1), date(2099, 12, 31)),
}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--needs", type=int, default=1_000_000, help="сколько потребностей")
    parser.add_argument("--runs", type=int, default=9, help="сколько раз каждую воронку")
    parser.add_argument("--keep", action="store_true", help="не удалять базу после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure every length of period and print the plans."""
    needs = options["needs"]
    with database(f"lampa_benchmark_funnel_{needs}", keep=options["keep"]):
        _fill(needs, write)
        units = {unit.pk: unit for unit in Unit.objects.order_by("path")}
        reach = FigureReach(units, everything=True)
        write(f"{needs:,} потребностей, загрузка машины {os.getloadavg()[0]:.1f}, медианы:")
        slowest = 0.0
        for label, period in PERIODS.items():
            spent = _median(partial(read_funnel, reach, period, TODAY), options["runs"])
            slowest = max(slowest, spent)
            write(f"  воронка, {label:<16} {spent:7.0f} мс")
        year = PERIODS["год"]
        spent = _median(lambda: read_funnel(reach, year, TODAY, None, "network"), options["runs"])
        write(f"  год, один сегмент         {spent:7.0f} мс")
        spent = _median(lambda: read_months(reach, year), options["runs"])
        write(f"  год по месяцам            {spent:7.0f} мс")
        write(f"  {'не дольше' if slowest <= LIMIT else 'ДОЛЬШЕ'} {LIMIT} мс: {slowest:.0f}")
        for label in ("месяц", "год", "год не с января", "все годы"):
            write(f"\nПлан: {label}")
            for line in _plan(reach, PERIODS[label]):
                write(f"  {line}")


def _fill(needs: int, write: Write) -> None:
    if Need.objects.count() == needs:
        return
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"needs": needs})
        cursor.execute("VACUUM (ANALYZE)")
    write(f"{needs:,} потребностей созданы за {time.perf_counter() - began:.0f} с")


def _median(read: Callable[[], Any], runs: int) -> float:
    """Milliseconds, the first reading left out."""
    read()
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        read()
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent)


def _plan(reach: FigureReach, period: Period) -> list[str]:
    sql, values = statement(reach, period, stages_in_use())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {sql}", values)
        return [line for (line,) in cursor.fetchall()]


register(
    Benchmark("funnel", "воронка потребностей за месяц, квартал, год и всё время", run, _arguments)
)

from needs import benchmarks_campaigns  # noqa: E402, F401  (discovery finds this module)
