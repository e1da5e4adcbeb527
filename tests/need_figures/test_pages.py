"""Pages of needs in numbers: every number opens its rows, nobody sees another's."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import TargetKind
from accounts.models import Client
from tests import factories
from tests.figures.builders import assign, clients
from tests.need_figures import builders
from tests.need_figures.conftest import AUGUST, Centre

pytestmark = pytest.mark.django_db
MONTH = "since=2026-08-01&until=2026-08-31"
NUMBER = re.compile(r'<a href="(/needs/funnel/rows/\?[^"]+)">([\d\s]+)</a>')
LINK = re.compile(r'<a class="fold".*?</a>|</?a\b[^>]*>', re.S)
PAGES = ("need_funnel", "need_months", "need_plan", "need_effects")


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\u00a0", " ")


def shown(browser: Browser, address: str) -> int:
    """How many rows a list says it holds."""
    body = text(browser.get(unescape(address)))
    found = re.search(r"<span>(\d+) запис", body)
    assert found, address
    return int(found[1])


def table(body: str) -> dict[str, list[str]]:
    """The name of each row → its cells as words."""
    found = {}
    for row in re.findall(r'<tr role="row" class="(?:level-\d|total)">.*?</tr>', body, re.S):
        cells = [
            " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", LINK.sub("", cell), flags=re.S).split())
            for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.S)
        ]
        found[cells[0]] = cells
    return found


def sheet(response: Any) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    head, *rows = book.active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["elena", "galina", "anna"])
@pytest.mark.parametrize("segment", ["", "network"])
def test_every_number_opens_just_so_many_rows(
    centre: Centre, name: str, who: str, segment: str
) -> None:
    need = centre.needs["anna"][2]
    need.tools.add(1)
    browser = centre.browser(who)
    body = text(browser.get(f"{reverse(name)}?{MONTH}&open=all&segment={segment}"))
    numbers = set(NUMBER.findall(body))
    assert len(numbers) >= (20 if who == "elena" and not segment else 3)
    for address, number in numbers:
        assert shown(browser, address) == int(number), address


def test_the_funnel_of_a_small_centre(centre: Centre) -> None:
    body = text(centre.browser("elena").get(f"{reverse('need_funnel')}?{MONTH}&open=all"))
    rows = table(body)
    assert list(rows) == [
        "Управление Elena И. П.",
        "НОИО 1 Galina И. П.",
        "Anna Иван Петрович",
        "Boris Иван Петрович",
        "НОИО 2 Dmitry И. П.",
        "Vera Иван Петрович",
    ]
    # Nine needs of five clients reached 4, 0, 1, 2, 3, 4, 0, 1, 2 stages; the second is dropped.
    assert rows["Anna Иван Петрович"] == [
        "Anna Иван Петрович",
        "9 — 5",
        "7/78% — 5",
        "5/56% — 4 перешло 71,4 % не дошло 2",
        "3/33% — 2 перешло 60,0 % не дошло 2",
        "2/22% — 2 перешло 66,7 % не дошло 1",
        "1",
    ]


def test_a_client_of_two_departments_is_one_client_of_the_division(centre: Centre) -> None:
    rows = table(text(centre.browser("elena").get(f"{reverse('need_funnel')}?{MONTH}&open=all")))
    assert rows["НОИО 1 Galina И. П."][1] == "16 — 8"
    assert rows["НОИО 2 Dmitry И. П."][1] == "5 — 3"
    assert rows["Управление Elena И. П."][1] == "21 — 10"


def test_nobody_sees_the_numbers_of_others(centre: Centre) -> None:
    rows = table(text(centre.browser("anna").get(f"{reverse('need_funnel')}?{MONTH}&open=all")))
    assert list(rows) == ["Anna Иван Петрович"]
    rows = table(text(centre.browser("galina").get(f"{reverse('need_funnel')}?{MONTH}&open=all")))
    assert list(rows) == ["НОИО 1 Galina И. П.", "Anna Иван Петрович", "Boris Иван Петрович"]
    rows_page = reverse("need_rows")
    vera = f"{rows_page}?{MONTH}&unit={centre.noio2.pk}&employee={centre.staff['vera'].pk}"
    assert centre.browser("elena").get(vera).status_code == 200
    for name, own in (("anna", 9), ("galina", 16)):
        browser = centre.browser(name)
        assert browser.get(vera).status_code == 404
        assert browser.get(f"{rows_page}?{MONTH}&unit={centre.noio2.pk}").status_code == 404
        assert shown(browser, f"{rows_page}?{MONTH}") == own


def test_a_client_that_went_elsewhere_is_a_name_without_a_link(centre: Centre) -> None:
    gone = centre.pools["anna"][1]
    Client.objects.filter(pk=gone.pk).update(specialist=centre.staff["vera"], unit=centre.noio2)
    body = text(centre.browser("anna").get(f"{reverse('need_rows')}?{MONTH}"))
    assert str(gone) in body
    assert f'href="/clients/{gone.pk}/"' not in body
    moved = next(row for row in centre.needs["anna"] if row.client_id == gone.pk)
    assert f'href="/needs/{moved.pk}/"' not in body
    body = text(centre.browser("anna").get(f"{reverse('need_rows')}?{MONTH}&clients=1"))
    assert f'href="/clients/{gone.pk}/"' not in body


@pytest.mark.parametrize(
    "query", ["count=odd", "stage=99", "stage=03", "count=reached", "unit=999999", "segment=odd"]
)
def test_a_number_that_is_none_is_not_found(centre: Centre, query: str) -> None:
    assert centre.browser("elena").get(f"{reverse('need_rows')}?{query}").status_code == 404


def test_plan_and_fact_of_a_year(centre: Centre) -> None:
    year = {"month": date(2026, 1, 1), "span": "year"}
    anna, boris = centre.staff["anna"], centre.staff["boris"]
    identified = TargetKind.NEEDS_IDENTIFIED_CLIENTS
    factories.target(anna, kind=identified, value=10, **year)
    factories.target(boris, kind=identified, value=2, **year)
    factories.target(boris, kind=identified, value=9, month=date(2026, 3, 1))
    for month, value in ((7, 3), (10, 4)):
        quarter = {"month": date(2026, month, 1), "span": "quarter"}
        factories.target(None, centre.noio2, kind=identified, value=value, **quarter)
    factories.target(None, None, kind=TargetKind.NEEDS_CONFIRMED, value=4, **year)
    rows = table(text(centre.browser("elena").get(f"{reverse('need_plan')}?{MONTH}&open=all")))
    assert rows["Anna Иван Петрович"][1:3] == ["8", "5 из 10 50,0 %"]
    assert rows["Boris Иван Петрович"][2].startswith("4 из 2 200,0 % план выполнен")
    assert rows["НОИО 1 Galina И. П."][2] == "8 из 12 66,7 %"
    assert rows["НОИО 2 Dmitry И. П."][2].startswith("3 из 7")
    assert rows["Управление Elena И. П."][2] == "10 из 19 52,6 %"
    assert rows["Управление Elena И. П."][7].startswith("8 из 4 200,0 % план выполнен")
    assert rows["НОИО 1 Galina И. П."][7] == "6"


def test_effects_are_summed(centre: Centre) -> None:
    body = text(centre.browser("elena").get(f"{reverse('need_effects')}?{MONTH}&open=all"))
    rows = table(body)
    made = [n for n in centre.needs["anna"][:9] if n.stage and n.stage.code >= "04"]
    hours = [n.effect_hours for n in made if n.effect_hours is not None]
    anna = rows["Anna Иван Петрович"]
    assert anna[1] == str(len(made))
    assert anna[2] == f"{sum(hours)} сказано у {len(hours)}"
    august = [n for given in centre.needs.values() for n in given[:-1] if n.stage]
    whole = sum(n.stage.code >= "04" for n in august)
    assert rows["Управление Elena И. П."][1] == str(whole)


def test_a_tool_of_few_needs_is_told_so(centre: Centre) -> None:
    for need in centre.needs["anna"][:3]:
        need.tools.add(1)
    for rows in centre.needs.values():
        for need in rows[:-1]:
            need.advantages.add(1)
    body = text(centre.browser("elena").get(f"{reverse('need_effects')}?{MONTH}"))
    tool, advantage = re.findall(r"<table.*?</table>", body, re.S)[-2:]
    assert tool.count("мало данных") == 1
    assert "мало данных" not in advantage
    assert "33,3 %" in tool


@pytest.mark.parametrize("name", PAGES)
def test_a_file_has_the_rows_of_its_page(centre: Centre, name: str) -> None:
    browser = centre.browser("elena")
    rows = table(text(browser.get(f"{reverse(name)}?{MONTH}&open=all")))
    assert len(sheet(browser.get(f"{reverse(name)}?{MONTH}&format=xlsx"))) == len(rows)


def test_cells_of_the_file_are_those_of_the_page(centre: Centre) -> None:
    browser = centre.browser("elena")
    rows = table(text(browser.get(f"{reverse('need_funnel')}?{MONTH}&open=all")))
    filed = sheet(browser.get(f"{reverse('need_funnel')}?{MONTH}&format=xlsx"))
    end = ": потребностей"
    labels = [name.removesuffix(end) for name in filed[0] if name.endswith(end)]
    for cells, row in zip(rows.values(), filed, strict=True):
        for cell, label in zip(cells[2:6], labels, strict=True):
            n, p, d = (row[f"{label}{end}"] for end in (": потребностей", ", %", ": клиентов"))
            assert cell.split(" перешло")[0] == (f"{n}/{p}% — {d}" if n else "0 — 0")


def test_a_months_row_is_its_own_funnel(centre: Centre) -> None:
    browser = centre.browser("elena")
    months = table(text(browser.get(f"{reverse('need_months')}?{MONTH}")))
    august = table(text(browser.get(f"{reverse('need_funnel')}?{MONTH}")))["Управление Elena И. П."]
    assert len(months) == 13
    assert months["Август 2026"][1:] == august[1:]
    assert months["Июль 2026"][1] == "3 — 3"
    assert months["За весь период"][1] == "24 — 10"


@pytest.mark.parametrize("name", [*PAGES, "need_rows"])
def test_queries_do_not_grow_with_rows(
    centre: Centre, name: str, count_queries: Callable[[], Any]
) -> None:
    browser = centre.browser("elena")
    query = f"{MONTH}&open=all" if name != "need_rows" else MONTH

    def asked() -> int:
        browser.get(f"{reverse(name)}?{query}")
        with count_queries() as queries:
            text(browser.get(f"{reverse(name)}?{query}"))
        return len(queries)

    centre.needs["anna"][2].tools.add(1)
    factories.target(centre.staff["anna"], month=AUGUST.since, kind=TargetKind.NEEDS_EFFECT)
    few = asked()
    rows = []
    for number in range(30):
        unit = factories.unit(f"Отдел {number}", centre.division) if number < 5 else centre.noio1
        who = factories.employee(unit, since=date(2025, 1, 1))
        pool = clients(10)
        assign(pool, who, unit, date(2025, 1, 1))
        for n, client in enumerate(pool):
            rows.append(builders.write(client, who, unit, AUGUST.since + timedelta(days=n), n % 5))
        factories.target(who, month=AUGUST.since, kind=TargetKind.NEEDS_EFFECT)
    for need in builders.save(rows, centre.staff["elena"])[:10]:
        need.tools.add(2)
    assert asked() == few
