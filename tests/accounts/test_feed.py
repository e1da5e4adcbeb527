"""The change feed: in order, from where the caller stopped, within the caller's scope."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock, events
from core.models import Event

PATH = "/api/v1/events/"


@pytest.fixture
def told(world):
    """Six events about two clients, and no other."""
    Event.objects.all().delete()
    for whose in ("own", "foreign") * 3:
        events.publish(
            "client.churned",
            subject=world.row("accounts.churn", whose),
            client=world.clients[whose],
            data={"reason": f"Цена {whose}"},
        )
    events.sequence()
    return world


def test_a_reader_goes_on_from_where_it_stopped(told, api_as):
    api, seen, cursor = api_as("reader"), [], ""
    for _ in range(4):
        page = api.get(PATH, {"cursor": cursor, "page_size": 2}).json()
        seen += [row["position"] for row in page["results"]]
        cursor = page["cursor"]
    assert len(seen) == 6 and seen == sorted(seen) and not page["results"]
    events.publish("need.moved", subject=told.row("needs.need"), client=told.clients["own"])
    events.sequence()
    page = api.get(PATH, {"cursor": cursor}).json()
    assert [row["kind"] for row in page["results"]] == ["need.moved"]
    assert page["has_more"] is False


def test_each_sees_its_own(told, api_as):
    for persona, whose in [
        ("anna", {"own"}),
        ("dmitry", {"foreign"}),
        ("elena", {"own", "foreign"}),
    ]:
        rows = api_as(persona).get(PATH).json()["results"]
        assert {row["client"] for row in rows} == {told.clients[w].pk for w in whose}, persona


def test_filters(told, api_as):
    api = api_as("reader")
    assert api.get(PATH, {"kind": "need.moved"}).json()["results"] == []
    rows = api.get(PATH, {"client": told.clients["own"].pk}).json()["results"]
    assert len(rows) == 3
    assert api.get(PATH, {"kind": "no.such"}).status_code == 400
    assert api.get(PATH, {"cursor": "x"}).status_code == 400
    assert api.get(PATH, {"nosuch": "x"}).status_code == 400


def test_a_reader_of_rare_events_moves_on_too(told, api_as):
    """Its cursor passes what does not concern it, or it would one day be too old."""
    page = api_as("reader").get(PATH, {"kind": "need.moved"}).json()
    assert int(page["cursor"]) == Event.objects.latest("position").position


def test_who_was_away_too_long_is_told_so(told, api_as):
    first, last = (Event.objects.order_by(by).first() for by in ("position", "-position"))
    Event.objects.exclude(pk=last.pk).update(at=clock.now() - timedelta(days=40))
    events.forget(clock.now() - timedelta(days=30))
    api = api_as("reader")
    gone = api.get(PATH, {"cursor": first.position})
    assert gone.status_code == 410 and gone["Content-Type"] == "application/problem+json"
    assert len(api.get(PATH).json()["results"]) == 2


def test_the_page_names_the_clients(told, client_as):
    page = client_as("anna").get(reverse("events")).content.decode()
    assert page.count("Цена own") == 3 and "foreign" not in page
