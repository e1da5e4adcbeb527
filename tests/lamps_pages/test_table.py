"""The lamp table: the talk's rows digit for digit, orders, filters, files, cost."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from accounts.models import Client
from lamps import services
from lamps.models import Indicator, Lamp
from lamps.tables import data
from tests.lamps import builders
from tests.lamps_pages.conftest import As, Centre, add_clients, text

pytestmark = pytest.mark.django_db
SLOTS = [*(f"raw_{c}" for c in ("activity", "cok", "co", "k1", "gnd", "overhang", "training"))]
SORTS = [
    "colour", "name", "specialist", "total", "expiring", "since",
    *SLOTS, *(name.replace("raw_", "points_") for name in SLOTS),
]  # fmt: skip


def cells(body: str) -> dict[str, list[str]]:
    """Client → the text of each cell of its row."""
    found = {}
    for row in re.findall(r'<tr role="row"><td role="cell" data-label="Цвет".*?</tr>', body, re.S):
        row = re.sub(r'<span class="only-cards">.*?</span>', "", row)
        texts = [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        ]
        found[texts[1]] = texts
    return found


def names(body: str) -> list[str]:
    return list(cells(body))


def test_the_talks_rows_digit_for_digit(centre: Centre, page_as: As) -> None:
    rows = cells(text(page_as("anna").get(reverse("lamps"))))
    assert list(rows) == ["Василек", "Лютик", "Ромашка"]
    assert rows["Ромашка"][0:2] == ["Зелёный", "Ромашка"]
    assert rows["Ромашка"][3:10] == ["1 779", "0", "0", "2", "0", "0", "1"]
    assert rows["Ромашка"][10:17] == ["0,4", "0", "0", "0,2", "0,1", "0,1", "0,1"]
    assert rows["Ромашка"][17:19] == ["0,9 из 1,1", "ЦОК , Обуч."]
    assert rows["Василек"][0] == "Жёлтый"
    assert rows["Василек"][3:10] == ["2", "2", "1", "2", "1", "1", "1"]
    assert rows["Василек"][10:18] == ["0", "0,1", "0,1", "0,2", "0", "0", "0,1", "0,5 из 1,1"]
    assert rows["Лютик"][0] == "Красный"
    assert rows["Лютик"][3:10] == ["0", "0", "0", "2", "1", "3", "1"]
    assert rows["Лютик"][10:19] == ["0", "0", "0", "0,2", "0", "0", "0,1", "0,3 из 1,1", "Обуч."]


def test_columns_are_data(centre: Centre, page_as: As) -> None:
    Indicator.objects.filter(code="cok").update(label="Консультации")
    body = text(page_as("anna").get(reverse("lamps")))
    assert 'data-label="Консультации"' in body
    assert '<abbr title="Консультации">Конс.</abbr>' in body


@pytest.mark.parametrize("column", SORTS)
def test_every_order_on_short_and_long_lists(
    centre: Centre, page_as: As, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long list is found another way; what is sorted by comes out the same."""
    browser = page_as("elena")
    for sign in ("", "-"):
        address = f"{reverse('lamps')}?sort={sign}{column}"
        monkeypatch.setattr(data, "NAMES_UP_TO", 5_000)
        short = cells(text(browser.get(address)))
        monkeypatch.setattr(data, "NAMES_UP_TO", 0)
        long = cells(text(browser.get(address)))
        place = ["colour", "name", "specialist", *SORTS[6:], "total", "expiring", "since"]
        at = place.index(column)
        if column == "expiring":  # the cell says what ends, the order is by when
            ends = dict(Lamp.objects.values_list("client__name", "expires_on"))
            assert [ends[name] for name in short] == [ends[name] for name in long]
        else:
            assert [r[at] for r in short.values()] == [r[at] for r in long.values()]
        assert short.keys() == long.keys()


def test_colours_from_the_worst(centre: Centre, page_as: As) -> None:
    rows = cells(text(page_as("anna").get(f"{reverse('lamps')}?sort=colour")))
    assert [r[0] for r in rows.values()] == ["Красный", "Жёлтый", "Зелёный"]


def test_pages_of_a_long_list_hold_everybody_once(
    centre: Centre, page_as: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_clients(centre, "vera", centre.noio2, builders.VASILEK, 103)
    services.compute_night(centre.today)
    monkeypatch.setattr(data, "NAMES_UP_TO", 10)
    for column in ("name", "-raw_activity", "specialist", "-specialist", "since", "-total"):
        seen = [
            name
            for page in (1, 2, 3)
            for name in names(
                text(page_as("elena").get(f"{reverse('lamps')}?sort={column}&page={page}"))
            )
        ]
        assert len(seen) == len(set(seen)) == Lamp.objects.count() == 110, column


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour=red", {"Лютик"}),
        ("colour=red&colour=yellow", {"Лютик", "Василек"}),
        ("q=РОМАШКА", {"Ромашка"}),
        ("q=7701000001+лют", {"Лютик"}),
        ("expiring=cok", {"Ромашка", "Василек"}),
        ("expiring=any", {"Ромашка", "Василек", "Лютик"}),
        ("expiring=co", set()),
        ("segment=network", set()),
        ("is_key=true", set()),
    ],
)
def test_filters(centre: Centre, page_as: As, query: str, expected: set[str]) -> None:
    assert set(names(text(page_as("anna").get(f"{reverse('lamps')}?{query}")))) == expected


