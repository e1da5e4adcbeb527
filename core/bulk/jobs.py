"""The long steps of an import: read and check, write, take back. Each survives a kill.

A chunk of rows, what became of them and how far the import is are committed together, the lease
held last: whoever takes over goes on behind the last chunk, and nobody writes one twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from core import audit, clock, preferences
from core.bulk import engine, reading, services, storage, undo
from core.bulk.enums import ImportStatus, Mode, Outcome
from core.bulk.models import Import, ImportChange, ImportRow
from core.bulk.resources import Resource, Row, find
from core.enums import AuditAction
from core.errors import Refused
from core.jobs import Cancelled, JobContext, job
from core.models import JobRun
from core.preferences import WHOLE, Preference, register

CHUNK = 1000
PATIENCE = 600  # seconds: behind a file of a hundred thousand rows that is all or nothing
FILE_DAYS = register(
    Preference(
        "core.import_days", "Обмен с КИС", "Файлы загрузок хранятся, дней", WHOLE, 30, 1, 366,
        help="Потом удаляются файл и строки; отменить загрузку уже нельзя.",
    )
)  # fmt: skip
_OUTCOMES = """
    UPDATE bulk_importrow r SET outcome = t.outcome, errors = t.errors, notes = t.notes
      FROM unnest(%s::int[], %s::text[], %s::jsonb[], %s::jsonb[])
           AS t (number, outcome, errors, notes)
     WHERE r.of_id = %s AND r.number = t.number"""


class Changed(Exception):
    """Between the check and the writing a row came to be refused: all or nothing is nothing."""


def _taken(run: JobContext, status: str) -> Import | None:
    """The import that the run is about; None where it no longer waits for this step."""
    return Import.objects.filter(pk=int(run.key), status=status).first()


def _actor(found: Import, run: JobContext) -> Any:
    """Who asked for this step: it is done by their powers as they are now."""
    asked = JobRun.objects.select_related("requested_by").get(pk=run.run_id).requested_by
    return asked or found.uploaded_by


@contextmanager
def _settling(found: Import) -> Iterator[None]:
    """Where the step is stopped or refused, the import comes to rest."""
    via = f"загрузка {found.pk}"
    try:
        with structlog.contextvars.bound_contextvars(via=via):
            yield
    except Cancelled:
        row = Import.objects.get(pk=found.pk)
        Import.objects.filter(pk=found.pk, status=row.status).update(
            status=services.stopped(row), finished_at=clock.now()
        )
        raise
    except Refused as error:
        row = Import.objects.get(pk=found.pk)
        Import.objects.filter(pk=found.pk, status=row.status).update(
            status=services.stopped(row), problem=str(error), finished_at=clock.now()
        )


# --- read and check --------------------------------------------------------------------------
@job("import_check", "Проверка файла", by_key=True)
def check(run: JobContext, on: date) -> dict[str, int]:
    """Read the rows of a file, once, and judge each as the writing would; returns the counts."""
    found = _taken(run, ImportStatus.CHECKING)
    if found is None:
        return {}
    with _settling(found):
        try:
            if not found.rows_total:
                _read(found, run)
        except reading.Unfit as error:
            Import.objects.filter(pk=found.pk).update(
                status=ImportStatus.UNREADABLE, problem=str(error), finished_at=clock.now()
            )
            return {}
        return _check(found, run)
    return {}


def _read(found: Import, run: JobContext) -> None:
    """Keep the rows as they stand, all in one transaction."""
    run.step("Чтение файла", 0)
    path = storage.path_of(found.stored_as)
    total = 0
    with transaction.atomic(), reading.opened(path, path.suffix[1:]) as (_, lines):
        ImportRow.objects.filter(of=found).delete()
        waiting = []
        for number, cells in lines:
            waiting.append(ImportRow(of=found, number=number, cells=cells))
            if len(waiting) == CHUNK:
                ImportRow.objects.bulk_create(waiting)
                total += len(waiting)
                waiting = []
                run.check_cancelled()
                run.step(f"Прочитано строк: {total}", 10)
        ImportRow.objects.bulk_create(waiting)
        found.rows_total = total + len(waiting)
        Import.objects.filter(pk=found.pk).update(rows_total=found.rows_total)
        run.hold()


def _check(found: Import, run: JobContext) -> dict[str, int]:
    resource = find(found.resource)
    counts = dict.fromkeys(Outcome.values, 0)
    seen: dict[Any, int] = {}
    done = 0
    for rows in _chunks(found, resource, after=0):
        run.check_cancelled()
        with transaction.atomic():
            engine.check_power(resource, _actor(found, run))
            engine.hold_resource(resource, PATIENCE)
            engine.write(resource, actor=_actor(found, run), rows=rows, dry_run=True, seen=seen)
            transaction.set_rollback(True)
        _keep_outcomes(found, rows)
        _count(counts, rows)
        done += len(rows)
        run.step(f"Проверено строк: {done}", 20 + 80 * done // found.rows_total)
    with transaction.atomic():
        Import.objects.filter(pk=found.pk, status=ImportStatus.CHECKING).update(
            status=ImportStatus.CHECKED, counts=counts, rows_done=0
        )
        run.hold()
    return counts


# --- write -----------------------------------------------------------------------------------
@job("import_run", "Загрузка файла", by_key=True)
def write(run: JobContext, on: date) -> dict[str, int]:
    """Write the rows that were not refused; returns the counts."""
    found = _taken(run, ImportStatus.RUNNING)
    if found is None:
        return {}
    with _settling(found):
        if found.mode == Mode.ALL_OR_NOTHING:
            return _write_whole(found, run)
        for rows in _chunks(found, find(found.resource), after=found.rows_done, good=True):
            run.check_cancelled()
            with transaction.atomic():
                _write_chunk(found, rows, run)
                run.hold()
        return _finish(found, run)
    return {}


def _write_whole(found: Import, run: JobContext) -> dict[str, int]:
    """In one transaction: nobody sees half of it, and a kill leaves nothing."""
    try:
        with transaction.atomic():
            for rows in _chunks(found, find(found.resource), after=found.rows_done, good=True):
                run.check_cancelled()
                _write_chunk(found, rows, run)
                if refused := [row for row in rows if row.is_refused]:
                    raise Changed(refused[0].number)
            counts = _finish(found, run)
    except Changed as changed:
        told = (
            f"Строка {changed.args[0]}: данные изменились после проверки. Ничего не записано, "
            "проверьте файл ещё раз."
        )
        Import.objects.filter(pk=found.pk).update(
            status=ImportStatus.CHECKED, problem=told, rows_done=0
        )
        return {}
    return counts


def _write_chunk(found: Import, rows: list[Row], run: JobContext) -> None:
    resource = find(found.resource)
    engine.check_power(resource, _actor(found, run))
    engine.hold_resource(resource, PATIENCE)
    engine.write(resource, actor=_actor(found, run), rows=rows)
    _keep_outcomes(found, rows)
    ImportChange.objects.bulk_create(
        ImportChange(
            of=found,
            row=row.number,
            model=change.model,
            key=change.pk,
            action=change.action,
            before=change.before,
            after=change.after,
            version=change.version,
        )
        for row in rows
        for change in row.changes
    )
    found.rows_done = rows[-1].number
    Import.objects.filter(pk=found.pk).update(rows_done=found.rows_done)
    passed = ImportRow.objects.filter(of=found, number__lte=found.rows_done).count()
    run.step(f"Загружено строк: {passed}", 99 * passed // max(found.rows_total, 1))


def _finish(found: Import, run: JobContext) -> dict[str, int]:
    with transaction.atomic():
        counts = dict.fromkeys(Outcome.values, 0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT outcome, count(*) FROM bulk_importrow WHERE of_id = %s GROUP BY 1",
                [found.pk],
            )
            counts |= dict(cursor.fetchall())
        Import.objects.filter(pk=found.pk, status=ImportStatus.RUNNING).update(
            status=ImportStatus.DONE, counts=counts, finished_at=clock.now()
        )
        audit.record(
            actor=_actor(found, run), action=AuditAction.EVENT, subject=found, after=counts
        )
        run.hold()
    return counts


# --- take back -------------------------------------------------------------------------------
@job("import_undo", "Отмена загрузки", by_key=True)
def take_back(run: JobContext, on: date) -> dict[str, int]:
    """Undo an import whole, or say which rows stand in the way; returns how many were restored."""
    found = _taken(run, ImportStatus.UNDOING)
    if found is None:
        return {}
    with _settling(found):
        try:
            with transaction.atomic():
                engine.check_power(find(found.resource), _actor(found, run))
                engine.hold_resource(find(found.resource), PATIENCE)
                restored = undo.take_back(found, actor=_actor(found, run), step=_stepping(run))
                Import.objects.filter(pk=found.pk).update(
                    status=ImportStatus.UNDONE, finished_at=clock.now(), problem=""
                )
                audit.record(
                    actor=_actor(found, run),
                    action=AuditAction.EVENT,
                    subject=found,
                    after={"status": ImportStatus.UNDONE.value, "restored": restored},
                )
                run.hold()
        except undo.Blocked as blocked:
            Import.objects.filter(pk=found.pk).update(
                status=ImportStatus.DONE, problem=str(blocked)
            )
            return {}
        return {"restored": restored}
    return {}


def _stepping(run: JobContext) -> Callable[[str, int], None]:
    def step(text: str, percent: int) -> None:
        run.check_cancelled()
        run.step(text, percent)

    return step


# --- shared ----------------------------------------------------------------------------------
def _chunks(
    found: Import, resource: Resource, *, after: int, good: bool = False
) -> Iterator[list[Row]]:
    """The kept rows as the engine takes them, by the columns that were chosen."""
    rows = ImportRow.objects.filter(of=found)
    if good:
        rows = rows.exclude(outcome=Outcome.REFUSED)
    columns = [(int(place), resource.column(name)) for place, name in found.mapping.items()]
    while True:
        kept = list(rows.filter(number__gt=after).order_by("number")[:CHUNK])
        if not kept:
            return
        yield [_row(line, columns, found) for line in kept]
        after = kept[-1].number


def _row(line: ImportRow, columns: list[tuple[int, Any]], found: Import) -> Row:
    row = Row(line.number)
    cells = line.cells
    for place, column in columns:
        kept = cells[place] if place < len(cells) else None
        if kept is None or (isinstance(kept, str) and not kept.strip()):
            continue  # an empty cell says nothing
        engine.read_cell(row, column, reading.cell(kept), is_1904=found.is_1904)
    extra = [n for n, cell in enumerate(cells) if n >= len(found.headers) and cell is not None]
    if extra:
        row.refuse("", "Ячеек больше, чем заголовков: проверьте разделитель и кавычки.")
    return row


def _keep_outcomes(found: Import, rows: list[Row]) -> None:
    from json import dumps

    columns: list[list[Any]] = [
        [row.number for row in rows],
        [str(row.outcome) for row in rows],
        [dumps(row.errors, ensure_ascii=False) for row in rows],
        [dumps(row.notes, ensure_ascii=False) for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [*columns, found.pk])


def _count(counts: dict[str, int], rows: list[Row]) -> None:
    for row in rows:
        counts[row.outcome] += 1


def forget_files(on: date) -> int:
    """Drop the files, rows and changes of imports that are old enough; how many."""
    days = preferences.read()[FILE_DAYS]
    old = Import.objects.exclude(stored_as="").filter(
        uploaded_at__lt=clock.now() - timedelta(days=days)
    )
    dropped = 0
    for found in old.exclude(status__in=[ImportStatus.RUNNING, ImportStatus.UNDOING]):
        with transaction.atomic():
            found.rows.all().delete()
            found.changes.all().delete()
            Import.objects.filter(pk=found.pk).update(stored_as="", sample=[])
        storage.drop(found.stored_as)
        dropped += 1
    return dropped
