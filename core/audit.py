"""The audit row that every write leaves in its own transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import models

from core import clock
from core.enums import AuditAction
from core.models import AuditEntry


@dataclass(frozen=True)
class Written:
    """One write of one row with all its values; `version` is the row's after it."""

    model: str
    pk: Any
    action: str
    before: dict[str, Any]
    after: dict[str, Any]
    version: int | None


_listener: ContextVar[list[Written] | None] = ContextVar("audit_listener", default=None)


@contextmanager
def listening() -> Iterator[list[Written]]:
    """Hear of every write of the block: what an import did is taken back from this list."""
    heard: list[Written] = []
    token = _listener.set(heard)
    try:
        yield heard
    finally:
        _listener.reset(token)


def _tell(
    subject: models.Model, action: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    heard = _listener.get()
    if heard is not None and action != AuditAction.EVENT:
        model, version = subject._meta.label_lower, getattr(subject, "version", None)
        heard.append(Written(model, subject.pk, str(action), before, after, version))


def reference(obj: models.Model) -> str:
    """The stable name of a row: "app.model:pk"."""
    return f"{obj._meta.label_lower}:{obj.pk}"


def snapshot(obj: models.Model) -> dict[str, Any]:
    """The stored values of a row by field name, with those that no audit row may hold."""
    return {
        f.name: f.value_from_object(obj)
        for f in obj._meta.concrete_fields
        if not isinstance(f, models.GeneratedField) and f.name not in {"id", "version"}
    }


def _shown(obj: models.Model, values: dict[str, Any]) -> dict[str, Any]:
    """Values without secrets and pay: `audit_hidden` of the model names them."""
    hidden = getattr(obj, "audit_hidden", frozenset())
    return {name: value for name, value in values.items() if name not in hidden}


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
    entry = _entry(actor, action, subject, before or {}, after or {})
    entry.save(force_insert=True)
    _tell(subject, action, before or {}, after or {})
    return entry


def record_many(
    *, actor: Any, written: Iterable[tuple[str, models.Model, dict[str, Any], dict[str, Any]]]
) -> None:
    """Write the audit rows of many writes at once: (action, subject, before, after)."""
    found = list(written)
    entries = [_entry(actor, *one) for one in found]
    AuditEntry.objects.bulk_create(entries, batch_size=2000)
    for action, subject, before, after in found:
        _tell(subject, action, before, after)


def _entry(
    actor: Any,
    action: str,
    subject: models.Model,
    before: dict[str, Any],
    after: dict[str, Any],
) -> AuditEntry:
    context = structlog.contextvars.get_contextvars()
    about = getattr(subject, "audit_about", None)
    target = about() if about else subject
    return AuditEntry(
        at=clock.now(),
        actor=actor if getattr(actor, "pk", None) else None,
        via=context.get("via", ""),
        request_id=str(context.get("request_id", "")),
        action=action,
        subject=reference(subject),
        label=str(subject)[:200],
        about=reference(target) if target is not None else "",
        before=_shown(subject, before),
        after=_shown(subject, after),
    )
