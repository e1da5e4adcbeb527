"""`manage.py benchmark campaigns`: pages of an indexation, of payments, losses and impact.

Every client has a contract, an offer of a closed campaign and one of the campaign that runs, a
bill a month for a year; four of ten have a need. Data is invented by the database itself, the
same for every run. Each page is asked for through Django's test client, all middleware included.
"""
# ruff: noqa: E501, S608 (long statements, into which only numbers of this module go)

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.urls import reverse

from accounts.enums import CampaignStatus, OfferStage, PositionKind, Role
from accounts.models import (
    Employee,
    IndexationCampaign,
    IndexationOffer,
    Position,
    SegmentPlan,
    User,
)
from core import clock
from core.benchmarks import Benchmark, Write, database, register
from core.benchmarks_pages import Browsers, Page, browsers, goal_words, mark, measure

GOAL_MS = 150
PER_PAGE = 50
SPECIALISTS, DEPARTMENTS = 500, 20
_DIRECTOR, _HEAD, _SPECIALIST = "директор", "начальник", "специалист"
_LOGINS = {_DIRECTOR: "benchmark-director", _HEAD: "benchmark-head", _SPECIALIST: "benchmark-one"}

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
SELECT n, 1, 'Сотрудник ' || n, 'Имя', '', '2015-01-01' FROM generate_series(1, {SPECIALISTS} + 1) n;
SELECT setval(pg_get_serial_sequence('accounts_employee', 'id'), {SPECIALISTS} + 1);

INSERT INTO accounts_client (id, version, name, search_key, sort_key, inn, kpp, ogrn, segment,
    is_key, portrait, specifics, competitor, connected_on, disconnected_on, specialist_id, unit_id)
SELECT n, 1, 'Клиент ' || n, 'клиент ' || n, 'клиент ' || lpad(n::text, 10, '0'),
    lpad(n::text, 10, '0'), '770101001', '', CASE WHEN n %% 10 = 0 THEN 'network' ELSE 'retail' END,
    false, '', '', '', %(on)s::date - 500 - pg_temp.hash(n * 3, 2000),
    CASE WHEN n %% 33 = 0 THEN %(on)s::date - 1 - pg_temp.hash(n * 5, 300) END,
    n %% {SPECIALISTS} + 1, n %% {SPECIALISTS} %% {DEPARTMENTS} + 2
FROM generate_series(1, %(clients)s) n;

INSERT INTO accounts_assignment (client_id, specialist_id, unit_id, starts_on, ends_on)
SELECT id, specialist_id, unit_id, connected_on, disconnected_on FROM accounts_client;

INSERT INTO accounts_churn (version, client_id, "on", reason, competitor, lost_monthly, cause_id)
SELECT 1, id, disconnected_on, 'дорого', '', 9000, (SELECT min(id) FROM accounts_churncause)
FROM accounts_client WHERE disconnected_on IS NOT NULL;

INSERT INTO accounts_contract (id, version, client_id, number, kit, starts_on, ends_on)
SELECT id, 1, id, 'Д-' || id, 'Бухгалтерия', connected_on, disconnected_on FROM accounts_client;

INSERT INTO accounts_contractprice (version, contract_id, effective_on, monthly)
SELECT 1, id, starts_on, 5000 + pg_temp.hash(id * 7, 3000) * 10 FROM accounts_contract;

INSERT INTO accounts_invoice (id, version, client_id, number, month, amount, due_on, settled_on)
SELECT c.id * 12 + m, 1, c.id, c.id || '-' || m, d.month, p.monthly, d.month + 14,
    CASE WHEN m > 0 AND pg_temp.hash(c.id * 12 + m, 20) > 0 THEN d.month + 10 END
FROM accounts_client c JOIN accounts_contractprice p ON p.contract_id = c.id
CROSS JOIN generate_series(0, 11) m
CROSS JOIN LATERAL (SELECT (date_trunc('month', %(on)s::date) - m * INTERVAL '1 month')::date AS month) d;

INSERT INTO accounts_payment (version, invoice_id, paid_on, amount)
SELECT 1, id, settled_on, amount FROM accounts_invoice WHERE settled_on IS NOT NULL;

INSERT INTO accounts_indexationoffer (version, campaign_id, client_id, contract_id, segment,
    price_before, planned_percent, floor, ceiling, stage, offered_percent, offered_on,
    agreed_percent, agreed_on, price_after, effective_on, is_exception, exception_reason,
    refused_on, refusal_reason)
