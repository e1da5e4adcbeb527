"""Pages and API of tasks: what they say, what they keep, what they cost."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.models import CalendarDay, Setting
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import MISSING, World
from visits import selectors
from visits.models import Agreement

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)


def text(response: Any) -> str:
    return response.content.decode()


def shown(page: Any) -> set[int]:
    return {row.record.pk for row in page.context["table"].rows}


class TestList:
    def test_ones_own_only(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("tasks")))
        assert OWN in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {"late", "now", "soon", "far", "heads"}),
            ("state=open", {"late", "now", "soon", "far", "heads"}),
            ("state=overdue", {"late"}),
            ("state=today", {"now"}),
            ("state=week", {"now", "soon", "heads"}),
            ("state=reminded", {"late", "now"}),
            ("state=reminded&whose=mine", {"late", "now"}),
            ("state=closed", {"done"}),
            ("state=all", {"late", "now", "soon", "far", "heads", "done"}),
            ("whose=mine", {"late", "now", "soon", "far"}),
            ("employee={anna}", {"late", "now", "soon", "far"}),
            ("employee={galina}", {"heads"}),
            ("due_after=2026-09-17&due_before=2026-09-30", {"soon", "heads"}),
            ("unit={noio1}", {"late", "now", "soon", "far", "heads"}),
            ("unit={noio2}", set()),
            ("client={own}&state=today", {"now"}),
            ("q=такого+нет", set()),
        ],
    )
    def test_filters(self, world: World, client_as: As, query: str, expected: set[str]) -> None:
        own = world.clients["own"]
        rows = {
            "late": factories.agreement(own, due_on=TODAY - DAY),
            "now": factories.agreement(own, due_on=TODAY),
            "soon": world.row("visits.agreement"),
            "far": factories.agreement(own, due_on=TODAY + 30 * DAY),
            "heads": factories.agreement(own, responsible=world.staff["galina"]),
            "done": factories.agreement(own, status="done", closed_on=TODAY),
        }
        query = query.format(
            anna=world.staff["anna"].pk,
            galina=world.staff["galina"].pk,
            noio1=world.noio1.pk,
            noio2=world.noio2.pk,
            own=own.pk,
        )
        page = client_as("anna").get(f"{reverse('tasks')}?{query}")
        assert shown(page) == {rows[name].pk for name in expected}

    def test_tasks_without_a_client(self, world: World, client_as: As) -> None:
        mine = factories.agreement(responsible=world.staff["anna"])
        other = factories.agreement(responsible=world.staff["boris"])
        foreign = factories.agreement(responsible=world.staff["vera"])
        told = {who: shown(client_as(who).get(reverse("tasks"))) for who in ("anna", "galina")}
        assert mine.pk in told["anna"]
        assert not {other.pk, foreign.pk} & told["anna"]
        assert {mine.pk, other.pk} <= told["galina"]
        assert foreign.pk not in told["galina"]
        unit = client_as("galina").get(f"{reverse('tasks')}?unit={world.noio1.pk}")
        assert {mine.pk, other.pk} <= shown(unit)

    def test_file(self, world: World, client_as: As) -> None:
        factories.agreement(
            world.clients["own"], what="з" * 300, status="done", closed_on=TODAY, outcome="итог"
        )
        sheet = client_as("anna").get(f"{reverse('tasks')}?state=all&format=csv")
        lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0] == (
            "Задача;Срок;Клиент;С кем договорились;Кто делает;Состояние;Договорились;"
            "Закрыта;Чем кончилось"
        )
        assert any("з" * 300 in line and "16.09.2026;итог" in line for line in lines)

    def test_the_same_queries_for_3_rows_and_for_300(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("galina")
        client = world.clients["own"]
        pages = [
            reverse("tasks"),
            f"{reverse('tasks')}?whose=mine&unit={world.noio1.pk}",
            reverse("client_tasks", args=[client.pk]),
            reverse("panel_tasks"),
            reverse("task_reminders"),
        ]
        for _ in range(3):
            factories.agreement(client, due_on=TODAY - DAY, responsible=world.staff["galina"])
        [browser.get(page) for page in pages]
        with count_queries() as few:
            [browser.get(page) for page in pages]
        for number in range(297):
            factories.agreement(
                client if number % 3 else world.clients["colleague"],
                due_on=TODAY - DAY,
                participant=world.row("contacts.participant") if number % 3 else None,
                responsible=world.staff["galina"] if number % 2 else None,
            )
        with count_queries() as many:
            [browser.get(page) for page in pages]
        assert len(few) == len(many)


class TestTasksFor:
    def test_by_urgency_in_one_query(self, world: World, count_queries: Any) -> None:
        own = world.clients["own"]
        late = [factories.agreement(own, due_on=TODAY - n * DAY) for n in (3, 1)]
        now = factories.agreement(own, due_on=TODAY)
        factories.agreement(own, due_on=TODAY + 8 * DAY)
        factories.agreement(own, due_on=TODAY, status="done", closed_on=TODAY)
        factories.agreement(own, due_on=TODAY, responsible=world.staff["galina"])
        factories.agreement(world.clients["colleague"], due_on=TODAY)
        with count_queries() as queries:
            found = selectors.tasks_for([world.staff["anna"].pk], TODAY)
            names = [str(row.client.specialist) + str(row.participant) for row in found.soon]
        assert len(queries) == 1
        assert [row.pk for row in found.overdue] == [row.pk for row in late]
        assert [row.pk for row in found.today] == [now.pk]
        assert [row.pk for row in found.soon] == [world.row("visits.agreement").pk]
        assert found.count == 3
        assert len(names) == 1

    def test_counts_are_whole_where_rows_are_cut(self, world: World) -> None:
        for _ in range(7):
            factories.agreement(world.clients["own"], due_on=TODAY - DAY)
        factories.agreement(world.clients["own"], due_on=TODAY)
        found = selectors.tasks_for([world.staff["anna"].pk], TODAY, soon=False, limit=3)
        assert (len(found.overdue), found.counts["overdue"]) == (3, 7)
        assert (len(found.today), found.counts["today"]) == (1, 1)

    def test_nothing(self, world: World) -> None:
        found = selectors.tasks_for([world.staff["elena"].pk], TODAY)
        assert (found.overdue, found.today, found.soon, found.count) == ([], [], [], 0)

    def test_of_a_client_out_of_sight_a_reader_hears_nothing(self, world: World) -> None:
        row = factories.agreement(
            world.clients["foreign"], due_on=TODAY, responsible=world.staff["anna"]
        )
        anna = [world.staff["anna"].pk]
        assert selectors.tasks_for(anna, TODAY).today == [row]
        assert selectors.tasks_for(anna, TODAY, user=world.users["anna"]).today == []


class TestPanel:
    def test_overdue_and_today(self, world: World, client_as: As) -> None:
        assert "Просроченных задач нет" in text(client_as("anna").get(reverse("panel_tasks")))
        factories.agreement(world.clients["own"], due_on=TODAY - DAY)
        factories.agreement(world.clients["own"], due_on=TODAY)
        body = text(client_as("anna").get(reverse("panel_tasks")))
        assert "1\u00a0просроченная" in body
        assert "на сегодня" in body

    def test_a_head_hears_of_the_department(self, world: World, client_as: As) -> None:
        for _ in range(2):
            factories.agreement(world.clients["colleague"], due_on=TODAY - DAY)
        factories.agreement(world.clients["foreign"], due_on=TODAY - DAY)
        body = text(client_as("galina").get(reverse("panel_tasks")))
        assert "Всего просроченных у сотрудников: 2" in body

    def test_a_director_hears_of_the_centre_and_of_their_own(
        self, world: World, client_as: As
    ) -> None:
        for whose in ("own", "foreign", "nobody"):
            factories.agreement(world.clients[whose], due_on=TODAY - DAY)
        factories.agreement(responsible=world.staff["elena"], what="сама", due_on=TODAY)
        body = text(client_as("elena").get(reverse("panel_tasks")))
        assert "сама" in body
        assert "Всего просроченных у сотрудников: 3" in body
        assert len(shown(client_as("elena").get(reverse("tasks")))) == 8

    def test_more_than_fits(self, world: World, client_as: As) -> None:
        for _ in range(9):
            factories.agreement(world.clients["own"], due_on=TODAY)
        assert "Показаны 6 из 9" in text(client_as("anna").get(reverse("panel_tasks")))


class TestBell:
    """A reminder reaches whoever is at work on any page, before the day it is due."""

    def bell(self, browser: Any) -> Any:
        return browser.get(reverse("task_reminders"), headers={"HX-Request": "true"})

    def test_every_page_of_who_has_tasks_asks_for_it(self, client_as: As) -> None:
        address = f'hx-get="{reverse("task_reminders")}"'
        assert address in text(client_as("anna").get(reverse("visits")))
        assert address not in text(client_as("zhanna").get("/"))

    def test_it_counts_ones_own_by_working_days_and_opens_just_these(
        self, world: World, client_as: As
    ) -> None:
        own = world.clients["own"]
        for due_on in (TODAY - DAY, TODAY, TODAY + DAY, TODAY + 2 * DAY):
            factories.agreement(own, due_on=due_on)
        factories.agreement(own, due_on=TODAY, responsible=world.staff["galina"])
        factories.agreement(world.clients["colleague"], due_on=TODAY)
        browser = client_as("anna")
        body = text(self.bell(browser))
        assert "1\u00a0просроченная задача, 1 на сегодня, 1 до 17.09.2026" in body
        assert ">3</span>" in body
        page = browser.get(f"{reverse('tasks')}?whose=mine&state=reminded")
        assert len(shown(page)) == 3

    def test_a_holiday_is_bridged_and_the_setting_decides(
        self, world: World, client_as: As
    ) -> None:
        # Thursday and Friday off: the next working day is Monday, when a task of hers is due.
        for on in (17, 18):
            CalendarDay.objects.create(on=date(2026, 9, on), is_working=False)
        browser = client_as("anna")
        assert "1 до 21.09.2026" in text(self.bell(browser))
        Setting.objects.create(code="visits.remind_days", value=0)
        assert "задач к сроку нет" in text(self.bell(browser))

    def test_by_its_address_it_is_a_page(self, world: World, client_as: As) -> None:
        browser = client_as("anna")
        assert "Напоминать не о чем" in text(browser.get(reverse("task_reminders")))
        factories.agreement(world.clients["own"], due_on=TODAY)
        assert "1 на сегодня" in text(browser.get(reverse("task_reminders")))


class TestForms:
    def test_add_to_a_client(self, world: World, client_as: As) -> None:
        address = reverse("client_task_add", args=[world.clients["own"].pk])
        page = client_as("anna").get(address)
        assert "21.09.2026" in text(page)
        person = world.row("contacts.participant")
        done = client_as("anna").post(address, {"what": "позвонить", "participant": person.pk})
        assert done.url == f"/clients/{world.clients['own'].pk}/?tab=tasks"
        row = Agreement.objects.latest("pk")
        assert (row.what, row.participant, row.due_on) == ("позвонить", person, date(2026, 9, 21))

    def test_a_day_off_is_told(self, world: World, client_as: As) -> None:
        browser = client_as("anna")
        address = reverse("client_task_add", args=[world.clients["own"].pk])
        data = {"what": "позвонить", "due_on": "2026-09-19"}
        back = browser.post(address, data, follow=True)
        assert "19.09.2026 — выходной" in text(back)
        row = Agreement.objects.latest("pk")
        assert row.due_on == date(2026, 9, 19)
        assert "выпадает на выходной" in text(browser.get(reverse("task", args=[row.pk])))

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"what": ""}, "what"),
            ({"what": "\u200b"}, "what"),
            ({"what": "а\u202eб"}, "what"),
            ({"what": "а" * 1_000_000}, "what"),
            ({"due_on": "2076-01-01"}, "due_on"),
            ({"due_on": "2026-09-15"}, "due_on"),
            ({"due_on": "завтра"}, "due_on"),
            ({"participant": "{foreign}"}, "participant"),
            ({"responsible": "{vera}"}, "responsible"),
            ({"responsible": "{boris}"}, "responsible"),
        ],
    )
    def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
        self, world: World, client_as: As, more: dict, field: str
    ) -> None:
        before = Agreement.objects.count()
        more = {
            name: value.format(
                foreign=world.row("contacts.participant", "foreign").pk,
                vera=world.staff["vera"].pk,
                boris=world.staff["boris"].pk,
            )
            for name, value in more.items()
        }
        address = reverse("client_task_add", args=[world.clients["own"].pk])
        page = client_as("galina").post(address, {"what": "важные слова"} | more)
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {field}
        assert "what" in more or "важные слова" in text(page)
        assert Agreement.objects.count() == before

    def test_without_a_client(self, world: World, client_as: As) -> None:
        browser = client_as("galina")
        form = browser.get(reverse("task_add")).context["form"]
        assert "participant" not in form.fields
        offered = set(form.fields["responsible"].queryset)
        assert world.staff["boris"] in offered
        assert world.staff["vera"] not in offered
        empty = browser.post(reverse("task_add"), {"what": "отчёт"})
        assert set(empty.context["form"].errors) == {"responsible"}
        data = {"what": "отчёт", "responsible": world.staff["boris"].pk}
        assert browser.post(reverse("task_add"), data).status_code == 302
        assert Agreement.objects.latest("pk").responsible == world.staff["boris"]

    def test_picker_leads_to_both(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("task_new")))
        assert reverse("client_task_add", args=[world.clients["own"].pk]) in body
        assert reverse("task_add") in body

    def test_edit_and_conflict(self, world: World, client_as: As) -> None:
        row = world.row("visits.agreement")
        address = reverse("task_edit", args=[row.pk])
        data = {"version": row.version, "due_on": "2026-09-18"}
        assert client_as("anna").post(address, data | {"what": "первое"}).status_code == 302
        late = client_as("zoya").post(address, data | {"what": "второе"})
        assert late.status_code == 409
        assert "первое" in text(late)
        assert "второе" in text(late)

    def test_close_drop_and_return(self, world: World, client_as: As) -> None:
        browser = client_as("anna")
        row = world.row("visits.agreement")
        card = reverse("task", args=[row.pk])
        assert reverse("task_close", args=[row.pk]) in text(browser.get(card))
        version = browser.get(reverse("task_close", args=[row.pk])).context["form"]["version"]
        done = browser.post(
            reverse("task_close", args=[row.pk]), {"version": version.value(), "outcome": "готово"}
        )
        assert done.url == card
        body = text(browser.get(card))
        assert "готово" in body
        assert reverse("task_edit", args=[row.pk]) not in body
        browser.post(reverse("task_reopen", args=[row.pk]))
        row.refresh_from_db()
        assert row.status == "open"
        empty = browser.post(reverse("task_drop", args=[row.pk]), {"version": row.version})
        assert set(empty.context["form"].errors) == {"outcome"}
        browser.post(
            reverse("task_drop", args=[row.pk]), {"version": row.version, "outcome": "не нужно"}
        )
        row.refresh_from_db()
        assert (row.status, row.outcome) == ("dropped", "не нужно")

    @pytest.mark.parametrize("name", ["task", "task_edit", "task_close", "task_drop"])
    def test_foreign_is_as_missing(self, world: World, client_as: As, name: str) -> None:
        for pk in (world.row("visits.agreement", "colleague").pk, MISSING):
            assert client_as("anna").get(reverse(name, args=[pk])).status_code == 404

    def test_the_heads_task_is_read_only_for_the_specialist(
        self, world: World, client_as: As
    ) -> None:
        row = factories.agreement(world.clients["own"], responsible=world.staff["galina"])
        body = text(client_as("anna").get(reverse("task", args=[row.pk])))
        assert reverse("task_close", args=[row.pk]) not in body
        assert client_as("anna").get(reverse("task_close", args=[row.pk])).status_code == 403
        assert client_as("anna").post(reverse("task_reopen", args=[row.pk])).status_code == 302

    def test_tab(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("client_tasks", args=[world.clients["own"].pk])))
        assert f"{OWN} договорённость" in body
        bare = factories.client(world.staff["anna"], world.noio1)
        empty = text(client_as("anna").get(reverse("client_tasks", args=[bare.pk])))
        assert "Задач по клиенту нет" in empty
        assert reverse("client_task_add", args=[bare.pk]) in empty


class TestApi:
    URL = "/api/v1/agreements/"

    def change(self, api: Any, row: Agreement, data: dict[str, Any]) -> Any:
        row.refresh_from_db()
        return api.patch(
            f"{self.URL}{row.pk}/", data, format="json", headers={"If-Match": f'W/"{row.version}"'}
        )

    def test_list_is_of_every_state(self, world: World, api_as: As) -> None:
        done = factories.agreement(world.clients["own"], status="done", closed_on=TODAY)
        found = {row["id"] for row in api_as("anna").get(self.URL).json()["results"]}
        assert found == {done.pk, world.row("visits.agreement").pk}
        overdue = api_as("anna").get(f"{self.URL}?state=overdue").json()["results"]
        assert overdue == []

    def test_create(self, world: World, api_as: As) -> None:
        body = {"client": world.clients["own"].pk, "what": "дело"}
        made = api_as("anna").post(self.URL, body, format="json")
        assert made.status_code == 201
        assert made.json()["due_on"] == "2026-09-21"
        visit = world.row("visits.visit")
        of_visit = api_as("anna").post(self.URL, {"visit": visit.pk, "what": "дело"}, format="json")
        assert of_visit.json()["client"] == visit.client_id
        assert of_visit.json()["agreed_on"] == "2026-09-15"

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"status": "done"}, "status"),
            ({"due_on": "2076-01-01"}, "due_on"),
            ({"what": ""}, "what"),
            ({"agreed_on": "2026-01-01"}, "agreed_on"),
            ({"client": "{foreign}"}, "client"),
            ({"client": "{colleague}", "visit": "{visit}"}, "visit"),
        ],
    )
    def test_refusals(self, world: World, api_as: As, more: dict, field: str) -> None:
        numbers = {
            "{foreign}": MISSING,
            "{colleague}": world.clients["colleague"].pk,
            "{visit}": world.row("visits.visit").pk,
        }
        body = {"client": world.clients["own"].pk, "what": "дело"} | more
        body = {name: numbers.get(value, value) for name, value in body.items()}
        told = api_as("galina").post(self.URL, body, format="json")
        assert told.status_code == 400
        assert {error["field"] for error in told.json()["errors"]} == {field}

    def test_states(self, world: World, api_as: As) -> None:
        api, row = api_as("anna"), world.row("visits.agreement")
        assert self.change(api, row, {"what": "иное"}).json()["what"] == "иное"
        assert self.change(api, row, {"outcome": "слова"}).status_code == 400
        assert self.change(api, row, {"status": "done", "what": "иное"}).status_code == 400
        done = self.change(api, row, {"status": "done", "outcome": "готово"}).json()
        assert (done["status"], done["closed_on"]) == ("done", "2026-09-16")
        assert self.change(api, row, {"status": "dropped", "outcome": "х"}).status_code == 400
        assert self.change(api, row, {"status": "open"}).json()["outcome"] == ""
        dropped = self.change(api, row, {"status": "dropped"})
        assert {e["field"] for e in dropped.json()["errors"]} == {"outcome"}

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, api_as: As, count_queries: Any
    ) -> None:
        api = api_as("anna")
        api.get(self.URL)
        with count_queries() as few:
            api.get(self.URL)
        for _ in range(29):
            factories.agreement(world.clients["own"], participant=world.row("contacts.participant"))
        with count_queries() as many:
            api.get(self.URL)
        assert len(few) == len(many)
