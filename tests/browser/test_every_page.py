"""Every page in a real browser: no barrier that axe finds, no complaint, no sideways scroll."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from tests.access.expectations import OPEN, PAGES, Page, scope
from tests.access.walk import address, patterns
from tests.personas import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
RUN = """async () => (await axe.run({runOnly:
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})).violations.map(
    v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


# The director opens nearly everything; the others open what she does not, and what is theirs.
PERSONAS = ["elena", "zhanna", "galina", "anna"]
THEIRS = {
    "galina": {"home", "day", "visits", "needs", "lamps", "figures", "control_points"},
    "anna": {"home", "day", "clients", "client", "visit_add", "needs", "need", "lamps"},
}


def addresses(world: World, persona: str) -> Iterator[str]:
    """The path of every page that a persona looks at, with rows of the centre in it."""
    before = PERSONAS[: PERSONAS.index(persona)]
    for pattern in patterns():
        page = PAGES.get(pattern.name)
        seen = page and any(_opens(other, page, world) for other in before)
        if seen and pattern.name not in THEIRS.get(persona, ()):
            continue
        if page is None:
            if before:
                continue
            if OPEN.get(pattern.name, (0, 0))[1] == 200 and pattern.name.startswith(
                ("account_", "mfa_", "usersessions_")
            ):
                yield address(pattern.template, {}, "")
        elif pattern.name.startswith("panel_"):
            continue  # a part of the start page, judged there
        elif _opens(persona, page, world) and page.ok == (200,):
            yield address(pattern.template, *_named(world, page.of))


def _opens(persona: str, page: Page, world: World) -> bool:
    """Whether the page is open to the persona, and the row that it names."""
    if persona not in page.get:
        return False
    row = _row(world, page.of)
    return not page.of or _whose(world, page.of) in scope(row._meta.label_lower, persona)


def _whose(world: World, label: str) -> str:
    return "office" if label in world.rows["office"] else "own"


def _row(world: World, of: str) -> Any:
    label = of or "core.jobrun"
    return world.rows[_whose(world, label)][label]


def _named(world: World, of: str) -> tuple[dict[str, Any], Any]:
    row = _row(world, of)
    rule = world.rows["office"]["lamps.schemeindicator"]
    return {"pk": row.pk, "code": row.pk, "rule": rule.pk}, row.pk


@pytest.mark.parametrize("persona", PERSONAS)
def test_pages_have_no_barriers(persona: str, centre: World, open_as: Callable[..., Any]) -> None:
    wide, narrow = open_as(persona), open_as(persona, width=375, dark=True)
    problems: list[str] = []
    visited = 0
    for path in addresses(centre, persona):
        visited += 1
        for watched in (wide, narrow):
            page = watched.page
            try:
                answer = page.goto(path)
            except Error as told:
                if "Download is starting" in str(told):
                    continue  # a file, not a page
                raise
            if answer is None or answer.status >= 400:
                problems.append(f"{path}: {answer and answer.status}")
                continue
            is_html = answer.headers.get("content-type", "").startswith("text/html")
            if not is_html or not answer.text().lstrip().lower().startswith("<!doctype"):
                watched.complaints.clear()
                continue  # a file, or a part of a page that is judged there
            expect(page.locator(".htmx-request")).to_have_count(0)
            page.evaluate(AXE)
            problems += [f"{path} {page.viewport_size}: {v}" for v in page.evaluate(RUN)]
            if page.evaluate(SIDEWAYS) > 0:
                problems.append(f"{path} {page.viewport_size}: scrolls sideways")
            problems += [f"{path}: {said}" for said in watched.complaints]
            watched.complaints.clear()
    assert problems == []
    assert visited > 5


def test_log_in_page_has_no_barriers(open_as: Callable[..., Any]) -> None:
    watched = open_as(width=375)
    watched.page.goto("/account/login/")
    watched.page.evaluate(AXE)
    assert (watched.page.evaluate(RUN), watched.complaints) == ([], [])
