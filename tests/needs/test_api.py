"""REST of needs and their dictionaries."""

from collections.abc import Callable
from typing import Any

import pytest

from needs.models import Need, NeedStage, ProductAdvantage, Tool
from tests import factories
from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
URL = "/api/v1/needs/"


def body(world: World, **more: Any) -> dict[str, Any]:
    found = {
        "client": world.clients["own"].pk,
        "title": "Субсидия",
        "key_need": "сроки",
        "difficulties": "нет практики",
    }
    return found | more


def fields(response: Any) -> set[str]:
    return {error["field"] for error in response.json()["errors"]}


def tag(need: Need) -> dict[str, str]:
    need.refresh_from_db()
    return {"If-Match": f'W/"{need.version}"'}


class TestRead:
    def test_list_card_and_filters(self, world: World, api_as: As) -> None:
        api, need = api_as("anna"), world.row("needs.need")
        assert [row["id"] for row in api.get(URL).json()["results"]] == [need.pk]
        assert api.get(f"{URL}?status=dropped").json()["results"] == []
        assert api.get(f"{URL}?nonsense=1").status_code == 400
        card = api.get(f"{URL}{need.pk}/").json()
        assert card["stage"] == "01"
        assert [step["stage"] for step in card["steps"]] == ["01"]

    def test_foreign_is_as_missing(self, world: World, api_as: As) -> None:
        for pk in (world.row("needs.need", "colleague").pk, MISSING):
            assert api_as("anna").get(f"{URL}{pk}/").status_code == 404
            assert api_as("anna").patch(f"{URL}{pk}/", {}, format="json").status_code == 404
            answer = api_as("anna").post(f"{URL}{pk}/advance/", {}, format="json")
            assert answer.status_code == 404
        assert api_as("zhanna").get(URL).status_code == 403
        assert api_as("anonymous").get(URL).status_code == 401

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, api_as: As, count_queries: Any
    ) -> None:
        api = api_as("anna")
        api.get(URL)
        with count_queries() as few:
            api.get(URL)
        for _ in range(29):
            need = factories.need(
                world.clients["own"], participant=world.row("contacts.participant")
            )
            need.tools.set(Tool.objects.all()[:2])
            factories.need_step(need)
        with count_queries() as many:
            api.get(URL)
        assert len(few) == len(many)

    @pytest.mark.parametrize(
        ("prefix", "model"),
        [
            ("need-stages", NeedStage),
            ("tools", Tool),
            ("product-advantages", ProductAdvantage),
        ],
    )
    def test_dictionaries(self, world: World, api_as: As, prefix: str, model: Any) -> None:
        api = api_as("reader")
        rows = api.get(f"/api/v1/{prefix}/").json()["results"]
        assert len(rows) == model.objects.count()
        assert api.get(f"/api/v1/{prefix}/{rows[0]['id']}/").status_code == 200
        assert api_as("writer").post(f"/api/v1/{prefix}/", {}, format="json").status_code == 405


