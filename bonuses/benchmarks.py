"""`manage.py benchmark bonuses`: drafts of everybody in one run, and the workbook for payroll.

Figures are ratios of things done side by side: the run for all against the same service asked
for one employee after another, the queries of a whole and of a tenth, the workbook against the
same rows written bare. Data is invented by the database, the same for every run.
"""
# ruff: noqa: E501 (long statements, into which only numbers of this module go)

import io
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Employee
from bonuses.enums import (
    BlockPeriod,
    KpiSource,
    ScaleKind,
    SchemeKind,
    SchemeStatus,
)
from bonuses.models import BonusBlock, BonusKpi, BonusScheme, BonusStep, Sheet
from bonuses.payroll import workbook
from bonuses.selectors.payroll import departments
from bonuses.services.drafts import draft_month
from core import clock
from core.benchmarks import Benchmark, Write, database, register
from lamps.enums import Direction

MONTH, TODAY = date(2026, 10, 1), date(2026, 11, 5)
CLIENTS, PER_UNIT = 15, 50

_FILL = """
SET session_replication_role = replica;
SET synchronous_commit = off;
SET statement_timeout = 0;
INSERT INTO accounts_unit (id, version, name, kind, parent_id, path, is_active)
SELECT 1, 1, 'Управление', 'division', NULL, '/1/', true
UNION ALL SELECT 1 + n, 1, 'НОИО ' || n, 'department', 1, '/1/' || 1 + n || '/', true
FROM generate_series(1, %(people)s / {per_unit} + 1) n;
INSERT INTO accounts_employee (id, version, last_name, first_name, middle_name, hired_on)
SELECT n, 1, 'Сотрудник ' || n, 'Имя', 'Отчество', '2020-01-01' FROM generate_series(1, %(people)s) n;
INSERT INTO accounts_position (version, employee_id, unit_id, kind, starts_on)
SELECT 1, n, 2 + n / {per_unit}, CASE WHEN n %% {per_unit} = 0 THEN 'head' ELSE 'specialist' END, '2020-01-01'
FROM generate_series(1, %(people)s) n;
INSERT INTO bonuses_paybase (version, employee_id, starts_on, amount, rate)
SELECT 1, n, '2020-01-01', 18000 + n %% 9 * 500, 1 FROM generate_series(1, %(people)s) n;
INSERT INTO accounts_client (id, version, name, search_key, sort_key, inn, kpp, ogrn, segment, is_key, portrait, specifics, competitor, connected_on, specialist_id, unit_id)
SELECT n, 1, 'Клиент ' || n, 'клиент ' || n, 'клиент ' || n, lpad(n::text, 10, '0'), '770101001', '', 'retail', false, '', '', '', '2020-01-01',
    1 + n %% %(people)s, 2 + (1 + n %% %(people)s) / {per_unit}
FROM generate_series(1, %(people)s * {clients}) n;
INSERT INTO accounts_assignment (client_id, specialist_id, unit_id, starts_on)
SELECT id, specialist_id, unit_id, '2020-01-01' FROM accounts_client;
INSERT INTO accounts_invoice (id, version, client_id, number, month, amount, due_on)
SELECT id, 1, id, 'С', '2026-10-01', 5000 + id %% 1000, '2026-10-15' FROM accounts_client;
INSERT INTO accounts_payment (version, invoice_id, paid_on, amount)
SELECT 1, id, '2026-10-14', 5000 FROM accounts_invoice WHERE id %% 10 > 0;
INSERT INTO visits_visit (version, client_id, level, status, channel, employee_id, unit_id, started_at, goal, goal_kind, plan, prepared_at, materials, result, feedback, satisfaction, satisfaction_scale)
SELECT 1, c.id, 'K1', 'done', 'visit', c.specialist_id, c.unit_id, m.day + interval '10 hours', 'цель', '', 'план',
    m.day + (c.id %% 3) * interval '6 hours', c.id %% 2, '', '', 5 + c.id %% 6, 10
FROM accounts_client c CROSS JOIN (VALUES ('2026-10-08'::timestamptz), ('2026-10-20'), ('2026-08-11')) m(day);
INSERT INTO lamps_night ("on", computed_at) VALUES ('2026-10-01', now()), ('2026-10-31', now());
INSERT INTO lamps_poolday ("on", unit_id, specialist_id, segment, red, yellow, green, "none")
SELECT n."on", c.unit_id, c.specialist_id, 'retail', 0, 2, 13, 0 FROM lamps_night n
CROSS JOIN (SELECT DISTINCT unit_id, specialist_id FROM accounts_client) c;
SET session_replication_role = origin;
ANALYZE;
"""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--employees", type=int, default=5000, help="сколько сотрудников")
    parser.add_argument("--sample", type=int, default=25, help="на скольких мерить цикл")
    parser.add_argument("--runs", type=int, default=3, help="сколько раз каждое")
    parser.add_argument("--keep", action="store_true", help="не удалять базу после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure drafts and workbook of so many employees; LIMITS are told, not asserted."""
    people, runs = options["employees"], options["runs"]
    with database(f"lampa_benchmark_bonuses_{people}", keep=options["keep"]):
        _fill(people)
        write(f"{people:,} сотрудников, {people * CLIENTS:,} клиентов, "
              f"загрузка машины {os.getloadavg()[0]:.1f}, медианы {runs} прогонов:")  # fmt: skip
        whole, queries = _drafts(None, runs)
        tenth, fewer = _drafts(list(range(1, people // 10 + 1)), runs)
        write(f"  черновики всех            {whole:7.2f} с, запросов {queries}")
        write(f"  черновики десятой части   {tenth:7.2f} с, запросов {fewer}")
        sample = list(Employee.objects.order_by("pk").values_list("pk", flat=True))
        sample = sample[:: max(1, people // options["sample"])][: options["sample"]]
        loop = _timed(lambda: [draft_month(MONTH, TODAY, employees=[pk]) for pk in sample], 1)
        per_one, per_all = loop / len(sample), whole / people
        write(f"  по одному, на {len(sample)} людях   {per_one * 1000:7.1f} мс на человека;"
              f" сразу всех {per_all * 1000:.2f} мс: в {per_one / per_all:.0f} раз быстрее")  # fmt: skip
        _workbook(write, runs)


def _drafts(employees: list[int] | None, runs: int) -> tuple[float, int]:
    with CaptureQueriesContext(connection) as asked:
        draft_month(MONTH, TODAY, employees=employees)
    # Rows are written in batches of a thousand: those follow the rows, the reads do not.
    reads = [q for q in asked.captured_queries if q["sql"].lstrip().startswith("SELECT")]
    return _timed(lambda: draft_month(MONTH, TODAY, employees=employees), runs), len(reads)


def _timed(work: Callable[[], Any], runs: int) -> float:
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return median(spent)


def _workbook(write: Write, runs: int) -> None:
    """The file of the month beside the same cells written bare."""
    blocks, found = departments(Sheet.objects.filter(month=MONTH))
    rows = sum(len(d.rows) for d in found)

    def bare() -> None:
        book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True})
        sheet = book.add_worksheet()
        line = 0
        for department in found:
            for row in department.rows:
                sheet.write_string(line, 0, row.employee)
                for n, value in enumerate([row.base, *row.blocks, row.corrections, row.total]):
                    sheet.write_number(line, 1 + n, float(value))
                line += 1
        book.close()

    whole, plain = _timed(lambda: workbook(MONTH, blocks, found), runs), _timed(bare, runs)
    write(f"  книга: {rows} строк, {len(found)} отделов {whole:7.2f} с;"
          f" те же ячейки без оформления и формул {plain:.2f} с, в {whole / plain:.1f} раза")  # fmt: skip


def _fill(people: int) -> None:
    if Employee.objects.count() == people:
        return
    with connection.cursor() as cursor:
        fill = _FILL.format(per_unit=PER_UNIT, clients=CLIENTS)
        cursor.execute(fill, {"people": people})
    for kind in SchemeKind:
        _scheme(kind)


def _scheme(kind: str) -> None:
    scheme = BonusScheme.objects.create(name="Премия", kind=kind, effective_from=date(2026, 1, 1))
    for share, period, sources in (
        (65, BlockPeriod.MONTH, [KpiSource.PAYMENTS, KpiSource.DISCONNECTED, KpiSource.UPSELL]),
        (15, BlockPeriod.MONTH, [KpiSource.POOL, KpiSource.PREPARED, KpiSource.MATERIALS]),
        (20, BlockPeriod.QUARTER, [KpiSource.SATISFACTION, KpiSource.NEEDS]),
    ):
        block = BonusBlock.objects.create(
            scheme=scheme, label=f"{share}", share=share, period=period
        )
        for n, source in enumerate(sources):
            lost = source == KpiSource.DISCONNECTED
            kpi = BonusKpi.objects.create(
                block=block, label=source.label, source=source, order=n, plan=100,
                weight=[50, 30, 20][n] if len(sources) == 3 else 50,
                better=Direction.LOWER if lost else Direction.HIGHER,
                scale=ScaleKind.STEPS_OF_FACT if lost else ScaleKind.LINEAR,
            )  # fmt: skip
            if lost:
                BonusStep.objects.create(kpi=kpi, threshold=0, percent=100)
    scheme.status, scheme.published_at = SchemeStatus.PUBLISHED, clock.now()
    scheme.save()


register(Benchmark("bonuses", "Черновики премий на всех и книга для зарплаты", run, _arguments))
