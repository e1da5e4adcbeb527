"""The board by stage, the table of stages, back-dating."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.models import Setting
from needs.models import Need, NeedStage
from needs.selectors.board import board
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN
from tests.personas import World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
STEP = {"evidence": "слова", "version": 1, "key_need": "к", "difficulties": "т"}


def shown(browser: Any, **query: Any) -> str:
    return browser.get(reverse("needs_board"), query).content.decode()


def test_columns_are_the_stages_in_use(world: World, today: date) -> None:
    rows = Need.objects.visible_to(world.users["anna"])
    factories.need(world.clients["own"], title="Новая")
    old = factories.need_step(factories.need(world.clients["own"]), on=today - timedelta(days=20))
    columns = board(rows, today, room=1)
    assert [(c.code, c.count, c.more) for c in columns] == [
        ("", 1, 0), ("01", 2, 1), ("03", 0, 0), ("04", 0, 0), ("06", 0, 0),
    ]  # fmt: skip
    card = columns[1].cards[0]
    assert (card.need, card.days, card.coming.code) == (old.need, 20, "03")  # the longest first
    assert card.missing == ("решение",)


def test_a_stage_switched_off_stays_while_needs_stand_there(world: World, today: date) -> None:
    rows = Need.objects.visible_to(world.users["anna"])
    NeedStage.objects.filter(code="01").update(is_on=False)
    assert [c.code for c in board(rows, today)] == ["", "01", "03", "04", "06"]
    rows.delete()
    assert [c.code for c in board(rows, today)] == ["", "03", "04", "06"]


def test_ones_own_only_and_more_leads_to_exactly_those(world: World, client_as: As) -> None:
    for _ in range(17):
        factories.need_step(factories.need(world.clients["own"], is_key=True), "04")
    body = shown(client_as("anna"), is_key="true")
    assert COLLEAGUES not in body
    assert FOREIGN not in body
    stage = NeedStage.objects.get(code="04")
    link = f"{reverse('needs')}?is_key=true&amp;stage={stage.pk}&amp;status=open"
    assert link in body
    assert "ещё 2" in body
    listed = client_as("anna").get(link.replace("&amp;", "&"))
    assert len(listed.context["table"].rows) == 17


def test_the_author_is_led_to_ask_and_another_to_confirm(world: World, client_as: As) -> None:
    row = factories.need(world.clients["own"])
    factories.need_step(row, "04")
    ask, step = reverse("need_ask_link", args=[row.pk]), reverse("need_advance", args=[row.pk])
    assert (ask in shown(client_as("anna")), step in shown(client_as("anna"))) == (True, False)
    assert (ask in shown(client_as("galina")), step in shown(client_as("galina"))) == (False, True)
    factories.confirmation(row, world.row("contacts.participant"), world.staff["anna"])
    assert "Ждёт ответа" in shown(client_as("galina"))


def test_a_step_begun_on_the_board_leads_back_to_it(world: World, client_as: As) -> None:
    row = factories.need(world.clients["own"], key_need="к", difficulties="т")
    sent = {
        "on": "2026-09-16",
        "evidence": "слова",
        "version": 1,
        "key_need": "к",
        "difficulties": "т",
    }
    at = reverse("need_advance", args=[row.pk]) + "?from=board"
    assert client_as("anna").post(at, sent)["Location"] == reverse("needs_board")


def test_queries_do_not_grow(world: World, client_as: As, count_queries: Callable[[], Any]) -> None:
    counts = []
    for more in (1, 10):
        for code in ("01", "03", "04"):
            for _ in range(more):
                factories.need_step(factories.need(world.clients["own"]), code)
        factories.need_step(
            factories.need(world.clients["own"]), "06",
            participant=world.row("contacts.participant"), author=world.staff["galina"],
        )  # fmt: skip
        factories.need(world.clients["own"])
        anna = client_as("anna")
        shown(anna)
        with count_queries() as queries:
            shown(anna)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_stages_as_a_table(client_as: As) -> None:
    body = client_as("anna").get(reverse("need_stages")).content.decode()
    for said in ("06 КлП подтвердил", "эффект дословно", "не дальше 31", "название неизвестно"):
        assert said in body
    assert reverse("admin:needs_needstage_changelist") not in body


@pytest.mark.parametrize(("days", "status"), [(5, 302), (6, 422)])
def test_back_dating_ends_where_the_setting_says(
    world: World, today: date, client_as: As, days: int, status: int
) -> None:
    Setting.objects.create(code="needs.backdate_days", value=5)
    row = factories.need(world.clients["own"], key_need="к", difficulties="т")
    on = today - timedelta(days=days)
    sent = {
        "on": on.isoformat(),
        "evidence": "слова",
        "version": 1,
        "key_need": "к",
        "difficulties": "т",
    }
    response = client_as("anna").post(reverse("need_advance", args=[row.pk]), sent)
    assert response.status_code == status
    if status == 422:
        assert "задним числом записывают не раньше 11.09.2026" in response.content.decode()


def test_of_two_through_the_api_the_second_is_told(world: World, now: datetime, api_as: As) -> None:
    row = factories.need(world.clients["own"], key_need="к", difficulties="т")
    at, body = f"/api/v1/needs/{row.pk}/advance/", {"on": "2026-09-16", "evidence": "слова"}
    first = api_as("anna").post(at, body, format="json", HTTP_IF_MATCH='W/"1"')
    second = api_as("galina").post(at, body, format="json", HTTP_IF_MATCH='W/"1"')
    assert (first.status_code, second.status_code, row.steps.count()) == (200, 412, 1)
