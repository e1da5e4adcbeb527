"""Pages of figures: every number opens its rows, nobody sees another's, files equal pages."""

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

from accounts.models import Client
from core.models import SavedFilter
from tests import factories
from tests.figures import builders
from tests.figures.conftest import AUGUST, Centre, moment

pytestmark = pytest.mark.django_db
MONTH = "since=2026-08-01&until=2026-08-31"
NUMBER = re.compile(r'<a href="(/figures/rows/\?[^"]+)">([\d\s]+)</a>')
PERCENT = re.compile(r'<a href="(/figures/rows/\?[^"]+)">[\d,]+ %</a>')
# The sign that folds a row says its name a second time.
LINK = re.compile(r'<a class="fold".*?</a>|</?a\b[^>]*>', re.S)
PAGES = ("figures", "figures_k2")


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
def test_every_number_opens_just_so_many_rows(centre: Centre, name: str, who: str) -> None:
    browser = centre.browser(who)
    body = text(browser.get(f"{reverse(name)}?{MONTH}&open=all"))
    numbers = NUMBER.findall(body)
    assert len(numbers) >= {"elena": 40, "galina": 25, "anna": 5}[who] - (name == "figures_k2") * 5
    for address, number in set(numbers):
        assert shown(browser, address) == int(number), address
    for address in set(PERCENT.findall(body)):
        assert shown(browser, address) > 0


def test_every_percentage_opens_what_it_was_made_of(centre: Centre) -> None:
    browser = centre.browser("elena")
    body = text(browser.get(f"{reverse('figures')}?{MONTH}"))
    address = next(a for a in PERCENT.findall(body) if "coverage_key_user" in a)
    rows = text(browser.get(unescape(address)))
    assert "<td" in rows
    assert rows.count(">да<") + rows.count(">нет<") == shown(browser, address)
    assert "Охвачен" in rows


def test_the_tree_with_its_figures(centre: Centre) -> None:
    rows = table(text(centre.browser("elena").get(f"{reverse('figures')}?{MONTH}&open=all")))
    assert list(rows) == [
        "Управление Elena И. П.",
        "НОИО 1 Galina И. П.",
        "Anna Иван Петрович",
        "Boris Иван Петрович",
        "Galina Иван Петрович",
        "НОИО 2 Dmitry И. П.",
        "Dmitry Иван Петрович",
        "Vera Иван Петрович",
    ]
    anna = rows["Anna Иван Петрович"]
    # ГКлП: clients 1 and 3, of whom 1 was reached; КлП: 0 and 2, of whom 0.
    assert anna[1] == "50,0 % ниже нормы 1 из 2"
    assert anna[2] == "50,0 % ниже нормы 1 из 2"
    assert anna[3] == "50,0 % ниже нормы 2 из 4"
    assert anna[4] == "50,0 % 2 из 4"
    assert anna[5] == "4 по плану 3 из 4"
    assert anna[6] == "0"
    assert anna[7] == "75,0 % ниже нормы оценок 2"
    galina = rows["Galina Иван Петрович"]
    assert galina[6] == "4"
    # Three and four criteria of six scored, each of two contacts with both specialists.
    assert galina[8] == "58,3 % К2У 4"
    assert galina[9] == "50,0 % 2 из 4"


def test_a_parent_is_the_sum_of_its_subtree(centre: Centre) -> None:
    rows = sheet(centre.browser("elena").get(f"{reverse('figures')}?{MONTH}&format=xlsx"))
    counts = [name for name in rows[0] if "%" not in name and "норма" not in name][5:]
    whole, noio1 = rows[0], rows[1]
    people = [row for row in rows if row["Сотрудник"]]
    for name in counts:
        if whole[name] in (None, ""):
            continue
        assert whole[name] == sum(row[name] for row in people), name
        own = [row for row in people if row["Подразделение"] == "НОИО 1"]
        assert noio1[name] == sum(row[name] for row in own), name


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("anna", ["Anna Иван Петрович"]),
        ("vera", ["Vera Иван Петрович"]),
        (
            "galina",
            ["НОИО 1 Galina И. П."]
            + [f"{name} Иван Петрович" for name in ("Anna", "Boris", "Galina")],
        ),
    ],
)  # fmt: skip
def test_whose_rows_one_sees(centre: Centre, who: str, names: list[str]) -> None:
    for page in PAGES:
        rows = table(text(centre.browser(who).get(f"{reverse(page)}?{MONTH}")))
        assert list(rows) == names


