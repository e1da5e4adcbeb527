"""REST of contacts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import factories
from tests.personas import MISSING, World
from visits.models import Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
URL = "/api/v1/visits/"


def body(world: World, **more: Any) -> dict[str, Any]:
    return {"client": world.clients["own"].pk, "level": "K1", "planned_for": "2026-09-20"} | more


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


def change(api: Any, row: Visit, data: dict[str, Any]) -> Any:
    row.refresh_from_db()
    return api.patch(
        f"{URL}{row.pk}/", data, format="json", headers={"If-Match": f'W/"{row.version}"'}
    )


class TestRead:
    def test_list_card_and_filters(self, world: World, api_as: As) -> None:
        api = api_as("anna")
        assert len(api.get(URL).json()["results"]) == 3
        assert len(api.get(f"{URL}?level=K2").json()["results"]) == 1
        assert len(api.get(f"{URL}?period_after=2026-09-17").json()["results"]) == 1
        assert api.get(f"{URL}?nonsense=1").status_code == 400
        row = world.row("visits.visit")
        card = api.get(f"{URL}{row.pk}/").json()
        assert card["held_on"] == "2026-09-15"
        assert card["is_prepared"] is False
        assert card["participants"] == [world.row("contacts.participant").pk]

    def test_foreign_is_as_missing(self, world: World, api_as: As) -> None:
        for pk in (world.row("visits.visit", "colleague").pk, MISSING):
            assert api_as("anna").get(f"{URL}{pk}/").status_code == 404
            assert api_as("anna").patch(f"{URL}{pk}/", {}, format="json").status_code == 404
        assert api_as("zhanna").get(URL).status_code == 403
        assert api_as("anonymous").get(URL).status_code == 401

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, api_as: As, count_queries: Any
    ) -> None:
        api = api_as("anna")
        api.get(URL)
        with count_queries() as few:
            api.get(URL)
        for _ in range(27):
            factories.visit(
                world.clients["own"],
                participants=[world.row("contacts.participant")],
                companions=[world.staff["galina"]],
            )
        with count_queries() as many:
            api.get(URL)
        assert len(few) == len(many)


class TestWrite:
    def test_plan_and_log(self, world: World, api_as: As, now: datetime) -> None:
        planned = api_as("anna").post(URL, body(world, plan="план"), format="json")
        assert planned.status_code == 201
        assert planned.json()["status"] == "planned"
        assert planned.json()["employee"] == world.staff["anna"].pk
        assert planned.json()["is_prepared"] is True
        done = api_as("writer").post(
            URL,
            body(
                world,
                status="done",
                level="K2",
                started_at="2026-09-16T09:00:00+03:00",
                employee=world.staff["galina"].pk,
                plan="план задним числом",
            ),
            format="json",
        )
        assert done.status_code == 201
        assert done.json()["is_prepared"] is False

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"nonsense": 1}, "nonsense"),
            ({"prepared_at": "2026-01-01T00:00:00Z"}, "prepared_at"),
            ({"held_on": "2026-01-01"}, "held_on"),
            ({"status": "cancelled"}, "status"),
            ({"status": "done"}, "started_at"),
            ({"client": MISSING}, "client"),
            ({"planned_for": "2026-09-01"}, "planned_for"),
            ({"planned_for": "2076-09-01"}, "planned_for"),
            ({"satisfaction": 0}, "satisfaction"),
            ({"materials": -1}, "materials"),
            ({"level": "K3"}, "level"),
        ],
    )
    def test_refused(self, world: World, api_as: As, more: dict, field: str) -> None:
        before = Visit.objects.count()
        answer = api_as("anna").post(URL, body(world, **more), format="json")
        assert answer.status_code == 400
        assert fields(answer) == {field}
        assert Visit.objects.count() == before

    def test_out_of_scope_is_400_and_not_allowed_is_403(self, world: World, api_as: As) -> None:
        foreign = world.clients["foreign"].pk
        answer = api_as("anna").post(URL, body(world, client=foreign), format="json")
        assert (answer.status_code, fields(answer)) == (400, {"client"})
        person = world.row("contacts.participant", "colleague").pk
        answer = api_as("anna").post(URL, body(world, participants=[person]), format="json")
        assert answer.status_code == 400
        answer = api_as("anna").post(URL, body(world, level="K2"), format="json")
        assert answer.status_code == 403
        assert change(api_as("anna"), world.row("k2"), {"result": "x"}).status_code == 403
        assert api_as("reader").post(URL, body(world), format="json").status_code == 403

    def test_change(self, world: World, api_as: As) -> None:
        row = world.row("planned")
        api = api_as("anna")
        address = f"{URL}{row.pk}/"
        assert api.patch(address, {"goal": "x"}, format="json").status_code == 428
        stale = api.patch(address, {"goal": "x"}, format="json", headers={"If-Match": '"99"'})
        assert stale.status_code == 412
        done = change(api, row, {"goal": "новая цель"})
        assert done.status_code == 200
        assert done["ETag"].startswith(f'W/"{row.version + 1}.')
        assert fields(change(api, row, {"client": row.client_id})) == {"client"}

    def test_the_life_of_a_contact(self, world: World, api_as: As) -> None:
        api, row = api_as("anna"), world.row("planned")
        answer = change(api, row, {"status": "done", "started_at": "2026-09-16T10:00:00+03:00"})
        assert answer.json()["status"] == "done"
        answer = change(api, row, {"status": "planned"})
        assert (answer.status_code, fields(answer)) == (400, {"status"})
        answer = change(api, row, {"status": "done", "result": "итог"})
        assert answer.json()["result"] == "итог"
        answer = change(api, row, {"status": "cancelled"})
        assert fields(answer) == {"reason"}
        answer = change(api, row, {"status": "cancelled", "reason": "x", "result": "y"})
        assert fields(answer) == {"result"}
        answer = change(api, row, {"status": "cancelled", "reason": "ошибка"})
        assert answer.json()["status"] == "cancelled"
        assert change(api, row, {"result": "поздно"}).status_code == 400
