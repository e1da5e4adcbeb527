"""Fixtures that every test may use: a fixed day, a little centre, clients of its people."""

import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext, override_settings
from rest_framework.test import APIClient

from core import clock
from tests import personas
from tests.personas import World
from tests.shelf import Shelf, all_tables, empty, outlast_the_late

# A Wednesday in the middle of a month, 10:30 in Moscow.
MOMENT = datetime(2026, 9, 16, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shelf]:
    """A test that commits leaves the tables as the migrations made them.

    Django's own way (`serialized_rollback`) writes dictionaries again as new rows, which the
    triggers on published rules rightly refuse, and it truncates every table after every test.
    """
    with django_db_blocker.unblock():
        tables = all_tables()
        dictionaries = Shelf.fill("dictionaries")

    def empty_and_restore(self: Any) -> None:
        def again() -> None:
            empty(tables)
            dictionaries.put_back()

        outlast_the_late(again)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_and_restore)
        yield dictionaries


@pytest.fixture(scope="session")
def centre_of_people(django_db_setup: Shelf, django_db_blocker: Any) -> tuple[Shelf, bytes]:
    """The little centre of `tests.personas` at MOMENT: its rows, and its objects as pickled."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(clock, "now", lambda: MOMENT)
        world = pickle.dumps(personas.build())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        shelf = Shelf.fill("centre", beside=django_db_setup)
        empty(all_tables())
        django_db_setup.put_back()
    return shelf, world


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


def put_back(centre_of_people: tuple[Shelf, bytes]) -> World:
    """The little centre, in the tables and as objects that are the caller's own."""
    shelf, world = centre_of_people
    outlast_the_late(shelf.put_back)
    return pickle.loads(world)


@pytest.fixture
def world(db: None, now: datetime, centre_of_people: tuple[Shelf, bytes]) -> World:
    """The little centre of `tests.personas`, as of the stopped clock."""
    return put_back(centre_of_people)


@pytest.fixture(scope="module")
def standing_world(
    centre_of_people: tuple[Shelf, bytes], django_db_blocker: Any
) -> Iterator[World]:
    """The centre put there once for a module; each test works in a savepoint above it.

    Tests that use it must also have the mark `django_db`, which makes the savepoint.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(clock, "now", lambda: MOMENT)
        yield put_back(centre_of_people)
        transaction.set_rollback(True)


def browser_of(world: World, persona: str) -> Client:
    """A signed-in test client of a person; a deactivated one holds a session from before."""
    browser = Client(raise_request_exception=False)
    if persona != "anonymous":
        browser.force_login(world.users[persona], "django.contrib.auth.backends.ModelBackend")
    return browser


class Caller(APIClient):
    """An integrator's client: every POST has a name of its own unless one is given."""

    def generic(self, method: str, path: str, *args: Any, **extra: Any) -> Any:
        if method == "POST":
            extra.setdefault("HTTP_IDEMPOTENCY_KEY", str(uuid4()))
        return super().generic(method, path, *args, **extra)


def api_of(world: World, persona: str) -> APIClient:
    """The API as a persona reaches it: integrations by token, people by their session."""
    api = Caller(raise_request_exception=False)
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


class QuickHasher(PBKDF2PasswordHasher):
    """The hasher of the program in a thousandth of its rounds, which are slow on purpose."""

    iterations = 1_000


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.QuickHasher"]):
        yield


class Counted(CaptureQueriesContext):
    """Queries of a block; savepoints, of which tests make more than life does, do not count."""

    @property
    def captured_queries(self) -> list[dict[str, str]]:
        """What was asked of the database."""
        noise = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")
        return [q for q in super().captured_queries if not q["sql"].startswith(noise)]


@pytest.fixture
def count_rows_anew(db: None) -> Callable[[], None]:
    """Tell the planner of the rows a test has just made.

    Autovacuum saw the tables between two tests, when they were empty, and a plan made for empty
    tables reads them over and over.
    """

    def analyze() -> None:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    return analyze


@pytest.fixture
def count_queries() -> Callable[[], Counted]:
    """`with count_queries() as queries: …` and then `len(queries)`."""
    return lambda: Counted(connection)