def test_anothers_rows_are_not_there(centre: Centre) -> None:
    rows = reverse("figure_rows")
    vera, boris = centre.staff["vera"].pk, centre.staff["boris"].pk
    for who, query in [
        ("galina", f"figure=prepared&unit={centre.noio2.pk}"),
        ("galina", f"figure=prepared&unit={centre.noio2.pk}&employee={vera}"),
        ("galina", f"figure=prepared&unit={centre.division.pk}"),
        ("galina", f"figure=prepared&employee={vera}"),
        ("galina", "figure=prepared&unit=none"),
        ("anna", f"figure=prepared&unit={centre.noio1.pk}"),
        ("anna", f"figure=prepared&unit={centre.noio1.pk}&employee={boris}"),
    ]:
        assert centre.browser(who).get(f"{rows}?{query}&{MONTH}").status_code == 404, (who, query)
    for page in PAGES:
        for unit in (centre.noio2.pk, centre.division.pk, 987654321):
            answer = centre.browser("galina").get(f"{reverse(page)}?unit={unit}")
            assert answer.status_code == 404
    own = f"{reverse('figures')}?unit={centre.noio1.pk}"
    assert centre.browser("anna").get(own).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "figure=nosuch",
        "figure=prepared&which=nosuch",
        "figure=prepared&which=met",
        "figure=k2&which=met",
        "figure=k2&which=held&criterion=1",
        "figure=k2&which=met&criterion=987654321",
        "figure=prepared&unit=987654321",
        "figure=prepared&unit=x",
        "figure=prepared&employee=-1",
        "figure=prepared&since=2026-08-31&until=2026-08-01",
        "figure=prepared&since=1900-01-01&until=2026-08-01",
        "figure=prepared&since=yesterday",
        "figure=prepared&employee=99999999999999999999999",
    ],
)
def test_a_wrong_address_is_no_page(centre: Centre, query: str) -> None:
    assert centre.browser("elena").get(f"{reverse('figure_rows')}?{query}").status_code == 404


def test_a_client_that_moved_is_a_name_without_a_link(centre: Centre) -> None:
    gone = centre.pools["anna"][0]
    Client.objects.filter(pk=gone.pk).update(specialist=centre.staff["vera"], unit=centre.noio2)
    address = (
        f"{reverse('figure_rows')}?figure=prepared&unit={centre.noio1.pk}"
        f"&employee={centre.staff['anna'].pk}&{MONTH}"
    )
    body = text(centre.browser("galina").get(address))
    assert gone.name in unescape(body)
    assert f'href="/clients/{gone.pk}/"' not in body
    assert f'href="/clients/{centre.pools["anna"][1].pk}/"' in body
    assert f'href="/clients/{gone.pk}/"' in text(centre.browser("elena").get(address))


def test_a_joint_visit_is_one_row_of_whoever_answers(centre: Centre) -> None:
    rows = table(text(centre.browser("elena").get(f"{reverse('figures_k2')}?{MONTH}&open=all")))
    assert rows["Управление Elena И. П."][1] == "6"
    assert rows["Galina Иван Петрович"][1] == "4"
    # The specialists were with her at all of them; none is counted again.
    assert rows["Anna Иван Петрович"][1] == "0"
    assert rows["Galina Иван Петрович"][2] == "4/100% — 4"


def test_a_visit_with_two_companions_counts_once_too(centre: Centre) -> None:
    def shown() -> list[str]:
        body = text(centre.browser("elena").get(f"{reverse('figures_k2')}?{MONTH}&open=all"))
        return table(body)["Galina Иван Петрович"]

    before = shown()
    for visit in builders.Visit.objects.filter(level="K2", employee=centre.staff["galina"]):
        visit.companions.add(centre.staff["anna"], centre.staff["vera"])
    assert shown() == before


