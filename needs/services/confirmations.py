"""Confirmation of an effect: asked, withdrawn, decided by a second person, answered by a link.

Whoever moves one locks the need first and the request after it, so that two at once wait for
each other in the same order.
"""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Employee
from accounts.tokens import digest
from contacts.models import Participant
from core import preferences, text
from core.clock import business_date
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, update
from needs.enums import ConfirmationStatus, ConfirmationWay, LinkAnswer, LinkState
from needs.models import Confirmation, Need
from needs.preferences import LINK_DAYS
from needs.selectors.confirmations import by_secret, confirming_stage, link_state
from needs.services.rows import author_of, end_confirmation, given_reason, locked_row
from needs.services.steps import Attempt, judge, record_step

_BYTES = 32
_BY_LINK = "Подтверждено по ссылке {day:%d.%m.%Y}: {who}."


class LinkClosed(Exception):
    """A link that may not be answered; `state` says why."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state.label)
        self.state = state


@transaction.atomic
def ask_person(
    *,
    actor: Any,
    need: Need,
    participant: Participant | None,
    on: date | None,
    evidence: str,
    now: datetime,
    author: Employee | None = None,
    version: int | None = None,
) -> Confirmation:
    """Ask a colleague to approve what the participant said or signed on a day."""
    typed = {"on": on, "evidence": evidence, "participant": participant}
    row = locked_row(actor, need, "advance", typed, version)
    policy_for(Confirmation).check(actor, "add")
    attempt = Attempt(
        on, text.clean(evidence), author_of(actor, author), participant, is_backed=True
    )
    _may_be_asked(actor, row, attempt, now)
    asked = Confirmation(
        need=row,
        participant=participant,
        way=ConfirmationWay.PERSON,
        on=on,
        evidence=attempt.evidence,
        requested_by=attempt.author,
        requested_at=now,
    )
    return create(asked, actor=actor)


@transaction.atomic
def ask_by_link(
    *,
    actor: Any,
    need: Need,
    participant: Participant | None,
    now: datetime,
    author: Employee | None = None,
    version: int | None = None,
) -> tuple[Confirmation, str]:
    """Make a link for the participant; its secret is returned here and never again."""
    row = locked_row(actor, need, "advance", {"participant": participant}, version)
    policy_for(Confirmation).check(actor, "add")
    who, today = author_of(actor, author), business_date(now)
    attempt = Attempt(today, _BY_LINK, who, participant, is_backed=True)
    _may_be_asked(actor, row, attempt, now)
    secret = secrets.token_urlsafe(_BYTES)
    asked = Confirmation(
        need=row,
        participant=participant,
        way=ConfirmationWay.LINK,
        requested_by=who,
        requested_at=now,
        digest=digest(secret, settings.TOKEN_PEPPER),
        expires_at=now + timedelta(days=preferences.read()[LINK_DAYS]),
    )
    return create(asked, actor=actor), secret


def _may_be_asked(actor: Any, row: Need, attempt: Attempt, now: datetime) -> None:
    """The step would be legal if confirmed; a link past its term makes room for another."""
    if confirming_stage(row) is None:
        raise ValidationError("Сейчас подтверждать нечего.")
    judge(row, attempt, business_date(now))
    stale = row.confirmations.filter(status=ConfirmationStatus.WAITING, expires_at__lte=now).first()
    if stale is not None:
        end_confirmation(actor, stale, now, "Срок ссылки истёк.")


@transaction.atomic
def withdraw_confirmation(
    *, actor: Any, confirmation: Confirmation, now: datetime, version: int | None = None
) -> Confirmation:
    """Take a request back; its link opens nothing from this moment."""
    row = _waiting(actor, confirmation, "withdraw", version=version)
    return end_confirmation(actor, row, now, "")


@transaction.atomic
def decide_confirmation(
    *,
    actor: Any,
    confirmation: Confirmation,
    approve: bool,
    now: datetime,
    reason: str = "",
    author: Employee | None = None,
    version: int | None = None,
) -> Confirmation:
    """Approve, which makes the step in one's own name, or refuse with a reason."""
    typed = {"approve": approve, "reason": reason}
    need = locked_row(actor, confirmation.need, "advance", typed, None)
    row = _waiting(actor, confirmation, "decide", typed, version)
    who = author_of(actor, author)
    if who.pk in (row.requested_by_id, need.author_id):
        raise ValidationError("Решает не тот, кто запросил, и не автор потребности.")
    answered = {"decided_by": who, "answered_at": now, "answer": text.clean(reason)}
    if not approve:
        answered["answer"] = given_reason(reason)
        return update(row, answered | {"status": ConfirmationStatus.REFUSED}, actor=actor)
    row = update(row, answered | {"status": ConfirmationStatus.CONFIRMED}, actor=actor)
    attempt = Attempt(row.on, row.evidence, who, row.participant)
    # Whether the date is too far back was judged when it was asked: the wait is not its fault.
    record_step(actor, need, attempt, now, today=business_date(row.requested_at))
    return row


@transaction.atomic
def answer_link(
    *, secret: str, answer: LinkAnswer | str, now: datetime, said: str = ""
) -> Confirmation:
    """What the participant answers. «Да» makes the step in the name of who asked.

    Raises LinkClosed where the link may not be answered (any more), ValidationError by field.
    """
    found = by_secret(secret)
    if found is None:
        raise LinkClosed(LinkState.UNKNOWN)
    need = Need.objects.select_for_update(of=("self",)).get(pk=found.need_id)
    row = Confirmation.objects.select_for_update(of=("self",)).get(pk=found.pk)
    row.need = need
    state = link_state(row, now)
    if state != LinkState.OPEN:
        raise LinkClosed(state)
    said = text.clean(said)
    if answer == LinkAnswer.CORRECTION and not said:
        raise ValidationError({"said": "Напишите, что поправить."})
    status = {
        LinkAnswer.YES: ConfirmationStatus.CONFIRMED,
        LinkAnswer.NO: ConfirmationStatus.REFUSED,
        LinkAnswer.CORRECTION: ConfirmationStatus.CORRECTED,
    }[LinkAnswer(answer)]
    today = business_date(now)
    answered = {"status": status, "answered_at": now, "answer": said}
    if status == ConfirmationStatus.CONFIRMED:
        answered |= {"on": today, "evidence": _BY_LINK.format(day=today, who=row.participant)}
    row = update(row, answered, actor=None)
    if status == ConfirmationStatus.CONFIRMED:
        attempt = Attempt(today, row.evidence, row.requested_by, row.participant, is_backed=True)
        try:
            record_step(None, need, attempt, now)
        except ValidationError as error:
            # The need has changed; in what way is no business of whoever holds the link.
            raise LinkClosed(LinkState.MOVED) from error
    return row


def _waiting(
    actor: Any,
    confirmation: Confirmation,
    action: str,
    typed: dict[str, Any] | None = None,
    version: int | None = None,
) -> Confirmation:
    """The request under lock, allowed to the actor, not answered yet."""
    Need.objects.select_for_update(of=("self",)).get(pk=confirmation.need_id)
    row = Confirmation.objects.select_for_update(of=("self",)).get(pk=confirmation.pk)
    policy_for(Confirmation).check(actor, action, row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed or {})
    if row.status != ConfirmationStatus.WAITING:
        raise ValidationError(f"На этот запрос уже ответили: {row.get_status_display().lower()}.")
    return row
