"""The pool board: figures, what each number opens, reasons, files, cost."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client, Unit
from accounts.services import assign_client
from lamps import services
from lamps.models import LampScheme, Night, PoolDay
from tests import factories
from tests.lamps import builders
from tests.lamps_pages.conftest import As, Centre, add_clients, text
from tests.lamps_pages.test_table import names, workbook

pytestmark = pytest.mark.django_db
ROW = re.compile(r'<tr role="row"(?: class="total")?>\s*<th role="rowheader".*?</tr>', re.S)
LINK = re.compile(r'<a[^>]*href="([^"]+)"[^>]*>\s*([^<]*?)\s*</a>', re.S)


def rows(body: str) -> dict[str, str]:
    """The name of each row of the board → its markup."""
    table = body[body.index('class="table table-cards board-table"') :]
    table = table[: table.index("</table>")]
    found = {}
    for row in ROW.findall(table):
        name = re.sub(r"<[^>]+>", "", re.search(r"<th.*?</th>", row, re.S).group()).strip()
        found[name] = row
    return found


def plain(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<title>.*?</title>", "", markup)).split())


def follow(browser: Any, markup: str) -> None:
    """Every number of a row opens a list of just so many lamps."""
    checked = 0
    for address, shown in LINK.findall(markup):
        if reverse("lamps") not in address:
            continue
        found = names(text(browser.get(unescape(address))))
        assert len(found) == int(shown), (address, shown, found)
        checked += 1
    assert checked >= 4


def test_counts_shares_and_deviations(centre: Centre, page_as: As) -> None:
    table = rows(text(page_as("elena").get(reverse("board"))))
    assert list(table) == ["НОИО 1", "НОИО 2", "Итого"]
    assert "5 1 · 20,0 % вне нормы +15,0" in plain(table["НОИО 1"])
    assert "3 · 60,0 % вне нормы -20,0" in plain(table["НОИО 1"])
    assert "2 0 · 0,0 % от нормы -5,0" in plain(table["НОИО 2"])
    # Of the whole, not the mean of the departments' shares.
    assert "7 1 · 14,3 %" in plain(table["Итого"])
    assert "5 · 71,4 %" in plain(table["Итого"])


def test_each_number_opens_exactly_its_rows(centre: Centre, page_as: As) -> None:
    loose = builders.clients(1, specialist=None, unit=None)[0]
    builders.write_facts(
        {loose: builders.talk_client("Лютик", centre.today - timedelta(days=2))},
        centre.staff["anna"],
    )
    services.compute_night(centre.today)
    browser = page_as("elena")
    for address in (reverse("board"), f"{reverse('board')}?unit={centre.noio1.pk}"):
        for markup in rows(text(browser.get(address))).values():
            follow(browser, markup)
    for who in ("galina", "anna"):
        for markup in rows(text(page_as(who).get(reverse("board")))).values():
            follow(page_as(who), markup)


def test_numbers_of_a_segment_and_of_a_past_day(centre: Centre, page_as: As) -> None:
    browser = page_as("elena")
    past = centre.today - timedelta(days=5)
    for query in ("segment=network", "segment=retail", f"on={past}", f"on={past}&segment=network"):
        table = rows(text(browser.get(f"{reverse('board')}?{query}")))
        for markup in table.values():
            follow(browser, markup)
    assert list(rows(text(browser.get(f"{reverse('board')}?segment=network")))) == ["НОИО 2"]


def test_a_head_begins_at_the_department(centre: Centre, page_as: As) -> None:
    body = text(page_as("galina").get(reverse("board")))
    assert list(rows(body)) == ["Anna Иван Петрович", "Boris Иван Петрович", "Итого"]
    assert "НОИО 2" not in body
    foreign = page_as("galina").get(f"{reverse('board')}?unit={centre.noio2.pk}")
    missing = page_as("galina").get(f"{reverse('board')}?unit=987654321")
    assert foreign.status_code == missing.status_code == 404


def test_the_way_down_and_up(centre: Centre, page_as: As) -> None:
    body = text(page_as("elena").get(f"{reverse('board')}?unit={centre.noio1.pk}"))
    assert "<h1>НОИО 1</h1>" in body
    assert "Anna Иван Петрович" in rows(body)
    assert re.search(
        r'<li class="breadcrumb-item"><a href="/board/\?[^"]*">Состояние пула</a>', body
    )


def test_standard_3_in_words(centre: Centre, page_as: As) -> None:
    start = centre.today.replace(day=1)
    anna = PoolDay.objects.filter(on=start, specialist=centre.staff["anna"])
    boris = PoolDay.objects.filter(on=start, specialist=centre.staff["boris"])

    def said() -> dict[str, str]:
        return {n: plain(r) for n, r in rows(text(page_as("elena").get(reverse("board")))).items()}

    anna.update(red=1, yellow=1, green=1)
    boris.update(red=0, yellow=0, green=2)
    assert said()["НОИО 1"].endswith(
        "вне нормы не улучшилось: красных 20,0 %, жёлтых 20,0 %, зелёных 60,0 %"
    )
    assert said()["НОИО 2"].endswith("в норме")
    anna.update(red=2, yellow=1, green=0)
    assert said()["НОИО 1"].endswith(
        "вне нормы не улучшилось: жёлтых 20,0 %; улучшилось: красных 20,0 %, зелёных 60,0 %"
    )
    anna.update(red=2, yellow=2, green=0)
    boris.update(red=0, yellow=0, green=1)
    assert "вне нормы, но улучшается улучшилось: красных 20,0 %" in said()["НОИО 1"]


def test_movement_since_the_months_start(centre: Centre, page_as: As) -> None:
    """Two green clients join НОИО 2 of whom one is red on the first of the month."""
    start = centre.today.replace(day=1)
    PoolDay.objects.filter(on=start, unit=centre.noio2).update(red=1, green=1)
    said = plain(rows(text(page_as("elena").get(reverse("board"))))["НОИО 2"])
    assert "0 · 0,0 % от нормы -5,0 снижение -50,0" not in said  # words are the icon's label
    body = text(page_as("elena").get(reverse("board")))
    assert 'aria-label="снижение"' in body
    assert "-50,0" in said
    assert "+50,0" in said


def test_who_crossed_and_why(centre: Centre, page_as: As) -> None:
    client = centre.clients["Ромашка"]
    client.gnd_records.create(opened_on=centre.today)
    client.trainings.all().delete()
    services.compute_night(centre.today)
    body = text(page_as("elena").get(reverse("board")))
    assert "Зелёный → жёлтый" in body
    assert "ГНД 0,1 → 0 (значение 1); Обученность 0,1 → 0 (значение 0)" in body
    changes = text(page_as("elena").get(reverse("board_changes")))
    assert "Ромашка" in changes
    assert "1 клиент" in changes
    assert "Ромашка" not in text(page_as("vera").get(reverse("board_changes")))
    quiet = centre.today - timedelta(days=1)
    assert "Никто не сменил цвет" in text(
        page_as("elena").get(f"{reverse('board_changes')}?on={quiet}")
    )


def test_what_ends_soon_and_feeds(centre: Centre, page_as: As) -> None:
    body = text(page_as("elena").get(reverse("board")))
    assert "ЦОК до 14.10.2026" in body
    assert "по 16.09.2026" in body


def test_grey_clients(centre: Centre, page_as: As) -> None:
    builders.write_feeds({"usage": centre.today - timedelta(days=9)})
    services.compute_night(centre.today)
    browser = page_as("elena")
    body = text(browser.get(reverse("board")))
    for markup in rows(body).values():
        follow(browser, markup)
    assert "9 дней назад" in body
    assert "ни разу не поступали" in body
    assert "нет данных" in plain(rows(body)["Итого"])


def test_before_the_first_night(centre: Centre, page_as: As) -> None:
    Night.objects.all().delete()
    assert "Лампочки ещё не рассчитаны" in text(page_as("elena").get(reverse("board")))
    page_as("elena").get(reverse("board_changes"))


def test_a_wrong_day_is_named(centre: Centre, page_as: As) -> None:
    body = text(page_as("elena").get(f"{reverse('board')}?on=yesterday&segment=x"))
    assert body.count("invalid-feedback") == 2


def test_norms_of_the_scheme(centre: Centre, page_as: As) -> None:
    own = LampScheme.objects.create(
        name="Сети", segment="network", effective_from=centre.today - timedelta(days=90),
        status="published", norm_red=2, norm_yellow=8, norm_green=90,
    )  # fmt: skip
    body = text(page_as("elena").get(f"{reverse('board')}?segment=network"))
    assert "красных до 2 %, жёлтых до 8 %, зелёных от 90 %" in body
    assert own.norm_red == 2


def test_excel(centre: Centre, page_as: As) -> None:
    head, *lines = workbook(page_as("elena").get(f"{reverse('board')}?format=xlsx"))
    found = {(r[1], r[2]): dict(zip(head, r, strict=True)) for r in lines}
    noio = found["НОИО 1", None] if ("НОИО 1", None) in found else found["НОИО 1", ""]
    assert noio["Клиентов"] == 5
    assert noio["Красных"] == 1
    assert noio["Красных, %"] == 20
    assert noio["Зелёных: от нормы, п. п."] == -20
    assert noio["Стандарт 3"] == "вне нормы"
    assert any(name == "Anna Иван Петрович" for _, name in found)


def test_same_queries_whatever_the_number_of_pools(
    centre: Centre, page_as: As, count_queries: Callable[[], Any]
) -> None:
    browser = page_as("elena")
    counts = []
    for more in (0, 30):
        for n in range(more):
            unit = factories.unit(f"НОИО {n + 10}", centre.division)
            centre.staff[f"s{n}"] = builders.pool(unit)
            add_clients(centre, f"s{n}", unit, builders.VASILEK, 10)
        if more:
            services.compute_night(centre.today)
        text(browser.get(reverse("board")))
        with count_queries() as queries:
            text(browser.get(reverse("board")))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Unit.objects.count() == 33


def test_panels(centre: Centre, page_as: As) -> None:
    mine = text(page_as("anna").get(reverse("panel_my_lamps")))
    assert "Лютик" in mine
    assert "Активность К+ -0,4" in mine.replace("−", "-")
    assert "Ромашка" not in mine
    assert "ЦОК до" in text(page_as("anna").get(reverse("panel_expiring")))
    pools = text(page_as("elena").get(reverse("panel_pools")))
    assert "НОИО 1" in pools
    assert "НОИО 2" in pools
    assert "никто не сменил цвет" in text(page_as("elena").get(reverse("panel_changes")))
    assert page_as("zhanna").get(reverse("panel_pools")).status_code == 403


def test_the_client_list_has_the_lamp(centre: Centre, page_as: As) -> None:
    browser = page_as("anna")
    body = text(browser.get(reverse("clients")))
    assert "Лампочка" in body
    red = text(browser.get(f"{reverse('clients')}?lamp=red"))
    assert "Лютик" in red
    assert "Ромашка" not in red


def test_a_past_number_opens_its_rows_though_a_client_has_gone_since(
    centre: Centre, page_as: As
) -> None:
    gone = centre.clients["Лютик"]
    Client.objects.filter(pk=gone.pk).update(inn=factories.inn(9001))
    assign_client(
        actor=centre.users["elena"], client=gone, specialist=centre.staff["vera"], on=centre.today
    )
    services.compute_night(centre.today)
    past = centre.today - timedelta(days=5)
    for who in ("galina", "anna", "vera"):
        table = rows(text(page_as(who).get(f"{reverse('board')}?on={past}")))
        for markup in table.values():
            follow(page_as(who), markup)
    listed = text(page_as("galina").get(f"{reverse('lamps')}?on={past}"))
    assert "Лютик" in names(listed)
    assert f'href="{reverse("client", args=[gone.pk])}' not in listed
    assert f'href="{reverse("client", args=[centre.clients["Ромашка"].pk])}' in listed
