"""The funnel and the effects by REST are those of the pages."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from needs.selectors.funnel import read_funnel
from tests.need_figures.conftest import AUGUST, Centre
from visits.selectors.figures import reach_of

pytestmark = pytest.mark.django_db
MONTH = {"since": "2026-08-01", "until": "2026-08-31"}


def asked(centre: Centre, name: str, address: str, **query: Any) -> Any:
    caller = APIClient()
    caller.force_login(centre.users[name], "django.contrib.auth.backends.ModelBackend")
    return caller.get(f"/api/v1/{address}/", MONTH | query)


@pytest.mark.parametrize("name", ["elena", "galina", "anna"])
def test_the_funnel_is_that_of_the_page(centre: Centre, name: str) -> None:
    response = asked(centre, name, "need-funnel")
    assert response.status_code == 200
    funnel = read_funnel(reach_of(centre.users[name]), AUGUST, AUGUST.until)
    found = [
        (r["label"], r["needs"], [(s["needs"], s["percent"], s["clients"]) for s in r["stages"]])
        for r in response.json()["rows"]
    ]
    assert found == [
        (
            row.label,
            row.counts.whole.needs,
            [(s.cell.met, s.cell.percent, s.cell.clients) for s in row.rungs],
        )
        for row in funnel.rows()
    ]


def test_effects_are_exact_numbers(centre: Centre) -> None:
    centre.needs["anna"][0].tools.add(1)
    data = asked(centre, "elena", "need-effects").json()
    anna = next(row for row in data["rows"] if row["label"].startswith("Anna"))
    assert [(e["stage"], e["needs"]) for e in anna["effects"]] == [("04", 3), ("06", 2)]
    assert anna["effects"][0]["hours"] == "6.0"
    assert [(t["needs"], t["confirmed"], t["is_few"]) for t in data["tools"]] == [(1, 1, True)]


@pytest.mark.parametrize(
    "query", [{"segment": "odd"}, {"unit": "999999"}, {"colour": "red"}, {"until": "2026-07-01"}]
)
@pytest.mark.parametrize("address", ["need-funnel", "need-effects"])
def test_a_wrong_question_is_refused_by_its_name(
    centre: Centre, address: str, query: dict[str, str]
) -> None:
    response = asked(centre, "elena", address, **query)
    assert response.status_code == 400
    assert list(query) == [error["field"] for error in response.json()["errors"]]


def test_a_unit_of_others_is_refused(centre: Centre) -> None:
    assert asked(centre, "galina", "need-funnel", unit=centre.noio2.pk).status_code == 400
