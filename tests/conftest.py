"""Fixtures that every test may use: a fixed day, a little centre, clients of its people."""

from collections.abc import Callable, Iterator
from copy import deepcopy
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
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))}")
            cursor.execute("SET LOCAL session_replication_role = replica")
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


def empties_tables(item: pytest.Item) -> bool:
    """Whether a test commits, so that its tables are emptied after it."""
    marker = item.get_closest_marker("django_db")
    names = set(getattr(item, "fixturenames", ()))
    commits = marker is not None and bool(marker.kwargs.get("transaction"))
    return commits or bool(names & {"transactional_db", "live_server"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`world` stands on one centre for a module, built before the test's own transaction."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if "world" in names and "standing_world" not in names and not empties_tables(item):
            names.insert(0, "standing_world")


class Standing:
    """The centre of a module, in a transaction that is never committed."""

    def __init__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.outer = transaction.atomic()
        self.patch.setattr(clock, "now", lambda: MOMENT)
        self.outer.__enter__()
        self.world = personas.build()

    def close(self) -> None:
        """Undo everything; harmless when done already."""
        if _standing and _standing[-1] is self:
            _standing.pop()
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)
            self.patch.undo()


_standing: list[Standing] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that commits needs the connection free of the module's own transaction."""
    if _standing and empties_tables(item):
        _standing[-1].close()


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The centre built once for a module; each test works in a savepoint above it.

    Tests that use it must also have the mark `django_db`, which makes the savepoint.
    """
    with django_db_blocker.unblock():
        standing = Standing()
        _standing.append(standing)
        yield standing.world
        standing.close()


@pytest.fixture
def world(request: pytest.FixtureRequest, db: None, now: datetime) -> World:
    """The little centre of `tests.personas`, as of the stopped clock; a copy of one's own."""
    if "standing_world" in request.node.fixturenames and _standing:
        return deepcopy(_standing[-1].world)
    with transaction.atomic():  # some rules are judged at the commit, over all rows together
        return personas.build()


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
