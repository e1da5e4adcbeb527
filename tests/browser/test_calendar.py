"""The calendar by keyboard alone, on a wide screen and on a telephone's."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import AXE, RUN, SIDEWAYS
from tests.personas import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (375, True)])
def test_a_contact_and_an_empty_day_are_opened_by_keyboard(
    centre: World, open_as: Callable[..., Any], width: int, dark: bool
) -> None:
    watched = open_as("anna", width=width, dark=dark)
    page = watched.page

    def press_until(link: Any) -> None:
        for _ in range(90):
            page.keyboard.press("Tab")
            if link.evaluate("node => node === document.activeElement"):
                return
        raise AssertionError("never reached")

    page.goto("/calendar/?view=week")
    page.evaluate(AXE)
    assert (page.evaluate(RUN), page.evaluate(SIDEWAYS)) == ([], 0)
    planned = centre.row("planned")
    press_until(page.locator(f'.agenda a[href="/visits/{planned.pk}/"]'))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("18.09.2026")
    page.goto("/calendar/")
    press_until(page.get_by_role("link", name="Запланировать на 21 сентября"))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Запланировать").first.click()
    expect(page.locator("[name=planned_for]")).to_have_value("2026-09-21")
    assert watched.complaints == []


def test_an_address_is_given_shown_once_and_taken_back(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as("galina", width=375)
    page = watched.page
    page.goto("/calendar/")
    page.get_by_role("button", name="Получить адрес").click()
    address = page.get_by_label("Секретный адрес").input_value()
    stranger = open_as().page
    assert stranger.request.get(address).status == 200
    page.get_by_role("link", name="Адрес сохранён").click()
    page.get_by_role("button", name="Отозвать").click()
    page.get_by_role("dialog").get_by_role("button", name="Да").click()
    expect(page.locator("main")).to_contain_text("Сейчас адреса нет")
    assert stranger.request.get(address).status == 404
    assert watched.complaints == []
