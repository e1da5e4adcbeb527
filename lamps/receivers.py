"""What lamps do when facts below change: the client waits for a refresh, and somebody is told."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.signals import facts_changed
from core import jobs
from lamps import services
from visits.signals import visit_changed


@receiver([facts_changed, visit_changed], dispatch_uid="lamps.mark_stale")
def mark_stale(sender: Any, client_ids: list[int], **kwargs: Any) -> None:
    """Mark the clients within the transaction of the write; ring once it is committed."""
    services.mark_stale(client_ids)
    transaction.on_commit(jobs.ring)
