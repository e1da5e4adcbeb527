"""REST: marks, agreements and sends of contacts; risks; bad input at its field."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.audit import reference
from core.models import AuditEntry
from tests import factories
from tests.personas import MISSING, World
from visits.models import Risk, Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
VISITS, RISKS = "/api/v1/visits/", "/api/v1/risks/"
START = "2026-09-16T09:00:00+03:00"


def done(world: World, **more: Any) -> dict[str, Any]:
    return {
        "client": world.clients["own"].pk,
        "level": "K2",
        "status": "done",
        "started_at": START,
    } | more


def post(api: Any, url: str, data: dict[str, Any]) -> Any:
    return api.post(url, data, format="json")


def patch(api: Any, url: str, row: Any, data: dict[str, Any]) -> Any:
    row.refresh_from_db()
    match = {"If-Match": f'W/"{row.version}"'}
    return api.patch(f"{url}{row.pk}/", data, format="json", headers=match)


def fields(response: Any) -> set[str]:
    assert response.status_code == 400, response.content
    return {error["field"] for error in response.json()["errors"]}


class TestMarks:
    def test_written_by_code_read_with_evidence(self, world: World, api_as: As) -> None:
        person = world.row("contacts.participant").pk
        data = done(world, participants=[person], marks={"02": "Субсидия"})
        answer = post(api_as("galina"), VISITS, data)
        assert answer.status_code == 201
        read = answer.json()["marks"]
        assert [(m["code"], m["evidence"]) for m in read] == [
            ("01", "Участник СПР указан."),
            ("02", "Субсидия"),
        ]
        row = Visit.objects.get(pk=answer.json()["id"])
        changed = patch(api_as("galina"), VISITS, row, {"marks": {"04": "Показали"}})
        assert [m["code"] for m in changed.json()["marks"]] == ["01", "04"]
        same = patch(api_as("galina"), VISITS, row, {"result": "итог"})
        assert [m["code"] for m in same.json()["marks"]] == ["01", "04"]

    def test_a_goal_after_the_start_never_counts(
        self, world: World, api_as: As, now: datetime, move_clock: Any
    ) -> None:
        api = api_as("galina")
        planned = done(world, status="planned", planned_for="2026-09-16", goal="цель")
        del planned["started_at"]
        row = Visit.objects.get(pk=post(api, VISITS, planned).json()["id"])
        move_clock(now + timedelta(hours=2))
        start = (now + timedelta(hours=1)).isoformat()
        held = patch(api, VISITS, row, {"status": "done", "started_at": start})
        assert "0" in [m["code"] for m in held.json()["marks"]]
        later = patch(api, VISITS, row, {"goal": "цель получше"})
        assert "0" not in [m["code"] for m in later.json()["marks"]]
        at_once = post(api, VISITS, done(world, goal="цель"))
        assert "0" not in [m["code"] for m in at_once.json()["marks"]]

    @pytest.mark.parametrize(
        ("marks", "field"),
        [
            ({"0": "цель была"}, "marks.0"),
            ({"нет": "такого"}, "marks.нет"),
            ({"02": ""}, "marks.02"),
            ({"02": 5}, "marks.02"),
            ({"02": "а" * 2001}, "marks.02"),
            (["02"], "marks"),
            ("02", "marks"),
        ],
    )
    def test_refused(self, world: World, api_as: As, marks: Any, field: str) -> None:
        assert fields(post(api_as("galina"), VISITS, done(world, marks=marks))) == {field}

    def test_not_for_a_k1_nor_a_plan(self, world: World, api_as: As) -> None:
        marks = {"02": "есть"}
        k1 = done(world, level="K1", marks=marks)
        assert fields(post(api_as("anna"), VISITS, k1)) == {"marks"}
        planned = done(world, status="planned", planned_for="2026-09-20", marks=marks)
        del planned["started_at"]
        assert fields(post(api_as("galina"), VISITS, planned)) == {"marks"}

    def test_agreements_are_read(self, world: World, api_as: As) -> None:
        row = world.row("visits.visit")
        read = api_as("anna").get(f"{VISITS}{row.pk}/").json()["agreements"]
        assert [a["id"] for a in read] == [world.row("visits.agreement").pk]
        assert fields(patch(api_as("anna"), VISITS, row, {"agreements": []})) == {"agreements"}

    def test_the_same_queries_for_3_and_30_rows(
        self, world: World, api_as: As, count_queries: Any
    ) -> None:
        api, client = api_as("anna"), world.clients["own"]

        def grow(count: int) -> None:
            for _ in range(count):
                row = factories.visit(client)
                factories.agreement(client, visit=row)
                factories.risk(client, visit=row)
                row.services.set(factories.Service.objects.all())

        grow(3)
        [api.get(url) for url in (VISITS, RISKS)]
        with count_queries() as few:
            [api.get(url) for url in (VISITS, RISKS)]
        grow(27)
        with count_queries() as many:
            [api.get(url) for url in (VISITS, RISKS)]
        assert len(few) == len(many)


class TestSubmission:
    def test_sent_twice_is_written_once(self, world: World, api_as: As) -> None:
        data = done(world, level="K1", submission=str(uuid4()))
        first, again = (post(api_as("anna"), VISITS, data) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        row = Visit.objects.get(pk=first.json()["id"])
        assert AuditEntry.objects.filter(subject=reference(row)).count() == 1

    def test_a_number_of_somebody_else_is_refused(self, world: World, api_as: As) -> None:
        data = done(world, level="K1", submission=str(uuid4()))
        post(api_as("anna"), VISITS, data)
        assert fields(post(api_as("galina"), VISITS, data)) == {"submission"}
        assert fields(post(api_as("anna"), VISITS, data | {"submission": "x"})) == {"submission"}


class TestBadInput:
    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"ended_at": "2026-09-16T08:00:00+03:00"}, "ended_at"),
            ({"started_at": "1976-09-16T09:00:00+03:00"}, "started_at"),
            ({"started_at": "2076-09-16T09:00:00+03:00"}, "started_at"),
            ({"result": "a" * 1_000_000}, "result"),
            ({"satisfaction": 11}, "satisfaction"),
            ({"satisfaction": 0}, "satisfaction"),
            ({"services": [MISSING]}, "services"),
        ],
    )
    def test_is_said_at_its_field(self, world: World, api_as: As, more: dict, field: str) -> None:
        count = Visit.objects.count()
        assert fields(post(api_as("anna"), VISITS, done(world, level="K1") | more)) == {field}
        assert Visit.objects.count() == count

    def test_a_participant_of_another_client(self, world: World, api_as: As) -> None:
        other = factories.participant(factories.client(world.staff["anna"], world.noio1))
        data = done(world, level="K1", participants=[other.pk])
        assert fields(post(api_as("anna"), VISITS, data)) == {"participants"}

    def test_zero_width_characters_are_taken_out(self, world: World, api_as: As) -> None:
        data = done(world, marks={"02": "\u200bСуб\u2060сидия"}, result="\ufeffитог\u200b")
        read = post(api_as("galina"), VISITS, data).json()
        assert (read["result"], read["marks"][0]["evidence"]) == ("итог", "Субсидия")
        blank = done(world, marks={"02": "\u200b"})
        assert fields(post(api_as("galina"), VISITS, blank)) == {"marks.02"}


class TestRisks:
    def test_noted_and_closed(self, world: World, api_as: As) -> None:
        api = api_as("anna")
        data = {"client": world.clients["own"].pk, "kind": "other", "text": "Сокращают штат"}
        made = post(api, RISKS, data)
        assert made.status_code == 201
        assert made.json()["raised_on"] == "2026-09-16"
        row = Risk.objects.get(pk=made.json()["id"])
        assert fields(patch(api, RISKS, row, {"text": "другой"})) == {"text"}
        assert fields(patch(api, RISKS, row, {})) == {"outcome"}
        closed = patch(api, RISKS, row, {"outcome": "Обошлось"})
        assert closed.json()["closed_on"] == "2026-09-16"
        assert len(api.get(f"{RISKS}?state=open").json()["results"]) == 1

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"kind": "нет"}, "kind"),
            ({"text": ""}, "text"),
            ({"text": "а" * 1001}, "text"),
            ({"client": MISSING}, "client"),
            ({"outcome": "сразу"}, "outcome"),
            ({"visit": MISSING}, "visit"),
        ],
    )
    def test_refused(self, world: World, api_as: As, more: dict, field: str) -> None:
        data = {"client": world.clients["own"].pk, "kind": "other", "text": "т"} | more
        assert fields(post(api_as("anna"), RISKS, data)) == {field}
