"""Sections of the preparation page and of the card's first tab: what an app knows of a client.

    # lamps/apps.py, in AppConfig.ready()
    register(Section("lamp", "Лампочка", "lamps/sections/lamp.html", load, order=10, tab="lamp"))

`load(client, user, on)` gives what the template shows as `data`, in a number of queries that does
not grow with rows; the page draws the card around it. The client is one that the user may see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Section:
    """A section; `tab` is the tab of the client's card that shows it all."""

    code: str
    label: str
    template: str
    load: Callable[[Any, Any, date], dict[str, Any]]
    order: int = 100
    tab: str = ""


@dataclass(frozen=True)
class Shown:
    """A section with what it says of one client."""

    section: Section
    data: dict[str, Any]


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add a section, once per code."""
    _sections[section.code] = section


def load_all(client: Any, user: Any, on: date) -> list[Shown]:
    """Every section of a client, in their order."""
    ordered = sorted(_sections.values(), key=lambda section: section.order)
    return [Shown(section, section.load(client, user, on)) for section in ordered]
