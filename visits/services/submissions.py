"""What a form or an integration sends again after a lost connection is written once."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import Client
from core import audit
from core.models import AuditEntry
from visits.models import Visit

_SENDS = 7_265_004  # the space of advisory locks by number of a send


def written_before(actor: Any, client: Client, submission: UUID | None) -> Visit | None:
    """The contact with a client that this send has written already, if it has.

    Of two that arrive at once the second waits here for the first to be committed. Raises
    ValidationError where the number is known from somebody else or from another client.
    """
    if submission is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_SENDS, str(submission)])
    row = Visit.objects.filter(submission=submission).first()
    if row is None:
        return None
    if row.client_id != client.pk or not sent_by(actor, row):
        raise ValidationError(
            {"submission": "Эта отправка уже занята другой записью. Откройте форму заново."}
        )
    return row


def is_repeat(actor: Any, row: Visit, submission: UUID | None) -> bool:
    """Whether this very send of the actor wrote the row last."""
    return submission is not None and row.submission == submission and sent_by(actor, row)


def sent_by(actor: Any, row: Visit) -> bool:
    """Whether it was the actor who sent what the row now holds."""
    entries = AuditEntry.objects.filter(
        subject=audit.reference(row), actor=actor, after__submission=str(row.submission)
    )
    return entries.exists()
