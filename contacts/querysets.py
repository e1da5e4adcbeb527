"""Filters of people and their places, named as adjectives."""

from datetime import date
from typing import Any

from accounts.querysets import DatedQuerySet
from core.policy import ScopedQuerySet


class PersonQuerySet(ScopedQuerySet):
    """People."""

    def unmerged(self) -> Any:
        """Cards that were not merged into another."""
        return self.filter(merged_into=None)


class ParticipantQuerySet(DatedQuerySet):
    """Places in schemes. A place merged into another stays as a row and stands nowhere."""

    def unmerged(self) -> Any:
        """Places that were not merged into another."""
        return self.filter(merged_into=None)

    def current_on(self, on: date) -> Any:
        """Who stood in the scheme on a day."""
        return super().current_on(on).filter(merged_into=None)
