"""Panels of the home page: an app says what it has for whom, the page fetches each by htmx.

    # lamps/apps.py, in AppConfig.ready()
    register(Panel("my_lamps", "Мои лампочки", "panel_my_lamps", frozenset({"specialist"}), 10))

`url_name` takes no arguments and answers a fragment (`core.views.Fragment`) whose template
extends `layout`; the page draws the card around it with the label as heading, and by its own
address the panel is a page of that title.
A panel that has nothing to say says what to do next; it must be quick, for it is asked on each
visit. `wide` panels take the whole width. Roles are plain strings; an empty set is everybody.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """A panel; `more_url_name` names the page that shows it all."""

    code: str
    label: str
    url_name: str
    roles: frozenset[str] = frozenset()
    order: int = 100
    wide: bool = False
    more_url_name: str = ""
    more_label: str = "Открыть"


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a panel, once per code."""
    _panels[panel.code] = panel


def panels_for(role: str) -> list[Panel]:
    """The panels of a role in their order."""
    found = [p for p in _panels.values() if not p.roles or role in p.roles]
    return sorted(found, key=lambda panel: (panel.order, panel.label))


def label_of(url_name: str) -> str:
    """How the panel at an address is called; empty where there is no panel."""
    return next((one.label for one in _panels.values() if one.url_name == url_name), "")


_titles: dict[str, str] = {}


def name_home(titles: dict[str, str]) -> None:
    """Say how the home page of each role is called."""
    _titles.update(titles)


def title_for(role: str) -> str:
    """The heading of a role's home page."""
    return _titles.get(role, "Главная")
