"""My day: in the stated order, of one's own alone, each link opening exactly its rows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client
from contacts.enums import ParticipantRole
from lamps.enums import Colour
from lamps.models import Lamp, LampScheme
from needs.models import Need
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN, UNASSIGNED
from tests.personas import World
from visits import day
from visits.enums import VisitLevel, VisitStatus
from visits.models import Agreement, Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)


def task(client: Client, due: date, **given: Any) -> Agreement:
    values = {"what": f"Задача {client.name}", "agreed_on": TODAY - 30 * DAY, "due_on": due}
    return factories.saved(Agreement(client=client, **(values | given)))


def planned(client: Client, on: date, **given: Any) -> Visit:
    return factories.visit(client, status=VisitStatus.PLANNED, planned_for=on, **given)


def busy(world: World, whose: str, count: int = 1) -> None:
    """Something of every kind for the person who serves a client, `count` of each."""
    home = world.clients[whose]
    specialist, unit = home.specialist, home.unit
    for _ in range(count):
        client = factories.client(
            specialist, unit, name=f"ООО {home.name} ещё", is_key=True,
            connected_on=TODAY - 900 * DAY,
        )  # fmt: skip
        factories.participant(client, (ParticipantRole.MAIN_KEY_USER,))
        task(client, TODAY - 2 * DAY)
        task(client, TODAY)
        planned(client, TODAY - 3 * DAY)
        planned(client, TODAY)
        factories.lamp(client, Colour.RED)
        yellow = factories.client(specialist, unit, name=f"ООО {home.name} жёлтый")
        factories.lamp(yellow, Colour.YELLOW)
        factories.need_step(factories.need(client), "04")
        stale = factories.need(client, opened_on=TODAY - 200 * DAY)
        Need.objects.filter(pk=stale.pk).update(stage_on=None)


def groups(page: Any) -> dict[str, day.Group]:
    return {group.source.code: group for group in page.context["groups"]}


def ids(page: Any) -> set[Any]:
    return {row.record.pk for row in page.context["table"].rows}


POOL_ORDER = [
    "overdue_tasks", "overdue_contacts", "today_contacts", "today_tasks", "red", "yellow",
    "expiring", "without_k1", "key_users", "almost", "standing",
]  # fmt: skip


class TestOrder:
    def test_a_specialists_day_by_stated_priority(self, world: World, client_as: As) -> None:
        busy(world, "own")
        page = client_as("anna").get(reverse("day"))
        assert list(groups(page)) == POOL_ORDER
        body = page.content.decode()
        places = [body.index(f'id="day-{code}"') for code in POOL_ORDER]
        assert places == sorted(places)
        assert len(page.context["order"]) == len(POOL_ORDER)

    def test_a_heads_day_has_k2_too(self, world: World, client_as: As) -> None:
        busy(world, "own")
        page = client_as("galina").get(reverse("day"))
        assert list(groups(page)) == [*POOL_ORDER[:8], "without_k2", *POOL_ORDER[8:]]

    def test_nothing_waits(self, world: World, client_as: As) -> None:
        Visit.objects.all().delete()
        page = client_as("elena").get(reverse("day"))
        assert page.context["groups"] == []
        assert "Ничего не ждёт" in page.content.decode()

    def test_the_longest_overdue_first(self, world: World, client_as: As) -> None:
        client = world.clients["own"]
        Agreement.objects.all().delete()
        for late in (1, 9, 4):
            task(client, TODAY - late * DAY, what=f"просрочена {late}")
        found = groups(client_as("anna").get(reverse("day")))["overdue_tasks"].found
        assert [row.title for row in found.rows] == ["просрочена 9", "просрочена 4", "просрочена 1"]


class TestWords:
    def test_what_pulls_a_lamp_down_since_when_and_what_to_do(
        self, world: World, client_as: As
    ) -> None:
        client = factories.client(world.staff["anna"], world.noio1)
        factories.lamp(client, Colour.RED, scheme=LampScheme.objects.get(status="published"))
        Lamp.objects.exclude(client=client).delete()
        (row,) = groups(client_as("anna").get(reverse("day")))["red"].found.rows
        assert row.why.startswith("Активность К+ 0 (−0,4)")
        assert "Навес 3 (−0,1)" in row.why
        assert "К1У" not in row.why
        assert row.since == TODAY - 20 * DAY
        assert [action.url for action in row.actions] == [
            reverse(name, args=[client.pk])
            for name in ("visit_plan", "client_prepare", "visit_log")
        ]

    def test_a_planned_contact_without_a_plan_says_so(self, world: World, client_as: As) -> None:
        row = planned(world.clients["own"], TODAY - 2 * DAY, goal="показать поиск")
        (shown,) = groups(client_as("anna").get(reverse("day")))["overdue_contacts"].found.rows
        assert (shown.warning, shown.remark) == ("просрочен на 2\u00a0дня", "плана нет")
        assert "показать поиск" in shown.why
        assert [action.url for action in shown.actions] == [
            reverse("visit_prepare", args=[row.pk]), reverse("visit_complete", args=[row.pk]),
        ]  # fmt: skip


class TestWhose:
    def test_nothing_of_a_colleagues_or_a_foreign_pool(self, world: World, client_as: As) -> None:
        for whose in ("own", "colleague", "foreign"):
            busy(world, whose)
        body = client_as("anna").get(reverse("day")).content.decode()
        assert OWN in body
        for canary in (COLLEAGUES, FOREIGN, UNASSIGNED):
            assert canary not in body

    def test_a_substitute_sees_the_absent_ones_day(self, world: World, client_as: As) -> None:
        busy(world, "own")
        mine = groups(client_as("anna").get(reverse("day")))
        hers = groups(client_as("zoya").get(reverse("day")))
        assert {c: g.found.total for c, g in hers.items()} == {
            c: g.found.total for c, g in mine.items()
        }

    def test_a_head_sees_the_unit_or_what_is_their_own(self, world: World, client_as: As) -> None:
        busy(world, "own")
        busy(world, "foreign")
        joint = planned(
            world.clients["colleague"], TODAY, level=VisitLevel.K2,
            employee=world.staff["galina"], goal="моя встреча",
        )  # fmt: skip
        unit = client_as("galina").get(reverse("day"))
        assert FOREIGN not in unit.content.decode()
        assert groups(unit)["today_contacts"].found.total == 2
        mine = groups(client_as("galina").get(f"{reverse('day')}?whose=mine"))
        assert set(mine) == {"today_contacts"}
        assert mine["today_contacts"].found.rows[0].url == reverse("visit", args=[joint.pk])

    def test_a_heads_k2_is_not_a_specialists_unless_they_join(
        self, world: World, client_as: As
    ) -> None:
        client, galina = world.clients["own"], world.staff["galina"]
        planned(client, TODAY, level=VisitLevel.K2, employee=galina)
        assert "today_contacts" not in groups(client_as("anna").get(reverse("day")))
        joint = planned(
            client, TODAY, level=VisitLevel.K2, employee=galina, companions=[world.staff["anna"]]
        )
        (row,) = groups(client_as("anna").get(reverse("day")))["today_contacts"].found.rows
        assert row.url == reverse("visit", args=[joint.pk])
        assert row.actions == []  # recorded by the head

    def test_a_director_sees_what_is_their_own(self, world: World, client_as: As) -> None:
        busy(world, "own")
        planned(world.clients["foreign"], TODAY, level="K2", employee=world.staff["elena"])
        assert set(groups(client_as("elena").get(reverse("day")))) == {"today_contacts"}

    def test_disconnected_clients_are_owed_nothing(self, world: World, client_as: As) -> None:
        gone = factories.client(world.staff["anna"], world.noio1, name="ООО Ушедший")
        factories.participant(gone)
        Client.objects.filter(pk=gone.pk).update(disconnected_on=TODAY)
        assert "Ушедший" not in client_as("anna").get(reverse("day")).content.decode()


class TestLinks:
    @pytest.mark.parametrize(
        ("persona", "query"), [("anna", ""), ("galina", ""), ("galina", "?whose=mine")]
    )
    def test_each_opens_exactly_its_rows(
        self, world: World, client_as: As, persona: str, query: str
    ) -> None:
        for whose in ("own", "colleague", "foreign"):
            busy(world, whose, 2)
        for n in range(3):
            client = world.clients["own"]
            planned(client, TODAY - n * DAY, level="K2", employee=world.staff["galina"])
            task(client, TODAY - n * DAY, responsible=world.staff["galina"])
        browser = client_as(persona)
        found = groups(browser.get(f"{reverse('day')}{query}"))
        assert found
        for code, group in found.items():
            assert group.found.total == len(group.found.rows), code  # all of them are shown
            listed = browser.get(group.found.url)
            assert listed.status_code == 200
            assert listed.context["table"].page.paginator.count == group.found.total, code
            assert len(ids(listed)) == group.found.total, code

    def test_only_ten_are_shown_and_the_rest_counted(self, world: World, client_as: As) -> None:
        busy(world, "own", 14)
        page = client_as("anna").get(reverse("day"))
        for code, group in groups(page).items():
            assert len(group.found.rows) == 10, code
            assert group.more == group.found.total - 10
        assert "Ещё 4" in page.content.decode()

    def test_a_specialist_needs_no_count_of_lamps_in_pools(
        self, world: World, client_as: As
    ) -> None:
        Lamp.objects.all().delete()
        assert "red" not in groups(client_as("anna").get(reverse("day")))


class TestCost:
    @pytest.mark.parametrize("persona", ["anna", "galina"])
    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, client_as: As, count_queries: Any, persona: str
    ) -> None:
        busy(world, "own", 3)
        browser, address = client_as(persona), reverse("day")
        browser.get(address)
        with count_queries() as few:
            browser.get(address)
        busy(world, "own", 27)
        with count_queries() as many:
            browser.get(address)
        assert len(few) == len(many)
        assert len(many) < 60

    def test_the_panel_counts_the_same(self, world: World, client_as: As) -> None:
        busy(world, "own", 2)
        browser = client_as("anna")
        panel = groups(browser.get(reverse("panel_day"), headers={"HX-Request": "true"}))
        page = groups(browser.get(reverse("day")))
        assert {c: g.found.total for c, g in panel.items()} == {
            c: g.found.total for c, g in page.items()
        }
        assert "panel_day" in {row["panel"].url_name for row in browser.get("/").context["panels"]}
