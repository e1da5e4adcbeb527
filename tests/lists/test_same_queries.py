"""Every list page, and every page of the daily work, asks as many queries of 3 rows as of 300."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from core import clock
from core.views import ListPage
from tests.access.expectations import PAGES
from tests.access.walk import Pattern, address, patterns
from tests.conftest import MOMENT, Counted, browser_of, put_back
from tests.lists.crowd import fill, of_one_client
from tests.personas import World

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 300

LISTS: dict[str, Pattern] = {
    pattern.name: pattern
    for pattern in patterns()
    if pattern.view is not None and not pattern.actions and issubclass(pattern.view, ListPage)
}
# Lists that have only so many rows by their nature.
SHORT = {
    "campaigns": "one a year",
    "report_blocks": "one for each section and segment",
}
# Sections that show ten rows count the rest, in one query each, only where there are more.
CUT = {"review": 2}
# Pages of the day and of one client: whose they are, and what they are opened about.
DAILY: dict[str, tuple[str, str]] = {
    "day": ("galina", ""),
    "day#own": ("anna", ""),
    "panel_day": ("anna", ""),
    "panel_tasks": ("anna", ""),
    "panel_visits": ("anna", ""),
    "panel_needs": ("galina", ""),
    "panel_confirmations": ("galina", ""),
    "task_reminders": ("anna", ""),
    "calendar": ("galina", ""),
    "calendar#unit": ("galina", "?unit={noio1}&view=week"),
    "needs_board": ("galina", ""),
    "visit_prepare": ("anna", ""),
    "client_prepare": ("anna", ""),
    "client_scheme": ("anna", ""),
    "scheme_picture": ("anna", ""),
    "client_visits": ("anna", ""),
    "client_tasks": ("anna", ""),
    "client_needs": ("anna", ""),
    "review": ("galina", ""),
    "reviews_due": ("galina", ""),
    "visit_log": ("galina", ""),
    "need": ("galina", ""),
    "need_similar": ("galina", ""),
    "need_funnel": ("elena", ""),
    "need_months": ("elena", ""),
    "need_effects": ("elena", ""),
    "figures": ("elena", ""),
    "figures_k2": ("elena", ""),
    "task_add": ("galina", ""),
    "staff_training_invite": ("galina", ""),
}


@dataclass
class Measured:
    """What was asked of the database for a page, and the rows that it showed."""

    queries: list[str]
    rows: int


def reader(name: str) -> str:
    """Who opens a list: the director, else whoever may."""
    may = PAGES[name].get
    return next(who for who in ("elena", "zhanna", *sorted(may)) if who in may)


def path_of(world: World, name: str) -> tuple[str, str]:
    """Who opens a page, and its address."""
    if name in LISTS:
        of = PAGES[name].of
        pk = world.rows["office"][of].pk if of else 0
        return reader(name), address(LISTS[name].template, {}, pk)
    who, query = DAILY[name]
    route = name.partition("#")[0]
    of = PAGES[route].of
    row = world.row(of) if of else None
    query = query.format(noio1=world.noio1.pk)
    return who, reverse(route, args=[row.pk] if row else []) + query


def measure(world: World) -> dict[str, Measured]:
    """Every page, opened once to warm up and once to count."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found, browsers = {}, {}
    for name in [*LISTS, *DAILY]:
        who, path = path_of(world, name)
        browser = browsers.setdefault(who, browser_of(world, who))
        browser.get(path)
        with Counted(connection) as queries:
            page = browser.get(path)
        assert page.status_code == 200, f"{name}: {page.status_code}"
        table: Any = (page.context or {}).get("table")
        rows = len(list(table.paginated_rows)) if table is not None else 0
        found[name] = Measured([q["sql"] for q in queries.captured_queries], rows)
    return found


@pytest.fixture(scope="module")
def measured(
    centre_of_people: Any, django_db_blocker: Any
) -> Iterator[tuple[dict[str, Measured], dict[str, Measured]]]:
    """The pages in a centre with a few of everything, and with many."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(clock, "now", lambda: MOMENT)
        world = put_back(centre_of_people)
        of_one_client(world, FEW)
        fill(world, 0, FEW)
        few = measure(world)
        of_one_client(world, MANY - FEW)
        fill(world, FEW, MANY)
        yield few, measure(world)
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", [*LISTS, *DAILY])
def test_as_many_queries_of_3_rows_as_of_300(name: str, measured: Any) -> None:
    few, many = (found[name] for found in measured)
    more = [sql for sql in many.queries if many.queries.count(sql) != few.queries.count(sql)]
    allowed = len(few.queries) + CUT.get(name, 0)
    assert len(many.queries) == allowed, "\n".join(more[:10])


@pytest.mark.parametrize("name", LISTS)
def test_the_list_was_full(name: str, measured: Any) -> None:
    """A list whose rows nobody makes in `tests.lists.crowd` would prove nothing."""
    few, many = (found[name] for found in measured)
    assert few.rows >= FEW or name in SHORT
    assert many.rows == LISTS[name].view.table_pagination["per_page"] or name in SHORT


def test_what_is_called_short_is_a_list() -> None:
    assert set(SHORT) <= set(LISTS)
