"""Contacts by the thousand: the same traces as one by one, in a handful of statements."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.forms.models import model_to_dict

from core.audit import reference
from core.models import AuditEntry, Event
from lamps.models import LampRefresh
from tests import factories
from tests.personas import World
from visits import services
from visits.models import Visit

pytestmark = pytest.mark.django_db


def row_of(world: World, number: int, **values: Any) -> dict[str, Any]:
    return {
        "external_id": f"V-{number}",
        "client": world.clients["own"].pk,
        "level": "К1У",
        "employee": str(world.staff["anna"]),
        "started_at": f"{number % 20 + 1:02}.08.2026 12:30",
    } | values


def traces(visit: Visit) -> dict[str, Any]:
    """All that a contact left, whoever wrote it."""
    plain = model_to_dict(visit, exclude=["id", "external_id"])
    plain["participants"] = [p.pk for p in plain["participants"]]
    fresh = Visit.objects.get(pk=visit.pk)
    audits = AuditEntry.objects.filter(subject=reference(visit))
    events = Event.objects.filter(kind="visit.recorded", subject_id=visit.pk)
    return {
        "fields": plain,
        "computed": (fresh.unit_id, fresh.held_on, bool(fresh.prepared_at), fresh.version),
        "audit": [
            (a.action, a.label, a.about, a.before, {k: a.after[k] for k in a.after.keys() - _OWN})
            for a in audits
        ],
        "events": list(events.values_list("client_id", "data")),
    }


_OWN = {"id", "external_id", "prepared_at", "код в КИС", "план записан"}


def test_a_contact_of_a_batch_leaves_what_one_alone_leaves(
    world: World, load: Callable[..., Any], now: Any
) -> None:
    person = world.row("contacts.participant")
    person.external_id = "P-1"
    person.save()
    start = (now - timedelta(days=2)).replace(hour=9, minute=30)
    told = {
        "channel": "call", "goal": "Показать  новое ", "goal_kind": "development",
        "plan": "Папка", "materials": 2, "result": "Сделали", "feedback": "Хорошо",
        "satisfaction": 9,
    }  # fmt: skip
    one = services.log_visit(
        actor=world.users["writer"],
        client=world.clients["own"],
        values=told
        | {
            "level": "K1", "started_at": start, "employee": world.staff["anna"],
            "participants": [person], "external_id": "V-0",
        },
        now=now,
    )  # fmt: skip
    stale = set(LampRefresh.objects.values_list("client_id", flat=True))
    LampRefresh.objects.all().delete()
    row = row_of(world, 1, started_at=start.isoformat(), participants="P-1", **told)
    assert load("visits", [row]).json()["applied"] is True
    many = Visit.objects.get(external_id="V-1")
    assert traces(many) == traces(one)
    assert set(LampRefresh.objects.values_list("client_id", flat=True)) == stale


def test_queries_do_not_grow_with_the_contacts_of_a_day(
    world: World, load: Callable[..., Any], count_queries: Callable[[], Any]
) -> None:
    person = world.row("contacts.participant")
    person.external_id = "P-1"
    person.save()
    same = {"started_at": "10.08.2026 12:30", "participants": "P-1"}
    load("visits", [row_of(world, 0, **same)])
    with count_queries() as few:
        assert load("visits", [row_of(world, n, **same) for n in range(1, 4)]).json()["applied"]
    with count_queries() as many:
        assert load("visits", [row_of(world, n, **same) for n in range(10, 70)]).json()["applied"]
    assert len(many) == len(few)
    assert Visit.objects.filter(external_id__startswith="V-").count() == 64


def test_each_row_hears_what_is_wrong_with_it_and_the_good_are_written(
    world: World, load: Callable[..., Any], now: Any
) -> None:
    stranger = world.row("contacts.participant", "colleague")
    stranger.external_id = "P-2"
    stranger.save()
    factories.visit(world.clients["own"], external_id="V-9")
    rows = [
        row_of(world, 1),
        row_of(world, 2, started_at=(now + timedelta(days=1)).isoformat()),
        row_of(world, 3, satisfaction=99),
        row_of(world, 4, participants="P-2"),
        row_of(world, 5, ended_at="01.08.2026 10:00"),
        row_of(world, 6, started_at="01.01.2001 10:00"),
        row_of(world, 9, client=world.clients["colleague"].pk),
        row_of(world, 10),
    ]
    answer = load("visits", rows, mode="best_effort").json()
    wrong = {r["index"]: [e["field"] for e in r["errors"]] for r in answer["rows"] if r["errors"]}
    assert wrong == {
        1: ["started_at"], 2: ["satisfaction"], 3: ["participants"], 4: ["ended_at"],
        5: ["employee"], 6: [""],
    }  # fmt: skip
    written = Visit.objects.filter(external_id__in=["V-1", "V-10"])
    assert [Event.objects.filter(subject_id=v.pk).count() for v in written] == [1, 1]


def test_nothing_is_left_of_a_dry_run_or_of_a_batch_refused(
    world: World, load: Callable[..., Any]
) -> None:
    before = (Visit.objects.count(), Event.objects.count(), AuditEntry.objects.count())
    load("visits", [row_of(world, 1), row_of(world, 2)], dry_run=True)
    load("visits", [row_of(world, 1), row_of(world, 2, satisfaction=99)])
    after = (Visit.objects.count(), Event.objects.count(), AuditEntry.objects.count())
    assert after == before
