"""The interactive description of the API works as the page's own rules and no network let it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.personas import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_description_is_drawn(centre: World, open_as: Callable[..., Any]) -> None:
    page = open_as("elena").page
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/docs/")
    page.wait_for_selector(".opblock", timeout=60_000)
    assert [text for text in told if "Content Security Policy" in text] == []
    origin = page.evaluate("location.origin")
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
