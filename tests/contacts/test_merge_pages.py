"""Pages of duplicates: found in one's own scope, compared side by side, made one; the API too."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from contacts import selectors
from contacts.models import Participant, Person
from tests import factories
from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]


def text(response: Any) -> str:
    return response.content.decode()


def twins(world: World, whose: str = "own", **given: Any) -> tuple[Participant, Participant]:
    """Two cards of one name in the scheme of «own» and of another client."""
    name = {"last_name": "Двойникова", "first_name": "Ёлка"} | given
    keep = factories.participant(world.clients["own"], person=factories.person(**name))
    same = {"last_name": "двойникова", "first_name": "Елка"}
    drop = factories.participant(world.clients[whose], person=factories.person(**same))
    return keep, drop


def address(keep: Participant, drop: Participant | None = None) -> str:
    found = reverse("participant_merge", args=[keep.pk])
    return f"{found}?with={drop.pk}" if drop else found


def versions(keep: Participant, drop: Participant) -> dict[str, int]:
    return {"version": keep.version, "other_version": drop.version}


class TestLikeness:
    def test_by_name_phone_and_mail(self, world: World) -> None:
        anna, client = world.users["anna"], world.clients["own"]
        one = factories.person(
            last_name="Лис", first_name="А", phone="+7 495 123-45-67", email="a@b.ru"
        )
        places = [factories.participant(client, person=one)]
        for given in (
            {"last_name": "ЛИС", "first_name": "а"},
            {"phone": "8 (495) 123-45-67"},
            {"email": "A@B.ru"},
            {"last_name": "Лис", "first_name": "А", "phone": "+7 495 123-45-67"},
        ):
            places.append(factories.participant(client, person=factories.person(**given)))
        found = selectors.alike_of(anna, [one.pk])[one.pk]
        assert [(alike.place.pk, alike.why) for alike in found] == [
            (places[4].pk, "совпадают имя, телефон"),
            (places[1].pk, "совпадает имя"),
            (places[2].pk, "совпадает телефон"),
            (places[3].pk, "совпадает e-mail"),
        ]
        assert set(selectors.doubtful(anna)) == {place.person for place in places}

    def test_an_empty_phone_and_mail_are_no_likeness(self, world: World) -> None:
        for _ in range(2):
            factories.participant(world.clients["own"])
        assert list(selectors.doubtful(world.users["anna"])) == []

    def test_within_scope_only(self, world: World) -> None:
        """All the people of the centre have the same digits; each sees those of their clients."""
        row = world.row("contacts.person")
        alike = selectors.alike_of(world.users["anna"], [row.pk])
        assert alike == {row.pk: []}
        found = selectors.alike_of(world.users["galina"], [row.pk])[row.pk]
        assert [one.person for one in found] == [world.row("contacts.person", "colleague")]
        assert set(selectors.doubtful(world.users["galina"])) == {
            row,
            world.row("contacts.person", "colleague"),
        }


class TestList:
    def test_pairs_lead_to_their_comparison(self, world: World, client_as: As) -> None:
        keep, drop = twins(world)
        body = text(client_as("anna").get(reverse("duplicates")))
        assert address(keep, drop) in body
        assert address(drop, keep) in body
        assert "совпадает имя" in body

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("by=name", True),
            ("by=email", False),
            ("by=name&by=phone", True),
            ("name=двойник", True),
            ("name=другая", False),
            ("q={client}", True),
            ("q=нет+такого", False),
        ],
    )
    def test_filters(self, world: World, client_as: As, query: str, found: bool) -> None:
        keep, drop = twins(world)
        query = query.format(client=world.clients["own"].inn)
        body = text(client_as("anna").get(f"{reverse('duplicates')}?{query}"))
        assert (address(keep, drop) in body) is found

    def test_nothing_found_says_so(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("duplicates")))
        assert "Похожих карточек нет" in body

    def test_files(self, world: World, client_as: As) -> None:
        twins(world)
        sheet = client_as("anna").get(f"{reverse('duplicates')}?format=csv")
        rows = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert rows[0] == "Карточка;Где стоит;Телефон;E-mail;Похожа на"
        assert len(rows) == 3
        assert "совпадает имя" in rows[1]

    def test_the_same_queries_for_3_cards_and_30(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("anna")
        twins(world)
        card = reverse("participant", args=[twins(world)[0].pk])
        browser.get(reverse("duplicates"))
        with count_queries() as few:
            browser.get(reverse("duplicates"))
            browser.get(card)
        for _ in range(14):
            twins(world)
        with count_queries() as many:
            browser.get(reverse("duplicates"))
            browser.get(card)
        assert len(few) == len(many)

    def test_the_list_of_participants_leads_here(self, world: World, client_as: As) -> None:
        assert reverse("duplicates") in text(client_as("anna").get(reverse("participants")))


class TestChoice:
    def test_the_card_offers_who_looks_like_it(self, world: World, client_as: As) -> None:
        keep, drop = twins(world)
        body = text(client_as("anna").get(reverse("participant", args=[keep.pk])))
        assert address(keep, drop) in body
        other = world.row("contacts.participant")
        body = text(client_as("anna").get(reverse("participant", args=[other.pk])))
        assert "в ваших схемах нет" in body
        assert address(other) in body

    def test_somebody_is_found_by_name(self, world: World, client_as: As) -> None:
        keep, drop = world.row("contacts.participant"), twins(world)[1]
        body = text(client_as("anna").get(f"{address(keep)}?q=двойник"))
        assert address(keep, drop) in body
        assert "Никого с таким именем" in text(client_as("anna").get(f"{address(keep)}?q=щщщ"))
        foreign = world.row("contacts.person", "foreign").last_name
        assert "Никого с таким именем" in text(
            client_as("anna").get(f"{address(keep)}?q={foreign}")
        )

    @pytest.mark.parametrize("chosen", ["abc", "²", "9" * 30, str(MISSING), ""])
    def test_a_nonsense_choice_is_nobody(self, world: World, client_as: As, chosen: str) -> None:
        keep = world.row("contacts.participant")
        page = client_as("anna").get(f"{address(keep)}?with={chosen}")
        assert page.status_code == 200
        assert page.context["other"] is None

    def test_another_scope_is_nobody(self, world: World, client_as: As) -> None:
        keep = world.row("contacts.participant")
        foreign = world.row("contacts.participant", "foreign")
        page = client_as("anna").get(address(keep, foreign))
        assert page.context["other"] is None
        assert client_as("anna").get(address(foreign, keep)).status_code == 404


class TestComparison:
    def test_field_by_field(self, world: World, client_as: As) -> None:
        keep, drop = twins(world, whose="colleague", email="")
        Person.objects.filter(pk=drop.person_id).update(email="drop@example.org")
        page = client_as("galina").get(address(keep, drop))
        lines = {
            line.label: (line.kept, line.dropped, line.result) for line in page.context["lines"]
        }
        assert lines["Имя"] == ("Ёлка", "Елка", "Ёлка")
        assert lines["E-mail"] == ("", "drop@example.org", "drop@example.org")
        assert lines[str(keep.client)][2] == "Останется"
        assert lines[str(drop.client)][2] == "Перейдёт к оставшейся карточке"
        assert address(drop, keep) in text(page)

    def test_two_places_of_one_scheme(self, world: World, client_as: As) -> None:
        keep, drop = twins(world)
        page = client_as("anna").get(address(keep, drop))
        assert page.context["lines"][-1].result.startswith("Два места станут одним")

    def test_merge(self, world: World, client_as: As) -> None:
        keep, drop = twins(world)
        page = client_as("anna").post(address(keep, drop), versions(keep, drop), follow=True)
        assert page.redirect_chain == [(reverse("participant", args=[keep.pk]), 302)]
        assert "Карточки объединены" in text(page)
        gone = text(client_as("anna").get(reverse("participant", args=[drop.pk])))
        assert "Эту карточку объединили с другой" in gone
        assert reverse("participant", args=[keep.pk]) in gone
        assert reverse("participant_edit", args=[drop.pk]) not in gone
        listed = text(client_as("anna").get(reverse("participants")))
        assert f"/participants/{drop.pk}/" not in listed
        assert f"/participants/{keep.pk}/" in listed

    def test_a_change_meanwhile_shows_the_comparison_again(
        self, world: World, client_as: As
    ) -> None:
        keep, drop = twins(world)
        data = versions(keep, drop) | {"other_version": 99}
        page = client_as("anna").post(address(keep, drop), data, follow=True)
        assert "Карточку только что изменил кто-то другой" in text(page)
        drop.refresh_from_db()
        assert drop.merged_into is None

    def test_clients_out_of_sight_are_told_of(self, world: World, client_as: As) -> None:
        keep, drop = twins(world)
        factories.participant(world.clients["foreign"], person=drop.person)
        page = client_as("anna").post(address(keep, drop), versions(keep, drop))
        assert page.status_code == 422
        assert "которых вы не видите" in text(page)

    def test_nobody_chosen(self, world: World, client_as: As) -> None:
        keep = world.row("contacts.participant")
        page = client_as("anna").post(address(keep), {})
        assert page.status_code == 422
        assert "Похожие карточки" in text(page)


class TestApi:
    URL = "/api/v1/participants/"

    def test_merge(self, world: World, api_as: As) -> None:
        keep, drop = twins(world)
        api = api_as("writer")
        url = f"{self.URL}{keep.pk}/merge/"
        data = {"duplicate": drop.pk}
        assert api.post(url, data, format="json").status_code == 428
        stale = api.post(url, data, format="json", headers={"If-Match": '"99"'})
        assert stale.status_code == 412
        done = api.post(url, data, format="json", headers={"If-Match": f'"{keep.version}"'})
        assert done.status_code == 200
        assert done.json()["id"] == keep.pk
        assert done.json()["merged_into"] is None
        assert api.get(f"{self.URL}{drop.pk}/").json()["merged_into"] == keep.pk
        current = api.get(f"{self.URL}?is_current=true").json()["results"]
        assert drop.pk not in [row["id"] for row in current]

    def test_another_scope_is_as_missing(self, world: World, api_as: As) -> None:
        keep = world.row("contacts.participant")
        for pk in (world.row("contacts.participant", "foreign").pk, MISSING):
            answer = api_as("anna").post(
                f"{self.URL}{keep.pk}/merge/",
                {"duplicate": pk},
                format="json",
                headers={"If-Match": f'"{keep.version}"'},
            )
            assert answer.status_code == 400
            assert [error["field"] for error in answer.json()["errors"]] == ["duplicate"]

    def test_merged_into_is_not_written(self, world: World, api_as: As) -> None:
        keep, drop = twins(world)
        answer = api_as("anna").patch(
            f"{self.URL}{drop.pk}/",
            {"merged_into": keep.pk},
            format="json",
            headers={"If-Match": f'"{drop.version}"'},
        )
        assert answer.status_code == 400

    def test_what_to_mend(self, world: World, api_as: As) -> None:
        bare = factories.participant(world.clients["own"], ())
        found = api_as("anna").get(f"{self.URL}?trouble=without_role").json()["results"]
        assert [row["id"] for row in found] == [bare.pk]
        assert api_as("anna").get(f"{self.URL}?trouble=else").status_code == 400
