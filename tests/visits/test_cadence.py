"""When the next contact is due, and the stated order of a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Client
from tests import factories
from tests.personas import World
from visits.cadence import Priority, is_late, latest_wait, since_when
from visits.enums import VisitLevel
from visits.selectors.waiting import with_last_contact, without_contact

TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "connected", "late"),
    [
        (15, 700, False),
        (16, 700, True),
        (None, 15, False),
        (None, 16, True),
        (100, 10, False),  # connected again since the last contact
        (100, 16, True),
        (0, 700, False),
    ],
)
def test_late_after_more_than_every_days(last: int | None, connected: int, late: bool) -> None:
    held = None if last is None else TODAY - last * DAY
    assert is_late(held, TODAY - connected * DAY, 15, TODAY) is late


@given(st.integers(0, 400), st.integers(1, 365))
def test_the_limit_is_the_first_day_that_is_not_late(days: int, every: int) -> None:
    waits = TODAY - days * DAY
    assert (
        is_late(waits, waits, every, TODAY) is (days > every) is (waits < latest_wait(TODAY, every))
    )


def test_promises_before_arrangements_before_the_pool() -> None:
    assert [p.name for p in sorted(Priority)] == [
        "OVERDUE_TASKS", "OVERDUE_CONTACTS", "TODAY_CONTACTS", "TODAY_TASKS", "RED_LAMPS",
        "YELLOW_LAMPS", "EXPIRING", "K1_DUE", "K2_DUE", "KEY_USERS", "ALMOST_CONFIRMED",
        "STANDING_STILL",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("level", VisitLevel.values)
def test_the_database_reads_the_rule_the_same(world: World, level: str) -> None:
    """Every combination of last contact and connection around the limit, both readings."""
    every = 15
    made = {}
    for last in (None, 0, 14, 15, 16, 40):
        for connected in (0, 14, 15, 16, 300):
            client = factories.client(
                world.staff["anna"], world.noio1,
                connected_on=TODAY - connected * DAY, is_key=True,
            )  # fmt: skip
            if last is not None:
                factories.visit(client, level=level, held_on=TODAY - last * DAY)
                factories.visit(client, level=level, held_on=TODAY - DAY, status="cancelled")
            made[client.pk] = (last, connected)
    ours = Client.objects.filter(pk__in=made)
    found = {c.pk: c for c in with_last_contact(without_contact(ours, level, TODAY, every), level)}
    for pk, (last, connected) in made.items():
        held = None if last is None else TODAY - last * DAY
        assert (pk in found) is is_late(held, TODAY - connected * DAY, every, TODAY)
        if pk in found:
            assert found[pk].last_on == held
            assert found[pk].waits_since == since_when(held, TODAY - connected * DAY)
