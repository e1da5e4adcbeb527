"""Clients from the КИС: created, changed, handed over, many at a time."""

from typing import Any

from django.core.exceptions import ValidationError

from accounts.enums import Role
from accounts.models import Assignment, Client, Employee, Unit
from accounts.services.loads.lookups import employees_of, require
from accounts.services.reach import announce, unit_of
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, lock_rows, save_many
from core.errors import Refused
from core.policy import policy_for

_TEXTS = frozenset({"kpp", "ogrn", "portrait", "specifics", "competitor"})
Moves = dict[int, tuple[Employee, Unit]]


def load_clients(batch: Batch) -> None:
    """Write clients, found by `external_id`, else by ИНН and КПП.

    A client that was known without a code takes the code it comes with. `specialist` hands it
    over from today on; of a new one, from its first day where that is later.
    """
    stored = _stored(batch)
    by_code, by_inn = by(stored, "external_id"), by(stored, "inn", "kpp")
    lines: dict[int, Line] = {}
    for row in batch.good:
        client = _client_of(row, by_code, by_inn)
        if client is not None:
            values = {name: row.values[name] for name in row.values if name != "specialist"}
            for name in _TEXTS & set(values):
                values[name] = values[name] or ""
            lines[row.number] = Line(row, client, values)
    known = {number: line.instance.pk for number, line in lines.items() if line.instance.pk}
    batch.refuse_doubles(known)
    moves = _moves(batch, lines)
    for number, (specialist, unit) in moves.items():
        lines[number].values |= {"specialist": specialist, "unit": unit}
    written = save_many(batch, [lines[row.number] for row in batch.good])
    if not batch.dry_run:
        _assign(batch, [line for line in written if line.row.number in moves])
        announce(*(line.instance.pk for line in written))


def _stored(batch: Batch) -> list[Client]:
    """Those of the clients in scope that the rows may mean, under lock."""
    seen = policy_for(Client).visible_to(batch.actor).order_by()
    ids = {*seen.filter(external_id__in=batch.given("external_id")).values_list("pk", flat=True)}
    ids.update(seen.filter(inn__in=batch.given("inn")).values_list("pk", flat=True))
    return lock_rows(Client.objects.filter(pk__in=ids))


def _client_of(row: Row, by_code: dict[Any, Client], by_inn: dict[Any, Client]) -> Client | None:
    """The stored client that a row means, or a new one; None where the row is refused."""
    values = row.values
    code, inn = values.get("external_id"), values.get("inn")
    found = by_code.get(code) if code else None
    if found is None and inn:
        found = by_inn.get((inn, values.get("kpp") or ""))
        if found is not None and code and found.external_id:
            row.refuse("external_id", "Клиент с такими ИНН и КПП записан под другим кодом.")
            return None
    if found is not None:
        return found
    return Client() if require(row, "inn", "name", "segment", "connected_on") else None


def _moves(batch: Batch, lines: dict[int, Line]) -> Moves:
    """Who is handed to whom, by the number of the row: only where that changes."""
    specialists = employees_of(batch, "specialist", needed=False)
    if batch.actor.role == Role.HEAD:  # a client of nobody would be out of their sight
        for number, line in lines.items():
            if line.is_new and number not in specialists:
                line.row.refuse("specialist", "Укажите, кто будет вести клиента.")
    asked: dict[tuple[int, Any], Unit | Exception] = {}
    moves: Moves = {}
    for row in batch.good:
        specialist = specialists.get(row.number)
        if specialist is None:
            continue
        client = lines[row.number].instance
        day = batch.today
        if client.pk is None:
            day = max(day, row.values["connected_on"])
        key = (specialist.pk, day)
        if key not in asked:  # as many questions as there are specialists, not rows
            asked[key] = _unit_or_why(batch.actor, specialist, batch.today)
        unit = asked[key]
        if isinstance(unit, ValidationError):
            row.refuse_with(unit)
        elif isinstance(unit, Exception):
            row.refuse("specialist", str(unit))
        elif client.specialist_id != specialist.pk or client.unit_id != unit.pk:
            if not client.is_active:
                row.refuse("specialist", "Клиент отключён: сначала подключите его.")
            else:
                moves[row.number] = (specialist, unit)
    _refuse_later(batch, lines, moves)
    return moves


def _unit_or_why(actor: Any, specialist: Employee, on: Any) -> Unit | Exception:
    try:
        return unit_of(actor, specialist, on)
    except (ValidationError, Refused) as error:
        return error


def _refuse_later(batch: Batch, lines: dict[int, Line], moves: Moves) -> None:
    """A client that is handed over on a later day already is not handed over today."""
    ids = {lines[number].instance.pk: number for number in moves}
    later = Assignment.objects.filter(client__in=set(ids) - {None}, starts_on__gt=batch.today)
    for client_id, starts_on in later.values_list("client", "starts_on"):
        number = ids[client_id]
        told = f"Клиент уже закреплён заново с {starts_on:%d.%m.%Y}."
        lines[number].row.refuse("specialist", told)
        moves.pop(number, None)


def _assign(batch: Batch, moved: list[Line]) -> None:
    """Close what is open today and open the new assignments: the client rows are written."""
    clients = {line.instance.pk: line for line in moved}
    held = lock_rows(Assignment.objects.current_on(batch.today).filter(client__in=clients))
    current = by(held, "client_id")
    opened, closed = [], []
    for pk, line in clients.items():
        client, row = line.instance, Row(line.row.number)
        new = {"specialist": client.specialist, "unit": client.unit, "ends_on": None}
        present = current.get(pk)
        if present is not None and present.starts_on == batch.today:
            closed.append((line, Line(row, present, new)))
            continue
        if present is not None:
            closed.append((line, Line(Row(row.number), present, {"ends_on": batch.today})))
        starts_on = max(batch.today, client.connected_on)
        fresh = Assignment(client=client, starts_on=starts_on, **new)
        opened.append((line, Line(row, fresh, {})))
    for pairs in (closed, opened):  # a client has one open assignment at any moment
        save_many(batch, [assigned for _, assigned in pairs])
        for line, assigned in pairs:
            line.row.changes += assigned.row.changes
            for messages in assigned.row.errors.values():
                line.row.refuse("specialist", *messages)
