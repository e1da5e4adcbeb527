"""Needs in a real browser: the board by mouse and by keyboard, and a card led to its end."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from needs.models import Need
from tests import factories
from tests.personas import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_SHOTS = os.environ.get("LAMPA_SHOTS", "")


def shoot(page: Page, name: str) -> None:
    """A picture for people's eyes, where somebody asked for one."""
    if _SHOTS:
        page.screenshot(path=Path(_SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
def need(centre: World) -> Need:
    """Анна's need that is opened and filled in as far as the first stage asks."""
    return factories.need(
        centre.clients["own"],
        title="Субсидия на оборудование",
        key_need="успеть подать заявку",
        difficulties="сроки и формы",
    )


def card(page: Page, need: Need) -> Any:
    return page.locator(f'[data-card][data-title="{need.title}"]')


def column(page: Page, code: str) -> Any:
    return page.locator("[data-column]").filter(has=page.locator("h2", has_text=code))


def drag(page: Page, what: Any, where: Any) -> None:
    start, end = what.bounding_box(), where.bounding_box()
    page.mouse.move(start["x"] + start["width"] - 8, start["y"] + start["height"] - 6)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 40, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 30, steps=8)
    page.mouse.up()


def test_the_board_by_mouse(need: Need, open_as: Callable[..., Any]) -> None:
    watched = open_as("anna")
    page = watched.page
    page.goto(reverse("needs_board"))
    drag(page, card(page, need), column(page, "03"))
    expect(page.locator("#messages")).to_contain_text("Этапы не пропускают")
    expect(page.locator("#need-board-said")).to_contain_text("Этапы не пропускают")
    assert page.url.endswith(reverse("needs_board"))
    drag(page, card(page, need), column(page, "01"))
    page.wait_for_url(re.compile(r"/advance/\?from=board$"))
    page.fill("[name=evidence]", "сказала на контакте")
    page.get_by_role("button", name="Записать шаг").click()
    page.wait_for_url(re.compile(r"/needs/board/$"))
    expect(column(page, "01").locator("[data-card]").filter(has_text=need.title)).to_have_count(1)
    card(page, need).get_by_role("link", name=need.title).first.click()
    page.wait_for_url(re.compile(rf"/needs/{need.pk}/$"))
    assert watched.complaints == []


def test_the_board_by_keyboard(need: Need, open_as: Callable[..., Any]) -> None:
    watched = open_as("anna")
    page, said = watched.page, watched.page.locator("#need-board-said")
    page.goto(reverse("needs_board"))
    card(page, need).focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Этап «01")
    page.keyboard.press("ArrowLeft")
    expect(card(page, need)).to_be_focused()
    page.keyboard.press("Space")
    expect(said).to_contain_text("Взята «Субсидия")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Enter, чтобы отпустить")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Этапы не пропускают")
    page.keyboard.press("Escape")
    expect(said).to_contain_text("осталась на месте")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/advance/\?from=board$"))
    assert watched.complaints == []


@pytest.mark.parametrize("width", [1280, 375])
def test_from_opened_to_confirmed_by_the_participant(
    need: Need, centre: World, open_as: Callable[..., Any], width: int
) -> None:
    cache.clear()
    watched = open_as("anna", width=width)
    page = watched.page
    page.goto(reverse("need", args=[need.pk]))
    for field in ({}, {"solution": "папка «Субсидии»"}, {"effect": "искали бы неделю"}):
        page.get_by_role("link", name="Записать шаг").click()
        for name, value in field.items():
            page.fill(f"[name={name}]", value)
        page.fill("[name=evidence]", "со слов бухгалтера")
        if field.get("effect"):  # what is typed outlives the page
            page.wait_for_timeout(500)
            page.reload()
            expect(page.locator("[name=effect]")).to_have_value(field["effect"])
        page.get_by_role("button", name="Записать шаг").click()
        page.wait_for_url(re.compile(rf"/needs/{need.pk}/$"))
    shoot(page, f"card-{width}")
    page.get_by_role("link", name="Ссылка участнику").click()
    page.locator("[name=participant]").select_option(index=1)
    page.get_by_role("button", name="Создать ссылку").click()
    address = page.locator("#confirm-address").input_value()
    shoot(page, f"link-{width}")

    client = open_as(width=width)
    client.page.goto(address)
    expect(client.page.locator("main")).to_contain_text("искали бы неделю")
    shoot(client.page, f"confirm-{width}")
    client.page.get_by_label("Да, так и есть").check()
    client.page.get_by_role("button", name="Отправить ответ").click()
    expect(client.page.locator("h1")).to_have_text("Спасибо, ответ записан")
    assert client.complaints == []
    client.page.goto(address)  # a second time
    expect(client.page.locator("h1")).to_have_text("По этой ссылке уже ответили")

    page.goto(reverse("need", args=[need.pk]))
    expect(page.locator("main")).to_contain_text("Подтверждено по ссылке")
    need.refresh_from_db()
    assert need.stage.code == "06"
    assert watched.complaints == []


@pytest.mark.skipif(not _SHOTS, reason="pictures are made where LAMPA_SHOTS names a folder")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 375])
def test_pictures(
    need: Need, centre: World, open_as: Callable[..., Any], width: int, dark: bool
) -> None:
    for code in ("01", "03", "04", "04"):
        factories.need_step(factories.need(centre.clients["own"]), code)
    row = factories.need(centre.clients["own"], title="Проверка договоров по 44-ФЗ")
    factories.need_step(row, "04")
    asked = factories.confirmation(row, centre.row("contacts.participant"), centre.staff["anna"])
    factories.need_file(row)
    page = open_as("galina", width=width, dark=dark).page
    for name, at in (
        ("board", reverse("needs_board")),
        ("stages", reverse("need_stages")),
        ("confirmations", reverse("confirmations")),
        ("decide", reverse("confirmation", args=[asked.pk])),
        ("waiting", reverse("panel_confirmations")),
        ("file", reverse("need_file_add", args=[row.pk])),
        ("need", reverse("need", args=[row.pk])),
        ("ask", reverse("need_ask_person", args=[need.pk])),
        ("form", reverse("need_edit", args=[row.pk])),
    ):
        page.goto(at)
        shoot(page, f"{name}-{width}-{'dark' if dark else 'light'}")
