"""Fill an empty database with the demo: one transaction, so that a killed run leaves nothing."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from accounts.enums import FeedCode
from accounts.models import Client, Feed, Unit
from config.demo import (
    bonuses,
    contacts,
    days,
    facts,
    imports,
    money,
    needs,
    outcomes,
    reports,
    reviews,
    schemes,
    staff,
)
from config.demo import clients as lines
from contacts.models import Person
from core import clock
from lamps.models import Night
from lamps.services import compute_night

MINIMUM = 100
HISTORY_DAYS = 365
# Any number that nobody else locks with: two processes must not fill at once.
_LOCK = 7_202_658
APPS = ("accounts", "contacts", "visits", "needs", "reports")
# Tables whose checks and indexes are made again after the mass of rows has come.
_MASS = (
    "accounts_usage",
    "accounts_invoice",
    "accounts_payment",
    "accounts_entitlement",
    "accounts_training",
    "visits_visit",
    "visits_visit_participants",
    "visits_visit_services",
    "visits_agreement",
    "visits_visitmark",
    "contacts_person",
    "contacts_participant",
    "contacts_roleperiod",
)
_FEW = 5000


class DemoRefused(Exception):
    """Says in Russian why nothing was filled."""


def is_filled() -> bool:
    """Whether there are clients or units already, ours or somebody's own."""
    return Client.objects.exists() or Unit.objects.exists()


