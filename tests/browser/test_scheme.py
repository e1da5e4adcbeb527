"""The picture of a scheme on a phone and on paper; two cards merged by the keyboard alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Participant
from tests import factories
from tests.browser.test_every_page import SIDEWAYS
from tests.personas import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("count", [1, 40])
def test_a_scheme_scrolls_in_its_own_region_and_prints_on_one_sheet(
    centre: World, open_as: Callable[..., Any], count: int
) -> None:
    client = factories.client(centre.staff["anna"], centre.noio1)
    boss = factories.participant(client, ("decision_maker",))
    for _ in range(count - 1):
        factories.participant(client, reports_to=boss)
    watched = open_as("anna", width=375, dark=True)
    page = watched.page
    page.goto(f"/clients/{client.pk}/scheme/picture/")
    region = page.get_by_role("region", name="Рисунок схемы")
    expect(page.get_by_role("img", name="Схема принятия решений")).to_be_visible()
    assert page.evaluate(SIDEWAYS) == 0
    # What is seen first is the top of the tree.
    assert page.evaluate(
        """() => { const box = document.querySelector('.picture').getBoundingClientRect();
        const top = document.querySelector('.p-box').getBoundingClientRect();
        return top.right > box.left && top.left < box.right; }"""
    )
    if count > 1:
        region.focus()
        before = region.evaluate("box => box.scrollLeft")
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "was => document.querySelector('.picture').scrollLeft > was", arg=before
        )
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet).groups())
    assert width > height
    assert watched.complaints == []


def test_two_cards_are_merged_by_keyboard_alone(centre: World, open_as: Callable[..., Any]) -> None:
    client = centre.clients["own"]
    name = {"last_name": "Двойникова", "first_name": "Елена"}
    keep, drop = (factories.participant(client, person=factories.person(**name)) for _ in range(2))
    watched = open_as("anna", width=375)
    page = watched.page
    page.goto(f"/participants/{keep.pk}/")
    page.get_by_role("link", name="Сравнить: Двойникова Елена").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Объединить две карточки")
    page.get_by_role("button", name="Объединить").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Двойникова Елена")
    assert Participant.objects.get(pk=drop.pk).merged_into == keep
    assert watched.complaints == []