def test_the_table_of_the_second_level_in_a_file(centre: Centre) -> None:
    browser = centre.browser("elena")
    shown_rows = table(text(browser.get(f"{reverse('figures_k2')}?{MONTH}&open=all")))
    filed = sheet(browser.get(f"{reverse('figures_k2')}?{MONTH}&format=xlsx"))
    assert len(filed) == len(shown_rows)
    labels = [name.removesuffix(": контактов") for name in filed[0] if name.endswith(": контактов")]
    labels.remove("Тушение пожаров")
    for cells, row in zip(shown_rows.values(), filed, strict=True):
        words = [cells[1], *cells[2 : 2 + len(labels)]]
        values = [str(row["Всего К2У"])]
        for label in labels:
            n, p, d = (row[f"{label}{end}"] for end in (": контактов", ", %", ": клиентов"))
            values.append(f"{n}/{p}% — {d}" if n else "0 — 0")
        assert values == words
        if row["Качество, %"] is not None and row["Всего К2У"]:
            assert isinstance(row["Качество, %"], int | float)
            assert isinstance(row["Всего К2У"], int)


def test_the_overview_in_a_file(centre: Centre) -> None:
    browser = centre.browser("galina")
    cells = table(text(browser.get(f"{reverse('figures')}?{MONTH}")))["Anna Иван Петрович"]
    filed = sheet(browser.get(f"{reverse('figures')}?{MONTH}&format=xlsx"))
    row = next(r for r in filed if r["Сотрудник"] == "Anna Иван Петрович")
    words = f"{row['Охват ГКлП, %']:.1f} % {row['Охват ГКлП: норма']} ".replace(".", ",")
    words += f"{row['Охват ГКлП: охваченные ГКлП']} из {row['Охват ГКлП: все ГКлП']}"
    assert words == cells[1]
    assert (row["К1У: состоялось"], row["К1У: запланировано"]) == (4, 4)
    assert row["ИУ, %"] == 75


def test_plans_beside_facts(centre: Centre) -> None:
    month = AUGUST.since
    factories.target(centre.staff["anna"], month=month, value=8)
    factories.target(centre.staff["boris"], month=month, value=3)
    factories.target(unit=centre.noio2, month=month, value=2)
    rows = table(text(centre.browser("elena").get(f"{reverse('figures')}?{MONTH}&open=all")))
    assert rows["Anna Иван Петрович"][5].startswith("4 из 8 50,0 % ниже плана")
    assert rows["Boris Иван Петрович"][5].startswith("3 из 3 100,0 % план выполнен")
    assert rows["НОИО 1 Galina И. П."][5].startswith("7 из 11 63,6 % ниже плана")
    assert rows["НОИО 2 Dmitry И. П."][5].startswith("2 из 2 100,0 % план выполнен")
    assert rows["Управление Elena И. П."][5].startswith("9 из 13 69,2 %")
    quarter = table(text(centre.browser("elena").get(f"{reverse('figures')}?period=quarter")))
    assert "план не на все месяцы" in quarter["НОИО 1 Galina И. П."][5]
    part = "since=2026-08-02&until=2026-08-31"
    days = table(text(centre.browser("elena").get(f"{reverse('figures')}?{part}")))
    assert "из 11" not in days["НОИО 1 Galina И. П."][5]


def test_periods_and_arrows(centre: Centre) -> None:
    browser = centre.browser("elena")
    body = text(browser.get(reverse("figures")))
    assert "Сентябрь 2026" in body
    assert 'rel="prev" href="?since=2026-08-01&amp;until=2026-08-31"' in body
    assert "2-е полугодие 2026" in text(browser.get(f"{reverse('figures')}?period=half"))
    assert "III квартал 2026" in text(
        browser.get(f"{reverse('figures')}?since=2026-07-01&until=2026-09-30")
    )
    odd = text(browser.get(f"{reverse('figures')}?since=2026-08-03&until=2026-08-09"))
    assert "03.08.2026 – 09.08.2026" in odd
    assert 'rel="next" href="?since=2026-08-10&amp;until=2026-08-16"' in odd


