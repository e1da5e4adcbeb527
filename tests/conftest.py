"""Fixtures that every test may use: a fixed day, a little centre, clients of its people."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core import clock
from tests import personas
from tests.personas import World

# A Wednesday in the middle of a month, 10:30 in Moscow.
MOMENT = datetime(2026, 9, 16, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Dictionaries come with migrations: a test that empties the tables gets them back.

    Django's own way (`serialized_rollback`) writes them again as new rows, which the triggers
    on published rules rightly refuse; here the tables are restored with triggers at rest.
    """
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        tables = [*connection.introspection.django_table_names(only_existing=True), "core_cache"]
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
            filled = [table for table in tables if _has_rows(cursor, table)]
            for table in filled:
                cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')

    def empty_and_restore(self: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")
            # First: some tables refuse to be emptied as well.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))}")
            for table in filled:
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM kept."{table}"')

    patch.setattr(TransactionTestCase, "_fixture_teardown", empty_and_restore)
    yield
    patch.undo()


def _has_rows(cursor: Any, table: str) -> bool:
    cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
    return cursor.fetchone()[0]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock of the program, stopped at MOMENT."""
    monkeypatch.setattr(clock, "now", lambda: MOMENT)
    return MOMENT


@pytest.fixture
def today(now: datetime) -> date:
    """The business date of the stopped clock."""
    return clock.today()


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock of the program to another moment."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """The little centre of `tests.personas`, as of the stopped clock."""
    return personas.build()


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The centre built once for a module; each test works in a savepoint above it.

    Tests that use it must also have the mark `django_db`, which makes the savepoint.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(clock, "now", lambda: MOMENT)
    with django_db_blocker.unblock(), transaction.atomic():
        yield personas.build()
        transaction.set_rollback(True)
    patch.undo()


def browser_of(world: World, persona: str) -> Client:
    """A signed-in test client of a person; a deactivated one holds a session from before."""
    browser = Client(raise_request_exception=False)
    if persona != "anonymous":
        browser.force_login(world.users[persona], "django.contrib.auth.backends.ModelBackend")
    return browser


def api_of(world: World, persona: str) -> APIClient:
    """The API as a persona reaches it: integrations by token, people by their session."""
    api = APIClient(raise_request_exception=False)
    if persona in world.keys:
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {world.keys[persona]}")
    elif persona != "anonymous":
        api.force_login(world.users[persona], "django.contrib.auth.backends.ModelBackend")
    return api


@pytest.fixture
def client_as(world: World) -> Callable[[str], Client]:
    """`client_as("anna").get(...)`: pages as a persona sees them."""
    return lambda persona: browser_of(world, persona)


@pytest.fixture
def api_as(world: World) -> Callable[[str], APIClient]:
    """`api_as("writer").post(..., format="json")`: the API as a persona reaches it."""
    return lambda persona: api_of(world, persona)


class Counted(CaptureQueriesContext):
    """Queries of a block; savepoints, of which tests make more than life does, do not count."""

    @property
    def captured_queries(self) -> list[dict[str, str]]:
        """What was asked of the database."""
        noise = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")
        return [q for q in super().captured_queries if not q["sql"].startswith(noise)]


@pytest.fixture
def count_queries() -> Callable[[], Counted]:
    """`with count_queries() as queries: …` and then `len(queries)`."""
    return lambda: Counted(connection)
