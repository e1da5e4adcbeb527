"""REST of the decision scheme."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from contacts.models import ClientDepartment, Participant
from tests import factories
from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
URL = "/api/v1/participants/"


def body(world: World, **more: Any) -> dict[str, Any]:
    found = {
        "client": world.clients["own"].pk,
        "last_name": "Иванова",
        "first_name": "Анна",
        "roles": ["decision_maker", "key_user"],
    }
    return found | more


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


class TestRead:
    def test_list_and_card_are_flat(self, world: World, api_as: As) -> None:
        row = world.row("contacts.participant")
        answer = api_as("anna").get(URL)
        assert [r["id"] for r in answer.json()["results"]] == [row.pk]
        card = api_as("anna").get(f"{URL}{row.pk}/")
        assert card["ETag"].startswith(f'W/"{row.version}.')
        found = card.json()
        assert found["last_name"] == row.person.last_name
        assert found["roles"] == ["main_key_user"]
        assert "roles_on" not in found

    def test_filters(self, world: World, api_as: As, today: date) -> None:
        left = factories.participant(world.clients["own"], ends_on=today)
        for query, count in [
            ("is_current=false", 1),
            ("is_current=true", 1),
            (f"client={world.clients['own'].pk}", 2),
            ("role=main_key_user", 1),
            (f"client={MISSING}", 0),
        ]:
            assert len(api_as("anna").get(f"{URL}?{query}").json()["results"]) == count, query
        assert api_as("anna").get(f"{URL}?nonsense=1").status_code == 400
        assert api_as("anna").get(f"{URL}?client=x").status_code == 400
        assert left.pk in [r["id"] for r in api_as("anna").get(URL).json()["results"]]

    def test_foreign_is_as_missing(self, world: World, api_as: As) -> None:
        for pk in (world.row("contacts.participant", "colleague").pk, MISSING):
            assert api_as("anna").get(f"{URL}{pk}/").status_code == 404
            assert api_as("anna").patch(f"{URL}{pk}/", {}, format="json").status_code == 404

    def test_administrator_and_stranger(self, world: World, api_as: As) -> None:
        assert api_as("zhanna").get(URL).status_code == 403
        assert api_as("anonymous").get(URL).status_code == 401

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, api_as: As, count_queries: Any
    ) -> None:
        api = api_as("anna")
        for _ in range(2):
            factories.participant(world.clients["own"])
        api.get(URL)
        with count_queries() as few:
            api.get(URL)
        for _ in range(27):
            factories.participant(world.clients["own"])
        with count_queries() as many:
            api.get(URL)
        assert len(few) == len(many)

    def test_departments(self, world: World, api_as: As) -> None:
        answer = api_as("anna").get("/api/v1/client-departments/")
        assert len(answer.json()["results"]) == ClientDepartment.objects.count()
        assert api_as("elena").post("/api/v1/client-departments/", {}).status_code == 405


class TestWrite:
    def test_create(self, world: World, api_as: As, today: date) -> None:
        answer = api_as("writer").post(URL, body(world, phone="84951234567"), format="json")
        assert answer.status_code == 201
        found = answer.json()
        assert found["roles"] == ["decision_maker", "key_user"]
        assert found["phone"] == "+7 495 123-45-67"
        assert found["starts_on"] == today.isoformat()

    def test_known_person(self, world: World, api_as: As) -> None:
        person = world.row("contacts.person", "colleague")
        data = {"client": world.clients["own"].pk, "person": person.pk}
        assert api_as("anna").post(URL, data, format="json").status_code == 400
        answer = api_as("galina").post(URL, data, format="json")
        assert answer.status_code == 201
        assert answer.json()["last_name"] == person.last_name

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"nonsense": 1}, "nonsense"),
            ({"id": 1}, "id"),
            ({"roles": ["king"]}, "roles.0"),
            ({"phone": "12"}, "phone"),
            ({"client": MISSING}, "client"),
            ({"last_name": ""}, "last_name"),
            ({"ends_on": "2026-09-20"}, "ends_on"),
            ({"roles_on": "2026-09-01"}, "roles_on"),
            ({"starts_on": "2027-01-01"}, "starts_on"),
            ({"attitude": "angry"}, "attitude"),
        ],
    )
    def test_refused(self, world: World, api_as: As, more: dict, field: str) -> None:
        before = Participant.objects.count()
        answer = api_as("anna").post(URL, body(world, **more), format="json")
        assert answer.status_code == 400
        assert fields(answer) == {field}
        assert Participant.objects.count() == before

    def test_foreign_client_is_as_missing(self, world: World, api_as: As) -> None:
        answer = api_as("anna").post(
            URL, body(world, client=world.clients["foreign"].pk), format="json"
        )
        assert answer.status_code == 400
        assert fields(answer) == {"client"}

    def test_reader_writes_nothing(self, world: World, api_as: As) -> None:
        assert api_as("reader").post(URL, body(world), format="json").status_code == 403

    def test_change_asks_for_the_version(self, world: World, api_as: As) -> None:
        row = world.row("contacts.participant")
        api = api_as("anna")
        address = f"{URL}{row.pk}/"
        data = {"first_name": "Мария"}
        assert api.patch(address, data, format="json").status_code == 428
        stale = api.patch(address, data, format="json", headers={"If-Match": 'W/"99"'})
        assert stale.status_code == 412
        done = api.patch(address, data, format="json", headers={"If-Match": f'W/"{row.version}"'})
        assert done.status_code == 200
        assert done.json()["first_name"] == "Мария"
        assert not done["ETag"].startswith(f'W/"{row.version}.')

    def test_client_and_person_stay(self, world: World, api_as: As) -> None:
        row = world.row("contacts.participant")
        for name in ("client", "person"):
            answer = api_as("anna").patch(
                f"{URL}{row.pk}/", {name: 1}, format="json", headers={"If-Match": '"1"'}
            )
            assert answer.status_code == 400
            assert fields(answer) == {name}

    def test_roles_and_leaving(self, world: World, api_as: As, today: date) -> None:
        row = world.row("contacts.participant")
        api = api_as("writer")
        answer = api.patch(
            f"{URL}{row.pk}/",
            {"roles": ["key_user"], "roles_on": today.isoformat()},
            format="json",
            headers={"If-Match": f'"{row.version}"'},
        )
        assert answer.json()["roles"] == ["key_user"]
        answer = api.patch(
            f"{URL}{row.pk}/",
            {"notes": "ушла", "ends_on": today.isoformat()},
            format="json",
            headers={"If-Match": answer["ETag"]},
        )
        assert answer.status_code == 200
        assert answer.json()["ends_on"] == today.isoformat()
        assert answer.json()["roles"] == []
        gone = factories.participant(world.clients["own"])
        answer = api.patch(
            f"{URL}{gone.pk}/",
            {"ends_on": today.isoformat()},
            format="json",
            headers={"If-Match": f'"{gone.version}"'},
        )
        assert answer.status_code == 200
