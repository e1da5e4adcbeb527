"""Writes of risks: seen early, closed with words."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client
from core import text
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, update
from visits.models import Risk, Visit
from visits.selectors import own_employee


@transaction.atomic
def raise_risk(
    *, actor: Any, client: Client, values: dict[str, Any], on: date, visit: Visit | None = None
) -> Risk:
    """Note a risk of a client (`kind`, `text`), seen on a day, at a contact where one is given.

    Raises ValidationError by field, Refused.
    """
    policy_for(Client).check(actor, "view", client)
    policy_for(Risk).check(actor, "add")
    if visit is not None and visit.client_id != client.pk:
        raise ValidationError({"visit": "Это контакт с другим клиентом."})
    row = Risk(
        client=client,
        visit=visit,
        kind=values.get("kind", ""),
        text=values.get("text", ""),
        raised_on=on,
        raised_by=own_employee(actor),
    )
    return create(row, actor=actor)


@transaction.atomic
def close_risk(
    *, actor: Any, risk: Risk, outcome: str, on: date, version: int | None = None
) -> Risk:
    """Close an open risk on a day, saying what became of it."""
    row = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    policy_for(Risk).check(actor, "change", row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed={"outcome": outcome})
    if row.closed_on is not None:
        raise ValidationError("Риск уже снят.")
    outcome = text.clean(outcome)
    if not outcome:
        raise ValidationError({"outcome": "Напишите, чем кончилось."})
    return update(row, {"outcome": outcome, "closed_on": on}, actor=actor)