SELECT 1, k.id, c.id, c.id, c.segment, p.monthly, 15, 10, 25, s.stage,
    CASE WHEN s.stage <> 'planned' THEN 15 END,
    CASE WHEN s.stage <> 'planned' THEN k.starts_on + pg_temp.hash(c.id * 11, 20) END,
    CASE WHEN s.stage = 'agreed' THEN a.percent END,
    CASE WHEN s.stage = 'agreed' THEN k.starts_on + 20 + pg_temp.hash(c.id * 13, 20) END,
    CASE WHEN s.stage = 'agreed' THEN round(p.monthly * (100 + a.percent) / 100, 2) END,
    CASE WHEN s.stage = 'agreed' THEN k.effective_on END, false, '',
    CASE WHEN s.stage = 'refused' THEN k.starts_on + 30 END,
    CASE WHEN s.stage = 'refused' THEN 'дорого' ELSE '' END
FROM accounts_indexationcampaign k CROSS JOIN accounts_client c
JOIN accounts_contractprice p ON p.contract_id = c.id
CROSS JOIN LATERAL (SELECT 10 + pg_temp.hash(c.id * 17 + k.id, 11) AS percent) a
CROSS JOIN LATERAL (SELECT CASE WHEN k.status = 'closed' THEN 'agreed' ELSE (ARRAY['agreed',
    'agreed', 'agreed', 'refused', 'offered', 'offered', 'offered', 'offered', 'planned', 'planned'
    ])[1 + pg_temp.hash(c.id * 19, 10)] END AS stage) s;

INSERT INTO needs_need (id, version, client_id, title, level, is_key, priority, context,
    difficulties, works, key_need, solution, folder, effect, effect_risk, effect_formula,
    client_asset, stage_id, status, author_id, unit_id, opened_on, stage_on)
SELECT c.id, 1, c.id, 'Субсидии', 'key_user', true, 2, '', '', '', '', '', '', '', '', '', '',
    (SELECT id FROM needs_needstage WHERE code = '01'), 'open', c.specialist_id, c.unit_id,
    %(on)s::date - 400, %(on)s::date - 390
FROM accounts_client c WHERE pg_temp.hash(c.id * 23, 10) < 4;
INSERT INTO needs_needstep (need_id, stage_id, "on", author_id, evidence, recorded_at)
SELECT id, stage_id, stage_on, author_id, 'записано', now() FROM needs_need;
SET session_replication_role = origin;
"""


@dataclass
class PaidPage(Page):
    """A page with what one run takes of the processor."""

    python_ms: float = 0.0
    postgres_ms: float | None = None


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=100_000, help="сколько клиентов")
    parser.add_argument("--runs", type=int, default=5, help="сколько раз открыть страницу")
    parser.add_argument("--keep", action="store_true", help="не удалять базу после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure every page, print queries and the median of server time, and the goal."""
    clients = options["clients"]
    with database(f"lampa_benchmark_campaigns_{clients}", keep=options["keep"]):
        _fill(clients, write)
        pages = _measure(options["runs"])
        write(
            f"{clients:,} клиентов, загрузка машины {os.getloadavg()[0]:.1f}: запросов, медиана;"
            " процессорное время Python и одного процесса PostgreSQL"
        )
        for page in pages:
            spent = f"{page.python_ms:5.0f} + {page.postgres_ms or 0:4.0f}"
            write(
                f"  {page.who:11} {page.label:40} {page.queries:3}  {page.ms:6.0f} мс"
                f"  {spent}{mark(page, GOAL_MS)}"
            )
        write(goal_words(pages, GOAL_MS))


def _fill(clients: int, write: Write) -> None:
    if User.objects.filter(username=_LOGINS[_DIRECTOR]).exists():
        return
    began, on = time.perf_counter(), clock.today()
    for year, status, start in (
        (on.year - 1, CampaignStatus.CLOSED, on - timedelta(days=150)),
        (on.year, CampaignStatus.RUNNING, on - timedelta(days=60)),
    ):
        campaign = IndexationCampaign.objects.create(
            year=year, status=status, starts_on=start, effective_on=start + timedelta(days=90)
        )
        for segment in ("retail", "network"):
            SegmentPlan.objects.create(
                campaign=campaign, segment=segment, percent=15, floor=10, ceiling=25
            )
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"clients": clients, "on": on})
        cursor.execute("VACUUM (ANALYZE)")
    User.objects.create_user(_LOGINS[_DIRECTOR], role=Role.MANAGER)
    for login, role, pk, kind in (
        (_LOGINS[_HEAD], Role.HEAD, SPECIALISTS + 1, PositionKind.HEAD),
        (_LOGINS[_SPECIALIST], Role.SPECIALIST, 1, PositionKind.SPECIALIST),
    ):
        Employee.objects.filter(pk=pk).update(user=User.objects.create_user(login, role=role))
        Position.objects.create(
            employee_id=pk, unit_id=2, kind=kind, starts_on=on - timedelta(days=400)
        )
    write(f"{clients:,} клиентов созданы за {time.perf_counter() - began:.0f} с")


