"""Whom useful contacts reached: what the decision scheme below asks."""

from datetime import date
from typing import Any

from visits.enums import VisitStatus
from visits.models import Visit


def reached_participants(since: date, until: date) -> Any:
    """A query of the ids of participants of completed useful contacts, by the day of these.

    Useful: folders or bookmarks were made or updated (standard 2).
    """
    rows = Visit.participants.through._default_manager.filter(
        visit__status=VisitStatus.DONE,
        visit__materials__gt=0,
        visit__held_on__gte=since,
        visit__held_on__lt=until,
    )
    return rows.values_list("participant_id", flat=True)
