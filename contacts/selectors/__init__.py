"""Reads of decision schemes and of the people in them."""

from contacts.selectors.people import (
    Alike,
    alike_of,
    comparison,
    doubtful,
    known_people,
    people_named,
    with_standing,
)
from contacts.selectors.scheme import (
    Card,
    Drawing,
    Scheme,
    drawing,
    long_unverified,
    not_reached,
    role_codes,
    role_names,
    scheme,
    with_scheme,
    without_role,
)

__all__ = [
    "Alike",
    "Card",
    "Drawing",
    "Scheme",
    "alike_of",
    "comparison",
    "doubtful",
    "drawing",
    "known_people",
    "long_unverified",
    "not_reached",
    "people_named",
    "role_codes",
    "role_names",
    "scheme",
    "with_scheme",
    "with_standing",
    "without_role",
]
