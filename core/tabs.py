"""Tabs and buttons of the client's card: an app above registers them, the card below shows them.

A tab is fetched by htmx; a button leads to a page of its own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """A tab: `url_name` is called with the client's id; `model` gates it by its policy."""

    code: str
    label: str
    url_name: str
    model: str
    order: int


@dataclass(frozen=True)
class Action:
    """A button; `url_name` is called with the client's id, `model` and `action` gate it."""

    url_name: str
    label: str
    icon: str
    model: str
    action: str = "add"
    is_main: bool = False
    order: int = 100


_tabs: dict[str, Tab] = {}
_actions: dict[str, Action] = {}


def register(tab: Tab) -> None:
    """Add a tab, once per code."""
    _tabs[tab.code] = tab


def all_tabs() -> list[Tab]:
    """The tabs in their order."""
    return sorted(_tabs.values(), key=lambda tab: tab.order)


def register_action(action: Action) -> None:
    """Add a button, once per address."""
    _actions[action.url_name] = action


def all_actions() -> list[Action]:
    """The buttons in their order."""
    return sorted(_actions.values(), key=lambda action: action.order)
