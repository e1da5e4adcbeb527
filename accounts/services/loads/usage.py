"""Usage by day, thousands of rows at a time."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection

from accounts.enums import FeedCode
from accounts.models import Feed
from accounts.services.loads.lookups import (
    clients_of,
    refuse_future,
    require,
    services_of,
)
from accounts.services.reach import announce
from core import audit
from core.audit import Written
from core.bulk.enums import Outcome
from core.bulk.resources import Batch
from core.enums import AuditAction

Key = tuple[int, int, date]  # client, service, day

_STORED = """
    SELECT u.id, u.client_id, u.service_id, u.day, u.quantity
      FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS k (client_id, service_id, day)
      JOIN accounts_usage u USING (client_id, service_id, day)
       FOR UPDATE OF u"""
_WRITE = """
    INSERT INTO accounts_usage (client_id, service_id, day, quantity)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::int[])
    ON CONFLICT (client_id, service_id, day) DO UPDATE SET quantity = EXCLUDED.quantity
    RETURNING id, client_id, service_id, day"""


def load_usage(batch: Batch) -> None:
    """Write how much was used on a day. A row that says what is known changes nothing.

    The batch leaves one audit row on the feed: its source keeps the single values.
    """
    for row in batch.good:
        require(row, "day", "quantity")
    refuse_future(batch.good, "day", batch.today)
    services = services_of(batch)
    clients = clients_of(batch)
    keys: dict[int, Key] = {
        row.number: (clients[row.number].pk, services[row.number].pk, row.values["day"])
        for row in batch.good
    }
    batch.refuse_doubles(keys)
    wanted = {keys[row.number]: row.values["quantity"] for row in batch.good}
    written = write_usage(batch.actor, wanted, dry_run=batch.dry_run)
    if not batch.dry_run:
        announce(*(key[0] for key, (_, change) in written.items() if change))
    for row in batch.good:
        outcome, change = written[keys[row.number]]
        row.done(outcome, change.pk if change else None)
        if change is not None and not batch.dry_run:
            row.changes.append(change)


def write_usage(
    actor: Any, wanted: Mapping[Key, int], *, dry_run: bool = False
) -> dict[Key, tuple[str, Written | None]]:
    """Write quantities that differ from the known ones; what became of each.

    In one order, so that two loads of the same days do not wait for each other in a ring.
    """
    keys = sorted(wanted)
    stored = _ask(_STORED, [list(column) for column in zip(*keys, strict=True)]) if keys else {}
    new = [key for key in keys if key not in stored]
    changed = [key for key in keys if key in stored and stored[key][1] != wanted[key]]
    found: dict[Key, tuple[str, Written | None]] = dict.fromkeys(keys, (Outcome.UNCHANGED, None))
    differ = sorted([*new, *changed])
    ids: dict[Key, tuple[Any, ...]] = {}
    if differ and not dry_run:
        columns = [list(column) for column in zip(*differ, strict=True)]
        ids = _ask(_WRITE, [*columns, [wanted[key] for key in differ]])
        _tell(actor, differ)
    for key in differ:
        client, service, day = key
        pk = ids[key][0] if ids else None
        after = {"client": client, "service": service, "day": day, "quantity": wanted[key]}
        if key in stored:
            before = {"quantity": stored[key][1]}
            change = Written(
                "accounts.usage", pk, AuditAction.UPDATE, before, {"quantity": wanted[key]}, None
            )
            found[key] = (Outcome.UPDATED, change)
        else:
            change = Written("accounts.usage", pk, AuditAction.CREATE, {}, after, None)
            found[key] = (Outcome.CREATED, change)
    return found


def _ask(sql: str, columns: list[list[Any]]) -> dict[Key, tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, columns)
        return {row[1:4]: (row[0], *row[4:]) for row in cursor.fetchall()}


def _tell(actor: Any, keys: list[Key]) -> None:
    clients = {client for client, _, _ in keys}
    audit.record(
        actor=actor,
        action=AuditAction.EVENT,
        subject=Feed(code=FeedCode.USAGE),
        after={
            "rows": len(keys),
            "clients": len(clients),
            "first": min(day for _, _, day in keys),
            "last": max(day for _, _, day in keys),
        },
    )
