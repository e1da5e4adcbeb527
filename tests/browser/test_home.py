"""The home page: panels come one by one and never lie upon each other."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.personas import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_OVERLAPS = """() => {
    const cards = [...document.querySelectorAll('[data-pack] > .card')];
    const boxes = cards.map(card => [card.textContent.trim(), card.getBoundingClientRect()]);
    const found = [];
    boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
            found.push(one + ' / ' + other);
        }
    }));
    return found;
}"""

_GROW = """() => {
    const more = document.createElement('div');
    more.style.height = '400px';
    document.querySelector('[data-pack] > .card:nth-child(2) .card-body').append(more);
}"""


@pytest.mark.parametrize("width", [1280, 375])
def test_panels_do_not_overlap_when_they_grow(
    centre: World, open_as: Callable[..., Any], width: int
) -> None:
    watched = open_as("elena", width=width)
    page = watched.page
    page.goto("/")
    expect(page.get_by_text("загружается…")).to_have_count(0)
    page.wait_for_timeout(200)
    assert page.locator("[data-pack].is-packed > .card").count() > 3
    assert page.evaluate(_OVERLAPS) == []
    page.evaluate(_GROW)
    page.wait_for_timeout(200)
    assert page.evaluate(_OVERLAPS) == []
    assert watched.complaints == []
