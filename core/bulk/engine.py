"""One call of many rows: read, judged, written, told row by row. The API and imports share it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from django.db import connection, transaction

from core import clock
from core.bulk import parse
from core.bulk.enums import Mode, Outcome
from core.bulk.resources import Batch, Resource, Row
from core.policy import policy_for

LIMIT = 5000  # rows of one call
PATIENCE = 15  # seconds that a call waits for another of the same resource
_CLASS = 0x6C616D70  # our advisory locks, apart from anybody else's
UNKNOWN = "Поле неизвестно."
REQUIRED = "Обязательное поле."


@dataclass(frozen=True)
class Report:
    """What became of the rows; `applied` says whether anything that could be written was."""

    rows: Sequence[Row]
    applied: bool

    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        found = dict.fromkeys(Outcome.values, 0)
        for row in self.rows:
            found[row.outcome] += 1
        return found


def check_power(resource: Resource, actor: Any) -> None:
    """Raise Refused unless the actor may write this resource."""
    for action in resource.actions:
        policy_for(resource.model).check(actor, action)


def read_rows(resource: Resource, given: Iterable[tuple[int, dict[str, Any]]]) -> list[Row]:
    """Rows of JSON, by column name; an unknown name refuses its row, null clears a value."""
    columns = {column.name: column for column in resource.columns}
    rows = []
    for number, cells in given:
        row = Row(number)
        for name, cell in cells.items():
            column = columns.get(name)
            if column is None:
                row.refuse(name, UNKNOWN)
            elif parse.is_empty(cell):
                row.values[name] = None
            else:
                read_cell(row, column, cell)
        rows.append(row)
    return rows


def read_cell(row: Row, column: Any, cell: Any, *, is_1904: bool = False) -> None:
    """Put the value of a cell into its row, or the reason why it is none."""
    try:
        read = column.read(cell, is_1904=is_1904)
    except parse.Wrong as wrong:
        row.refuse(column.name, str(wrong))
        return
    row.values[column.name] = read.value
    if read.note:
        row.notes.append(f"{column.label}: {read.note}")


def upsert(
    resource: Resource,
    *,
    actor: Any,
    rows: list[Row],
    mode: str = Mode.ALL_OR_NOTHING,
    dry_run: bool = False,
) -> Report:
    """Write rows, or with `dry_run` only judge them by the very same rules.

    `all_or_nothing` writes nothing where one row is refused. Raises Refused without the power.
    """
    check_power(resource, actor)
    with transaction.atomic():
        hold_resource(resource)
        write(resource, actor=actor, rows=rows, dry_run=dry_run)
        refused = any(row.is_refused for row in rows)
        applied = not dry_run and not (refused and mode == Mode.ALL_OR_NOTHING)
        if not applied:
            transaction.set_rollback(True)
    if not applied:
        for row in rows:
            row.changes.clear()
            if row.outcome == Outcome.CREATED:
                row.pk = None
    return Report(rows, applied)


def write(
    resource: Resource,
    *,
    actor: Any,
    rows: list[Row],
    dry_run: bool = False,
    seen: dict[Any, int] | None = None,
) -> None:
    """Write rows within the caller's transaction, who holds the resource.

    `seen` is carried from part to part of a file: what a row means → the first row that meant it.
    """
    seen = {} if seen is None else seen
    _refuse_doubles(resource, rows, seen)
    batch = Batch(actor=actor, today=clock.today(), rows=rows, dry_run=dry_run, seen=seen)
    if batch.good:
        resource.write(batch)
    for row in rows:
        if not row.outcome:
            raise AssertionError(f"{resource.code}: nothing became of row {row.number}")


def hold_resource(resource: Resource, patience: int | None = None) -> None:
    """One writes a resource at a time, until the transaction ends: calls cannot meet in a ring,
    and two that bring the same new client find one another's.

    Raises OperationalError after `patience` seconds. A statement may take longer than that, or
    the database would end it before it says what for.
    """
    patience = PATIENCE if patience is None else patience
    with connection.cursor() as cursor:
        for limit, seconds in (
            ("lock_timeout", patience),
            ("statement_timeout", max(patience, PATIENCE) + 5),
        ):
            cursor.execute("SELECT set_config(%s, %s, true)", [limit, f"{seconds}s"])
        key = crc32(resource.code.encode()) - 2**31
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CLASS, key])


def same_as(resource: Resource, row: Row) -> list[tuple[Any, ...]]:
    """The keys under which a row would be found a second time."""
    return [
        (names, *(row.values.get(name) for name in names))
        for names in resource.same
        if row.values.get(names[0]) is not None
    ]


def _refuse_doubles(resource: Resource, rows: list[Row], seen: dict[Any, int]) -> None:
    for row in rows:
        if row.is_refused:
            continue
        for key in same_as(resource, row):
            first = seen.setdefault(key, row.number)
            if first != row.number:
                row.refuse("", f"Повторяет строку {first}.")
                break
