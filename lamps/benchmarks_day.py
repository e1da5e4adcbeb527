"""`manage.py benchmark day`: queries and server time of preparation and of my day.

The data of `benchmark night`, dealt out as pools are in life (some fifty clients to a specialist,
fifteen specialists to a department), with schemes, plans, tasks, needs and news hooks added. The
clock stands at noon of the newest night. Queries are counted again with a pool of 3 clients and
of 300.
"""
# ruff: noqa: E501, S608 (long statements, into which only numbers of this module go)

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import time as hour
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction
from django.urls import reverse

from accounts.enums import PositionKind, Role
from accounts.models import Client, Employee, Position, User
from core import clock
from core.benchmarks import Benchmark, Write, database, register
from core.benchmarks_pages import Browsers, Page, browsers, goal_words, mark, measure, queries_of
from lamps import selectors, services
from lamps.benchmarks import ON, fill
from visits.enums import VisitStatus
from visits.models import Visit

GOAL_MS = 150
POOL, SPECIALISTS = 50, 15
FEW, MANY = 3, 300
_LOGINS = {"специалист": "benchmark-specialist", "начальник": "benchmark-head"}

_DEAL = f"""
SET session_replication_role = replica;
SET synchronous_commit = off;
SET statement_timeout = 0;
CREATE OR REPLACE FUNCTION pg_temp.hash(x bigint, n integer) RETURNS integer
    LANGUAGE sql IMMUTABLE AS 'SELECT (hashint8(x) & 2147483647) %% n';

INSERT INTO accounts_employee (id, version, last_name, first_name, middle_name, hired_on)
SELECT 1000000 + n, 1, 'Специалист ' || n, 'Имя', '', '2020-01-01'
FROM generate_series(0, %(clients)s / {POOL}) n;
INSERT INTO accounts_unit (id, version, name, kind, parent_id, path, is_active)
SELECT 1000000 + n, 1, 'Отдел ' || n, 'department', 1, '/1/' || 1000000 + n || '/', true
FROM generate_series(0, %(clients)s / {POOL * SPECIALISTS}) n;
UPDATE accounts_client SET specialist_id = 1000000 + (id - 1) / {POOL},
    unit_id = 1000000 + (id - 1) / {POOL * SPECIALISTS}, is_key = id %% 5 = 0,
    portrait = (ARRAY['Строит жилые дома', 'Торгует оптом', 'Сеть аптек', 'Перевозит грузы по России',
        'Участвует в государственных закупках'])[id %% 5 + 1] || ', сотрудников ' || id %% 300,
    specifics = CASE WHEN id %% 3 = 0 THEN 'Капитальный ремонт, споры с подрядчиками' ELSE 'Экспорт и валютный контроль' END;
UPDATE accounts_assignment SET specialist_id = 1000000 + (client_id - 1) / {POOL},
    unit_id = 1000000 + (client_id - 1) / {POOL * SPECIALISTS} WHERE ends_on IS NULL;

INSERT INTO contacts_person (id, version, last_name, first_name, middle_name, search_key, phone, email)
OVERRIDING SYSTEM VALUE
SELECT c.id * 3 + k, 1, 'Человек ' || c.id, 'Имя ' || k, '', 'человек ' || c.id || ' имя ' || k, '', ''
FROM accounts_client c, generate_series(0, 2) k;
INSERT INTO contacts_participant (id, version, client_id, person_id, department_id, job_title, attitude,
    influence, notes, starts_on, verified_on)
OVERRIDING SYSTEM VALUE
SELECT c.id * 3 + k, 1, c.id, c.id * 3 + k, k + 1, 'должность', 'neutral', 2, '', '2024-01-01', %(on)s::date - 40 * k
FROM accounts_client c, generate_series(0, 2) k;
INSERT INTO contacts_roleperiod (role, starts_on, participant_id)
SELECT (ARRAY['main_key_user', 'key_user', 'decision_maker'])[id %% 3 + 1], starts_on, id FROM contacts_participant;
INSERT INTO visits_visit_participants (visit_id, participant_id)
SELECT v.id, v.client_id * 3 + v.id %% 3 FROM visits_visit v WHERE v.held_on > %(on)s::date - 90;
UPDATE visits_visit SET materials = id %% 3, result = 'Сделали папку, показали поиск', goal = 'Показать новое'
WHERE held_on > %(on)s::date - 90;

INSERT INTO visits_visit (version, client_id, level, status, channel, employee_id, planned_for, goal,
    goal_kind, plan, materials, result, feedback, satisfaction_scale)
SELECT 1, c.id, 'K1', 'planned', 'visit', c.specialist_id, %(on)s::date + pg_temp.hash(c.id * 3, 20) - 4,
    'Показать новое', '', '', 0, '', '', 10
FROM accounts_client c WHERE pg_temp.hash(c.id * 7, 3) = 0;
INSERT INTO visits_agreement (version, client_id, what, agreed_on, due_on, status, outcome, participant_id)
SELECT 1, c.id, 'Прислать подборку', %(on)s::date - 60, %(on)s::date + pg_temp.hash(c.id * 11 + k, 40) - 8,
    'open', '', c.id * 3
FROM accounts_client c, generate_series(1, 2) k WHERE pg_temp.hash(c.id * 13 + k, 4) = 0;
INSERT INTO visits_agreement (version, client_id, what, agreed_on, due_on, status, closed_on, outcome)
SELECT 1, c.id, 'Сделано', %(on)s::date - 60 - k, %(on)s::date - 40, 'done', %(on)s::date - 41, ''
FROM accounts_client c, generate_series(1, 5) k;
INSERT INTO visits_risk (version, client_id, kind, text, raised_on, outcome)
SELECT 1, id, 'competitor', 'Конкурент предложил скидку', %(on)s::date - 20, '' FROM accounts_client WHERE id %% 9 = 0;
INSERT INTO visits_newshook (version, title, text, keywords, segment, published_on)
SELECT 1, 'Повод ' || n, 'Что сказать', (ARRAY['жилой дом, стройка', 'капитальный ремонт', 'аптека',
    'государственные закупки', 'лизинг, ломбард'])[n %% 5 + 1], '', %(on)s::date - n
FROM generate_series(1, 200) n;
INSERT INTO needs_need (version, client_id, title, level, is_key, priority, context, difficulties, works,
    key_need, solution, effect, effect_risk, client_asset, status, opened_on, author_id, effect_formula,
    folder, stage_on, stage_id)
SELECT 1, c.id, 'Потребность ' || k, 'key_user', k = 1, 2, '', '', '', '', '', '', '', '', 'open',
    %(on)s::date - 200, c.specialist_id, '', '', %(on)s::date - pg_temp.hash(c.id + k, 120), s.id
FROM accounts_client c, generate_series(1, 2) k,
    LATERAL (SELECT id FROM needs_needstage WHERE is_on ORDER BY code OFFSET (c.id + k) %% 4 LIMIT 1) s;
SET session_replication_role = origin;
"""

