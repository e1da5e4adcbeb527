"""The way of an import: uploaded → columns → checked → running → done, or taken back.

What a person decides is here; what takes long is done by the jobs of `core.bulk.jobs`.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core import jobs
from core.bulk import engine, headers, reading, storage
from core.bulk.enums import ImportStatus, Mode
from core.bulk.models import Import, Mapping
from core.bulk.resources import Resource, find
from core.bulk.selectors import job_of, same_file
from core.clock import business_date
from core.errors import Conflict
from core.models import JobRun
from core.policy import policy_for
from core.services import create, update

SAMPLE = 5  # rows shown beside the columns
_STEP = {
    ImportStatus.CHECKING: "import_check",
    ImportStatus.RUNNING: "import_run",
    ImportStatus.UNDOING: "import_undo",
}


class SameFile(Exception):
    """This very file was sent before; `found` is that import."""

    def __init__(self, found: Import) -> None:
        super().__init__("Этот файл уже загружали.")
        self.found = found


def upload(
    *, actor: Any, resource: Resource, file: Any, name: str, repeat: bool, now: datetime
) -> Import:
    """Take a file in and read its head. Nothing of it stays where it is refused.

    Raises ValidationError at `file`, SameFile unless `repeat`, Refused.
    """
    policy_for(Import).check(actor, "add")
    engine.check_power(resource, actor)
    stored = ""
    try:
        kind = reading.kind_of(name, file.size)
        stored, sha256 = storage.keep(file, kind)
        known = same_file(resource.code, sha256)
        if known is not None and not repeat:
            raise SameFile(known)
        reading.judge(storage.path_of(stored), kind)
        head, sample = _head(storage.path_of(stored), kind)
        found = Import(
            resource=resource.code,
            file_name=_plain_name(name),
            stored_as=stored,
            sha256=sha256,
            size=file.size,
            is_repeat=known is not None,
            headers=head["headers"],
            sample=sample,
            notes=head["notes"],
            is_1904=head["is_1904"],
            uploaded_by=actor,
            uploaded_at=now,
        )
        found.mapping = _guess(actor, resource, head["headers"])
        with transaction.atomic():
            return create(found, actor=actor)
    except reading.Unfit as error:
        storage.drop(stored)
        raise ValidationError({"file": str(error)}) from error
    except (ValidationError, IntegrityError):
        storage.drop(stored)
        known = same_file(resource.code, sha256)  # sent twice at once: one of them came first
        if known is None:
            raise
        raise SameFile(known) from None
    except BaseException:
        storage.drop(stored)
        raise


def _plain_name(name: str) -> str:
    shown = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return shown.strip()[-200:] or "файл"


def _head(path: Any, kind: str) -> tuple[dict[str, Any], list[Any]]:
    with reading.opened(path, kind) as (head, rows):
        sample = []
        for _, cells in rows:
            sample.append(cells)
            if len(sample) == SAMPLE:
                break
    return head, sample


def _guess(actor: Any, resource: Resource, found: list[str]) -> dict[str, str]:
    words = {c.name: [c.name, c.label, *c.aliases] for c in resource.columns}
    kept = Mapping.objects.filter(user=actor, resource=resource.code).first()
    guessed = headers.guess(found, words, kept.columns if kept else {})
    return {str(place): name for place, name in guessed.items()}


@transaction.atomic
def choose_columns(
    *, actor: Any, found: Import, mapping: dict[int, str], version: int | None = None
) -> Import:
    """Say which column is which, remember it for this user, and have the file checked."""
    row = _locked(actor, found, version)
    if row.status not in (ImportStatus.UPLOADED, ImportStatus.CHECKED):
        raise ValidationError("Колонки этой загрузки больше не меняются.")
    if not row.stored_as:
        raise ValidationError("Файл уже удалён: загрузите его заново.")
    resource = find(row.resource)
    named = list(mapping.values())
    if unknown := set(named) - set(resource.names):
        raise ValidationError(f"Нет такой колонки: {', '.join(sorted(unknown))}.")
    if double := {name for name in named if named.count(name) > 1}:
        labels = ", ".join(f"«{resource.column(name).label}»" for name in sorted(double))
        raise ValidationError(f"Выбрано дважды: {labels}.")
    if not named:
        raise ValidationError("Сопоставьте хотя бы одну колонку.")
    chosen = {headers.key(row.headers[place]): name for place, name in mapping.items()}
    kept, _ = Mapping.objects.get_or_create(user=actor, resource=row.resource)
    kept.columns = kept.columns | chosen
    kept.save(update_fields=["columns"])
    values = {
        "mapping": {str(place): name for place, name in sorted(mapping.items())},
        "status": ImportStatus.CHECKING,
        "counts": {},
        "problem": "",
    }
    row = update(row, values, actor=actor)
    _ask(row, actor)
    return row


@transaction.atomic
def confirm(*, actor: Any, found: Import, mode: str, version: int | None = None) -> Import:
    """Have the checked rows written: all or nothing, or the good ones."""
    row = _locked(actor, found, version)
    if row.status not in (ImportStatus.CHECKED, ImportStatus.STOPPED):
        raise ValidationError("Эту загрузку сейчас нельзя запустить.")
    if row.status == ImportStatus.STOPPED:
        mode = row.mode  # what was begun is ended the same way
    if mode not in Mode.values:
        raise ValidationError({"mode": "Выберите, что делать с верными строками."})
    if mode == Mode.ALL_OR_NOTHING and row.refused:
        raise ValidationError(
            {"mode": f"Отказано строкам: {row.refused}. Исправьте файл или грузите верные."}
        )
    values = {"mode": mode, "status": ImportStatus.RUNNING, "problem": ""}
    row = update(row, values, actor=actor)
    _ask(row, actor)
    return row


@transaction.atomic
def take_back(*, actor: Any, found: Import, version: int | None = None) -> Import:
    """Have an import undone, if nothing newer touched its rows."""
    row = _locked(actor, found, version)
    if row.status not in (ImportStatus.DONE, ImportStatus.STOPPED):
        raise ValidationError("Эту загрузку нельзя отменить.")
    if not row.changes.exists():
        raise ValidationError("Загрузка ничего не изменила: отменять нечего.")
    row = update(row, {"status": ImportStatus.UNDOING, "problem": ""}, actor=actor)
    _ask(row, actor)
    return row


@transaction.atomic
def stop(*, actor: Any, found: Import) -> Import:
    """Ask the step at work to end at its next safe place."""
    row = _locked(actor, found, None)
    run = job_of(row)
    if run is None or row.status not in _STEP:
        raise ValidationError("Останавливать нечего.")
    if jobs.cancel(run, actor=actor).status == "cancelled":
        return update(row, {"status": stopped(row)}, actor=actor)
    return row


@transaction.atomic
def again(*, actor: Any, found: Import) -> Import:
    """Ask once more for a step that failed."""
    row = _locked(actor, found, None)
    if row.status not in _STEP:
        raise ValidationError("Повторять нечего.")
    _ask(row, actor)
    return row


def stopped(row: Import) -> str:
    """The state in which a step that was stopped leaves its import."""
    if row.status == ImportStatus.CHECKING:
        return ImportStatus.UPLOADED
    if row.status == ImportStatus.UNDOING:
        return ImportStatus.DONE
    return ImportStatus.STOPPED if row.rows_done else ImportStatus.CHECKED


def kind_of_step(row: Import) -> str:
    """The job that the import's state waits for; empty where none."""
    return _STEP.get(ImportStatus(row.status), "")


def day_of(row: Import) -> date:
    """The date under which the jobs of an import run: one run of a kind, whenever asked."""
    return business_date(row.uploaded_at)


def _ask(row: Import, actor: Any) -> JobRun:
    return jobs.request(kind_of_step(row), day_of(row), key=str(row.pk), actor=actor)


def _locked(actor: Any, found: Import, version: int | None) -> Import:
    row = Import.objects.select_for_update(of=("self",)).get(pk=found.pk)
    policy_for(Import).check(actor, "change", row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed={})
    return row
