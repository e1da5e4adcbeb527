"""Headless Chromium against a live server; without a browser, one loud line says so."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lamps import services
from tests.conftest import browser_of, put_back
from tests.personas import World
from tests.shelf import Shelf

# Playwright's loop runs in this thread; the rows that a test makes are made in it too.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--lang=ru",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; LAMPA_CHROMIUM names it where it is not found by itself."""
    found = os.environ.get("LAMPA_CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip("ВНИМАНИЕ: Chromium не найден, тесты в браузере не выполнены")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def centre(transactional_db: None, today: Any, centre_of_people: tuple[Shelf, bytes]) -> World:
    """The little centre with the lamps of its own night."""
    world = put_back(centre_of_people)
    services.compute_night(today)
    return world


class Watched:
    """A page that remembers what the browser complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.location.get("url", "").endswith("/favicon.ico"):
            return  # asked for a file opened by itself; pages name their icon
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def open_as(chromium: Browser, live_server: Any, centre: World) -> Iterator[Callable[..., Watched]]:
    """`open_as("anna", width=375, dark=True)`: a signed-in page of a persona."""
    contexts = []

    def opened(persona: str = "anonymous", width: int = 1280, dark: bool = False) -> Watched:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            locale="ru-RU",
            timezone_id="Europe/Moscow",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if persona != "anonymous":
            session = browser_of(centre, persona).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return Watched(context.new_page())

    yield opened
    for context in contexts:
        context.close()
