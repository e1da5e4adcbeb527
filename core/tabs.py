"""Tabs of the client's card: an app above registers one, the card below shows it by htmx."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """A tab: `url_name` is called with the client's id; `model` gates it by its policy."""

    code: str
    label: str
    url_name: str
    model: str
    order: int


_tabs: dict[str, Tab] = {}


def register(tab: Tab) -> None:
    """Add a tab, once per code."""
    _tabs[tab.code] = tab


def all_tabs() -> list[Tab]:
    """The tabs in their order."""
    return sorted(_tabs.values(), key=lambda tab: tab.order)
