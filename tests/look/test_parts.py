"""Every address opened by itself is a whole page: a part that htmx fetches is no exception."""

import re
from collections.abc import Iterator

import pytest

from core.views import Fragment
from tests.access.expectations import OPEN, PAGES, scope
from tests.access.walk import Pattern, address, patterns
from tests.conftest import browser_of
from tests.personas import SEES, World

pytestmark = pytest.mark.django_db
_HEADING = re.compile(r"<h1[^>]*>\s*[^<\s]")
_TITLE = re.compile(r"<title>\s*[^·<\s]")


# Sheets as they are printed, shown inside another page.
PAPER = {"report_preview", "offer_letter", "price_letter"}


def readers(world: World) -> Iterator[tuple[Pattern, str, str]]:
    """Every page that may be read, with somebody who may and the address of their row."""
    for pattern in patterns():
        if pattern.name in OPEN or pattern.actions or pattern.name not in set(PAGES) - PAPER:
            continue
        page = PAGES[pattern.name]
        for persona in sorted(page.get & set(SEES)):
            whose = [w for w in ("own", "foreign", "office") if page.of in world.rows[w]]
            seen = [w for w in whose if w in scope(page.of, persona)] if page.of else [""]
            if seen:
                pk = world.rows[seen[0]][page.of].pk if page.of else 0
                yield pattern, persona, address(pattern.template, {}, pk)
                break


def test_every_page_has_its_frame_and_heading(standing_world: World) -> None:
    wrong, asked = [], 0
    for pattern, persona, path in readers(standing_world):
        answer = browser_of(standing_world, persona).get(path)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        asked += 1
        text = answer.content.decode()
        for what, is_there in {
            "frame": 'id="main"' in text and "</html>" in text,
            "heading": bool(_HEADING.search(text)),
            "title": bool(_TITLE.search(text)),
        }.items():
            if not is_there:
                wrong.append(f"{pattern.name} ({path}, {persona}): no {what}")
    assert wrong == []
    assert asked >= 130


def test_a_part_asked_for_by_htmx_is_bare(standing_world: World) -> None:
    wrong, asked = [], 0
    for pattern, persona, path in readers(standing_world):
        if not issubclass(pattern.view, Fragment):
            continue
        text = browser_of(standing_world, persona).get(path, HTTP_HX_REQUEST="true").content
        asked += 1
        if b"<html" in text and pattern.name not in STAND_ALONE:
            wrong.append(pattern.name)
    assert wrong == []
    assert asked >= 30


# Pages that no other page fetches as a part.
STAND_ALONE = {
    "units", "feeds", "scheme_picture", "pay_estimate", "pay_line_rows", "pay_month",
    "bonus_scheme_what_if",
}  # fmt: skip
