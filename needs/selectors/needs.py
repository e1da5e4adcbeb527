"""Reads of needs: rows of lists, cards, history."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import Client
from core import clock, history
from core.audit import reference
from core.models import AuditEntry
from core.policy import policy_for
from needs.enums import ConfirmationStatus, NeedStatus
from needs.models import Confirmation, Need, NeedStage, NeedStep


def with_names(queryset: Any) -> Any:
    """Needs with what a row of a list shows."""
    return queryset.select_related(
        "client__specialist", "stage", "department", "participant__person", "author"
    )


def with_asked(queryset: Any) -> Any:
    """The same, and whether somebody is asked to confirm the effect: `is_asked`."""
    waiting = Confirmation.objects.filter(
        need=OuterRef("pk"), status=ConfirmationStatus.WAITING
    ).filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()))
    return with_names(queryset).annotate(is_asked=Exists(waiting))


def with_steps(queryset: Any) -> Any:
    """Needs with everything that the card and the API show."""
    steps = NeedStep.objects.select_related("stage", "author", "participant__person")
    return with_names(queryset).prefetch_related(
        "tools", "advantages", Prefetch("steps", queryset=steps)
    )


def needs_of(client: Client) -> list[Need]:
    """All needs of a client, those in work first."""
    return list(with_names(client.needs.all()).order_by("-status", "-opened_on", "-pk"))


def history_of(need: Need, limit: int = 50) -> list[AuditEntry]:
    """What was written about a need, newest first."""
    rows = AuditEntry.objects.filter(subject=reference(need)).select_related("actor")
    return history.with_names(rows.order_by("-pk")[:limit])


def almost_confirmed(user: Any, limit: int = 10) -> tuple[list[Need], int, NeedStage | None]:
    """Open needs one step before the last stage, longest there first; how many; their stage."""
    last = list(NeedStage.objects.filter(is_on=True).order_by("-code")[:2])
    if len(last) < 2:
        return [], 0, None
    rows = policy_for(Need).visible_to(user).filter(stage=last[1], status=NeedStatus.OPEN)
    reached = Prefetch("steps", queryset=NeedStep.objects.filter(stage=last[1]), to_attr="reached")
    found = with_asked(rows).prefetch_related(reached).order_by("opened_on", "pk")
    return list(found[:limit]), rows.count(), last[1]
