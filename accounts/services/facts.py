"""Facts from the КИС: usage, rights, trainings, ГНД records, how far each feed is loaded."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import Client, Entitlement, Feed, GndRecord, Training, Usage
from accounts.services.loads.usage import write_usage
from accounts.services.reach import announce, not_future
from core import clock
from core.errors import Refused
from core.policy import policy_for
from core.services import create, delete, update

USAGE_LIMIT = 5000  # rows written at once


@transaction.atomic
def record_usage(*, actor: Any, rows: Iterable[dict[str, Any]]) -> int:
    """Write how much was used on a day, replacing what was known; how many rows came.

    Each row has `client`, `service`, `day`, `quantity`. One row leaves an audit row of its own;
    a batch leaves one for all, on the feed: its source keeps the single values.
    """
    wanted = {(r["client"].pk, r["service"].pk, r["day"]): r for r in rows}
    if not wanted:
        raise ValidationError({"rows": "Нет ни одной строки."})
    if len(wanted) > USAGE_LIMIT:
        raise ValidationError({"rows": f"За один раз — не больше {USAGE_LIMIT} строк."})
    policy_for(Usage).check(actor, "add")
    client_ids = {client for client, _, _ in wanted}
    if policy_for(Client).visible_to(actor).filter(pk__in=client_ids).count() != len(client_ids):
        raise Refused("Клиент вне вашей области.")
    not_future("day", max(day for _, _, day in wanted))
    if len(wanted) == 1:
        _record_one(actor, next(iter(wanted.values())))
    else:
        _record_many(actor, wanted)
    announce(*client_ids)
    return len(wanted)


def _record_one(actor: Any, row: dict[str, Any]) -> None:
    known = Usage.objects.filter(client=row["client"], service=row["service"], day=row["day"])
    present = known.select_for_update(of=("self",)).first()
    if present is None:
        create(Usage(**row), actor=actor)
    else:
        update(present, {"quantity": row["quantity"]}, actor=actor)


def _record_many(actor: Any, wanted: dict[Any, dict[str, Any]]) -> None:
    for row in wanted.values():
        item = Usage(**row)
        item.clean_fields(exclude=["client", "service"])  # rows already read: no query each
        if item.quantity < 0:
            raise ValidationError({"quantity": "Количество не может быть отрицательным."})
    write_usage(actor, {key: row["quantity"] for key, row in wanted.items()})


def _add(row: Any, actor: Any) -> Any:
    policy_for(type(row)).check(actor, "add")
    policy_for(Client).check(actor, "view", row.client)
    created = create(row, actor=actor)
    announce(row.client_id)
    return created


def _change(row: Any, values: dict[str, Any], actor: Any, version: int | None) -> Any:
    policy_for(type(row)).check(actor, "change", row)
    if "client" in values and values["client"].pk != row.client_id:
        raise ValidationError({"client": "Клиент записи не меняется."})
    changed = update(row, values, actor=actor, version=version)
    announce(row.client_id)
    return changed


@transaction.atomic
def add_entitlement(*, actor: Any, values: dict[str, Any]) -> Entitlement:
    """Record a right to a service."""
    return _add(Entitlement(**values), actor)


@transaction.atomic
def update_entitlement(
    *, actor: Any, entitlement: Entitlement, values: dict[str, Any], version: int | None = None
) -> Entitlement:
    """Change a right to a service."""
    return _change(entitlement, values, actor, version)


@transaction.atomic
def add_training(*, actor: Any, values: dict[str, Any]) -> Training:
    """Record a training that was held."""
    not_future("held_on", values["held_on"])
    return _add(Training(**values), actor)


@transaction.atomic
def update_training(
    *, actor: Any, training: Training, values: dict[str, Any], version: int | None = None
) -> Training:
    """Change a training."""
    not_future("held_on", values.get("held_on", training.held_on))
    return _change(training, values, actor, version)


@transaction.atomic
def add_gnd_record(*, actor: Any, values: dict[str, Any]) -> GndRecord:
    """Record a ГНД record."""
    return _add(GndRecord(**values), actor)


@transaction.atomic
def update_gnd_record(
    *, actor: Any, record: GndRecord, values: dict[str, Any], version: int | None = None
) -> GndRecord:
    """Change or close a ГНД record."""
    return _change(record, values, actor, version)


@transaction.atomic
def delete_fact(*, actor: Any, row: models.Model, version: int | None = None) -> None:
    """Delete a right, training or ГНД record entered by mistake."""
    if not isinstance(row, Entitlement | Training | GndRecord):
        raise TypeError(type(row).__name__)
    policy_for(type(row)).check(actor, "delete", row)
    client_id = row.client_id
    delete(row, actor=actor, version=version)
    announce(client_id)


@transaction.atomic
def set_feed(*, actor: Any, code: str, fresh_through: date) -> Feed:
    """Say through which day a feed is loaded.

    No signal: it touches every client, and the night, which computes them all, reads it.
    """
    policy_for(Feed).check(actor, "change")
    not_future("fresh_through", fresh_through)
    present = Feed.objects.select_for_update().filter(code=code).first()
    now = clock.now()
    if present is None:
        return create(Feed(code=code, fresh_through=fresh_through, received_at=now), actor=actor)
    return update(present, {"fresh_through": fresh_through, "received_at": now}, actor=actor)
