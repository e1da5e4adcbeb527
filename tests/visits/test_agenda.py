"""What a plan takes to a contact: kept with it, of that client alone, before the start or not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.audit import reference
from core.models import AuditEntry
from needs.enums import NeedStatus
from needs.models import Need, ProductAdvantage, VisitAgenda
from tests import factories
from tests.personas import World
from visits import agenda, services
from visits.models import Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
HOUR = timedelta(hours=1)
URL = "/api/v1/visits/"
PLAN = {"planned_for": "2026-09-20", "channel": "visit"}


@pytest.fixture
def advantage(world: World) -> ProductAdvantage:
    return factories.saved(ProductAdvantage(name="Обзоры практики"))


def plan(world: World, now: datetime, taken: dict[str, list[int]], **values: Any) -> Visit:
    return services.plan_visit(
        actor=world.users["anna"],
        client=world.clients["own"],
        values={"level": "K1", "planned_for": date(2026, 9, 20)} | values,
        agenda=taken,
        now=now,
    )


def taken(visit: Visit) -> dict[str, list[int]]:
    return agenda.ids_by_visit([visit.pk])[visit.pk]


def change(world: World, visit: Visit, now: datetime, asked: dict[str, list[int]]) -> Visit:
    return services.update_visit(
        actor=world.users["anna"], visit=visit, values={}, agenda=asked, now=now
    )


class TestKept:
    def test_with_the_contact_and_its_audit_row(
        self, world: World, now: datetime, advantage: ProductAdvantage
    ) -> None:
        need = world.row("needs.need")
        row = plan(world, now, {"needs": [need.pk], "advantages": [advantage.pk]}, plan="план")
        assert taken(row) == {"needs": [need.pk], "advantages": [advantage.pk]}
        kept = VisitAgenda.objects.get(visit=row)
        entry = AuditEntry.objects.filter(subject=reference(kept)).first()
        assert entry.about == reference(world.clients["own"])

    def test_a_part_left_out_stays_as_it_is(
        self, world: World, now: datetime, advantage: ProductAdvantage
    ) -> None:
        need = world.row("needs.need")
        row = plan(world, now, {"needs": [need.pk]})
        row = change(world, row, now, {"advantages": [advantage.pk]})
        assert taken(row) == {"needs": [need.pk], "advantages": [advantage.pk]}
        row = change(world, row, now, {"needs": []})
        assert taken(row) == {"needs": [], "advantages": [advantage.pk]}

    def test_nothing_taken_leaves_no_row(self, world: World, now: datetime) -> None:
        row = plan(world, now, {"needs": [], "advantages": []})
        assert taken(row) == {"needs": [], "advantages": []}
        assert not VisitAgenda.objects.filter(visit=row).exists()
        assert row.prepared_at is None

    @pytest.mark.parametrize("whose", ["colleague", "foreign", "missing"])
    def test_another_clients_need_is_as_unknown_as_none(
        self, world: World, now: datetime, whose: str
    ) -> None:
        pk = 987_654_321 if whose == "missing" else world.row("needs.need", whose).pk
        before = Visit.objects.count()
        with pytest.raises(ValidationError) as caught:
            plan(world, now, {"needs": [pk]})
        assert caught.value.message_dict == {
            "agenda.needs": ["Выберите из того, что предложено этому клиенту."]
        }
        assert Visit.objects.count() == before

    def test_a_part_that_nobody_registered(self, world: World, now: datetime) -> None:
        with pytest.raises(ValidationError) as caught:
            plan(world, now, {"jokes": [1]})
        assert set(caught.value.message_dict) == {"agenda.jokes"}

    def test_a_need_dropped_later_may_stay_but_not_be_taken_anew(
        self, world: World, now: datetime
    ) -> None:
        need = factories.need(world.clients["own"])
        row = plan(world, now, {"needs": [need.pk]})
        Need.objects.filter(pk=need.pk).update(status=NeedStatus.DROPPED)
        again = change(world, row, now, {"needs": [need.pk, world.row("needs.need").pk]})
        assert taken(again)["needs"] == sorted([need.pk, world.row("needs.need").pk])
        with pytest.raises(ValidationError):
            plan(world, now, {"needs": [need.pk]})


class TestMoment:
    def test_a_change_before_the_start_moves_it(self, world: World, now: datetime) -> None:
        row = plan(world, now, {}, plan="план")
        row = change(world, row, now + HOUR, {"needs": [world.row("needs.need").pk]})
        assert row.prepared_at == now + HOUR
        row = change(world, row, now + 2 * HOUR, {"needs": [world.row("needs.need").pk]})
        assert row.prepared_at == now + HOUR

    def test_a_change_after_the_start_never_counts(self, world: World, now: datetime) -> None:
        row = plan(world, now - 3 * HOUR, {}, plan="план")
        row = services.complete_visit(
            actor=world.users["anna"],
            visit=row,
            values={"started_at": now - 2 * HOUR},
            now=now - HOUR,
        )
        assert row.is_prepared
        row = change(world, row, now, {"needs": [world.row("needs.need").pk]})
        assert row.prepared_at == now
        assert not row.is_prepared

    def test_taken_along_with_the_completion_it_comes_too_late(
        self, world: World, now: datetime
    ) -> None:
        row = plan(world, now - 3 * HOUR, {}, plan="план")
        row = services.complete_visit(
            actor=world.users["anna"],
            visit=row,
            values={"started_at": now - 2 * HOUR},
            agenda={"needs": [world.row("needs.need").pk]},
            now=now,
        )
        assert not row.is_prepared


class TestApi:
    def patch(self, api: Any, row: Visit, data: dict[str, Any]) -> Any:
        row.refresh_from_db()
        headers = {"If-Match": f'W/"{row.version}"'}
        return api.patch(f"{URL}{row.pk}/", data, format="json", headers=headers)

    def test_written_and_read(self, world: World, api_as: As) -> None:
        api, need = api_as("anna"), world.row("needs.need")
        body = {"client": world.clients["own"].pk, "level": "K1", "planned_for": "2026-09-20"}
        made = api.post(URL, body | {"agenda": {"needs": [need.pk]}}, format="json")
        assert made.status_code == 201
        assert made.json()["agenda"] == {"needs": [need.pk], "advantages": []}
        listed = {row["id"]: row["agenda"] for row in api.get(URL).json()["results"]}
        assert listed[made.json()["id"]]["needs"] == [need.pk]

    def test_after_the_start_it_unprepares(self, world: World, api_as: As, now: datetime) -> None:
        row = factories.visit(
            world.clients["own"], plan="п", prepared_at=now - timedelta(days=3), held_on=now.date()
        )
        assert row.is_prepared
        done = self.patch(api_as("anna"), row, {"agenda": {"needs": [world.row("needs.need").pk]}})
        assert done.status_code == 200
        assert done.json()["is_prepared"] is False

    @pytest.mark.parametrize(
        "sent", ["слова", ["1"], {"needs": 1}, {"needs": ["1"]}, {"needs": [True]}, {"needs": [-1]}]
    )
    def test_a_wrong_shape_is_named(self, world: World, api_as: As, sent: Any) -> None:
        answer = self.patch(api_as("anna"), world.row("planned"), {"agenda": sent})
        assert answer.status_code == 400
        assert {e["field"].partition(".")[0] for e in answer.json()["errors"]} == {"agenda"}

    def test_another_clients_need_is_refused(self, world: World, api_as: As) -> None:
        pk = world.row("needs.need", "colleague").pk
        answer = self.patch(api_as("anna"), world.row("planned"), {"agenda": {"needs": [pk]}})
        assert answer.status_code == 400
        assert [e["field"] for e in answer.json()["errors"]] == ["agenda.needs"]

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, api_as: As, count_queries: Any, advantage: ProductAdvantage
    ) -> None:
        api = api_as("anna")
        api.get(URL)
        with count_queries() as few:
            api.get(URL)
        for _ in range(27):
            row = factories.visit(world.clients["own"])
            kept = VisitAgenda.objects.create(visit=row)
            kept.needs.add(world.row("needs.need"))
            kept.advantages.add(advantage)
        with count_queries() as many:
            api.get(URL)
        assert len(few) == len(many)


class TestPages:
    def test_ticks_of_the_plan_are_kept_and_shown(
        self, world: World, client_as: As, advantage: ProductAdvantage
    ) -> None:
        need = world.row("needs.need")
        address = reverse("visit_plan", args=[world.clients["own"].pk])
        opened = client_as("anna").get(address).content.decode()
        assert need.title in opened
        assert world.row("needs.need", "colleague").title not in opened
        sent = PLAN | {"agenda_needs": [need.pk], "agenda_advantages": [advantage.pk]}
        page = client_as("anna").post(address, sent)
        card = client_as("anna").get(page.url).content.decode()
        assert need.title in card
        assert "Обзоры практики" in card

    def test_an_edit_shows_what_was_taken_and_may_untick_it(
        self, world: World, client_as: As, now: datetime
    ) -> None:
        need = world.row("needs.need")
        row = plan(world, now, {"needs": [need.pk]})
        address = reverse("visit_edit", args=[row.pk])
        form = client_as("anna").get(address).context["form"]
        assert form["agenda_needs"].value() == [need.pk]
        client_as("anna").post(address, PLAN | {"version": row.version})
        assert taken(row)["needs"] == []

    def test_another_clients_need_is_refused_at_its_field(
        self, world: World, client_as: As
    ) -> None:
        address = reverse("visit_plan", args=[world.clients["own"].pk])
        pk = world.row("needs.need", "colleague").pk
        page = client_as("anna").post(address, PLAN | {"agenda_needs": [pk], "plan": "слова"})
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {"agenda_needs"}
        assert "слова" in page.content.decode()
