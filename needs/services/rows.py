"""What every write of a need does first: the row under lock, its author, its reason."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Employee
from contacts.models import Participant
from core import audit, text
from core.enums import AuditAction
from core.errors import Conflict
from core.policy import policy_for
from core.services import update
from needs.enums import ConfirmationStatus, NeedStatus
from needs.models import Confirmation, Need
from needs.pipeline import CONFIRMABLE, emptied
from needs.selectors import stages, values_of
from needs.selectors.confirmations import kept_effect
from visits.selectors import own_employee

MANY = frozenset({"tools", "advantages"})


def present_row(
    actor: Any, need: Need, action: str, typed: dict[str, Any], version: int | None
) -> Need:
    """The row under lock, allowed to the actor, unchanged since `version`."""
    row = Need.objects.select_for_update(of=("self",)).get(pk=need.pk)
    policy_for(Need).check(actor, action, row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed)
    return row


def locked_row(
    actor: Any, need: Need, action: str, typed: dict[str, Any], version: int | None
) -> Need:
    """Like `present_row`, and the need is in work."""
    row = present_row(actor, need, action, typed, version)
    if row.status != NeedStatus.OPEN:
        raise ValidationError("Потребность снята: сначала верните её в работу.")
    return row


def write_card(actor: Any, row: Need, values: dict[str, Any]) -> Need:
    """Write fields of the card.

    What a passed stage stands on may not be emptied; an effect that somebody has confirmed, or
    is asked to, may not be changed.
    """
    if "participant" in values and values["participant"] != row.participant:
        check_participant(row.client_id, values["participant"])
    before = values_of(row)
    after = before | {n: v for n, v in values.items() if n not in MANY}
    changed = [name for name in CONFIRMABLE if _plain(name, after[name]) != before[name]]
    problems = dict.fromkeys(changed, why) if changed and (why := kept_effect(row)) else {}
    problems |= emptied(stages(), row.stage.code if row.stage else None, after)
    if problems:
        raise ValidationError(problems)
    return update(row, values, actor=actor)


def _plain(name: str, value: Any) -> Any:
    """A value as it will be stored; a refusal of its characters stands at the field."""
    try:
        return text.clean(value) if isinstance(value, str) else value
    except ValidationError as error:
        raise ValidationError({name: error}) from error


def check_participant(client_id: int, participant: Participant | None) -> None:
    """Refuse somebody of another client, and a card that is no more."""
    if participant is None:
        return
    if participant.client_id != client_id:
        raise ValidationError({"participant": "Это участник другого клиента."})
    if participant.merged_into_id is not None:
        raise ValidationError({"participant": "Эту карточку объединили с другой."})


def fits(row: Need, participant: Participant | None, on: Any) -> bool | None:
    """Whether somebody stands in the client's scheme on a day; None where nobody is named."""
    if participant is None:
        return None
    if participant.client_id != row.client_id:
        return False
    if on is None:
        return True
    return participant.stands_on(on)


def author_of(actor: Any, named: Employee | None) -> Employee:
    """The actor's own employee; who has none must name one, nobody else may."""
    own = own_employee(actor)
    if own is not None:
        if named is not None and named != own:
            raise ValidationError({"author": "Автор — вы сами."})
        return own
    if named is None:
        raise ValidationError({"author": "Укажите сотрудника: у учётной записи его нет."})
    return named


def given_reason(typed: str) -> str:
    """The reason, cleaned; a refusal at its field where there is none."""
    reason = text.clean(typed)
    if not reason:
        raise ValidationError({"reason": "Напишите причину."})
    return reason


def note(actor: Any, row: Need, name: str, reason: str) -> None:
    """Leave a reason in the history of a need."""
    audit.record(actor=actor, action=AuditAction.EVENT, subject=row, after={name: reason})


def withdraw_waiting(actor: Any, row: Need, now: datetime, why: str) -> None:
    """End the request that waits, where one does: the need has gone on without it."""
    waiting = row.confirmations.filter(status=ConfirmationStatus.WAITING).first()
    if waiting is not None:
        end_confirmation(actor, waiting, now, why)


def end_confirmation(actor: Any, row: Confirmation, now: datetime, why: str) -> Confirmation:
    """Withdraw a request; its link opens nothing any more."""
    gone = {"status": ConfirmationStatus.WITHDRAWN, "answered_at": now, "answer": why}
    return update(row, gone, actor=actor)