def test_filter_by_unit_is_the_subtree(centre: Centre, page_as: As) -> None:
    browser = page_as("elena")

    def count(query: str) -> int:
        return len(names(text(browser.get(f"{reverse('lamps')}?{query}"))))

    assert count(f"unit={centre.division.pk}") == 7
    assert count(f"unit={centre.noio1.pk}") == 5
    assert count(f"own_unit={centre.division.pk}") == 0
    assert count(f"specialist={centre.staff['vera'].pk}") == 2
    assert count("specialist=null") == 0


def test_red_since(centre: Centre, page_as: As) -> None:
    since = Lamp.objects.get(client=centre.clients["Лютик"]).since
    page = f"{reverse('lamps')}?colour=red&since_before="
    browser = page_as("anna")
    assert names(text(browser.get(f"{page}{since}"))) == ["Лютик"]
    assert names(text(browser.get(f"{page}{since - timedelta(days=1)}"))) == []


def test_as_of_a_past_day(centre: Centre, page_as: As) -> None:
    """On its first day Лютик had not been trained enough to matter: the history knows."""
    past = centre.today - timedelta(days=10)
    Client.objects.filter(pk=centre.clients["Лютик"].pk).update(disconnected_on=centre.today)
    services.compute_night(centre.today)
    browser = page_as("anna")
    assert "Лютик" not in names(text(browser.get(reverse("lamps"))))
    body = text(browser.get(f"{reverse('lamps')}?on={past}&sort=name"))
    assert names(body) == ["Василек", "Лютик", "Ромашка"]
    assert f"Как было на {past:%d.%m.%Y}" in body
    for column in SORTS:
        assert len(names(text(browser.get(f"{reverse('lamps')}?on={past}&sort=-{column}")))) == 3
    nobody = browser.get(f"{reverse('lamps')}?on={centre.today - timedelta(days=100)}")
    assert names(text(nobody)) == []


def test_a_wrong_value_is_named_at_its_field(centre: Centre, page_as: As) -> None:
    body = text(page_as("anna").get(f"{reverse('lamps')}?on=32.13.2026"))
    assert "invalid-feedback" in body


def test_before_the_first_night(world: Any, client_as: Callable[[str], Any]) -> None:
    from lamps.models import Night

    Night.objects.all().delete()
    Lamp.objects.all().delete()
    body = text(client_as("elena").get(reverse("lamps")))
    assert "Лампочек пока нет" in body


def workbook(response: Any) -> list[tuple[Any, ...]]:
    """The rows of a downloaded file."""
    content = b"".join(response.streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_excel_holds_numbers_and_no_formulas(centre: Centre, page_as: As) -> None:
    bad = centre.clients["Лютик"]
    Client.objects.filter(pk=bad.pk).update(name="=HYPERLINK(1)", sort_key="=")
    services.compute_night(centre.today)
    rows = workbook(page_as("anna").get(f"{reverse('lamps')}?format=xlsx&sort=name"))
    head, *lines = rows
    by_name = {line[head.index("Клиент")]: dict(zip(head, line, strict=True)) for line in lines}
    assert by_name["=HYPERLINK(1)"]["Цвет"] == "Красный"
    romashka = by_name["Ромашка"]
    assert romashka["Активность К+"] == 1779
    assert romashka["Активность К+, вес"] == 0.4
    assert romashka["Сумма"] == 0.9
    assert romashka["Из"] == 1.1
    assert romashka["Отдел"] == "НОИО 1"
    assert romashka["Скоро закончится"].startswith("ЦОК до 14.10.2026, Обученность до")
    assert len(lines) == 3


def test_csv(centre: Centre, page_as: As) -> None:
    page = page_as("anna").get(f"{reverse('lamps')}?format=csv&colour=green")
    body = b"".join(page.streaming_content).decode("utf-8-sig")
    assert body.splitlines()[1].startswith("Зелёный;Ромашка;")
    assert ";1779;" in body
    assert ";0,9;1,1;" in body


def test_same_queries_at_3_and_300_rows(
    centre: Centre, page_as: As, count_queries: Callable[[], Any]
) -> None:
    browser = page_as("elena")
    counts = []
    for more in (0, 300):
        if more:
            add_clients(centre, "boris", centre.noio1, builders.VASILEK, more)
            services.compute_night(centre.today)
        text(browser.get(reverse("lamps")))
        with count_queries() as queries:
            text(browser.get(f"{reverse('lamps')}?sort=-total"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_colleague_and_a_stranger(centre: Centre, page_as: As) -> None:
    assert len(names(text(page_as("galina").get(reverse("lamps"))))) == 5
    assert "Ромашка" not in text(page_as("vera").get(reverse("lamps")))
    assert page_as("zhanna").get(reverse("lamps")).status_code == 403
