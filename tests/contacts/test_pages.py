"""Pages of the decision scheme: what they say, what they keep, what they cost."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client
from contacts.models import Participant
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]

FORM = {
    "last_name": "Иванова",
    "first_name": "Анна",
    "attitude": "neutral",
    "influence": "2",
    "starts_on": "2026-09-01",
    "roles": ["key_user"],
}


def text(response: Any) -> str:
    return response.content.decode()


class TestScheme:
    def test_people_roles_and_gaps(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(reverse("client_scheme", args=[world.clients["own"].pk]))
        assert page.status_code == 200
        body = text(page)
        assert f"{OWN} фамилия" in body
        assert "ГКлП" in body
        assert "Нет ЛПР: неизвестно, кто решает" in body
        assert "Известен только один контакт" in body
        assert "<html" in body

    def test_as_a_part_for_htmx(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(
            reverse("client_scheme", args=[world.clients["own"].pk]), headers={"HX-Request": "true"}
        )
        assert "<html" not in text(page)
        assert 'id="scheme"' in text(page)

    def test_an_empty_scheme_says_what_to_do(self, world: World, client_as: As) -> None:
        bare = factories.client(world.staff["anna"], world.noio1)
        body = text(client_as("anna").get(reverse("client_scheme", args=[bare.pk])))
        assert "В схеме никого нет" in body
        assert reverse("participant_add", args=[bare.pk]) in body

    def test_no_gaps_and_the_former(self, world: World, client_as: As, today: date) -> None:
        whole = factories.client(world.staff["anna"], world.noio1)
        factories.participant(whole, ("decision_maker",), "management", verified_on=today)
        factories.participant(whole, ("key_user",), verified_on=today)
        factories.participant(whole, ends_on=today)
        body = text(client_as("anna").get(reverse("client_scheme", args=[whole.pk])))
        assert "Пробелов в схеме нет" in body
        assert "1\u00a0вышел из схемы" in body

    def test_foreign_is_as_missing(self, world: World, client_as: As) -> None:
        for pk in (world.clients["foreign"].pk, MISSING):
            assert client_as("anna").get(reverse("client_scheme", args=[pk])).status_code == 404


class TestList:
    def test_ones_own_only(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("participants")))
        assert OWN in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("role=main_key_user", True),
            ("role=decision_maker", False),
            ("q={name}", True),
            ("q=нет+такого", False),
            ("name={person}", True),
            ("attitude=opponent", False),
        ],
    )
    def test_filters(self, world: World, client_as: As, query: str, found: bool) -> None:
        row = world.row("contacts.participant")
        query = query.format(name=row.client.name, person=row.person.last_name)
        body = text(client_as("anna").get(f"{reverse('participants')}?{query}"))
        assert (f"/participants/{row.pk}/" in body) is found

    def test_department_filter(self, world: World, client_as: As) -> None:
        row = world.row("contacts.participant")
        for code, found in (("accounting", True), ("it", False)):
            pk = type(row.department).objects.get(code=code).pk
            body = text(client_as("anna").get(f"{reverse('participants')}?department={pk}"))
            assert (f"/participants/{row.pk}/" in body) is found

    def test_files(self, world: World, client_as: As) -> None:
        sheet = client_as("anna").get(f"{reverse('participants')}?format=csv")
        rows = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert rows[0].startswith("Участник;Клиент;Роли;Отдел")
        assert len(rows) == 2
        assert "ГКлП" in rows[1]
        book = client_as("anna").get(f"{reverse('participants')}?format=xlsx")
        assert b"".join(book.streaming_content)[:2] == b"PK"

    def test_the_same_queries_for_3_rows_and_for_300(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("anna")
        client = world.clients["own"]
        address = reverse("participants")
        scheme = reverse("client_scheme", args=[client.pk])
        for _ in range(2):
            factories.participant(client)
        browser.get(address)
        with count_queries() as few:
            browser.get(address)
            browser.get(scheme)
        boss = world.row("contacts.participant")
        for _ in range(297):
            factories.participant(client, ("key_user", "decision_maker"), reports_to=boss)
        with count_queries() as many:
            browser.get(address)
            browser.get(scheme)
        assert len(few) == len(many)


class TestForms:
    def test_add(self, world: World, client_as: As) -> None:
        client = world.clients["own"]
        page = client_as("anna").post(reverse("participant_add", args=[client.pk]), FORM)
        assert page.status_code == 302
        assert page.url == f"/clients/{client.pk}/?tab=scheme"
        row = Participant.objects.get(person__last_name="Иванова")
        assert [role.role for role in row.roles.all()] == ["key_user"]

    def test_errors_stand_at_their_fields_and_keep_what_was_typed(
        self, world: World, client_as: As
    ) -> None:
        page = client_as("anna").post(
            reverse("participant_add", args=[world.clients["own"].pk]),
            FORM | {"phone": "12345", "notes": "долгие заметки", "starts_on": "2030-01-01"},
        )
        assert page.status_code == 422
        form = page.context["form"]
        assert set(form.errors) == {"starts_on"}
        body = text(page)
        assert "долгие заметки" in body
        assert "12345" in body
        page = client_as("anna").post(
            reverse("participant_add", args=[world.clients["own"].pk]), FORM | {"phone": "12345"}
        )
        assert set(page.context["form"].errors) == {"phone"}

    def test_a_known_person_is_found_and_chosen(self, world: World, client_as: As) -> None:
        person = world.row("contacts.person", "colleague")
        address = reverse("participant_add", args=[world.clients["own"].pk])
        found = text(client_as("galina").get(f"{address}?q={person.last_name}"))
        assert f"?person={person.pk}" in found
        assert f"?person={person.pk}" not in text(
            client_as("anna").get(f"{address}?q={person.last_name}")
        )
        chosen = client_as("galina").get(f"{address}?person={person.pk}")
        assert chosen.context["form"].initial["last_name"] == person.last_name
        data = FORM | {"last_name": person.last_name, "first_name": person.first_name}
        page = client_as("galina").post(f"{address}?person={person.pk}", data)
        assert page.status_code == 302
        assert person.places.count() == 2

    @pytest.mark.parametrize("chosen", ["abc", "²", "9" * 30, "987654321"])
    def test_a_nonsense_choice_is_nobody(self, world: World, client_as: As, chosen: str) -> None:
        address = reverse("participant_add", args=[world.clients["own"].pk])
        page = client_as("anna").get(f"{address}?person={chosen}")
        assert page.status_code == 200
        assert page.context["person"] is None

    def test_edit_and_its_roles(self, world: World, client_as: As, today: date) -> None:
        row = world.row("contacts.participant")
        address = reverse("participant_edit", args=[row.pk])
        opened = client_as("anna").get(address)
        assert opened.context["form"].initial["roles"] == ["main_key_user"]
        data = FORM | {"version": row.version, "roles": ["decision_maker"], "starts_on": ""}
        page = client_as("anna").post(address, data | {"starts_on": row.starts_on.isoformat()})
        assert page.status_code == 302
        held = row.roles.filter(ends_on=None)
        assert [role.role for role in held] == ["decision_maker"]
        assert row.roles.get(role="main_key_user").ends_on == today

    def test_conflict_shows_both(self, world: World, client_as: As) -> None:
        row = world.row("contacts.participant")
        address = reverse("participant_edit", args=[row.pk])
        data = FORM | {"version": row.version, "starts_on": row.starts_on.isoformat()}
        client_as("anna").post(address, data | {"job_title": "первая", "last_name": "Первая"})
        late = client_as("zoya").post(
            address, data | {"job_title": "вторая", "last_name": "Вторая"}
        )
        assert late.status_code == 409
        body = text(late)
        for word in ("первая", "вторая", "Первая", "Вторая"):
            assert word in body
        again = client_as("zoya").post(
            address,
            data | {"last_name": "Вторая", "version": late.context["form"]["version"].value()},
        )
        assert again.status_code == 302
        row.person.refresh_from_db()
        assert row.person.last_name == "Вторая"

    def test_close(self, world: World, client_as: As, today: date) -> None:
        row = world.row("contacts.participant")
        address = reverse("participant_close", args=[row.pk])
        assert client_as("anna").get(address).status_code == 200
        bad = client_as("anna").post(address, {"version": row.version, "ends_on": "2020-01-01"})
        assert set(bad.context["form"].errors) == {"ends_on"}
        page = client_as("anna").post(
            address, {"version": row.version, "ends_on": today.isoformat()}
        )
        assert page.status_code == 302
        row.refresh_from_db()
        assert row.ends_on == today
        card = text(client_as("anna").get(reverse("participant", args=[row.pk])))
        assert "Не в схеме с 16.09.2026" in card
        assert reverse("participant_edit", args=[row.pk]) not in card

    def test_verified_today(self, world: World, client_as: As, today: date) -> None:
        row = factories.participant(world.clients["own"])
        address = reverse("participant_verify", args=[row.pk])
        assert client_as("anna").get(address).status_code == 405
        assert client_as("anna").post(address).status_code == 302
        row.refresh_from_db()
        assert row.verified_on == today

    def test_verifying_who_left_says_why_not(self, world: World, client_as: As, today: date):
        row = factories.participant(world.clients["own"], ends_on=today)
        page = client_as("anna").post(reverse("participant_verify", args=[row.pk]), follow=True)
        assert "Участник вышел из схемы" in text(page)

    @pytest.mark.parametrize(
        "name", ["participant", "participant_edit", "participant_close", "participant_verify"]
    )
    def test_foreign_is_as_missing(self, world: World, client_as: As, name: str) -> None:
        verb = "post" if name == "participant_verify" else "get"
        for pk in (world.row("contacts.participant", "colleague").pk, MISSING):
            assert getattr(client_as("anna"), verb)(reverse(name, args=[pk])).status_code == 404

    def test_card(self, world: World, client_as: As) -> None:
        row = world.row("contacts.participant")
        factories.participant(world.clients["own"], reports_to=row)
        factories.participant(world.clients["colleague"], person=row.person)
        body = text(client_as("galina").get(reverse("participant", args=[row.pk])))
        assert "Роли по датам" in body
        assert "Этот же человек в других схемах" in body
        assert "Ему подчиняются" in body
        assert "Этот же человек" not in text(
            client_as("anna").get(reverse("participant", args=[row.pk]))
        )


def test_picker_searches_ones_own_clients(world: World, client_as: As) -> None:
    page = client_as("anna").get(reverse("visit_new"))
    assert [row.pk for row, _ in page.context["rows"]] == [world.clients["own"].pk]
    assert reverse("visit_log", args=[world.clients["own"].pk]) in text(page)
    nothing = text(client_as("anna").get(f"{reverse('visit_new')}?q=нет+такого"))
    assert "Клиент не найден" in nothing
    Client.objects.update(specialist=None)
    assert "Клиентов у вас пока нет" in text(client_as("anna").get(reverse("visit_new")))
