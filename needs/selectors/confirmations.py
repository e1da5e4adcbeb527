"""Reads of confirmations: what waits for whom, and what a link may still do."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from accounts.models import Employee
from accounts.tokens import digest
from core.clock import business_date
from core.policy import policy_for
from needs.enums import ConfirmationStatus, ConfirmationWay, LinkState, NeedStatus
from needs.models import Confirmation, Need
from needs.pipeline import Stage, is_confirmed, missing_for, next_stage
from needs.selectors.stages import stages, values_of

_ANSWERED = frozenset(
    {ConfirmationStatus.CONFIRMED, ConfirmationStatus.REFUSED, ConfirmationStatus.CORRECTED}
)


def confirming_stage(need: Need) -> Stage | None:
    """The next stage of a need in work, where it is one that somebody confirms."""
    if need.status != NeedStatus.OPEN:
        return None
    coming = next_stage(stages(), need.stage.code if need.stage else None)
    asks = coming is not None and (coming.needs_second_person or coming.needs_participant)
    return coming if asks else None


def kept_effect(need: Need) -> str:
    """Why the effect may not be changed; empty where it may. What was asked is what is answered."""
    if is_confirmed(stages(), need.stage.code if need.stage else None):
        return "Эффект подтверждён: чтобы изменить его, верните потребность на этап назад."
    if need.confirmations.filter(status=ConfirmationStatus.WAITING).exists():
        return "Этот эффект сейчас подтверждают: чтобы изменить его, отзовите запрос."
    return ""


def with_people(queryset: Any) -> Any:
    """Confirmations with what a row of a list shows."""
    return queryset.select_related(
        "need__client", "need__author", "participant__person", "requested_by", "decided_by"
    )


def confirmations_of(need: Need) -> list[Confirmation]:
    """What was asked about a need, newest first."""
    return list(with_people(need.confirmations.all()))


def waiting_for(user: Any, own: Employee | None) -> Any:
    """Requests that the user may decide: of needs in scope, neither asked nor opened by them."""
    rows = policy_for(Confirmation).visible_to(user)
    rows = rows.filter(status=ConfirmationStatus.WAITING, way=ConfirmationWay.PERSON)
    if own is not None:
        rows = rows.exclude(Q(requested_by=own) | Q(need__author=own))
    return with_people(rows).order_by(F("requested_at").asc(), "pk")


def by_secret(secret: str) -> Confirmation | None:
    """The request that a link opens; nothing tells how near a wrong one came."""
    stored = digest(secret, settings.TOKEN_PEPPER)
    rows = Confirmation.objects.select_related(
        "need__client", "need__stage", "participant__person", "requested_by"
    )
    return rows.filter(digest=stored).first()


def link_state(row: Confirmation | None, now: datetime) -> LinkState:
    """What a link may still do at a moment."""
    if row is None:
        return LinkState.UNKNOWN
    if row.status in _ANSWERED:
        return LinkState.USED
    if row.status == ConfirmationStatus.WITHDRAWN:
        return LinkState.WITHDRAWN
    if row.expires_at is None or row.expires_at <= now:
        return LinkState.EXPIRED
    coming = confirming_stage(row.need)
    if coming is None or missing_for(coming, values_of(row.need)):
        return LinkState.MOVED
    if not row.participant.stands_on(business_date(now)):
        return LinkState.LEFT
    return LinkState.OPEN
