"""The audit row that every write leaves in its own transaction."""

from typing import Any

import structlog
from django.db import models

from core import clock
from core.enums import AuditAction
from core.models import AuditEntry


def reference(obj: models.Model) -> str:
    """The stable name of a row: "app.model:pk"."""
    return f"{obj._meta.label_lower}:{obj.pk}"


def snapshot(obj: models.Model) -> dict[str, Any]:
    """The stored values of a row by field name; secrets are left out."""
    hidden = getattr(obj, "audit_hidden", frozenset())
    return {
        f.name: f.value_from_object(obj)
        for f in obj._meta.concrete_fields
        if not isinstance(f, models.GeneratedField)
        and f.name not in hidden
        and f.name not in {"id", "version"}
    }


def record(
    *,
    actor: Any,
    action: AuditAction | str,
    subject: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write one audit row, with the request and token bound to the present context.

    `subject.audit_about()` names the row on whose page the entry belongs.
    """
    context = structlog.contextvars.get_contextvars()
    about = getattr(subject, "audit_about", None)
    target = about() if about else subject
    return AuditEntry.objects.create(
        at=clock.now(),
        actor=actor if getattr(actor, "pk", None) else None,
        via=context.get("via", ""),
        request_id=str(context.get("request_id", "")),
        action=action,
        subject=reference(subject),
        label=str(subject)[:200],
        about=reference(target) if target is not None else "",
        before=before or {},
        after=after or {},
    )
