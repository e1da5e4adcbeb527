"""The preparation page: what it shows, of whom, what it keeps, what it costs."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from contacts.enums import ParticipantRole
from needs.models import ProductAdvantage
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import World
from visits.enums import RiskKind, VisitLevel
from visits.models import Agreement, Risk, Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)
PLAN = {"planned_for": "2026-09-20", "channel": "visit"}


def of_visit(visit: Visit) -> str:
    return reverse("visit_prepare", args=[visit.pk])


def of_client(world: World, whose: str = "own") -> str:
    return reverse("client_prepare", args=[world.clients[whose].pk])


def data(page: Any, code: str) -> dict[str, Any]:
    """What a section says."""
    return {s.section.code: s.data for s, _ in page.context["sections"]}[code]


class TestSections:
    def test_all_that_the_page_names(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(of_client(world))
        codes = [shown.section.code for shown, _ in page.context["sections"]]
        assert codes == [
            "lamp", "scheme", "contacts", "needs", "risks", "portrait", "hooks", "usage",
        ]  # fmt: skip
        body = page.content.decode()
        for word in ("портрет", "специфика", "конкурент", "потребность", "фамилия", "результат"):
            assert f"{OWN} {word}" in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    def test_lamp_with_what_pulls_it_down(self, world: World, client_as: As) -> None:
        found = data(client_as("anna").get(of_client(world)), "lamp")
        assert found["lamp"] == world.row("lamps.lamp")
        assert found["losses"]
        assert all(row.points < row.best and row.words for row in found["losses"])

    def test_scheme_with_gaps_and_whom_nobody_reached(self, world: World, client_as: As) -> None:
        new = factories.participant(world.clients["own"], (ParticipantRole.KEY_USER,))
        page = client_as("anna").get(of_client(world))
        found = data(page, "scheme")
        assert found["gaps"]
        reached = {one["row"].pk: one["is_reached"] for one in found["rows"]}
        assert reached == {world.row("contacts.participant").pk: True, new.pk: False}
        assert "КлП, в этом месяце ещё не охвачен" in page.content.decode()

    def test_last_k2_and_open_agreements(self, world: World, client_as: As) -> None:
        client = world.clients["own"]
        newer = factories.visit(
            client, level=VisitLevel.K2, held_on=TODAY - 3 * DAY, result="итог второго"
        )
        for n in range(5):
            factories.visit(client, held_on=TODAY - (4 + n) * DAY, result=f"итог {n}")
        Agreement.objects.filter(client=client).delete()
        late = factories.saved(
            Agreement(client=client, what="Прислать", agreed_on=TODAY - 9 * DAY, due_on=TODAY - DAY)
        )
        factories.saved(
            Agreement(
                client=client, what="Сделано", agreed_on=TODAY - 9 * DAY, due_on=TODAY - DAY,
                status="done", closed_on=TODAY,
            )
        )  # fmt: skip
        page = client_as("anna").get(of_client(world))
        found = data(page, "contacts")
        assert (found["k2"], found["agreements"]) == (newer, [late])
        assert len(found["last"]) == 3
        assert "просрочена" in page.content.decode()

    def test_open_risks_alone(self, world: World, client_as: As) -> None:
        client = world.clients["own"]
        Risk.objects.all().delete()
        risk = factories.saved(
            Risk(client=client, kind=RiskKind.COMPETITOR, text="Зовут", raised_on=TODAY)
        )
        factories.saved(
            Risk(client=client, kind=RiskKind.OTHER, text="Снят", raised_on=TODAY, closed_on=TODAY)
        )
        assert data(client_as("anna").get(of_client(world)), "risks")["risks"] == [risk]

    def test_hooks_that_match_the_portrait(self, world: World, client_as: As) -> None:
        suits = factories.hook(keywords="портреты")
        factories.hook(keywords="лизинг")
        assert data(client_as("anna").get(of_client(world)), "hooks")["hooks"] == [suits]

    def test_use_by_month_with_gaps_where_nothing_is_known(
        self, world: World, client_as: As
    ) -> None:
        client = world.clients["own"]
        factories.usage(client, 3, service="cok", day=date(2026, 8, 5))
        factories.usage(client, 2, service="cok", day=date(2026, 8, 25))
        found = data(client_as("anna").get(of_client(world)), "usage")
        cok, co = found["services"]
        assert (cok.service.code, co.service.code) == ("cok", "co")
        assert cok.values == [0] * 10 + [5, 0]
        assert cok.right.valid_until == TODAY + 165 * DAY
        assert co.right is None
        factories.feeds(date(2026, 7, 31), "usage")
        found = data(client_as("anna").get(of_client(world)), "usage")
        assert found["services"][1].values == [0] * 10 + [None, None]

    def test_a_client_of_whom_nothing_is_known(self, world: World, client_as: As) -> None:
        bare = factories.client(world.staff["anna"], world.noio1)
        body = client_as("anna").get(reverse("client_prepare", args=[bare.pk])).content.decode()
        assert reverse("participant_add", args=[bare.pk]) in body
        assert "Лампочка ещё не рассчитана" in body
        assert "None" not in body


class TestPlan:
    def test_saved_before_the_contact_and_its_moment_is_said(
        self, world: World, client_as: As, now: datetime
    ) -> None:
        need, browser = world.row("needs.need"), client_as("anna")
        advantage = factories.saved(ProductAdvantage(name="Обзоры практики"))
        page = browser.post(
            of_client(world),
            PLAN | {
                "goal": "цель", "goal_kind": "development", "plan": "план",
                "participants": [world.row("contacts.participant").pk],
                "agenda_needs": [need.pk], "agenda_advantages": [advantage.pk],
            },
        )  # fmt: skip
        row = Visit.objects.latest("pk")
        assert page.url == of_visit(row)
        assert (row.status, row.prepared_at, row.is_prepared) == ("planned", now, True)
        opened = browser.get(page.url)
        assert opened.context["written"] == "План записан 10:30, до начала"
        assert "План записан 10:30, до начала" in opened.content.decode()
        assert opened.context["form"]["agenda_needs"].value() == [need.pk]
        assert reverse("visit_complete", args=[row.pk]) in opened.content.decode()

    def test_goal_alone_is_not_yet_a_plan(self, world: World, client_as: As) -> None:
        browser = client_as("anna")
        page = browser.post(of_client(world), PLAN | {"goal": "цель"})
        assert "без плана работ" in browser.get(page.url).content.decode()

    def test_changed_later_it_keeps_the_later_moment(
        self, world: World, client_as: As, move_clock: Any, now: datetime
    ) -> None:
        row = world.row("planned")
        move_clock(now + DAY)
        sent = PLAN | {"version": row.version, "goal": row.goal, "plan": "другой"}
        client_as("anna").post(of_visit(row), sent)
        row.refresh_from_db()
        assert row.prepared_at == now + DAY

    def test_a_refusal_keeps_what_was_typed_and_all_sections(
        self, world: World, client_as: As
    ) -> None:
        foreign = world.row("needs.need", "colleague").pk
        page = client_as("anna").post(
            of_client(world),
            PLAN | {"planned_for": "2026-09-01", "plan": "слова", "agenda_needs": [foreign]},
        )
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {"agenda_needs"}
        assert "слова" in page.content.decode()
        assert len(page.context["sections"]) == 8
        late = client_as("anna").post(of_client(world), PLAN | {"planned_for": "2026-09-01"})
        assert set(late.context["form"].errors) == {"planned_for"}

    def test_a_plan_changed_by_another_meanwhile_shows_both(
        self, world: World, client_as: As
    ) -> None:
        row = world.row("planned")
        sent = PLAN | {"version": row.version, "employee": row.employee_id}
        client_as("anna").post(of_visit(row), sent | {"plan": "первый"})
        late = client_as("zoya").post(of_visit(row), sent | {"plan": "второй"})
        assert late.status_code == 409
        assert "первый" in late.content.decode()
        assert "второй" in late.content.decode()

    def test_held_already_it_leads_to_the_card(self, world: World, client_as: As) -> None:
        row = world.row("visits.visit")
        page = client_as("anna").get(of_visit(row))
        assert page.url == reverse("visit", args=[row.pk])

    def test_typed_while_somebody_recorded_it_nothing_is_lost_or_prepared(
        self, world: World, client_as: As, now: datetime
    ) -> None:
        row = world.row("planned")
        Visit.objects.filter(pk=row.pk).update(
            status="done", started_at=now - DAY, version=row.version + 1, prepared_at=None, plan=""
        )
        late = client_as("anna").post(
            of_visit(row), PLAN | {"version": row.version, "plan": "слова"}
        )
        assert late.status_code == 409
        assert "слова" in late.content.decode()
        client_as("anna").post(of_visit(row), PLAN | {"version": row.version + 1, "plan": "слова"})
        row.refresh_from_db()
        assert row.plan == "слова"
        assert not row.is_prepared


class TestCost:
    def fill(self, world: World, count: int) -> None:
        client = world.clients["own"]
        for n in range(count):
            person = factories.participant(client)
            factories.visit(client, participants=[person], companions=[world.staff["galina"]])
            factories.visit(client, level=VisitLevel.K2, participants=[person])
            factories.need(client, participant=person)
            factories.hook(keywords="портрет")
            factories.saved(ProductAdvantage(name=f"Отличие {world.noio1.pk} {n} {count}"))
            factories.saved(Risk(client=client, kind=RiskKind.OTHER, text="x", raised_on=TODAY))
            factories.saved(
                Agreement(
                    client=client, what="x", agreed_on=TODAY, due_on=TODAY, participant=person
                )
            )

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser, address = client_as("anna"), of_visit(world.row("planned"))
        self.fill(world, 3)
        browser.get(address)
        with count_queries() as few:
            browser.get(address)
        self.fill(world, 27)
        with count_queries() as many:
            browser.get(address)
        assert len(few) == len(many)
        assert len(many) < 70
