"""The API gives the numbers of the pages, to those who may see them."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from tests import factories
from tests.figures.conftest import Centre
from visits.figures.catalogue import FIGURES
from visits.selectors.figures import cells_of, reach_of, read_figures

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/figures/"
AUGUST = {"since": "2026-08-01", "until": "2026-08-31"}


def api(centre: Centre, name: str) -> APIClient:
    found = APIClient()
    found.force_login(centre.users[name], "django.contrib.auth.backends.ModelBackend")
    return found


def test_the_numbers_of_the_page(centre: Centre, today: object) -> None:
    from tests.figures.conftest import AUGUST as PERIOD

    factories.target(centre.staff["anna"], month=PERIOD.since, value=8)
    answer = api(centre, "elena").get(ADDRESS, AUGUST).json()
    figures = read_figures(reach_of(centre.users["elena"]), PERIOD, today)
    rows = list(figures.rows())
    assert answer["on"] == "2026-08-31"
    assert len(answer["rows"]) == len(rows)
    for found, row in zip(answer["rows"], rows, strict=True):
        assert found["label"] == row.label
        assert [f["code"] for f in found["figures"]] == [f.code for f in FIGURES]
        for figure, cell in zip(found["figures"], cells_of(row, figures), strict=True):
            percent = cell.plan.percent if cell.plan else cell.percent
            assert figure["percent"] == (None if percent is None else str(percent))
            assert figure["is_met"] == cell.is_met
        cells = [row.criterion(c) for c in figures.criteria]
        assert [(k["met"], k["clients"]) for k in found["k2"]] == [
            (c.met, c.clients) for c in cells
        ]
    anna = next(r for r in answer["rows"] if r["employee"] == centre.staff["anna"].pk)
    k1 = next(f for f in anna["figures"] if f["code"] == "k1")
    assert (k1["held"], k1["planned"], k1["kept"], k1["target"]) == (4, 4, 3, "8.00")


def test_a_specialist_and_a_head_get_their_own(centre: Centre) -> None:
    anna = api(centre, "anna").get(ADDRESS, AUGUST).json()["rows"]
    assert [row["employee"] for row in anna] == [centre.staff["anna"].pk]
    galina = api(centre, "galina").get(ADDRESS, AUGUST).json()["rows"]
    assert {row["unit"] for row in galina} == {centre.noio1.pk}
    own = api(centre, "galina").get(ADDRESS, AUGUST | {"unit": centre.noio1.pk}).json()["rows"]
    assert len(own) == len(galina)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"unit": "FOREIGN"}, "unit"),
        ({"unit": 987654321}, "unit"),
        ({"since": "2026-08-31", "until": "2026-08-01"}, "until"),
        ({"since": "2026-08-31"}, "until"),
        ({"period": "week"}, "period"),
        ({"period": "month", "since": "1901-01-01"}, "since"),
        ({"figure": "k1"}, "figure"),
    ],
)
def test_a_wrong_question_names_its_field(centre: Centre, query: dict, field: str) -> None:
    asked = {k: centre.noio2.pk if v == "FOREIGN" else v for k, v in query.items()}
    answer = api(centre, "galina").get(ADDRESS, asked)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_figures_are_read_only(centre: Centre) -> None:
    assert api(centre, "elena").post(ADDRESS, {}, format="json").status_code == 405
    assert APIClient().get(ADDRESS).status_code == 401


def test_queries_do_not_grow(centre: Centre, count_queries) -> None:
    def asked() -> int:
        browser = api(centre, "elena")
        browser.get(ADDRESS, AUGUST)
        with count_queries() as queries:
            browser.get(ADDRESS, AUGUST)
        return len(queries)

    few = asked()
    for number in range(30):
        who = factories.employee(factories.unit(f"Отдел {number}", centre.division))
        factories.visit(centre.pools["anna"][0], who, held_on=date(2026, 8, 9))
    assert asked() == few