def build(
    *,
    clients: int,
    on: date | None,
    history: bool,
    progress: Callable[[str], None] | None,
) -> dict[str, Any]:
    """See `config.demo.fill`."""
    day = on or clock.today()
    say = progress or (lambda _: None)
    if clients < MINIMUM:
        raise DemoRefused(f"Клиентов должно быть не меньше {MINIMUM}.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if is_filled():
            raise DemoRefused("В базе уже есть клиенты или подразделения.")
        # The whole is one long piece of work: the limits of a page do not fit it.
        for setting in ("statement_timeout = 0", "lock_timeout = 0", "jit = off",
                        "work_mem = '64MB'", "maintenance_work_mem = '256MB'"):  # fmt: skip
            cursor.execute(f"SET LOCAL {setting}")
        # Also before: then ids do not depend on rows that were there and went.
        _reset_sequences(cursor)
        say("сотрудники")
        teams = staff.create(clients=clients, on=day)
        _write_days(cursor, day)
        say("клиенты")
        _write_clients(cursor, clients, day, teams)
        tables = _MASS if clients > _FEW else _MASS[:1]
        with _light(cursor, tables):
            done = ""
            for label, statement in [
                *facts.statements(day),
                *schemes.statements(day),
                *contacts.statements(day),
                *outcomes.statements(day),
                *needs.statements(clients),
                *reviews.statements(day),
                *money.statements(day),
            ]:
                if label != done:
                    say(label)
                    done = label
                cursor.execute(statement)
            say("плановые цифры")
            reviews.write_targets(cursor, day)
            say("индексы")
        _reset_sequences(cursor)
        for model in _models():
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
        say("отчёты клиентам")
        reports.write(day)
        imports.write(day)
    if not connection.in_atomic_block:
        say("уборка")
        _vacuum()
    if history:
        say("ночи")
        nights(day, say)
    return {model._meta.label: model.objects.count() for model in _models()}


def _models() -> list[Any]:
    ours = [m for name in APPS for m in apps.get_app_config(name).get_models()]
    return ours + [
        field.remote_field.through
        for model in ours
        if model._meta.app_label in {"visits", "needs"}
        for field in model._meta.local_many_to_many
    ]


def _write_days(cursor: Any, on: date) -> None:
    cursor.execute(
        "CREATE TEMPORARY TABLE demo_day (off int PRIMARY KEY, day date, is_work boolean,"
        " work int, back int, near int, ahead int, season int) ON COMMIT DROP"
    )
    rows = (
        f"{d.off}\t{d.day}\t{'t' if d.is_work else 'f'}\t{d.work}\t{d.back}\t{d.near}"
        f"\t{d.ahead}\t{d.season}\n"
        for d in days.calendar(on)
    )
    cursor.copy_expert("COPY demo_day FROM STDIN", Stream(rows))
    cursor.execute("CREATE TEMPORARY TABLE demo_month (back int, month date) ON COMMIT DROP")
    cursor.execute(
        "INSERT INTO demo_month SELECT b, (%s::date - make_interval(months => b))::date"
        " FROM generate_series(0, 12) b",
        [on.replace(day=1)],
    )
    cursor.execute("ANALYZE demo_day; ANALYZE demo_month")


def _write_clients(cursor: Any, clients: int, on: date, teams: list[staff.Team]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in lines.COLUMNS.items())
    cursor.execute(f"CREATE TEMPORARY TABLE demo_client ({columns}) ON COMMIT DROP")
    rows = lines.lines(clients, on, teams, _last(Client), _last(Person))
    cursor.copy_expert("COPY demo_client FROM STDIN", Stream(rows))
    # New clients came on a working day, so that whatever moves back to one is not before them.
    cursor.execute(
        "UPDATE demo_client c SET conn_off = d.back,"
        " since_off = CASE WHEN c.since_off = c.conn_off THEN d.back ELSE c.since_off END"
        " FROM demo_day d WHERE d.off = c.conn_off"
    )
    cursor.execute("ANALYZE demo_client")
    cursor.execute(
        """
        INSERT INTO accounts_client
            (id, version, name, search_key, sort_key, inn, kpp, ogrn, segment, is_key, portrait,
             specifics, competitor, connected_on, disconnected_on, specialist_id, unit_id,
             external_id)
        SELECT id, 1, name, sort_key || ' ' || inn, sort_key, inn, kpp, ogrn, segment, is_key,
               portrait, specifics, competitor, %(on)s::date - conn_off, %(on)s::date - churn_off,
               specialist_id, unit_id, 'demo-' || n
        FROM demo_client ORDER BY id
        """,
        {"on": on},
    )


def _last(model: Any) -> int:
    newest = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


class Stream(io.TextIOBase):
    """Lines as a file that COPY reads piece by piece, so that they never meet in memory."""

    def __init__(self, rows: Iterable[str]) -> None:
        self._rows: Iterator[str] = iter(rows)
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        wanted = 8192 if size is None or size < 0 else size
        parts, length = [self._rest], len(self._rest)
        while length < wanted and (row := next(self._rows, None)) is not None:
            parts.append(row)
            length += len(row)
        ready = "".join(parts)
        self._rest = ready[wanted:]
        return ready[:wanted]


@contextmanager
def _light(cursor: Any, tables: Iterable[str]) -> Iterator[None]:
    """Take keys and indexes off the tables, and put the same ones on again afterwards.

    A foreign key then is checked by one join instead of row by row, and an index is sorted once.
    """
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    again = []
    for table in tables:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype IN ('f', 'u')"
            " ORDER BY contype DESC, conname",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            again.append(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary AND NOT EXISTS"
            " (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid)",
            [table],
        )
        for name, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
            again.append(definition)
    # Needs are written before their steps; the whole is checked once both are there.
    cursor.execute("SET CONSTRAINTS need_stage_is_newest_step DEFERRED")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in again:
        cursor.execute(statement)
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _reset_sequences(cursor: Any) -> None:
    for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
        cursor.execute(statement)


def _vacuum() -> None:
    """Mark the pages as visible to all, or the night's index-only reads would visit the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in _MASS:
            cursor.execute(f'VACUUM (ANALYZE) "{table}"')
        cursor.execute("RESET statement_timeout")


def unfinished() -> date | None:
    """The demo's date where its facts are there but the nights were cut off; None otherwise."""
    if Night.objects.exists() or not Unit.objects.filter(external_id=staff.ROOT).exists():
        return None
    feed = Feed.objects.filter(code=FeedCode.TRAININGS).first()
    return feed.fresh_through if feed else None


def nights(on: date, progress: Callable[[str], None] | None = None) -> None:
    """Compute the lamps of the year that ends on `on`, as the night job would have done."""
    say = progress or (lambda _: None)
    with transaction.atomic():
        # The first night begins the history; asked for the last, the service catches up with all.
        compute_night(on - timedelta(days=HISTORY_DAYS - 1))
        compute_night(on, progress=lambda _, percent: say(f"ночи: {percent // 10 * 10} %"))
        # The state of pools counts in a bonus, so the sheets come after the nights.
        bonuses.write(on, say)
