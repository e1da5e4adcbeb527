"""The filter of clients by how long they wait for a contact."""

from typing import Any

import django_filters

from core import clock, preferences
from visits.enums import K1_LABEL, K2_LABEL, VisitLevel
from visits.preferences import K1_EVERY_DAYS, K2_EVERY_DAYS
from visits.selectors.waiting import without_contact

_EVERY = {VisitLevel.K1: K1_EVERY_DAYS, VisitLevel.K2: K2_EVERY_DAYS}
_CHOICES = [
    (VisitLevel.K1.value, f"Давно без {K1_LABEL}"),
    (VisitLevel.K2.value, f"Ключевые давно без {K2_LABEL}"),
]


def _waiting(queryset: Any, name: str, value: str) -> Any:
    if not value:
        return queryset
    level = VisitLevel(value)
    days = preferences.read()[_EVERY[level]]
    return without_contact(queryset, level, clock.today(), days)


def waiting_filters() -> dict[str, Any]:
    """Clients with whom no contact was held for longer than the setting allows."""
    return {
        "waits": django_filters.ChoiceFilter(
            label="Ждут контакта", choices=_CHOICES, method=_waiting, empty_label="Не важно"
        )
    }
