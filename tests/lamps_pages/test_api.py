"""REST of lamps: what it answers, its filters, what it refuses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import JobRun
from lamps.models import Lamp, PoolDay
from tests.lamps_pages.conftest import Centre

pytestmark = pytest.mark.django_db
Api = Callable[[str], APIClient]
V1 = "/api/v1"


@pytest.fixture
def api(centre: Centre) -> Api:
    """`api("anna").get(...)`"""

    def person(name: str) -> APIClient:
        found = APIClient()
        found.force_login(centre.users[name], "django.contrib.auth.backends.ModelBackend")
        return found

    return person


def rows(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_lamps(centre: Centre, api: Api) -> None:
    found = rows(api("anna").get(f"{V1}/lamps/"))
    assert {r["name"] for r in found} == {"Ромашка", "Василек", "Лютик"}
    pk = centre.clients["Ромашка"].pk
    one = api("anna").get(f"{V1}/lamps/{pk}/").json()
    assert (one["colour"], one["total"], one["best"], one["client"]) == ("green", 90, 110, pk)
    assert [i["points"] for i in one["indicators"]] == [40, 0, 0, 20, 10, 10, 10]
    assert one["indicators"][0] == {
        "code": "activity", "raw": 1779, "points": 40, "expiring": False, "until": None,
    }  # fmt: skip
    assert one["indicators"][1]["until"] == "2026-10-14"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("colour=red", 1),
        ("colour=red&colour=yellow", 2),
        ("q=ромашка", 1),
        ("expiring=cok", 2),
        ("segment=network", 2),
        ("ordering=-total", 7),
        ("since_after=2026-09-17", 0),
        ("page_size=2", 2),
    ],
)
def test_filters_of_lamps(centre: Centre, api: Api, query: str, number: int) -> None:
    assert len(rows(api("elena").get(f"{V1}/lamps/?{query}"))) == number


@pytest.mark.parametrize(
    "query", ["color=red", "colour=blue", "unit=987654", "since_after=x", "ordering=raw"]
)
def test_what_is_not_known_is_refused(centre: Centre, api: Api, query: str) -> None:
    answer = api("elena").get(f"{V1}/lamps/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_explanation(centre: Centre, api: Api) -> None:
    pk = centre.clients["Василек"].pk
    found = api("anna").get(f"{V1}/lamps/{pk}/explanation/").json()
    assert (found["colour"], found["total"], found["on"]) == ("yellow", 50, "2026-09-16")
    assert found["words"].startswith("Сумма 0,5 из 1,1")
    assert found["indicators"][1]["words"].startswith("ЦОК: 2 за")
    assert api("vera").get(f"{V1}/lamps/{pk}/explanation/").status_code == 404


def test_history_as_of(centre: Centre, api: Api) -> None:
    pk = centre.clients["Лютик"].pk
    past = centre.today - timedelta(days=10)
    found = rows(api("anna").get(f"{V1}/lamp-periods/?client={pk}&as_of={past}"))
    assert len(found) == 1
    assert found[0]["starts_on"] <= past.isoformat()
    assert len(rows(api("anna").get(f"{V1}/lamp-periods/?as_of={past}"))) == 3
    foreign = centre.staff["vera"].clients.first()
    assert api("anna").get(f"{V1}/lamp-periods/?client={foreign.pk}").status_code == 400


def test_pools_and_rules(centre: Centre, api: Api) -> None:
    query = f"on_after={centre.today}&on_before={centre.today}&unit={centre.division.pk}"
    pools = rows(api("elena").get(f"{V1}/pool-days/?{query}"))
    assert sum(p["red"] + p["yellow"] + p["green"] + p["none"] for p in pools) == 7
    assert len(rows(api("anna").get(f"{V1}/pool-days/?on_after={centre.today}"))) == 1
    scheme = rows(api("anna").get(f"{V1}/lamp-schemes/"))[0]
    assert scheme["indicators"][0]["tiers"] == [{"threshold": 50, "weight": 40}]
    codes = [i["code"] for i in rows(api("anna").get(f"{V1}/indicators/"))]
    assert codes[:2] == ["activity", "cok"]
    assert PoolDay.objects.filter(on=centre.today).count() == 3


def test_nothing_is_written_here(centre: Centre, api: Api) -> None:
    for path in ("lamps", "lamp-periods", "pool-days", "lamp-schemes", "indicators"):
        assert api("elena").post(f"{V1}/{path}/", {}, format="json").status_code == 405
    assert Lamp.objects.count() == 7


def test_ask_for_a_night(centre: Centre, api: Api) -> None:
    body = {"kind": "night", "business_date": "2026-09-16"}
    made = api("elena").post(f"{V1}/job-runs/", body, format="json")
    assert made.status_code == 201
    assert made.json()["status"] == "queued"
    assert rows(api("zhanna").get(f"{V1}/job-runs/"))[0]["business_date"] == "2026-09-16"
    late = api("elena").post(
        f"{V1}/job-runs/", body | {"business_date": "2027-01-01"}, format="json"
    )
    assert late.status_code == 400
    assert late.json()["errors"][0]["field"] == "business_date"
    assert (
        api("elena").post(f"{V1}/job-runs/", body | {"status": "done"}, format="json").status_code
        == 400
    )
    for who in ("anna", "galina"):
        assert api(who).get(f"{V1}/job-runs/").status_code == 403
        assert api(who).post(f"{V1}/job-runs/", body, format="json").status_code == 403
    assert JobRun.objects.count() == 1


def test_same_queries_at_1_and_7_rows(
    centre: Centre, api: Api, count_queries: Callable[[], Any]
) -> None:
    person = api("elena")
    rows(person.get(f"{V1}/lamps/"))
    counts = []
    for size in (1, 7):
        with count_queries() as queries:
            rows(person.get(f"{V1}/lamps/?page_size={size}"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
