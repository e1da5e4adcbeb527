"""Participants of decision schemes from the КИС. New ones are written together; changes go one
by one through their services."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from accounts.services.loads.lookups import clients_of, require
from contacts.enums import ParticipantRole
from contacts.models import ClientDepartment, Participant, Person, RolePeriod
from contacts.services.participants import (
    PERSON_FIELDS,
    PLACE_FIELDS,
    check_dates,
    normal_phone,
    person_values,
    update_participant,
)
from core import text
from core.bulk import parse
from core.bulk.enums import Outcome
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, each, joined, part, same, save_many, whole

_TEXTS = frozenset({"middle_name", "phone", "email", "job_title", "notes"})
_ROLES = {str(value): str(label) for value, label in ParticipantRole.choices}


def load_participants(batch: Batch) -> None:
    """Write participants, found by code. `roles` names the roles held from today on."""
    for row in batch.good:
        require(row, "external_id")
    clients = clients_of(batch)
    seen = Participant.objects.visible_to(batch.actor).select_related("person", "client")
    stored = by(seen.filter(external_id__in=batch.given("external_id")), "external_id")
    held = _held(stored.values())
    batch.refuse_doubles({row.number: row.values["external_id"] for row in batch.good})
    departments = _departments()
    said: dict[int, tuple[dict[str, Any], list[str] | None]] = {}
    new = []
    for row in batch.good:
        present = stored.get(row.values["external_id"])
        if present is not None and present.client_id != clients[row.number].pk:
            row.refuse("", "Клиент участника не меняется.")
        elif present is None and not require(row, "last_name", "first_name"):
            continue
        values, roles = said[row.number] = _values(row, departments), _roles(row)
        if row.is_refused:
            continue
        if present is None:
            new.append(row)
        elif _is_known(present, values, roles, held[present.pk]):
            row.done(Outcome.UNCHANGED, present.pk)
    _add(batch, new, said, clients)

    def write(row: Row) -> tuple[Any, bool]:
        values, roles = said[row.number]
        present = stored[row.values["external_id"]]
        update_participant(
            actor=batch.actor, participant=present, values=values, roles=roles, today=batch.today
        )
        return present.pk, False

    each(batch, write)


def _held(rows: Any) -> dict[int, set[str]]:
    """The roles that participants hold, by the participant."""
    found: dict[int, set[str]] = defaultdict(set)
    open_ones = RolePeriod.objects.filter(participant__in=list(rows), ends_on=None)
    for pk, role in open_ones.values_list("participant", "role"):
        found[pk].add(role)
    return found


def _departments() -> dict[str, ClientDepartment]:
    found: dict[str, ClientDepartment] = {}
    for one in ClientDepartment.objects.all():
        for word in (one.code, text.key(one.name)):
            found.setdefault(word, one)
    return found


def _values(row: Row, departments: dict[str, ClientDepartment]) -> dict[str, Any]:
    names = [n for n in (*PERSON_FIELDS, *PLACE_FIELDS) if n in row.values]
    values = {n: row.values[n] for n in names if n != "department"}
    for name in _TEXTS & set(values):
        values[name] = values[name] or ""
    if row.values.get("department"):
        found = departments.get(text.key(row.values["department"]))
        if found is None:
            row.refuse("department", "Такого отдела нет.")
        values["department"] = found
    return values


def _roles(row: Row) -> list[str] | None:
    """The codes of the roles that a row names; None where it says nothing of them."""
    if "roles" not in row.values:
        return None
    words = (row.values["roles"] or "").replace(";", ",").split(",")
    found = []
    for word in filter(str.strip, words):
        try:
            found.append(parse.choice(word, _ROLES).value)
        except parse.Wrong as wrong:
            row.refuse("roles", str(wrong))
    return found


def _is_known(
    present: Participant, values: dict[str, Any], roles: list[str] | None, held: set[str]
) -> bool:
    """Whether all that a row says stands there already, the phone in whatever form."""
    if present.ends_on is not None or (roles is not None and set(roles) != held):
        return False
    person = person_values(values)
    if person.get("phone", present.person.phone) != present.person.phone:
        try:
            person["phone"] = normal_phone(person["phone"])
        except ValidationError:
            return False
    place = {name: value for name, value in values.items() if name not in person}
    return same(present.person, person) and same(present, place)


def _add(
    batch: Batch,
    rows: list[Row],
    said: dict[int, tuple[dict[str, Any], list[str] | None]],
    clients: dict[int, Any],
) -> None:
    """Write new people with their places and roles, by the rules of `add_participant`."""
    people: dict[int, dict[str, Any]] = {}
    places: dict[int, dict[str, Any]] = {}
    for row in rows:
        values = {"starts_on": batch.today} | said[row.number][0]
        person = person_values(values)
        try:
            check_dates(values, batch.today)
            person["phone"] = normal_phone(person.get("phone", ""))
        except ValidationError as error:
            row.refuse_with(error)
            continue
        people[row.number] = person
        places[row.number] = {n: v for n, v in values.items() if n in PLACE_FIELDS}
    writing = replace(batch, dry_run=False)  # in a dry run all of it is taken back

    def write(good: list[Row]) -> None:
        persons = {r.number: Line(part(r), Person(), people[r.number]) for r in good}
        save_many(writing, list(persons.values()))
        for row in good:
            joined(row, [persons[row.number]])
        lines = {}
        for row in good:
            if not row.is_refused:
                whose = {
                    "client": clients[row.number],
                    "person": persons[row.number].instance,
                }
                lines[row.number] = Line(row, Participant(), places[row.number] | whose)
        save_many(writing, list(lines.values()))
        held = []
        for row in good:
            if not row.is_refused:
                place = lines[row.number].instance
                for role in sorted(set(said[row.number][1] or [])):
                    values = {"participant": place, "role": role, "starts_on": place.starts_on}
                    held.append((row, Line(part(row), RolePeriod(), values)))
        save_many(writing, [line for _, line in held])
        for row, line in held:
            joined(row, [line])

    whole([row for row in rows if not row.is_refused], write)
