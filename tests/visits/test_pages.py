"""Pages of contacts: what they say, what they keep, what they cost."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.audit import reference
from core.models import AuditEntry
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import MISSING, World
from visits.models import Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
LOG = {"started_at": "2026-09-16T09:00", "materials": "2", "channel": "visit"}
PLAN = {"planned_for": "2026-09-20", "channel": "visit"}


def text(response: Any) -> str:
    return response.content.decode()


class TestList:
    def test_ones_own_only(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("visits")))
        assert OWN in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {"visit", "planned", "k2"}),
            ("level=K2", {"k2"}),
            ("status=planned", {"planned"}),
            ("status=cancelled", set()),
            ("period_after=2026-09-01&period_before=2026-09-16", {"visit"}),
            ("period_after=2026-09-17", {"planned"}),
            ("period_before=2026-08-31", {"k2"}),
            ("employee={anna}", {"visit", "planned", "k2"}),
            ("employee={galina}", {"visit"}),
            ("unit={noio1}", {"visit", "planned", "k2"}),
            ("unit={noio2}", set()),
            ("client={own}", {"visit", "planned", "k2"}),
            ("q={inn}", {"visit", "planned", "k2"}),
            ("q=такого+нет", set()),
            ("ordering=held_on&sort=-held_on", {"visit", "planned", "k2"}),
            ("sort=held_on", {"visit", "planned", "k2"}),
        ],
    )
    def test_filters(self, world: World, client_as: As, query: str, expected: set[str]) -> None:
        world.row("visits.visit").companions.set([world.staff["galina"]])
        query = query.format(
            anna=world.staff["anna"].pk,
            galina=world.staff["galina"].pk,
            noio1=world.noio1.pk,
            noio2=world.noio2.pk,
            own=world.clients["own"].pk,
            inn=world.clients["own"].inn,
        )
        page = client_as("anna").get(f"{reverse('visits')}?{query}")
        rows = {
            "visit": world.row("visits.visit").pk,
            "planned": world.row("planned").pk,
            "k2": world.row("k2").pk,
        }
        found = {row.record.pk for row in page.context["table"].rows}
        assert found == {rows[name] for name in expected}

    def test_order_by_day(self, world: World, client_as: As) -> None:
        down = client_as("anna").get(f"{reverse('visits')}?sort=-held_on").context["table"]
        up = client_as("anna").get(f"{reverse('visits')}?sort=held_on").context["table"]
        days = [row.record.held_on for row in down.rows]
        assert days[0] is None
        assert [row.record.held_on for row in up.rows] == days[::-1]

    def test_file_has_the_whole_texts(self, world: World, client_as: As) -> None:
        row = world.row("visits.visit")
        Visit.objects.filter(pk=row.pk).update(result="р" * 300)
        sheet = client_as("anna").get(f"{reverse('visits')}?format=csv")
        lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0] == (
            "Дата;Уровень;Состояние;Клиент;Сотрудник;Участники;Подготовлен;"
            "Папок и закладок;Цель;Результат"
        )
        assert len(lines) == 4
        assert any("р" * 300 in line and "К1У;Состоялся" in line for line in lines)
        assert any(line.startswith("18.09.2026;К1У;Запланирован") for line in lines)
        book = client_as("anna").get(f"{reverse('visits')}?format=xlsx")
        assert b"".join(book.streaming_content)[:2] == b"PK"

    def test_a_cancelled_one_is_neither_prepared_nor_not(self, world: World, client_as: As) -> None:
        Visit.objects.update(status="cancelled")
        table = client_as("anna").get(reverse("visits")).context["table"]
        assert {row.get_cell("prepared") for row in table.rows} == {"–"}

    def test_the_same_queries_for_3_rows_and_for_300(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("anna")
        client = world.clients["own"]
        pages = [
            reverse("visits"),
            reverse("client_visits", args=[client.pk]),
            reverse("panel_visits"),
        ]
        factories.visit(client, status="planned", planned_for=date(2026, 9, 16))
        [browser.get(page) for page in pages]
        with count_queries() as few:
            [browser.get(page) for page in pages]
        people = [world.row("contacts.participant")]
        for number in range(297):
            factories.visit(
                client,
                status="planned" if number % 2 else "done",
                participants=people,
                companions=[world.staff["galina"]],
            )
            if number % 50 == 0:
                factories.visit(client, status="planned", planned_for=date(2026, 9, 1))
        with count_queries() as many:
            [browser.get(page) for page in pages]
        assert len(few) == len(many)


class TestTabAndPanel:
    def test_tab(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("client_visits", args=[world.clients["own"].pk])))
        assert "Запланированы" in body
        assert "Прошедшие" in body
        assert f"/visits/?client={world.clients['own'].pk}" in body
        for pk in (world.clients["foreign"].pk, MISSING):
            assert client_as("anna").get(reverse("client_visits", args=[pk])).status_code == 404

    def test_an_empty_tab_says_what_to_do(self, world: World, client_as: As) -> None:
        bare = factories.client(world.staff["anna"], world.noio1)
        body = text(client_as("anna").get(reverse("client_visits", args=[bare.pk])))
        assert "Контактов с клиентом ещё не было" in body
        assert reverse("visit_log", args=[bare.pk]) in body

    def test_panel(self, world: World, client_as: As, today: date) -> None:
        assert "просроченных тоже" in text(client_as("anna").get(reverse("panel_visits")))
        factories.visit(
            world.clients["own"], status="planned", planned_for=today - timedelta(days=1)
        )
        body = text(client_as("anna").get(reverse("panel_visits")))
        assert "Просрочен" in body
        assert "плана нет" in body
        for _ in range(12):
            factories.visit(world.clients["own"], status="planned", planned_for=today)
        body = text(client_as("anna").get(reverse("panel_visits")))
        assert "Показаны 12 из 13" in body


class TestLog:
    def address(self, world: World, whose: str = "own") -> str:
        return reverse("visit_log", args=[world.clients[whose].pk])

    def test_six_fields_at_most_and_the_rest_under_more(self, world: World, client_as: As) -> None:
        form = client_as("anna").get(self.address(world)).context["form"]
        assert [field.name for field in form.first_fields] == [
            "started_at", "participants", "materials", "services", "result", "satisfaction",
        ]  # fmt: skip
        form = client_as("galina").get(f"{self.address(world)}?level=K1").context["form"]
        assert form.first_fields[0].name == "level"
        assert len(form.first_fields) <= 6
        assert "employee" in {field.name for field in form.more_fields}

    def test_saved(self, world: World, client_as: As) -> None:
        person = world.row("contacts.participant")
        page = client_as("anna").post(
            self.address(world), LOG | {"participants": [person.pk], "result": "итог"}
        )
        row = Visit.objects.latest("pk")
        assert page.url == reverse("visit", args=[row.pk])
        assert (row.level, row.status, row.materials, row.result) == ("K1", "done", 2, "итог")
        assert row.started_at == datetime.fromisoformat("2026-09-16T09:00+03:00")
        assert row.employee == world.staff["anna"]

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"started_at": "2026-09-16T11:00"}, "started_at"),
            ({"started_at": "1999-01-01T10:00"}, "started_at"),
            ({"started_at": ""}, "started_at"),
            ({"started_at": "позавчера"}, "started_at"),
            ({"ended_at": "2026-09-16T08:00"}, "ended_at"),
            ({"satisfaction": "11"}, "satisfaction"),
            ({"materials": "много"}, "materials"),
            ({"result": "а" * 20_001}, "result"),
            ({"result": "а\u202eб"}, "result"),
            ({"participants": "{foreign}"}, "participants"),
        ],
    )
    def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
        self, world: World, client_as: As, more: dict, field: str
    ) -> None:
        foreign = world.row("contacts.participant", "colleague").pk
        more = {name: value.format(foreign=foreign) for name, value in more.items()}
        page = client_as("anna").post(
            self.address(world), LOG | {"result": "важные слова", "feedback": "отзыв"} | more
        )
        assert page.status_code == 422
        form = page.context["form"]
        assert set(form.errors) == {field}
        assert field in [bound.name for bound in form.first_fields]
        body = text(page)
        assert "отзыв" in body
        assert field == "result" or "важные слова" in body

    def test_k2_by_a_head_only(self, world: World, client_as: As) -> None:
        data = LOG | {"level": "K2", "employee": world.staff["galina"].pk}
        client_as("galina").post(self.address(world), data)
        assert Visit.objects.latest("pk").level == "K2"
        client_as("anna").post(self.address(world), data)
        assert Visit.objects.latest("pk").level == "K1"  # she is not asked, nor heard

    def test_foreign_is_as_missing(self, world: World, client_as: As) -> None:
        for name in ("visit_log", "visit_plan"):
            for pk in (world.clients["foreign"].pk, MISSING):
                assert client_as("anna").get(reverse(name, args=[pk])).status_code == 404
                assert client_as("anna").post(reverse(name, args=[pk]), LOG).status_code == 404

    def test_no_scheme_says_where_to_begin(self, world: World, client_as: As) -> None:
        bare = factories.client(world.staff["anna"], world.noio1)
        body = text(client_as("anna").get(reverse("visit_log", args=[bare.pk])))
        assert reverse("participant_add", args=[bare.pk]) in body


class TestPlanAndAfter:
    def test_plan(self, world: World, client_as: As, now: datetime) -> None:
        address = reverse("visit_plan", args=[world.clients["own"].pk])
        assert client_as("anna").get(address).status_code == 200
        page = client_as("anna").post(address, PLAN | {"plan": "план", "goal": "цель"})
        row = Visit.objects.latest("pk")
        assert page.url == reverse("visit", args=[row.pk])
        assert row.prepared_at == now
        bad = client_as("anna").post(address, PLAN | {"planned_for": "2026-09-01", "plan": "слова"})
        assert set(bad.context["form"].errors) == {"planned_for"}
        assert "слова" in text(bad)

    def test_edit_a_plan(self, world: World, client_as: As) -> None:
        row = world.row("planned")
        address = reverse("visit_edit", args=[row.pk])
        opened = client_as("anna").get(address)
        assert "planned_for" in opened.context["form"].fields
        page = client_as("anna").post(
            address, PLAN | {"version": row.version, "plan": "новый план"}
        )
        assert page.status_code == 302
        row.refresh_from_db()
        assert row.plan == "новый план"

    def test_edit_a_done_one_keeps_its_seconds(self, world: World, client_as: As) -> None:
        row = world.row("visits.visit")
        exact = row.started_at + timedelta(seconds=42)
        Visit.objects.filter(pk=row.pk).update(started_at=exact)
        address = reverse("visit_edit", args=[row.pk])
        page = client_as("anna").get(address)
        shown = page.context["form"]["started_at"].value()
        data = LOG | {"version": row.version, "started_at": shown.strftime("%Y-%m-%dT%H:%M")}
        assert client_as("anna").post(address, data).status_code == 302
        row.refresh_from_db()
        assert row.started_at == exact

    def test_complete(self, world: World, client_as: As) -> None:
        row = world.row("planned")
        address = reverse("visit_complete", args=[row.pk])
        assert row.plan in text(client_as("anna").get(address))
        page = client_as("anna").post(address, LOG | {"version": row.version})
        assert page.status_code == 302
        row.refresh_from_db()
        assert row.status == "done"
        again = client_as("anna").post(address, LOG | {"version": row.version})
        assert again.status_code == 422
        assert "уже записан" in text(again)

    def test_conflict_shows_both(self, world: World, client_as: As) -> None:
        row = world.row("planned")
        address = reverse("visit_edit", args=[row.pk])
        data = PLAN | {"version": row.version}
        client_as("anna").post(address, data | {"goal": "первая цель"})
        late = client_as("zoya").post(
            address, data | {"goal": "вторая цель", "employee": row.employee_id}
        )
        assert late.status_code == 409
        assert "первая цель" in text(late)
        assert "вторая цель" in text(late)

    def test_cancel(self, world: World, client_as: As) -> None:
        row = world.row("planned")
        address = reverse("visit_cancel", args=[row.pk])
        empty = client_as("anna").post(address, {"version": row.version, "reason": ""})
        assert set(empty.context["form"].errors) == {"reason"}
        page = client_as("anna").post(address, {"version": row.version, "reason": "перенесли"})
        assert page.status_code == 302
        card = text(client_as("anna").get(reverse("visit", args=[row.pk])))
        assert "Отменён" in card
        assert reverse("visit_edit", args=[row.pk]) not in card
        assert AuditEntry.objects.filter(subject=reference(row)).count() == 2
        edit = client_as("anna").post(
            reverse("visit_edit", args=[row.pk]), LOG | {"version": row.version + 1}
        )
        assert edit.status_code == 422

    def test_a_k2_is_seen_but_not_changed_by_a_specialist(
        self, world: World, client_as: As
    ) -> None:
        row = world.row("k2")
        card = client_as("anna").get(reverse("visit", args=[row.pk]))
        assert card.status_code == 200
        assert reverse("visit_edit", args=[row.pk]) not in text(card)
        assert client_as("anna").get(reverse("visit_edit", args=[row.pk])).status_code == 403

    @pytest.mark.parametrize("name", ["visit", "visit_edit", "visit_complete", "visit_cancel"])
    def test_foreign_is_as_missing(self, world: World, client_as: As, name: str) -> None:
        for pk in (world.row("visits.visit", "colleague").pk, MISSING):
            assert client_as("anna").get(reverse(name, args=[pk])).status_code == 404


class TestCard:
    @pytest.mark.parametrize(
        ("values", "said"),
        [
            (
                {"plan": "п", "prepared_at": datetime.fromisoformat("2026-09-14T10:00+03:00")},
                "План записан до начала",
            ),
            (
                {"plan": "п", "prepared_at": datetime.fromisoformat("2026-09-16T10:00+03:00")},
                "План записан после начала",
            ),
            ({"plan": "", "prepared_at": None}, "Плана не было"),
        ],
    )
    def test_preparation_in_words(
        self, world: World, client_as: As, values: dict, said: str
    ) -> None:
        row = world.row("visits.visit")
        Visit.objects.filter(pk=row.pk).update(**values)
        body = text(client_as("anna").get(reverse("visit", args=[row.pk])))
        assert said in body
        assert f"{OWN} результат" in body

    def test_a_plan_still_to_be_written(self, world: World, client_as: As) -> None:
        row = factories.visit(world.clients["own"], status="planned")
        assert "Плана пока нет" in text(client_as("anna").get(reverse("visit", args=[row.pk])))
