"""Writes of decision schemes: people, their places, their roles by date."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from accounts.models import Client
from contacts import phones
from contacts.models import Participant, Person, RolePeriod
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, delete, update

PERSON_FIELDS = ("last_name", "first_name", "middle_name", "phone", "email")
PLACE_FIELDS = (
    "department",
    "job_title",
    "attitude",
    "influence",
    "reports_to",
    "notes",
    "starts_on",
    "verified_on",
    "external_id",
)
_EARLIEST = date(2000, 1, 1)


@transaction.atomic
def add_participant(
    *,
    actor: Any,
    client: Client,
    values: dict[str, Any],
    roles: Collection[str],
    today: date,
    person: Person | None = None,
) -> Participant:
    """Put a person into a client's scheme: a new one, or one known from another scheme.

    `values` holds fields of the person and of the place side by side. Roles begin with the
    place. Raises ValidationError by field, Refused.
    """
    policy_for(Client).check(actor, "view", client)
    policy_for(Participant).check(actor, "add")
    values = {"starts_on": today} | values
    check_dates(values, today)
    _check_boss(client, None, values.get("reports_to"), today)
    if person is None:
        named = person_values(values)
        named["phone"] = normal_phone(named.get("phone", ""))
        person = create(Person(**named), actor=actor)
    else:
        policy_for(Person).check(actor, "change", person)
        person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if person.merged_into_id is not None:
            raise ValidationError({"person": f"Карточку «{person}» объединили с другой."})
        given = {name: value for name, value in person_values(values).items() if value}
        person = _write_person(person, given, actor)
    place = {name: values[name] for name in PLACE_FIELDS if name in values}
    row = create(Participant(client=client, person=person, **place), actor=actor)
    for role in sorted(set(roles)):
        create(RolePeriod(participant=row, role=role, starts_on=row.starts_on), actor=actor)
    return row


@transaction.atomic
def update_participant(
    *,
    actor: Any,
    participant: Participant,
    values: dict[str, Any],
    today: date,
    roles: Collection[str] | None = None,
    roles_on: date | None = None,
    version: int | None = None,
) -> Participant:
    """Change a person and their place; where `roles` are given, also the roles from `roles_on`.

    Raises Conflict where somebody changed any of it since `version` was read.
    """
    row = _locked(actor, participant, values, version)
    place = {name: values[name] for name in PLACE_FIELDS if name in values}
    check_dates(place, today)
    if "reports_to" in place and place["reports_to"] != row.reports_to:
        _check_boss(row.client, row, place["reports_to"], today)
    _check_start(row, place.get("starts_on"))
    _write_person(row.person, person_values(values), actor)
    row = update(row, place, actor=actor)
    if roles is not None:
        row = _write_roles(row, roles, roles_on or today, today, actor)
    return row


@transaction.atomic
def set_roles(
    *,
    actor: Any,
    participant: Participant,
    roles: Collection[str],
    on: date,
    today: date,
    version: int | None = None,
) -> Participant:
    """Make `roles` the roles that hold from `on`: others are closed, missing ones opened.

    A role opened and closed on one day leaves no period: the second word replaces the first.
    """
    row = _locked(actor, participant, {"roles": roles}, version)
    return _write_roles(row, roles, on, today, actor)


@transaction.atomic
def close_participant(
    *, actor: Any, participant: Participant, on: date, today: date, version: int | None = None
) -> Participant:
    """Take a participant out of the scheme from `on`, roles with them; the past stays.

    Whoever reported to them reports to nobody.
    """
    row = _locked(actor, participant, {"ends_on": on}, version)
    if on <= row.starts_on:
        raise ValidationError(
            {"ends_on": f"В схеме с {row.starts_on:%d.%m.%Y}: дата ухода должна быть позже."}
        )
    if on > today + timedelta(days=1):
        raise ValidationError({"ends_on": "Уход записывают не раньше, чем он случился."})
    _close_roles(row.roles.filter(ends_on=None), on, actor)
    for subordinate in row.subordinates.filter(ends_on=None):
        update(subordinate, {"reports_to": None}, actor=actor)
    return update(row, {"ends_on": on}, actor=actor)


@transaction.atomic
def verify_participant(
    *, actor: Any, participant: Participant, on: date, version: int | None = None
) -> Participant:
    """Note that what is written about a participant was checked on a day."""
    row = _locked(actor, participant, {"verified_on": on}, version)
    return update(row, {"verified_on": on}, actor=actor)


def _locked(
    actor: Any, participant: Participant, typed: dict[str, Any], version: int | None
) -> Participant:
    """The row under lock, allowed to the actor, unchanged since `version`, still in the scheme."""
    row = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    policy_for(Participant).check(actor, "change", row)
    if version is not None and row.version != version:
        raise Conflict(current=_flat(row), typed=typed)
    if row.ends_on is not None:
        raise ValidationError(f"Участник вышел из схемы {row.ends_on:%d.%m.%Y}.")
    return row


def _flat(row: Participant) -> Participant:
    """The row with the person's fields and the roles beside its own, as the form has them."""
    for name in PERSON_FIELDS:
        setattr(row, name, getattr(row.person, name))
    open_roles = row.roles.filter(ends_on=None)
    row.get_roles_display = lambda: ", ".join(map(str, open_roles))  # type: ignore[attr-defined]
    return row


