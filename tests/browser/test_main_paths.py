"""What people do all day, done in a real browser against the running program."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from core import clock, jobs
from lamps.enums import SchemeStatus
from lamps.models import Lamp, LampScheme
from tests import factories
from tests.canaries import OWN
from tests.factories import PASSWORD
from tests.personas import World
from visits.models import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_specialist_logs_in_finds_a_client_records_a_contact_and_the_lamp_counts_it(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as(width=375)
    page = watched.page
    page.goto("/")
    page.fill("[name=login]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Сегодня")
    page.fill("[name=q]", f"  {OWN.upper()} ")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=OWN).first.click()
    expect(page.locator("h1")).to_contain_text(OWN)

    client = centre.clients["own"]
    before = Lamp.objects.get(client=client).raw[3]
    page.goto(f"/clients/{client.pk}/visits/log/")
    page.fill("[name=result]", "Разобрали поиск по практике")
    page.fill("[name=materials]", "2")
    page.get_by_role("button", name="Записать").click()
    expect(page.locator("main")).to_contain_text("Разобрали поиск по практике")
    assert Visit.objects.filter(client=client, materials=2).count() == 1

    jobs.run_drains()
    assert Lamp.objects.get(client=client).raw[3] == before + 1
    page.goto(f"/clients/{client.pk}/lamp/")
    expect(page.locator("main")).to_contain_text("К1У")
    assert watched.complaints == []


def test_a_refused_form_keeps_what_was_typed(centre: World, open_as: Callable[..., Any]) -> None:
    page = open_as("anna").page
    page.goto(f"/clients/{centre.clients['own'].pk}/visits/log/")
    page.fill("[name=result]", "Важный разговор")
    page.fill("[name=started_at]", "2027-01-01T10:00")
    page.get_by_role("button", name="Записать").click()
    expect(page.locator("[name=result]")).to_have_value("Важный разговор")
    expect(page.locator(".invalid-feedback").first).to_be_visible()


def test_each_number_of_the_board_opens_its_rows(
    centre: World, open_as: Callable[..., Any]
) -> None:
    page = open_as("elena").page
    page.goto("/board/")
    tiles = page.locator(".tiles a.stat").all()
    assert len(tiles) > 3
    for tile in tiles:
        address = tile.get_attribute("href")
        value = tile.locator(".stat-value")
        count = int(value.evaluate("node => node.firstChild.textContent"))
        other = page.context.new_page()
        other.goto(address)
        assert other.locator("table tbody tr").count() == count, address
        other.close()


def test_the_lamp_table_is_sorted_filtered_kept_and_exported(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as("elena")
    page = watched.page
    page.goto("/lamps/")
    rows = page.locator("table tbody tr")
    whole = rows.count()
    page.get_by_role("columnheader").get_by_role("link", name="Сумма").click()
    expect(page).to_have_url(re.compile("sort="))
    page.goto(f"/lamps/?unit={centre.noio1.pk}")
    assert 0 < rows.count() < whole
    page.get_by_text("Сохранённые фильтры").click()
    page.get_by_label("Название фильтра").fill("Первый отдел")
    page.get_by_role("button", name="Сохранить текущий").click()
    page.goto("/lamps/")
    if not page.get_by_role("link", name="Первый отдел").is_visible():
        page.get_by_text("Сохранённые фильтры").click()
    page.get_by_role("link", name="Первый отдел").click()
    assert f"unit={centre.noio1.pk}" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert watched.complaints == []


def test_a_client_is_found_and_opened_by_keyboard_alone(
    centre: World, open_as: Callable[..., Any]
) -> None:
    page = open_as("anna").page
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "К содержанию"
    page.keyboard.press("/")
    page.keyboard.type(OWN)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    link = page.get_by_role("link", name=OWN).first
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("node => node === document.activeElement"):
            break
    outline = link.evaluate("node => getComputedStyle(node).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(OWN)


def test_rules_are_copied_changed_and_published_in_the_browser(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as("elena")
    page = watched.page
    page.goto("/lamps/schemes/")
    page.get_by_role("link", name="Основная схема").first.click()
    page.get_by_role("button", name="Копия в черновик").click()
    page.get_by_role("link", name="Изменить", exact=True).first.click()
    tomorrow = clock.today() + timedelta(days=1)
    page.fill("[name=name]", "Схема нового квартала")
    page.fill("[name=effective_from]", tomorrow.isoformat())
    page.get_by_role("button", name="Сохранить").click()
    page.get_by_role("button", name="Опубликовать").click()
    page.get_by_role("dialog").get_by_role("button", name="Да").click()
    expect(page.locator("main")).to_contain_text("Копия в черновик")
    published = LampScheme.objects.get(name="Схема нового квартала")
    assert (published.status, published.effective_from) == (SchemeStatus.PUBLISHED, tomorrow)
    assert watched.complaints == []


def test_text_with_markup_is_shown_as_text(centre: World, open_as: Callable[..., Any]) -> None:
    hostile = "<img src=x onerror=document.title='взлом'>"
    factories.client(centre.staff["anna"], centre.noio1, name=hostile, portrait=hostile)
    watched = open_as("anna")
    watched.page.goto("/clients/")
    expect(watched.page.locator("main")).to_contain_text(hostile)
    assert "взлом" not in watched.page.title()
    assert watched.complaints == []
