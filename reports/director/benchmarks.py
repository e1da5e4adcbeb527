"""`manage.py benchmark director`: the board, its sheet, signals and losses at any number of clients.

The data of `benchmark day`, with payments, losses of two years, steps of needs and marks of К2У
added. Pages are asked for through Django's test client, as a director.
"""
# ruff: noqa: E501 (long statements)

import time
from argparse import ArgumentParser
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Churn, Client, User
from core.benchmarks import Benchmark, Write, database, register
from core.benchmarks_pages import Page, browsers, goal_words, mark, measure
from lamps.benchmarks import ON, fill
from lamps.benchmarks_day import noon, prepare

GOAL_MS = 1000
_DIRECTOR, _LOGIN = "директор", "benchmark-director"
# Every bill that is settled was paid at once; of fifty clients one left; of each need a step or
# two; of each К2У three criteria.
_MORE = """
SET session_replication_role = replica;
SET synchronous_commit = off;
SET statement_timeout = 0;
INSERT INTO accounts_payment (version, invoice_id, paid_on, amount)
SELECT 1, id, settled_on, amount FROM accounts_invoice WHERE settled_on IS NOT NULL;
INSERT INTO accounts_churn (version, client_id, "on", reason, competitor, lost_monthly, cause_id)
SELECT 1, id, %(on)s::date - 10 - (id * 7 %% 700)::int, 'цена', CASE WHEN id %% 3 = 0 THEN 'Конкурент ' || id %% 5 ELSE '' END,
    10000, (SELECT min(id) FROM accounts_churncause) + id %% 4
FROM accounts_client WHERE id %% 50 = 7;
UPDATE accounts_client c SET disconnected_on = h."on" FROM accounts_churn h WHERE h.client_id = c.id;
INSERT INTO needs_needstep (need_id, stage_id, "on", author_id, evidence, recorded_at)
SELECT n.id, s.id, n.opened_on + 20 * (row_number() OVER (PARTITION BY n.id ORDER BY s.code))::int, n.author_id, 'сделано', now()
FROM needs_need n JOIN needs_needstage s ON s.is_on AND s.code <= (SELECT code FROM needs_needstage WHERE id = n.stage_id);
INSERT INTO visits_visitmark (visit_id, criterion_id, evidence)
SELECT v.id, k.id, 'есть' FROM visits_visit v JOIN visits_visitcriterion k ON k.is_on AND (v.id + k.id) %% 2 = 0
WHERE v.level = 'K2' AND v.status = 'done';
UPDATE visits_visit SET satisfaction = 7 + id %% 4 WHERE status = 'done' AND id %% 5 = 0;
SET session_replication_role = origin;
"""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=100_000, help="сколько клиентов")
    parser.add_argument("--runs", type=int, default=5, help="сколько раз открыть страницу")
    parser.add_argument("--keep", action="store_true", help="не удалять базу после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure each page; print queries, server time and the goal."""
    clients = options["clients"]
    with database(f"lampa_benchmark_director_{clients}", keep=options["keep"]):
        fill(clients, write)
        with noon():
            prepare(clients, write)
            _add(write)
            pages = _measure(options["runs"])
    _report(clients, pages, write)


def _add(write: Write) -> None:
    """What a director looks at, unless it is there."""
    if Churn.objects.exists():
        return
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MORE, {"on": ON})
    User.objects.create_user(_LOGIN, role=Role.MANAGER)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")
    write(f"деньги и отключения дополнены за {time.perf_counter() - began:.0f} с")


def _pages() -> list[tuple[str, str]]:
    risk = reverse("churn_risk")
    client = Client.objects.filter(disconnected_on=None).order_by("pk")[0]
    return [
        ("цели года", reverse("director")),
        ("цели года, лист PDF", reverse("director_pdf")),
        ("план отключений", reverse("churn_plan")),
        ("риск отключения", risk),
        ("риск: просроченные счета", f"{risk}?signal=overdue"),
        ("риск: отдел", f"{risk}?unit={client.unit_id}"),
        ("риск на карточке", reverse("client_risk", args=[client.pk])),
        ("список клиентов", reverse("clients")),
        ("влияние", reverse("impact")),
    ]


def _measure(runs: int) -> list[Page]:
    pages = [Page(_DIRECTOR, label, address) for label, address in _pages()]
    with browsers({_DIRECTOR: _LOGIN}) as asking:
        for page in pages:
            measure(page, asking, runs)
    return pages


def _report(clients: int, pages: list[Page], write: Write) -> None:
    write("")
    write(f"{clients:,} клиентов: запросов, медиана времени сервера")
    for page in pages:
        write(f"  {page.label:28} {page.queries:3}  {page.ms:6.0f} мс{mark(page, GOAL_MS)}")
    write(goal_words(pages, GOAL_MS))


register(Benchmark("director", "запросы и время страниц директора", run, _arguments))
