"""The outbox: written with the change or not at all, and no reader by cursor misses a row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from accounts.enums import FeedCode
from accounts.models import Churn, Client, Service, Usage
from accounts.services import disconnect_client
from core import events
from core.models import Event
from core.policy import policy_for
from lamps import services as lamps
from lamps.models import Lamp
from tests import factories
from tests.lamps import builders
from tests.personas import SEES, World


class Undone(Exception):
    pass


@pytest.fixture
def client(db: None) -> Client:
    """A client, and a kind of event about clients."""
    events.register("test.happened", "Что-то случилось", Client)
    yield factories.client()
    del events._kinds["test.happened"]


def happened(client: Client, **data: object) -> Event:
    return events.publish("test.happened", subject=client, client=client, data=data)


def feed() -> list[int]:
    """Ids in the order in which a reader meets them."""
    return list(Event.objects.filter(position__isnull=False).values_list("pk", flat=True))


def test_an_event_is_undone_with_its_change(client: Client) -> None:
    with pytest.raises(Undone), transaction.atomic():
        happened(client)
        raise Undone
    assert not Event.objects.exists()


def test_a_kind_that_nobody_declared_is_a_mistake(client: Client) -> None:
    with pytest.raises(KeyError):
        events.publish("test.unknown", subject=client)


def test_a_subject_of_another_model_is_a_mistake(client: Client) -> None:
    with pytest.raises(TypeError):
        events.publish("test.happened", subject=Service.objects.first())


def test_places_follow_the_order_of_changes(client: Client) -> None:
    first, second = happened(client), happened(client)
    assert feed() == []
    assert events.sequence() == 2
    assert feed() == [first.pk, second.pk]
    assert events.sequence() == 0


def test_events_written_in_sql_are_like_the_others(client: Client) -> None:
    select = "SELECT id, id, jsonb_build_object('inn', inn) FROM accounts_client WHERE id = %s"
    assert events.publish_selected("test.happened", select, [client.pk]) == 1
    written = Event.objects.get()
    assert (written.subject_id, written.client_id) == (client.pk, client.pk)
    assert written.data == {"inn": client.inn}


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_not_missed_though_the_naive_cursor_loses_it(client: Client) -> None:
    """Two interleaved transactions: the first to write is the last to commit."""
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        slow = happened(client)
        quick = other.submit(lambda: (happened(client).pk, connection.close())[0]).result()
        assert slow.pk < quick
        other.submit(lambda: (events.sequence(), connection.close())).result()
        by_id = other.submit(
            lambda: (list(Event.objects.values_list("pk", flat=True)), connection.close())[0]
        ).result()
        by_place = other.submit(lambda: (feed(), connection.close())[0]).result()
    events.sequence()
    # The control: a reader by id goes on from the greatest id it saw, and never meets `slow`.
    assert by_id == [quick]
    assert not Event.objects.filter(pk__gt=max(by_id)).exists()
    # A reader by place does.
    assert by_place == [quick]
    last = Event.objects.get(pk=quick).position
    assert list(Event.objects.filter(position__gt=last).values_list("pk", flat=True)) == [slow.pk]


@pytest.mark.django_db(transaction=True)
def test_two_who_give_places_do_not_mix(client: Client) -> None:
    """While one has given places and not committed, another gives none."""
    happened(client)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        assert events.sequence() == 1
        assert other.submit(lambda: (events.sequence(), connection.close())[0]).result() == 0


def test_old_events_go_and_the_newest_of_them_stays_as_a_mark(
    client: Client, move_clock: Callable[[datetime], None]
) -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    written = []
    for n in range(4):
        move_clock(start + timedelta(days=n))
        written.append(happened(client).pk)
    events.sequence()
    assert events.forget(start + timedelta(days=3)) == 2
    assert feed() == written[2:]


# --- what the program tells, and whom ---------------------------------------------------------
def test_a_disconnection_is_told(world: World, today: date) -> None:
    client = world.clients["own"]
    values = {"on": today, "reason": "Цена"}
    churn = disconnect_client(actor=world.users["elena"], client=client, values=values)
    event = Event.objects.get(kind="client.churned", position=None)
    assert (event.subject_id, event.client_id) == (churn.pk, client.pk)
    assert event.data["reason"] == "Цена"


@pytest.mark.django_db(transaction=True)
def test_a_lamp_that_changes_colour_is_told_once(now: datetime) -> None:
    unit = factories.unit()
    kept, other = builders.clients(2)
    builders.assign([kept, other], builders.pool(unit), unit)
    builders.write_feeds(dict.fromkeys(FeedCode.values, builders.ON + timedelta(days=1)))
    lamps.compute_night(builders.ON)
    assert not Event.objects.exists()  # a first lamp is no change
    Usage.objects.create(client=kept, service_id=1, day=builders.ON, quantity=50)
    before = Lamp.objects.get(client=kept).colour
    lamps.refresh_clients([kept.pk, other.pk])
    lamps.refresh_clients([kept.pk, other.pk])
    event = Event.objects.get(kind="lamp.changed")
    lamp = Lamp.objects.get(client=kept)
    assert (event.subject_id, event.client_id) == (kept.pk, kept.pk)
    assert event.data == {
        "was": before, "colour": lamp.colour, "since": f"{lamp.since}",
        "total": f"{lamp.total / 100:.2f}",
    }  # fmt: skip


def test_an_event_is_seen_by_those_who_see_its_client(world: World) -> None:
    events.publish("client.churned", subject=world.row("accounts.churn"))
    seen = Event.objects.visible_to(world.users["elena"])  # one event of each client
    assert seen.count() == len(world.clients)  # and not the one without a place in the feed
    for persona, seen in SEES.items():
        if persona != "anonymous":
            visible = Event.objects.visible_to(world.users[persona])
            expected = {world.clients[whose].pk for whose in seen}
            # A specialist sees clients but no list of losses.
            if not policy_for(Churn).can(world.users[persona], "view"):
                expected = set()
            assert set(visible.values_list("client_id", flat=True)) == expected, persona


def test_an_event_of_no_client_is_seen_by_those_who_see_its_subject(world: World) -> None:
    Event.objects.all().delete()
    need = world.row("needs.need", "foreign")
    events.publish("need.moved", subject=need)
    events.sequence()
    seeing = {name for name, user in world.users.items() if Event.objects.visible_to(user).exists()}
    assert seeing == {"vera", "dmitry", "elena", "reader", "writer"}
