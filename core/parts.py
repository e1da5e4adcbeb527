"""Parts of a card that an app above adds to one below: the card fetches each by htmx.

    # reports/apps.py, in AppConfig.ready()
    register(Part("offer", "letters", "Письмо клиенту", "offer_letters", "reports.PriceLetter"))

`place` is the card; `url_name` is called with the card's id and answers a fragment
(`core.views.Fragment`); `model` gates it by its policy.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of a card."""

    place: str
    code: str
    label: str
    url_name: str
    model: str
    order: int = 100


_parts: dict[tuple[str, str], Part] = {}


def register(part: Part) -> None:
    """Add a part, once per place and code."""
    _parts[part.place, part.code] = part


def parts_of(place: str) -> list[Part]:
    """The parts of a card in their order."""
    found = [part for part in _parts.values() if part.place == place]
    return sorted(found, key=lambda part: (part.order, part.label))