class TestWrite:
    def test_create(self, world: World, api_as: As) -> None:
        tool = Tool.objects.first()
        answer = api_as("anna").post(URL, body(world, tools=[tool.pk]), format="json")
        assert answer.status_code == 201
        found = answer.json()
        assert found["author"] == world.staff["anna"].pk
        assert (found["stage"], found["status"], found["tools"]) == (None, "open", [tool.pk])
        answer = api_as("writer").post(
            URL, body(world, author=world.staff["boris"].pk), format="json"
        )
        assert answer.json()["author"] == world.staff["boris"].pk

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"nonsense": 1}, "nonsense"),
            ({"stage": "06"}, "stage"),
            ({"status": "dropped"}, "status"),
            ({"opened_on": "2026-01-01"}, "opened_on"),
            ({"steps": []}, "steps"),
            ({"client": MISSING}, "client"),
            ({"participant": MISSING}, "participant"),
            ({"title": ""}, "title"),
            ({"effect_hours": -1}, "effect_hours"),
            ({"effect_roubles": "NaN"}, "effect_roubles"),
            ({"priority": 9}, "priority"),
        ],
    )
    def test_refused(self, world: World, api_as: As, more: dict, field: str) -> None:
        before = Need.objects.count()
        answer = api_as("anna").post(URL, body(world, **more), format="json")
        assert answer.status_code == 400
        assert fields(answer) == {field}
        assert Need.objects.count() == before

    def test_whose_it_is(self, world: World, api_as: As) -> None:
        answer = api_as("anna").post(
            URL, body(world, author=world.staff["boris"].pk), format="json"
        )
        assert (answer.status_code, fields(answer)) == (400, {"author"})
        answer = api_as("writer").post(URL, body(world), format="json")
        assert (answer.status_code, fields(answer)) == (400, {"author"})
        answer = api_as("anna").post(
            URL, body(world, client=world.clients["foreign"].pk), format="json"
        )
        assert (answer.status_code, fields(answer)) == (400, {"client"})
        assert api_as("reader").post(URL, body(world), format="json").status_code == 403

    def test_change(self, world: World, api_as: As) -> None:
        api, need = api_as("anna"), world.row("needs.need")
        address = f"{URL}{need.pk}/"
        assert api.patch(address, {"title": "x"}, format="json").status_code == 428
        stale = api.patch(address, {"title": "x"}, format="json", headers={"If-Match": '"99"'})
        assert stale.status_code == 412
        done = api.patch(address, {"title": "Иное"}, format="json", headers=tag(need))
        assert (done.status_code, done.json()["title"]) == (200, "Иное")
        for name in ("client", "author", "stage"):
            answer = api.patch(address, {name: 1}, format="json", headers=tag(need))
            assert (answer.status_code, fields(answer)) == (400, {name})
        answer = api.patch(address, {"key_need": ""}, format="json", headers=tag(need))
        assert (answer.status_code, fields(answer)) == (400, {"key_need"})


class TestAdvance:
    STEP = {"on": "2026-09-16", "evidence": "слова клиента"}

    def post(self, api: Any, need: Need, **more: Any) -> Any:
        return api.post(
            f"{URL}{need.pk}/advance/", self.STEP | more, format="json", headers=tag(need)
        )

    def test_the_whole_way(self, world: World, api_as: As) -> None:
        anna, galina, need = api_as("anna"), api_as("galina"), world.row("needs.need")
        assert self.post(anna, need, stage="03").json()["stage"] == "03"
        done = self.post(anna, need)
        assert (done.status_code, done.json()["stage"]) == (200, "04")
        assert done["ETag"].startswith(tag(need)["If-Match"].rstrip('"') + ".")
        participant = world.row("contacts.participant").pk
        own = self.post(anna, need, participant=participant)
        assert (own.status_code, fields(own)) == (400, {"__all__"})
        assert fields(self.post(galina, need)) == {"participant"}
        assert self.post(galina, need, participant=participant).json()["stage"] == "06"
        assert self.post(galina, need, participant=participant).status_code == 400

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"stage": "06"}, "stage"),
            ({"on": "2026-09-17"}, "on"),
            ({"on": None}, "on"),
            ({"evidence": ""}, "evidence"),
            ({"evidence": "\u200b"}, "evidence"),
            ({"nonsense": 1}, "nonsense"),
            ({"participant": MISSING}, "participant"),
            ({"author": MISSING}, "author"),
        ],
    )
    def test_illegal_moves(self, world: World, api_as: As, more: dict, field: str) -> None:
        need = world.row("needs.need")
        answer = self.post(api_as("anna"), need, **more)
        assert (answer.status_code, fields(answer)) == (400, {field})
        assert need.steps.count() == 1

    def test_version(self, world: World, api_as: As) -> None:
        need = world.row("needs.need")
        address = f"{URL}{need.pk}/advance/"
        assert api_as("anna").post(address, self.STEP, format="json").status_code == 428
        stale = api_as("anna").post(address, self.STEP, format="json", headers={"If-Match": '"99"'})
        assert stale.status_code == 412
        assert api_as("reader").post(address, self.STEP, format="json").status_code == 403
