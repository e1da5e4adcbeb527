"""Rights, trainings and ГНД records, many at a time."""

from typing import Any

from django.db import models

from accounts.models import Entitlement, GndRecord, Training
from accounts.services.loads.lookups import clients_of, refuse_future, require, services_of
from accounts.services.reach import announce
from core import text
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, lock_rows, save_many


def load_entitlements(batch: Batch) -> None:
    """Write rights to services, found by client, service and first day."""
    services, clients = services_of(batch), clients_of(batch)
    for row in batch.good:
        require(row, "starts_on", "valid_until")
    held = lock_rows(Entitlement.objects.filter(client__in=_ids(clients)))
    stored = by(held, "client_id", "service_id", "starts_on")
    lines = []
    for row in batch.good:
        client, service = clients[row.number], services[row.number]
        key = (client.pk, service.pk, row.values["starts_on"])
        given = _given(row, "starts_on", "valid_until", "quota")
        lines.append((key, _line(row, stored.get(key), Entitlement, given, client, service)))
    _save(batch, lines)


def load_trainings(batch: Batch) -> None:
    """Write trainings that were held, found by client, day and topic."""
    clients = clients_of(batch)
    for row in batch.good:
        require(row, "topic", "held_on", "valid_until")
    refuse_future(batch.good, "held_on", batch.today)
    held = lock_rows(Training.objects.filter(client__in=_ids(clients)))
    stored = {(t.client_id, t.held_on, text.key(t.topic)): t for t in held}
    lines = []
    for row in batch.good:
        client, values = clients[row.number], row.values
        key = (client.pk, values["held_on"], text.key(values["topic"]))
        present = stored.get(key)
        given = _given(row, "topic", "held_on", "valid_until", "people")
        if given.get("people", 1) is None:
            given["people"] = 1
        if present is not None:
            given.pop("topic")  # the same but for case: what stands there stays
        lines.append((key, _line(row, present, Training, given, client)))
    _save(batch, lines)


def load_gnd(batch: Batch) -> None:
    """Write ГНД records, found by their code; a day of closing closes one."""
    for row in batch.good:
        require(row, "external_id")
    held = lock_rows(
        GndRecord.objects.visible_to(batch.actor)
        .filter(external_id__in=batch.given("external_id"))
        .order_by()
    )
    stored = by(held, "external_id")
    clients = clients_of(batch)
    lines = []
    for row in batch.good:
        present = stored.get(row.values["external_id"])
        client = clients[row.number]
        if present is not None and present.client_id != client.pk:
            row.refuse("", "Клиент записи не меняется.")
            continue
        if present is None and not require(row, "opened_on"):
            continue
        given = _given(row, "external_id", "opened_on", "closed_on", "note")
        if "note" in given:
            given["note"] = given["note"] or ""
        key = row.values["external_id"]
        lines.append((key, _line(row, present, GndRecord, given, client)))
    _save(batch, lines)


def _ids(clients: dict[int, Any]) -> set[int]:
    return {client.pk for client in clients.values()}


def _given(row: Row, *names: str) -> dict[str, Any]:
    return {name: row.values[name] for name in names if name in row.values}


def _line(
    row: Row,
    present: Any,
    model: type[models.Model],
    values: dict[str, Any],
    client: Any,
    service: Any = None,
) -> Line:
    if present is not None:
        present.client = client  # loaded already: the audit row names it
        return Line(row, present, values)
    parents = {"client": client} | ({"service": service} if service else {})
    return Line(row, model(), values | parents)


def _save(batch: Batch, lines: list[tuple[Any, Line]]) -> None:
    batch.refuse_doubles({line.row.number: key for key, line in lines})
    written = save_many(batch, [line for _, line in lines if not line.row.is_refused])
    if not batch.dry_run:
        announce(*(line.instance.client_id for line in written))