def test_a_monthly_norm_judges_a_month_only(centre: Centre) -> None:
    half = text(centre.browser("elena").get(f"{reverse('figures')}?period=half"))
    assert "норма на месяц 85 %" in half
    assert "ниже нормы" not in table(half)["Управление Elena И. П."][1]
    assert "норма не задана" in half


def test_wrong_days_are_named_and_kept(centre: Centre) -> None:
    address = f"{reverse('figures')}?until=2026-08-01&since="
    body = text(centre.browser("elena").get(f"{address}2026-08-31"))
    assert "Конец раньше начала." in body
    assert 'value="2026-08-31"' in body
    assert "Сентябрь 2026" in body
    body = text(centre.browser("elena").get(f"{address}yesterday"))
    assert body.count("invalid-feedback") == 1


def test_saved_filters_keep_a_moving_period(centre: Centre) -> None:
    SavedFilter.objects.create(
        user=centre.users["elena"], page="figures", name="Мой квартал", query="period=quarter"
    )
    body = text(centre.browser("elena").get(reverse("figures")))
    assert 'href="/figures/?period=quarter">Мой квартал' in body
    assert "Мой квартал" not in text(centre.browser("galina").get(reverse("figures")))


def test_nothing_to_count_says_what_to_do(centre: Centre) -> None:
    factories.user("empty", "specialist")
    centre.users["new"] = factories.user("new", "specialist")
    body = text(centre.browser("new").get(reverse("figures")))
    assert "За этот период нечего считать" in body


@pytest.mark.parametrize("name", [*PAGES, "figure_rows"])
def test_queries_do_not_grow_with_rows(
    centre: Centre,
    name: str,
    count_queries: Callable[[], Any],
    count_rows_anew: Callable[[], None],
) -> None:
    browser = centre.browser("elena")
    query = f"{MONTH}&open=all" if name != "figure_rows" else f"{MONTH}&figure=k2&which=held"

    def asked() -> int:
        browser.get(f"{reverse(name)}?{query}")
        with count_queries() as queries:
            text(browser.get(f"{reverse(name)}?{query}"))
        return len(queries)

    factories.target(centre.staff["anna"], month=AUGUST.since)
    few = asked()
    for number in range(40):
        unit = factories.unit(f"Отдел {number}", centre.division) if number < 5 else centre.noio1
        who = factories.employee(unit, since=date(2025, 1, 1))
        pool = builders.clients(3)
        builders.assign(pool, who, unit, date(2025, 1, 1))
        builders.Visit.objects.bulk_create(
            builders.contact(client, who, unit, AUGUST.since + timedelta(days=n), level=level)
            for n, client in enumerate(pool)
            for level in ("K1", "K2")
        )
        factories.target(who, month=AUGUST.since)
    count_rows_anew()
    assert asked() == few


def test_a_plan_written_at_the_start_does_not_count(centre: Centre) -> None:
    def prepared() -> str:
        browser = centre.browser("vera")
        return table(text(browser.get(f"{reverse('figures')}?{MONTH}")))["Vera Иван Петрович"][3]

    before = prepared()
    assert before == "50,0 % ниже нормы 1 из 2"
    start = moment(date(2026, 8, 15))
    row = factories.visit(
        centre.pools["vera"][0],
        centre.staff["vera"],
        started_at=start,
        plan="план",
        prepared_at=start,
    )
    assert prepared() == "33,3 % ниже нормы 1 из 3"
    type(row).objects.filter(pk=row.pk).update(prepared_at=start - timedelta(microseconds=1))
    assert prepared() == "66,7 % ниже нормы 2 из 3"


@pytest.mark.parametrize("page", ["figures", "figures_k2"])
def test_no_file_for_a_period_that_is_not_understood(centre: Centre, page: str) -> None:
    browser, address = centre.browser("elena"), f"{reverse(page)}?since=yesterday"
    assert browser.get(address).status_code == 200
    assert browser.get(f"{address}&format=xlsx").status_code == 404
