"""What apps above add to the cards of those below."""

from typing import Any

from django import template
from django.apps import apps
from django.urls import reverse

from core.parts import parts_of
from core.policy import policy_for

register = template.Library()


@register.inclusion_tag("components/parts.html", takes_context=True)
def card_parts(context: template.Context, place: str, pk: int) -> dict[str, Any]:
    """What apps above add to a card, as far as the user may see it."""
    user = context["request"].user
    return {
        "parts": [
            (part, reverse(part.url_name, args=[pk]))
            for part in parts_of(place)
            if policy_for(apps.get_model(part.model)).can(user, "view")
        ]
    }
