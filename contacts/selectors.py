"""Reads of decision schemes, each with what it needs already selected."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q

from accounts.models import Client
from contacts.enums import ParticipantRole
from contacts.gaps import Gap, Place, gaps
from contacts.models import Participant, Person, RolePeriod
from core import text

_RANK = {role: rank for rank, role in enumerate(ParticipantRole.values)}


@dataclass(frozen=True)
class Scheme:
    """The decision scheme of a client on a day: who stands in it, what is missing, who left."""

    participants: list[Participant] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    former: list[Participant] = field(default_factory=list)


def with_scheme(queryset: Any, on: date) -> Any:
    """Participants with person, department, boss and, as `current_roles`, the roles of a day."""
    roles = RolePeriod.objects.current_on(on).order_by("id")
    return queryset.select_related(
        "client", "person", "department", "reports_to__person"
    ).prefetch_related(Prefetch("roles", queryset=roles, to_attr="current_roles"))


def role_codes(participant: Any) -> list[str]:
    """The codes of the roles read by `with_scheme`, in the order of the enum."""
    return sorted((row.role for row in participant.current_roles), key=_RANK.__getitem__)


def role_names(participant: Any) -> str:
    """«ЛПР, ГКлП», or nothing."""
    return ", ".join(str(ParticipantRole(code).label) for code in role_codes(participant))


def scheme(client: Client, on: date) -> Scheme:
    """The decision scheme of a client on a day, in a number of queries that does not grow."""
    rows = list(with_scheme(client.participants.all(), on))
    present = [row for row in rows if row.starts_on <= on and not _left(row, on)]
    present.sort(key=_weight)
    places = [
        Place(
            name=str(row),
            roles=frozenset(role_codes(row)),
            department=row.department.code if row.department else "",
            known_on=row.verified_on or row.starts_on,
        )
        for row in present
    ]
    return Scheme(present, gaps(places, on), [row for row in rows if _left(row, on)])


def _left(row: Participant, on: date) -> bool:
    return row.ends_on is not None and row.ends_on <= on


def _weight(row: Participant) -> tuple[int, int]:
    """Those who decide first, then key users, then the rest; the stronger before the weaker."""
    codes = role_codes(row)
    return (_RANK[codes[0]] if codes else len(_RANK), -row.influence)


def known_people(user: Any, client: Client, typed: str, limit: int = 10) -> list[Person]:
    """People in the user's scope whose names match, except those already in this scheme.

    Each has `elsewhere`, the number of the schemes they stand in.
    """
    words = text.key(typed).split()
    if not words:
        return []
    found = Person.objects.visible_to(user).exclude(
        places__in=Participant.objects.filter(client=client, ends_on=None)
    )
    for word in words:
        found = found.filter(search_key__contains=word)
    return list(found.annotate(elsewhere=Count("places", filter=Q(places__ends_on=None)))[:limit])
