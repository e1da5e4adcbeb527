"""Writes of the card: open, change, drop and return."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Client, Employee
from core.clock import business_date
from core.policy import policy_for
from core.services import create, update
from needs.enums import NeedStatus
from needs.models import Need
from needs.services.rows import (
    MANY,
    author_of,
    check_participant,
    given_reason,
    locked_row,
    note,
    present_row,
    withdraw_waiting,
    write_card,
)
from visits.selectors import unit_of


@transaction.atomic
def open_need(
    *,
    actor: Any,
    client: Client,
    values: dict[str, Any],
    now: datetime,
    author: Employee | None = None,
) -> Need:
    """Open a need of a client; it has no stage yet. Raises ValidationError by field, Refused.

    `author` is given only by who is no employee (an integration).
    """
    policy_for(Client).check(actor, "view", client)
    policy_for(Need).check(actor, "add")
    check_participant(client.pk, values.get("participant"))
    plain = {name: value for name, value in values.items() if name not in MANY}
    who, today = author_of(actor, author), business_date(now)
    row = Need(client=client, author=who, unit=unit_of(who, today), opened_on=today, **plain)
    return create(row, actor=actor, many={n: values[n] for n in MANY if n in values})


@transaction.atomic
def update_need(
    *, actor: Any, need: Need, values: dict[str, Any], version: int | None = None
) -> Need:
    """Change the card of a need; what a passed stage stands on may not be emptied."""
    row = locked_row(actor, need, "change", values, version)
    return write_card(actor, row, values)


@transaction.atomic
def drop_need(
    *, actor: Any, need: Need, reason: str, now: datetime, version: int | None = None
) -> Need:
    """Take a need out of work, with the reason; its steps stay."""
    row = locked_row(actor, need, "change", {"reason": reason}, version)
    reason = given_reason(reason)
    row = update(row, {"status": NeedStatus.DROPPED}, actor=actor)
    note(actor, row, "причина снятия", reason)
    withdraw_waiting(actor, row, now, "Потребность сняли.")
    return row


@transaction.atomic
def reopen_need(*, actor: Any, need: Need, version: int | None = None) -> Need:
    """Return a dropped need to work, at the stage where it stood."""
    row = present_row(actor, need, "change", {}, version)
    return update(row, {"status": NeedStatus.OPEN}, actor=actor)
