"""Step by step forward, and back with a reason."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Employee
from contacts.models import Participant
from core import events, preferences, text
from core.clock import business_date
from core.services import create, delete, update
from needs.enums import NeedStatus
from needs.models import Need, NeedStage, NeedStep
from needs.pipeline import Stage, Standing, Step, next_stage, refusals
from needs.preferences import BACKDATE_DAYS
from needs.selectors import stages, values_of
from needs.services.rows import (
    author_of,
    fits,
    given_reason,
    locked_row,
    note,
    withdraw_waiting,
    write_card,
)


@dataclass(frozen=True)
class Attempt:
    """A step as somebody wants to make it; `is_backed`: confirmed by the participant's link."""

    on: date | None
    evidence: str
    author: Employee
    participant: Participant | None = None
    into: str | None = None
    is_backed: bool = False


@transaction.atomic
def advance_need(
    *,
    actor: Any,
    need: Need,
    on: Any,
    evidence: str,
    now: datetime,
    participant: Participant | None = None,
    values: dict[str, Any] | None = None,
    into: str | None = None,
    author: Employee | None = None,
    version: int | None = None,
) -> Need:
    """Make the next step of a need, with its date and evidence.

    `values` are fields of the card filled in with the step; `into`, the code of the stage the
    caller believes to be next. Raises ValidationError by field for whatever the stage refuses.
    """
    typed = (values or {}) | {"on": on, "evidence": evidence, "participant": participant}
    row = locked_row(actor, need, "advance", typed, version)
    if values:
        row = write_card(actor, row, values)
    attempt = Attempt(on, text.clean(evidence), author_of(actor, author), participant, into)
    row = record_step(actor, row, attempt, now)
    withdraw_waiting(actor, row, now, "Шаг записан без этого запроса.")
    return row


def judge(row: Need, attempt: Attempt, today: date) -> Stage:
    """The stage that the step leads into. Raises ValidationError where it may not be made."""
    table = stages()
    last = row.steps.order_by("-stage__code").first()
    standing = Standing(
        code=row.stage.code if row.stage else None,
        last_on=last.on if last else None,
        connected_on=row.client.connected_on,
        author=row.author_id,
        is_open=row.status == NeedStatus.OPEN,
    )
    step = Step(
        on=attempt.on,
        author=attempt.author.pk,
        evidence=attempt.evidence,
        participant_fits=fits(row, attempt.participant, attempt.on),
        into=attempt.into,
        is_backed=attempt.is_backed,
    )
    days = preferences.read()[BACKDATE_DAYS]
    problems = refusals(table, standing, step, values_of(row), today, days)
    if problems:
        raise ValidationError(problems)
    coming = next_stage(table, standing.code)
    assert coming is not None
    return coming


def record_step(
    actor: Any, row: Need, attempt: Attempt, now: datetime, today: date | None = None
) -> Need:
    """Judge a step as of `today` (by default the day of `now`) and write it. `row` is locked."""
    coming = judge(row, attempt, today or business_date(now))
    assert attempt.on is not None  # judged
    stage = NeedStage.objects.get(code=coming.code)
    create(
        NeedStep(
            need=row,
            stage=stage,
            on=attempt.on,
            author=attempt.author,
            participant=attempt.participant,
            evidence=attempt.evidence,
            recorded_at=now,
        ),
        actor=actor,
    )
    return _move(actor, row, stage, attempt.on)


def _move(actor: Any, row: Need, stage: NeedStage | None, on: date | None) -> Need:
    """Put a need on a stage and say so to other systems."""
    told = {"was": row.stage.code if row.stage else None, "stage": stage and stage.code, "on": on}
    row = update(row, {"stage": stage, "stage_on": on}, actor=actor)
    events.publish("need.moved", subject=row, client=row.client_id, data=told)
    return row


@transaction.atomic
def step_back(
    *, actor: Any, need: Need, reason: str, now: datetime, version: int | None = None
) -> Need:
    """Take the last step back; the step and the reason stay in the history."""
    row = locked_row(actor, need, "advance", {"reason": reason}, version)
    reason = given_reason(reason)
    last = row.steps.order_by("-stage__code").first()
    if last is None:
        raise ValidationError("Потребность ещё не прошла ни одного этапа.")
    before = row.steps.exclude(pk=last.pk).order_by("-stage__code").first()
    delete(last, actor=actor)
    stage, since = (before.stage, before.on) if before else (None, None)
    row = _move(actor, row, stage, since)
    note(actor, row, "причина возврата на этап", reason)
    withdraw_waiting(actor, row, now, "Потребность вернули на этап назад.")
    return row
