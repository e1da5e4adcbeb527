"""Words of the lamp pages."""

from typing import Any

from django import template

from accounts.selectors.facts import FeedState
from core.russian import counted, day
from lamps.enums import Colour

register = template.Library()

MANY = {
    Colour.RED: "Красных",
    Colour.YELLOW: "Жёлтых",
    Colour.GREEN: "Зелёных",
    Colour.NONE: "Без данных",
}


@register.filter
def colour_many(colour: Any) -> str:
    """The clients of a colour: «Красных»."""
    return MANY[Colour(colour)]


@register.filter
def feed_words(feed: FeedState) -> str:
    """«по 22.11.2026, 1 день назад»."""
    if feed.age is None:
        return "ни разу не поступали"
    ago = f", {counted(feed.age, 'день,дня,дней')} назад" if feed.age else ""
    return f"по {day(feed.fresh_through)}{ago}"