# Lamps follow their clients; one of each group of my day, so that none is empty in a small pool.
_ONE_OF_EACH = """
UPDATE lamps_lamp l SET specialist_id = c.specialist_id, unit_id = c.unit_id,
    colour = CASE WHEN l.client_id %% 2 = 0 THEN 'red' ELSE 'yellow' END, total = 30,
    expires_on = %(on)s, expiring = '{1}', until = array_fill(%(on)s::date, ARRAY[7])
FROM accounts_client c WHERE c.id = l.client_id AND (c.unit_id = %(unit)s OR l.unit_id = %(unit)s);
INSERT INTO visits_visit (version, client_id, level, status, channel, employee_id, planned_for, goal,
    goal_kind, plan, materials, result, feedback, satisfaction_scale)
SELECT 1, id, 'K1', 'planned', 'visit', specialist_id, %(on)s::date - late, '', '', '', 0, '', '', 10
FROM accounts_client, generate_series(0, 1) late WHERE id = %(client)s;
INSERT INTO visits_visit_participants (visit_id, participant_id)
SELECT id, client_id * 3 FROM visits_visit WHERE client_id = %(client)s AND goal = '' AND status = 'planned';
INSERT INTO visits_agreement (version, client_id, what, agreed_on, due_on, status, outcome)
SELECT 1, %(client)s, 'Прислать', %(on)s::date - 9, %(on)s::date - late, 'open', '' FROM generate_series(0, 1) late;
UPDATE needs_need SET stage_on = %(on)s::date - 200, stage_id = (SELECT id FROM needs_needstage
    WHERE is_on ORDER BY code DESC OFFSET 1 LIMIT 1)
WHERE id IN (SELECT id FROM needs_need WHERE client_id = %(client)s);
UPDATE accounts_client SET is_key = true WHERE id = %(client)s;
DELETE FROM visits_visit_participants WHERE visit_id IN (SELECT id FROM visits_visit
    WHERE client_id = %(client)s AND level = 'K2');
UPDATE visits_visit SET status = 'cancelled' WHERE client_id = %(client)s AND status = 'done'
    AND (level = 'K2' AND held_on > %(on)s::date - 190 OR level = 'K1' AND held_on > %(on)s::date - 20);
"""


