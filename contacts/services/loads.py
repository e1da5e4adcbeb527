"""Participants of decision schemes from the КИС, one by one through their services."""

from collections import defaultdict
from typing import Any

from accounts.services.loads.lookups import clients_of, require
from contacts.enums import ParticipantRole
from contacts.models import ClientDepartment, Participant
from contacts.services.participants import (
    PERSON_FIELDS,
    PLACE_FIELDS,
    add_participant,
    update_participant,
)
from core import text
from core.bulk import parse
from core.bulk.resources import Batch, Row
from core.bulk.saving import by, each

_TEXTS = frozenset({"middle_name", "phone", "email", "job_title", "notes"})


def load_participants(batch: Batch) -> None:
    """Write participants, found by code. `roles` names the roles held from today on."""
    for row in batch.good:
        require(row, "external_id")
    clients = clients_of(batch)
    seen = Participant.objects.visible_to(batch.actor).select_related("person", "client")
    stored = by(seen.filter(external_id__in=batch.given("external_id")), "external_id")
    departments = defaultdict(list)
    for one in ClientDepartment.objects.all():
        for word in {one.code, text.key(one.name)}:
            departments[word].append(one)
    batch.refuse_doubles({row.number: row.values["external_id"] for row in batch.good})

    def write(row: Row) -> tuple[Any, bool] | None:
        present = stored.get(row.values["external_id"])
        client = clients[row.number]
        if present is not None and present.client_id != client.pk:
            row.refuse("", "Клиент участника не меняется.")
            return None
        if present is None and not require(row, "last_name", "first_name"):
            return None
        names = [n for n in (*PERSON_FIELDS, *PLACE_FIELDS) if n in row.values]
        values = {n: row.values[n] for n in names if n != "department"}
        for name in _TEXTS & set(values):
            values[name] = values[name] or ""
        if row.values.get("department"):
            found = departments.get(text.key(row.values["department"]))
            if not found:
                row.refuse("department", "Такого отдела нет.")
                return None
            values["department"] = found[0]
        roles = _roles(row)
        if row.is_refused:
            return None
        if present is None:
            made = add_participant(
                actor=batch.actor,
                client=client,
                values=values,
                roles=roles or [],
                today=batch.today,
            )
            return made.pk, True
        update_participant(
            actor=batch.actor, participant=present, values=values, roles=roles, today=batch.today
        )
        return present.pk, False

    each(batch, write)


def _roles(row: Row) -> list[str] | None:
    """The codes of the roles that a row names; None where it says nothing of them."""
    if "roles" not in row.values:
        return None
    words = (row.values["roles"] or "").replace(";", ",").split(",")
    found = []
    for word in filter(str.strip, words):
        try:
            known = {str(value): str(label) for value, label in ParticipantRole.choices}
            found.append(parse.choice(word, known).value)
        except parse.Wrong as wrong:
            row.refuse("roles", str(wrong))
    return found
