"""Writes of decision schemes."""

from contacts.services.merge import merge_people
from contacts.services.participants import (
    PERSON_FIELDS,
    PLACE_FIELDS,
    add_participant,
    close_participant,
    set_roles,
    update_participant,
    verify_participant,
)

__all__ = [
    "PERSON_FIELDS",
    "PLACE_FIELDS",
    "add_participant",
    "close_participant",
    "merge_people",
    "set_roles",
    "update_participant",
    "verify_participant",
]
