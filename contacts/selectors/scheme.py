"""Reads of decision schemes, each with what it needs already selected."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q

from accounts.models import Client
from contacts import picture, reach
from contacts.enums import ParticipantRole
from contacts.gaps import KEY_USERS, Gap, Place, gaps, months_before
from contacts.models import ClientDepartment, Participant, RolePeriod
from contacts.preferences import EACH_DEPARTMENT, VERIFY_MONTHS
from core import preferences

_RANK = {role: rank for rank, role in enumerate(ParticipantRole.values)}


@dataclass(frozen=True)
class Scheme:
    """The decision scheme of a client on a day: who stands in it, what is missing, who left.

    `reached` are those who stood in a useful contact in the month of the day.
    """

    participants: list[Participant] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    former: list[Participant] = field(default_factory=list)
    reached: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Card:
    """A box of the picture with its texts, already broken into lines that fit."""

    row: Participant
    box: picture.Box
    name: list[str]
    title: list[str]
    department: list[str]
    roles: list[picture.Badge]
    is_reached: bool
    is_key_user: bool


@dataclass(frozen=True)
class Drawing:
    """The picture of a scheme with what its boxes say."""

    cards: list[Card]
    frame: picture.Picture
    reached: int


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
    rows = list(with_scheme(client.participants.unmerged(), on))
    present = [row for row in rows if row.stands_on(on)]
    present.sort(key=_weight)
    return Scheme(
        participants=present,
        gaps=_gaps(present, on),
        former=[row for row in rows if row.ends_on is not None and row.ends_on <= on],
        reached=reach.reached_of([row.pk for row in present], *reach.month_of(on)),
    )


def _gaps(present: list[Participant], on: date) -> list[Gap]:
    """The gaps by the settings in force."""
    values = preferences.read()
    places = [
        Place(
            name=str(row),
            roles=frozenset(role_codes(row)),
            department=row.department.code if row.department else "",
            known_on=row.verified_on or row.starts_on,
        )
        for row in present
    ]
    return gaps(
        places,
        on,
        each_of=values[EACH_DEPARTMENT],
        months=values[VERIFY_MONTHS],
        departments=dict(ClientDepartment.objects.values_list("code", "name")),
    )


def drawing(found: Scheme, *, on_sheet: bool = False) -> Drawing:
    """The picture of a scheme, for a screen or for a sheet of paper."""
    sitters = [picture.Sitter(row.pk, row.reports_to_id) for row in found.participants]
    frame = picture.on_sheet(sitters) if on_sheet else picture.draw(sitters)
    cards = []
    for row, box in zip(found.participants, frame.boxes, strict=True):
        codes = role_codes(row)
        cards.append(
            Card(
                row=row,
                box=box,
                name=picture.wrapped(str(row), 24, 2),
                title=picture.wrapped(row.job_title, 28, 2),
                department=picture.wrapped(str(row.department or ""), 28, 1),
                roles=picture.badges(str(ParticipantRole(code).label) for code in codes),
                is_reached=row.pk in found.reached,
                is_key_user=bool(KEY_USERS & set(codes)),
            )
        )
    return Drawing(cards, frame, len(found.reached))


def long_unverified(queryset: Any, on: date) -> Any:
    """Participants whom nobody verified for longer than the setting allows."""
    limit = months_before(on, preferences.read()[VERIFY_MONTHS])
    return queryset.filter(Q(verified_on__lt=limit) | Q(verified_on=None, starts_on__lt=limit))


def without_role(queryset: Any, on: date) -> Any:
    """Participants who hold no role on a day."""
    held = RolePeriod.objects.current_on(on).values("participant")
    return queryset.exclude(pk__in=held)


def not_reached(queryset: Any, on: date) -> Any:
    """Participants without a useful contact in the month of a day."""
    return queryset.exclude(pk__in=reach.reached_in(*reach.month_of(on)))


def _weight(row: Participant) -> tuple[int, int]:
    """Those who decide first, then key users, then the rest; the stronger before the weaker."""
    codes = role_codes(row)
    return (_RANK[codes[0]] if codes else len(_RANK), -row.influence)