def _pages() -> Iterator[PaidPage]:
    """Everything that is measured."""
    campaign = IndexationCampaign.objects.get(status=CampaignStatus.RUNNING)
    rows = IndexationOffer.objects.filter(campaign=campaign)
    offers, total = reverse("offers"), rows.count()
    last = -(-total // PER_PAGE)
    agreed, offered = (
        rows.filter(stage=stage, client__specialist=1).order_by("pk")[0]
        for stage in (OfferStage.AGREED, OfferStage.OFFERED)
    )
    for who in _LOGINS:
        yield PaidPage(who, "кампания", reverse("campaign", args=[campaign.pk]))
        yield PaidPage(who, "кампания: письма", reverse("campaign_letters", args=[campaign.pk]))
        yield PaidPage(who, "предложения", offers)
        yield PaidPage(who, "доля оплат", reverse("payment_shares"))
        yield PaidPage(who, "отключения", reverse("churns"))
        yield PaidPage(who, "влияние", reverse("impact"))
    for label, page in (("средняя", last // 2), ("последняя", last)):
        yield PaidPage(_DIRECTOR, f"предложения, {label} страница", f"{offers}?page={page}")
    for label, query in [
        ("этап", "stage=agreed"),
        ("отдел", "unit=3"),
        ("специалист", "specialist=7"),
        ("сегмент", "segment=network"),
        ("ниже 15 %", "below=15"),
        ("выше плана", "above_plan=true"),
        ("поиск", "q=клиент+777"),
    ]:
        yield PaidPage(_DIRECTOR, f"предложения, фильтр: {label}", f"{offers}?{query}")
    for sort in ("client", "price_before", "stage", "agreed_percent", "agreed_on"):
        for sign in ("", "-"):
            yield PaidPage(
                _DIRECTOR, f"предложения, порядок {sign}{sort}, середина",
                f"{offers}?sort={sign}{sort}&page={last // 2}",
            )  # fmt: skip
    yield PaidPage(_DIRECTOR, "кампании", reverse("campaigns"))
    yield PaidPage(_DIRECTOR, "договоры", reverse("contracts"))
    yield PaidPage(_DIRECTOR, "отключения, порядок по клиенту", f"{reverse('churns')}?sort=client")
    yield PaidPage(_DIRECTOR, "письма", reverse("price_letters"))
    for offer, label in ((agreed, "согласованное"), (offered, "предложенное")):
        yield PaidPage(_SPECIALIST, f"предложение, {label}", reverse("offer", args=[offer.pk]))
    yield PaidPage(_SPECIALIST, "предложение: письма", reverse("offer_letters", args=[offered.pk]))
    yield PaidPage(_SPECIALIST, "письмо до печати", reverse("offer_letter", args=[offered.pk]))


def _measure(runs: int) -> list[PaidPage]:
    pages = list(_pages())
    with browsers(_LOGINS) as asking:
        for page in pages:
            measure(page, asking, runs)
            _processor(page, asking)
    return pages


def _processor(page: PaidPage, asking: Browsers) -> None:
    """What one more run costs the processor: all that says anything on a machine that is shared.

    PostgreSQL works without parallel workers then; its time is known where it runs here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        clock_of = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    before = _nanoseconds(clock_of)
    began = time.process_time()
    asking[page.who].get(page.address)
    page.python_ms = (time.process_time() - began) * 1000
    after = _nanoseconds(clock_of)
    if before is not None and after is not None:
        page.postgres_ms = (after - before) / 1_000_000
    with connection.cursor() as cursor:
        cursor.execute("RESET max_parallel_workers_per_gather")


def _nanoseconds(clock_of: Path) -> int | None:
    try:
        return int(clock_of.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


register(
    Benchmark("campaigns", "страницы индексации, оплат, отключений и влияния", run, _arguments)
)
