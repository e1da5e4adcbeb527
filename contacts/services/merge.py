"""Two cards of one human being become one; nothing of their history is lost."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import Client
from contacts import merging
from contacts.enums import Attitude
from contacts.models import Participant, Person, RolePeriod
from contacts.services.participants import touch
from contacts.services.references import repoint
from core import audit
from core.enums import AuditAction
from core.errors import Conflict, Refused
from core.policy import policy_for
from core.services import create, delete, update

FILLED_OF_PERSON = ("middle_name", "phone", "email")
FILLED_OF_PLACE = ("department", "job_title")
_ROLES = "contacts.roleperiod.participant"
_PLACES = "contacts.participant.person"


@transaction.atomic
def merge_people(
    *,
    actor: Any,
    keep: Person,
    drop: Person,
    today: date,
    seen: Mapping[int, int] | None = None,
) -> Person:
    """Make `drop` the same human being as `keep`: places, roles and all that points at them.

    Places of both in one scheme at one time become one. The dropped card and its places stay
    as rows that say into whom they were merged. `seen` are versions of places by id, as the
    user saw them. Raises Refused, ValidationError, Conflict.
    """
    if keep.pk == drop.pk:
        raise ValidationError("Это одна и та же карточка.")
    places = _locked_places(keep, drop)
    people = Person.objects.select_for_update(of=("self",)).in_bulk([keep.pk, drop.pk])
    keep, drop = people[keep.pk], people[drop.pk]
    _check(actor, keep, drop, places, seen or {})
    of_client: dict[int, list[Participant]] = defaultdict(list)
    for place in places:
        of_client[place.client_id].append(place)
    for rows in of_client.values():
        _merge_places(actor, keep, rows, today)
    moved = repoint(drop, keep, apart=(_PLACES,))
    values = merging.filled(_values(keep, FILLED_OF_PERSON), _values(drop, FILLED_OF_PERSON))
    _told(actor, keep, drop, moved)
    update(drop, {"merged_into": keep}, actor=actor)
    if values:
        touch(keep.places.all())
    return update(keep, values, actor=actor)


def _locked_places(keep: Person, drop: Person) -> list[Participant]:
    """The places of both under lock, then their clients: in the order of the other writes."""
    rows = Participant.objects.unmerged().filter(person__in=[keep, drop]).order_by("pk")
    places = list(rows.select_for_update(of=("self",)).select_related("client", "person"))
    clients = sorted({place.client_id for place in places})
    list(
        Client.objects.select_for_update(no_key=True)
        .filter(pk__in=clients)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return places


def _check(
    actor: Any, keep: Person, drop: Person, places: list[Participant], seen: Mapping[int, int]
) -> None:
    for person in (keep, drop):
        policy_for(Person).check(actor, "change", person)
        if person.merged_into_id is not None:
            raise ValidationError(f"Карточку «{person}» уже объединили с другой.")
    known = {place.pk: place.version for place in places}
    of_drop = Participant.objects.filter(person=drop)
    if policy_for(Participant).visible_to(actor, of_drop).count() != of_drop.count():
        raise Refused(
            f"{drop} есть и в схемах клиентов, которых вы не видите. Объединить карточки может "
            "тот, кто видит всех этих клиентов: начальник отдела или директор."
        )
    present = Participant.objects.unmerged().filter(person__in=[keep, drop])
    if set(present.values_list("pk", flat=True)) != set(known):
        raise Conflict(current=keep, typed={})
    if any(known.get(pk) != version for pk, version in seen.items()):
        raise Conflict(current=keep, typed={})


def _merge_places(actor: Any, keep: Person, rows: list[Participant], today: date) -> None:
    """The places of both at one client: those that share days become one, the rest move."""
    by_key = {row.pk: row for row in rows}
    stays = [
        merging.Stay(row.pk, row.starts_on, row.ends_on, row.person_id == keep.pk) for row in rows
    ]
    for first, *others in merging.meetings(stays):
        into = by_key[first.key]
        for stay in others:
            into = _absorb(actor, into, by_key[stay.key], today)
        if into.person_id != keep.pk:
            update(into, {"person": keep}, actor=actor)


def _absorb(actor: Any, into: Participant, gone: Participant, today: date) -> Participant:
    """One place of two in one scheme at one time."""
    values = _place_values(into, gone)
    periods = [*into.roles.all(), *gone.roles.all()]
    closing = {
        "merged_into": into,
        "ends_on": gone.ends_on or max(today, gone.starts_on + timedelta(days=1)),
    }
    if "external_id" in values:
        closing["external_id"] = None
    update(gone, closing, actor=actor)
    into = update(into, values, actor=actor)  # before the subordinates: a boss of oneself is none
    moved = repoint(gone, into, apart=(_ROLES,))
    _unite_roles(actor, into, periods)
    _told(actor, into, gone, moved)
    return into


def _place_values(into: Participant, gone: Participant) -> dict[str, Any]:
    """What the place that lives on takes over."""
    names = (*FILLED_OF_PLACE, "external_id", "verified_on")
    values = merging.filled(_values(into, names), _values(gone, names))
    if into.attitude == Attitude.UNKNOWN:
        values["attitude"] = gone.attitude
    if into.verified_on and gone.verified_on:
        values["verified_on"] = max(into.verified_on, gone.verified_on)
    longest = int(Participant._meta.get_field("notes").max_length or 0)
    above = dict(into.client.participants.values_list("pk", "reports_to"))
    boss = merging.boss_after(above, into.pk, gone.pk)
    return values | {
        "starts_on": min(into.starts_on, gone.starts_on),
        "ends_on": merging.later_end(into.ends_on, gone.ends_on),
        "notes": merging.joined(into.notes, gone.notes, longest),
        "reports_to": _boss(into, boss),
    }


def _boss(into: Participant, pk: int | None) -> Participant | None:
    """The boss of the merged place: the present one, or another's who has not left."""
    if pk is None:
        return None
    stands = Q(pk=into.reports_to_id) | Q(ends_on=None)
    return Participant.objects.filter(stands, pk=pk).first()


def _unite_roles(actor: Any, into: Participant, periods: list[RolePeriod]) -> None:
    """The roles of both: a day on which either held a role is a day on which it was held."""
    by_role: dict[str, list[merging.Interval]] = defaultdict(list)
    for period in periods:
        by_role[period.role].append((period.starts_on, period.ends_on))
    wanted = {
        (role, *interval)
        for role, intervals in by_role.items()
        for interval in merging.united(intervals)
    }
    for period in periods:
        found = (period.role, period.starts_on, period.ends_on)
        if period.participant_id == into.pk and found in wanted:
            wanted.discard(found)
        else:
            delete(period, actor=actor)
    for role, starts_on, ends_on in sorted(wanted, key=lambda one: one[:2]):
        period = RolePeriod(participant=into, role=role, starts_on=starts_on, ends_on=ends_on)
        create(period, actor=actor)


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _told(actor: Any, into: Any, gone: Any, moved: dict[str, list[int]]) -> None:
    """What went over from one row to the other, kept with both."""
    ends = (
        (into, f"{gone} (№ {gone.pk})", "принято от"),
        (gone, f"{into} (№ {into.pk})", "отдано"),
    )
    for row, other, how in ends:
        audit.record(actor=actor, action=AuditAction.EVENT, subject=row, after={how: other} | moved)