def person_values(values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that are the person's, not the place's."""
    return {name: values[name] for name in PERSON_FIELDS if name in values}


def normal_phone(typed: str) -> str:
    """A number as the program writes it. Raises ValidationError."""
    try:
        return phones.normalise(typed)
    except phones.WrongPhone as error:
        raise ValidationError({"phone": str(error)}) from error


def _write_person(person: Person, values: dict[str, Any], actor: Any) -> Person:
    """Write the person's fields; who has one of their places open on a screen is told so."""
    if "phone" in values and values["phone"] != person.phone:  # an imported one may stay as it is
        values = values | {"phone": normal_phone(values["phone"])}
    before = person.version
    person = update(person, values, actor=actor)
    if person.version != before:
        touch(person.places.all())
    return person


def touch(places: Any) -> None:
    """Raise the version of rows that did not change themselves but are shown changed."""
    places.update(version=F("version") + 1)


def _write_roles(
    row: Participant, roles: Collection[str], on: date, today: date, actor: Any
) -> Participant:
    wanted = set(roles)
    periods = {period.role: period for period in row.roles.filter(ends_on=None)}
    if wanted == set(periods):
        return row
    if on > today or on < row.starts_on:
        raise ValidationError(
            {"roles_on": f"Дата — от {row.starts_on:%d.%m.%Y} до {today:%d.%m.%Y}."}
        )
    _close_roles([p for role, p in periods.items() if role not in wanted], on, actor)
    for role in sorted(wanted - set(periods)):
        _open_role(row, role, on, actor)
    touch(Participant.objects.filter(pk=row.pk))
    row.refresh_from_db()
    return row


def _close_roles(periods: Any, on: date, actor: Any) -> None:
    for period in periods:
        if period.starts_on > on:
            raise ValidationError(
                {"roles_on": f"Роль «{period}» действует с {period.starts_on:%d.%m.%Y}."}
            )
        if period.starts_on == on:
            delete(period, actor=actor)
        else:
            update(period, {"ends_on": on}, actor=actor)


def _open_role(row: Participant, role: str, on: date, actor: Any) -> None:
    last = row.roles.filter(role=role).order_by("-ends_on").first()
    if last is not None and last.ends_on == on:
        update(last, {"ends_on": None}, actor=actor)
        return
    if last is not None and last.ends_on is not None and last.ends_on > on:
        raise ValidationError(
            {"roles_on": f"Роль «{last}» уже действовала до {last.ends_on:%d.%m.%Y}."}
        )
    create(RolePeriod(participant=row, role=role, starts_on=on), actor=actor)


def check_dates(values: dict[str, Any], today: date) -> None:
    """Refuse the days of a place that have not come yet or are too old."""
    for name in ("starts_on", "verified_on"):
        day = values.get(name)
        if day is not None and not _EARLIEST <= day <= today:
            raise ValidationError({name: f"Дата — от 01.01.2000 до {today:%d.%m.%Y}."})


def _check_start(row: Participant, starts_on: date | None) -> None:
    """A place may begin earlier than was thought, not later than a role that was held in it."""
    if starts_on is None or starts_on == row.starts_on:
        return
    first = row.roles.order_by("starts_on").first()
    if first is not None and starts_on > first.starts_on:
        raise ValidationError(
            {"starts_on": f"Роль «{first}» действует уже с {first.starts_on:%d.%m.%Y}."}
        )


def _check_boss(
    client: Client, row: Participant | None, boss: Participant | None, today: date
) -> None:
    """A boss stands in the same scheme today and does not report, by whatever way, to the row."""
    if boss is None:
        return
    if boss.client_id != client.pk:
        raise ValidationError({"reports_to": "Это участник другого клиента."})
    if boss.merged_into_id is not None or (boss.ends_on is not None and boss.ends_on <= today):
        raise ValidationError({"reports_to": "Этот участник уже вышел из схемы."})
    if row is None:
        return
    # One move in a scheme at a time: two at once could close a ring that neither sees.
    Client.objects.select_for_update(no_key=True).only("pk").get(pk=client.pk)
    above = dict(client.participants.values_list("pk", "reports_to"))
    seen: int | None = boss.pk
    while seen is not None:
        if seen == row.pk:
            raise ValidationError({"reports_to": f"{boss} сам подчиняется этому участнику."})
        seen = above.get(seen)
