"""The three writes that every app's services are made of: create, update, delete.

Each validates, writes and leaves its audit row in one transaction. Whether the user may do it
is asked by the calling service, before, through the policy.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from core import audit
from core.enums import AuditAction
from core.errors import Conflict


def _split(instance: models.Model, values: dict[str, Any]) -> tuple[dict, dict]:
    many = {f.name for f in instance._meta.many_to_many}
    return (
        {k: v for k, v in values.items() if k not in many},
        {k: v for k, v in values.items() if k in many},
    )


def _write(instance: models.Model, save: Any) -> None:
    """Run a write; a constraint that only the database could see comes back as a message."""
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        for constraint in instance._meta.constraints:
            if constraint.name == name:
                raise ValidationError(constraint.get_violation_error_message()) from error
        raise


@transaction.atomic
def create(instance: models.Model, *, actor: Any, many: dict[str, Any] | None = None) -> Any:
    """Validate and insert a row, set its many-to-many values, leave the audit row.

    Raises ValidationError with messages by field.
    """
    instance.full_clean()
    _write(instance, lambda: instance.save(force_insert=True))
    for name, value in (many or {}).items():
        getattr(instance, name).set(value)
    after = audit.snapshot(instance) | {k: _keys(v) for k, v in (many or {}).items()}
    audit.record(actor=actor, action=AuditAction.CREATE, subject=instance, after=after)
    return instance


@transaction.atomic
def update(
    instance: models.Model, values: dict[str, Any], *, actor: Any, version: int | None = None
) -> Any:
    """Change fields of a row, raising its version; returns the row as it stands.

    `version` is the one the user saw: where the row has moved on, Conflict is raised with the
    present row and what was typed. A write that changes nothing leaves no trace.
    """
    fresh: Any = _locked(instance)
    versioned = isinstance(getattr(fresh, "version", None), int)
    if versioned and version is not None and fresh.version != version:
        raise Conflict(current=fresh, typed=values)
    plain, many = _split(fresh, values)
    before = audit.snapshot(fresh)
    many_before = {k: _keys(getattr(fresh, k).all()) for k in many}
    for name, value in plain.items():
        setattr(fresh, name, value)
    fresh.full_clean()
    after = audit.snapshot(fresh)
    many_after = {k: _keys(v) for k, v in many.items()}
    changed = {k for k in after if after[k] != before[k]}
    if not changed and many_after == many_before:
        return fresh
    if versioned:
        fresh.version += 1
    _write(fresh, lambda: fresh.save())
    for name, value in many.items():
        getattr(fresh, name).set(value)
    many_changed = {k for k in many if many_after[k] != many_before[k]}
    audit.record(
        actor=actor,
        action=AuditAction.UPDATE,
        subject=fresh,
        before={k: before[k] for k in changed} | {k: many_before[k] for k in many_changed},
        after={k: after[k] for k in changed} | {k: many_after[k] for k in many_changed},
    )
    return fresh


@transaction.atomic
def delete(instance: models.Model, *, actor: Any, version: int | None = None) -> None:
    """Delete a row, keeping its last values in the audit log.

    Raises ValidationError where other rows still refer to it, Conflict where it moved on.
    """
    fresh: Any = _locked(instance)
    if version is not None and fresh.version != version:
        raise Conflict(current=fresh, typed={})
    audit.record(
        actor=actor, action=AuditAction.DELETE, subject=fresh, before=audit.snapshot(fresh)
    )
    try:
        fresh.delete()
    except models.ProtectedError as error:
        raise ValidationError("Запись используется, удалить её нельзя.") from error


def _locked(instance: models.Model) -> models.Model:
    rows = type(instance)._base_manager.select_for_update(of=("self",))
    return rows.get(pk=instance.pk)


def _keys(value: Any) -> list[Any]:
    return sorted(getattr(item, "pk", item) for item in value)
