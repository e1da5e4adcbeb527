"""Writes of needs: open, change, step by step forward, back, drop and return."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client, Employee
from contacts.models import Participant
from core import audit, text
from core.clock import business_date
from core.enums import AuditAction
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, delete, update
from needs.enums import NeedStatus
from needs.models import Need, NeedStage, NeedStep
from needs.pipeline import Standing, Step, emptied, next_stage, refusals
from needs.selectors import stages, values_of
from visits.selectors import own_employee

_MANY = frozenset({"tools", "advantages"})


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
    _check_participant(client.pk, values.get("participant"))
    plain = {name: value for name, value in values.items() if name not in _MANY}
    row = Need(
        client=client,
        author=_author(actor, author),
        opened_on=business_date(now),
        **plain,
    )
    return create(row, actor=actor, many={n: values[n] for n in _MANY if n in values})


@transaction.atomic
def update_need(
    *, actor: Any, need: Need, values: dict[str, Any], version: int | None = None
) -> Need:
    """Change the card of a need; what a passed stage stands on may not be emptied."""
    row = _locked(actor, need, "change", values, version)
    return _write(actor, row, values)


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
    row = _locked(actor, need, "advance", typed, version)
    if values:
        row = _write(actor, row, values)
    table = stages()
    last = row.steps.order_by("-stage__code").first()
    step = Step(
        on=on,
        author=_author(actor, author).pk,
        evidence=text.clean(evidence),
        participant_fits=_fits(row, participant, on),
        into=into,
    )
    standing = Standing(
        code=row.stage.code if row.stage else None,
        last_on=last.on if last else None,
        connected_on=row.client.connected_on,
        author=row.author_id,
        is_open=row.status == NeedStatus.OPEN,
    )
    problems = refusals(table, standing, step, values_of(row), business_date(now))
    if problems:
        raise ValidationError(problems)
    coming = next_stage(table, standing.code)
    assert coming is not None
    stage = NeedStage.objects.get(code=coming.code)
    create(
        NeedStep(
            need=row,
            stage=stage,
            on=on,
            author_id=step.author,
            participant=participant,
            evidence=evidence,
            recorded_at=now,
        ),
        actor=actor,
    )
    return update(row, {"stage": stage}, actor=actor)


@transaction.atomic
def step_back(*, actor: Any, need: Need, reason: str, version: int | None = None) -> Need:
    """Take the last step back; the step and the reason stay in the history."""
    row = _locked(actor, need, "advance", {"reason": reason}, version)
    reason = _reason(reason)
    last = row.steps.order_by("-stage__code").first()
    if last is None:
        raise ValidationError("Потребность ещё не прошла ни одного этапа.")
    before = row.steps.exclude(pk=last.pk).order_by("-stage__code").first()
    delete(last, actor=actor)
    row = update(row, {"stage": before.stage if before else None}, actor=actor)
    _note(actor, row, "причина возврата на этап", reason)
    return row


@transaction.atomic
def drop_need(*, actor: Any, need: Need, reason: str, version: int | None = None) -> Need:
    """Take a need out of work, with the reason; its steps stay."""
    row = _locked(actor, need, "change", {"reason": reason}, version)
    reason = _reason(reason)
    row = update(row, {"status": NeedStatus.DROPPED}, actor=actor)
    _note(actor, row, "причина снятия", reason)
    return row


@transaction.atomic
def reopen_need(*, actor: Any, need: Need, version: int | None = None) -> Need:
    """Return a dropped need to work, at the stage where it stood."""
    row = _row(actor, need, "change", {}, version)
    return update(row, {"status": NeedStatus.OPEN}, actor=actor)


def _row(actor: Any, need: Need, action: str, typed: dict[str, Any], version: int | None) -> Need:
    """The row under lock, allowed to the actor, unchanged since `version`."""
    row = Need.objects.select_for_update(of=("self",)).get(pk=need.pk)
    policy_for(Need).check(actor, action, row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed)
    return row


def _locked(
    actor: Any, need: Need, action: str, typed: dict[str, Any], version: int | None
) -> Need:
    """Like `_row`, and the need is in work."""
    row = _row(actor, need, action, typed, version)
    if row.status != NeedStatus.OPEN:
        raise ValidationError("Потребность снята: сначала верните её в работу.")
    return row


def _write(actor: Any, row: Need, values: dict[str, Any]) -> Need:
    if "participant" in values and values["participant"] != row.participant:
        _check_participant(row.client_id, values["participant"])
    after = values_of(row) | {n: v for n, v in values.items() if n not in _MANY}
    problems = emptied(stages(), row.stage.code if row.stage else None, after)
    if problems:
        raise ValidationError(problems)
    return update(row, values, actor=actor)


def _check_participant(client_id: int, participant: Participant | None) -> None:
    if participant is not None and participant.client_id != client_id:
        raise ValidationError({"participant": "Это участник другого клиента."})


def _fits(row: Need, participant: Participant | None, on: Any) -> bool | None:
    if participant is None:
        return None
    if participant.client_id != row.client_id:
        return False
    if on is None:
        return True
    return participant.starts_on <= on and (participant.ends_on is None or participant.ends_on > on)


def _author(actor: Any, named: Employee | None) -> Employee:
    """The actor's own employee; who has none must name one, nobody else may."""
    own = own_employee(actor)
    if own is not None:
        if named is not None and named != own:
            raise ValidationError({"author": "Автор — вы сами."})
        return own
    if named is None:
        raise ValidationError({"author": "Укажите сотрудника: у учётной записи его нет."})
    return named


def _reason(typed: str) -> str:
    reason = text.clean(typed)
    if not reason:
        raise ValidationError({"reason": "Напишите причину."})
    return reason


def _note(actor: Any, row: Need, name: str, reason: str) -> None:
    audit.record(actor=actor, action=AuditAction.EVENT, subject=row, after={name: reason})
