"""The first tab of the client's card: what is next, what is known, and where to go from it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.personas import World
from visits.enums import VisitStatus

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]


def tab(browser: Any, world: World, name: str = "own") -> str:
    address = reverse("client_overview", args=[world.clients[name].pk])
    return str(browser.get(address, headers={"hx-request": "true"}).content.decode())


def test_it_shows_every_section_that_apps_know(world: World, client_as: As) -> None:
    page = tab(client_as("anna"), world)
    for code in ("lamp", "scheme", "contacts", "needs", "risks", "portrait", "hooks", "usage"):
        assert page.count(f'id="section-{code}"') == 1, code


def test_the_nearest_planned_contact_stands_first(world: World, client_as: As, today: Any) -> None:
    who, client = world.staff["anna"], world.clients["own"]
    client.visits.filter(status=VisitStatus.PLANNED).delete()
    assert "Следующий контакт не запланирован" in tab(client_as("anna"), world)
    later, sooner, late = (
        factories.visit(client, who, status=VisitStatus.PLANNED, planned_for=today + timedelta(n))
        for n in (9, 2, -1)
    )
    page = tab(client_as("anna"), world)
    assert "Просрочен" in page and reverse("visit_prepare", args=[late.pk]) in page
    late.delete()
    page = tab(client_as("anna"), world)
    assert "Следующий контакт:" in page and reverse("visit_prepare", args=[sooner.pk]) in page
    assert reverse("visit_prepare", args=[later.pk]) not in page


def test_buttons_lead_to_the_work_and_go_with_the_client(world: World, client_as: As) -> None:
    client = world.clients["own"]
    steps = [reverse(name, args=[client.pk]) for name in ("visit_log", "client_prepare")]
    card = reverse("client", args=[client.pk])
    page = client_as("anna").get(card).content.decode()
    assert [page.count(f'href="{step}"') for step in steps] == [1, 1]
    type(client).objects.filter(pk=client.pk).update(disconnected_on="2026-09-01")
    page = client_as("galina").get(card).content.decode()
    assert [page.count(f'href="{step}"') for step in steps] == [0, 0]


def test_queries_do_not_grow_with_rows(
    world: World, client_as: As, today: Any, count_queries: Callable[[], Any]
) -> None:
    def asked() -> int:
        tab(client_as("anna"), world)
        with count_queries() as queries:
            tab(client_as("anna"), world)
        return len(queries)

    few = asked()
    for n in range(30):
        factories.visit(
            world.clients["own"],
            world.staff["anna"],
            status=VisitStatus.PLANNED,
            planned_for=today + timedelta(n),
        )
        factories.participant(world.clients["own"])
    assert asked() == few
