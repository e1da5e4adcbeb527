"""The secret address of a user's calendar: issue, revoke."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.tokens import digest
from core.policy import policy_for
from core.services import create, update
from visits.models import CalendarFeed

_BYTES = 32


@transaction.atomic
def issue_feed(*, actor: Any, now: datetime) -> tuple[CalendarFeed, str]:
    """Give the actor a new address; the secret is returned here and never again.

    The one they had before opens nothing from then on.
    """
    policy_for(CalendarFeed).check(actor, "add")
    _revoke_open(actor, now)
    secret = secrets.token_urlsafe(_BYTES)
    stored = digest(secret, settings.TOKEN_PEPPER)
    feed = create(CalendarFeed(user=actor, digest=stored, created_at=now), actor=actor)
    return feed, secret


@transaction.atomic
def revoke_feed(*, actor: Any, now: datetime) -> bool:
    """End the actor's address at once; False where there was none."""
    policy_for(CalendarFeed).check(actor, "revoke")
    return _revoke_open(actor, now)


def _revoke_open(actor: Any, now: datetime) -> bool:
    # The account is locked, not the row: of two requests at once each must see the other's.
    User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    found = CalendarFeed.objects.filter(user=actor, revoked_at=None).first()
    if found is None:
        return False
    update(found, {"revoked_at": now}, actor=actor)
    return True
