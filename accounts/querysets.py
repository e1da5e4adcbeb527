"""Filters of clients, staff and facts, named as adjectives."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q

from core import text
from core.policy import ScopedQuerySet


class ClientQuerySet(ScopedQuerySet):
    """Clients."""

    def active_on(self, on: date) -> "ClientQuerySet":
        """Clients served on a day: connected, not yet disconnected, not away for a while."""
        churns: Any = self.model._meta.get_field("churns").related_model

        away = churns._default_manager.filter(client=OuterRef("pk"), on__lte=on, returned_on__gt=on)
        return self.filter(connected_on__lte=on).filter(
            Q(disconnected_on=None) | Q(disconnected_on__gt=on), ~Exists(away)
        )

    def matching(self, typed: str) -> "ClientQuerySet":
        """Clients whose name or ИНН holds every typed word, blind to case, ё/е and spaces."""
        found = self
        for word in text.key(typed).split():
            found = found.filter(search_key__contains=word)
        return found


class DatedQuerySet(ScopedQuerySet):
    """Rows that hold from `starts_on` until the day before `ends_on` (open when null)."""

    def current_on(self, on: date) -> "DatedQuerySet":
        """Rows that hold on a day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gt=on))