@dataclass
class DayPage(Page):
    """A page whose queries are counted with few rows and with many too."""

    few: int = 0
    many: int = 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=100_000, help="сколько клиентов")
    parser.add_argument("--runs", type=int, default=15, help="сколько раз открыть страницу")
    parser.add_argument("--keep", action="store_true", help="не удалять базу после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure both pages; print queries, server time and the goals."""
    clients = options["clients"]
    with database(f"lampa_benchmark_day_{clients}", keep=options["keep"]):
        fill(clients, write)
        with noon():
            prepare(clients, write)
            pages = list(_pages())
            with browsers(_LOGINS) as asking:
                for page in pages:
                    measure(page, asking, options["runs"])
                _count_with_pool_of(FEW, "few", pages, asking)
                _count_with_pool_of(min(MANY, clients), "many", pages, asking)
    _report(clients, pages, write)


@contextmanager
def noon() -> Iterator[None]:
    """The clock of the program at noon of the day after the data begins to be read."""
    moment = datetime.combine(ON, hour(12), clock.MOSCOW)
    with patch("core.clock.now", lambda: moment):
        yield


def prepare(clients: int, write: Write) -> None:
    """Pools as in life and what contacts leave behind, unless they are there."""
    if User.objects.filter(username="benchmark-head").exists():
        return
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DEAL, {"clients": clients, "on": ON})
    services.compute_night(ON)
    client = Client.objects.order_by("pk")[0]
    assert client.specialist_id is not None
    assert client.unit_id is not None
    # The first employee served clients before these were dealt out, and leads them now.
    for username, role, employee, kind in (
        ("benchmark-specialist", Role.SPECIALIST, client.specialist_id, PositionKind.SPECIALIST),
        ("benchmark-head", Role.HEAD, 1, PositionKind.HEAD),
    ):
        user = User.objects.create_user(username, role=role)
        Employee.objects.filter(pk=employee).update(user=user)
        Position.objects.create(
            employee_id=employee, unit_id=client.unit_id, kind=kind, starts_on=ON
        )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")
    write(
        f"контакты дополнены за {time.perf_counter() - began:.0f} с, ночь {selectors.newest_night():%d.%m.%Y}"
    )


def _pages() -> Iterator[DayPage]:
    """What is measured."""
    own = Employee.objects.get(user__username="benchmark-specialist")
    client = Client.objects.filter(specialist=own).order_by("pk")[0]
    planned = Visit.objects.filter(client__specialist=own, status=VisitStatus.PLANNED).first()
    prepare = reverse("client_prepare", args=[client.pk])
    yield DayPage("специалист", "мой день", reverse("day"))
    yield DayPage("специалист", "мой день: панель главной", reverse("panel_day"))
    yield DayPage("специалист", "подготовка нового контакта", prepare)
    if planned is not None:
        address = reverse("visit_prepare", args=[planned.pk])
        yield DayPage("специалист", "подготовка к запланированному", address)
    yield DayPage("начальник", "мой день: отдел", reverse("day"))
    yield DayPage("начальник", "мой день: мои", f"{reverse('day')}?whose=mine")
    yield DayPage("начальник", "подготовка нового контакта", prepare)


def _count_with_pool_of(count: int, name: str, pages: list[DayPage], asking: Browsers) -> None:
    """Count queries while the specialist has so many clients and the unit no others."""
    own = Employee.objects.get(user__username="benchmark-specialist")
    unit = Position.objects.get(employee=own).unit
    kept = Client.objects.filter(specialist=own).order_by("pk")[0].pk
    ids = list(
        Client.objects.exclude(pk=kept).order_by("pk").values_list("pk", flat=True)[: count - 1]
    )
    planned = Visit.objects.filter(client__specialist=own, status=VisitStatus.PLANNED).first()
    ids += [kept, *([planned.client_id] if planned else [])]
    with transaction.atomic():
        Client.objects.filter(unit=unit).update(unit=None, specialist=None)
        Client.objects.filter(pk__in=ids).update(unit=unit, specialist=own)
        with connection.cursor() as cursor:
            cursor.execute(_ONE_OF_EACH, {"unit": unit.pk, "on": ON, "client": kept})
        for page in pages:
            setattr(page, name, queries_of(page, asking))
        transaction.set_rollback(True)


def _report(clients: int, pages: list[DayPage], write: Write) -> None:
    write("")
    write(f"{clients:,} клиентов: запросов (в пуле {FEW} и {MANY}), медиана времени сервера")
    for page in pages:
        counts = f"{page.queries:3} ({page.few}, {page.many})"
        cost = f"{counts:14} {page.ms:6.0f} мс{mark(page, GOAL_MS)}"
        write(f"  {page.who:11} {page.label:32} {cost}")
    write(goal_words(pages, GOAL_MS))
    differ = [page.label for page in pages if page.few != page.many]
    write("Запросов поровну: " + ("да" if not differ else "нет — " + ", ".join(differ)))


register(Benchmark("day", "запросы и время подготовки и моего дня", run, _arguments))
