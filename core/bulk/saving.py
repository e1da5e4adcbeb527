"""Rows of one model written together, by the rules and with the traces of `core.services`.

    rows → validated in memory → compared with what is stored → a handful of statements
         → an audit row each → what became of every row

A row that changes nothing is not written: no audit row, no new version.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from core import audit
from core.bulk import conditions
from core.bulk.enums import Outcome
from core.bulk.resources import Batch, Row
from core.enums import AuditAction
from core.errors import Refused


@dataclass
class Line:
    """What a row says of an instance: a new one, or the stored one, read under lock."""

    row: Row
    instance: Any
    values: dict[str, Any]
    # Of a new instance: the rows that its many-to-many fields get.
    many: dict[str, Sequence[Any]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.instance._state.adding

    def changed(self) -> set[str]:
        """The names of the fields whose values differ."""
        return {name for name in self.after if self.after[name] != self.before.get(name)}


def save_many(
    batch: Batch, lines: Sequence[Line], *, names: Mapping[str, str] | None = None
) -> list[Line]:
    """Validate and write; the lines that were, or in a dry run would be, created or changed.

    `names` maps a field of the model to the column that a message belongs to. Foreign keys were
    looked up by the caller and are not read again.
    """
    if not lines:
        return []
    for line in lines:
        _judge(line, names or {})
    _judge_unique([line for line in lines if not line.row.is_refused], names or {})
    good = [line for line in lines if not line.row.is_refused]
    new = [line for line in good if line.is_new]
    changed = [line for line in good if not line.is_new and line.changed()]
    for line in good:
        fresh = Outcome.CREATED if line.is_new else Outcome.UPDATED
        settled = fresh if line.is_new or line.changed() else Outcome.UNCHANGED
        line.row.done(settled, None if line.is_new else line.instance.pk)
    if batch.dry_run:
        return [*new, *changed]
    if new:
        new = _insert(new)
        _relate(new)
    if changed:
        _update(changed)
    written = [*new, *changed]
    entries = []
    for line in new:
        line.row.pk = line.instance.pk
        related = {name: sorted(one.pk for one in rows) for name, rows in line.many.items()}
        entries.append((AuditAction.CREATE, line.instance, {}, line.after | related))
    for line in changed:
        some = line.changed()
        before = {name: line.before[name] for name in some}
        after = {name: line.after[name] for name in some}
        entries.append((AuditAction.UPDATE, line.instance, before, after))
    with audit.listening() as heard:
        audit.record_many(actor=batch.actor, written=entries)
    for line, write in zip(written, heard, strict=True):
        line.row.changes.append(write)
    return written


def _judge(line: Line, names: Mapping[str, str]) -> None:
    instance = line.instance
    if not line.is_new:
        line.before = audit.snapshot(instance)
    for name, value in line.values.items():
        setattr(instance, name, value)
    keys = {f.name for f in instance._meta.concrete_fields if f.is_relation}
    problems: dict[str, list[str]] = defaultdict(list)
    for f in instance._meta.concrete_fields:
        if f.is_relation and not f.null and getattr(instance, f.attname) is None:
            problems[f.name].append("Обязательное поле.")
    try:
        instance.clean_fields(exclude=keys)
        instance.clean()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        for name, messages in told.items():
            problems[name] += messages
    if not problems:
        for constraint in instance._meta.constraints:
            if isinstance(constraint, models.CheckConstraint) and _breaks(constraint, instance):
                problems["__all__"].append(str(constraint.get_violation_error_message()))
    if problems:
        line.row.refuse_with(ValidationError(dict(problems)), names)
    line.after = audit.snapshot(instance)


def _breaks(constraint: models.CheckConstraint, instance: Any) -> bool:
    try:
        return conditions.holds(cast(Q, constraint.condition), instance) is False
    except conditions.Unknown:
        return False  # the database says so when the row is written


def _unique_sets(model: type[models.Model]) -> list[tuple[tuple[str, ...], str, str]]:
    """(fields, field of the message, message) of every unconditional uniqueness."""
    found: list[tuple[tuple[str, ...], str, str]] = []
    for f in model._meta.concrete_fields:
        if f.unique and not f.primary_key:
            told = f"Такое значение поля «{f.verbose_name}» уже есть."
            found.append(((f.attname,), f.name, told))
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and not constraint.condition:
            columns: list[Any] = [model._meta.get_field(n) for n in constraint.fields]
            attnames = tuple(str(column.attname) for column in columns)
            if attnames:
                told = str(constraint.get_violation_error_message())
                found.append((attnames, "__all__", told))
    return found


def _judge_unique(lines: Sequence[Line], names: Mapping[str, str]) -> None:
    """Refuse what is stored already under another row, or comes twice; a query per uniqueness."""
    if not lines:
        return
    model = type(lines[0].instance)
    for attnames, name, told in _unique_sets(model):
        wanted: dict[tuple[Any, ...], Line] = {}
        for line in lines:
            if line.row.is_refused or not (line.is_new or line.changed()):
                continue
            key = tuple(getattr(line.instance, attname) for attname in attnames)
            if None in key:
                continue
            if key in wanted:
                line.row.refuse_with(
                    ValidationError({name: f"То же, что в строке {wanted[key].row.number}."}), names
                )
                continue
            wanted[key] = line
        if not wanted:
            continue
        stored = model._base_manager.filter(**{f"{attnames[0]}__in": {key[0] for key in wanted}})
        for pk, *key in stored.values_list("pk", *attnames):
            line_ = wanted.get(tuple(key))
            if line_ is not None and line_.instance.pk != pk:
                line_.row.refuse_with(ValidationError({name: told}), names)


def _insert(lines: list[Line]) -> list[Line]:
    """Insert all in one statement; where the database refuses, one by one to learn which."""
    model = type(lines[0].instance)
    try:
        with transaction.atomic():
            model._base_manager.bulk_create([line.instance for line in lines])
        return lines
    except IntegrityError:
        written = []
        for line in lines:
            line.instance.pk = None
            line.instance._state.adding = True
            try:
                with transaction.atomic():
                    line.instance.save(force_insert=True)
                written.append(line)
            except IntegrityError as error:
                line.row.refuse("", _told(line.instance, error))
        return written


def _relate(lines: list[Line]) -> None:
    """Write the many-to-many values of new rows: a statement for each field."""
    for name in sorted({name for line in lines for name in line.many}):
        field = lines[0].instance._meta.get_field(name)
        through = field.remote_field.through
        here, there = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through._base_manager.bulk_create(
            through(**{here: line.instance.pk, there: pk})
            for line in lines
            for pk in sorted({one.pk for one in line.many.get(name, ())})
        )


def _told(instance: models.Model, error: IntegrityError) -> str:
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for constraint in instance._meta.constraints:
        if constraint.name == name:
            return str(constraint.get_violation_error_message())
    return "Такая запись уже есть."


def _update(lines: list[Line]) -> None:
    """Write every row whole by its key: one statement however many fields differ."""
    model = type(lines[0].instance)
    is_versioned = hasattr(lines[0].instance, "version")
    for line in lines:
        if is_versioned:
            line.instance.version += 1
    fields = [
        f.name
        for f in model._meta.concrete_fields
        if not f.primary_key and not isinstance(f, models.GeneratedField)
    ]
    model._base_manager.bulk_create(
        [line.instance for line in lines],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=fields,
    )


def lock_rows(queryset: Any) -> list[Any]:
    """The rows of a queryset under lock, in the order of their keys: nobody waits in a ring."""
    return list(queryset.select_for_update(of=("self",)).order_by("pk"))


def by(rows: Iterable[Any], *attnames: str) -> dict[Any, Any]:
    """Rows by the values of their attributes: a plain value for one, a tuple for more."""
    if len(attnames) == 1:
        return {getattr(row, attnames[0]): row for row in rows}
    return {tuple(getattr(row, name) for name in attnames): row for row in rows}


def whole(rows: Sequence[Row], write: Callable[[list[Row]], None]) -> None:
    """Write rows that lie in several tables together, by a `write` made of `save_many`.

    Where a row is refused on the way, all is taken back and the others are written anew: of a
    refused row nothing stays in any table.
    """
    left = list(rows)
    while left:
        undone = transaction.savepoint()
        write(left)
        good = [row for row in left if not row.is_refused]
        if len(good) == len(left):
            transaction.savepoint_commit(undone)
            return
        transaction.savepoint_rollback(undone)
        for row in left:
            row.changes.clear()
            row.pk, row.outcome = None, row.outcome if row.is_refused else ""
        left = good


def same(instance: Any, values: Mapping[str, Any]) -> bool:
    """Whether a stored row says already what the values say: no service need be asked."""
    for name, value in values.items():
        field = instance._meta.get_field(name)
        wanted = getattr(value, "pk", value) if field.is_relation else value
        if getattr(instance, field.attname) != wanted:
            return False
    return True


def part(row: Row) -> Row:
    """A row of another table that a row of the file stands for too; `joined` brings it home."""
    return Row(row.number)


def joined(row: Row, lines: Iterable[Line], names: Mapping[str, str] | None = None) -> None:
    """Give a row what became of its parts: their changes, and their refusals by column."""
    for line in lines:
        row.changes += line.row.changes
        for name, messages in line.row.errors.items():
            row.refuse((names or {}).get(name, name), *messages)


def each(batch: Batch, write: Callable[[Row], tuple[Any, bool] | None]) -> None:
    """Write the good rows of which nothing became yet one by one, through services of single
    rows, each in a savepoint.

    `write` returns the key and whether the row is new, or None where it refused the row itself;
    what a service refuses with stands at its row. A stored row of which no write was heard is
    unchanged. For resources whose rows are few or entangled.
    """
    for row in batch.good:
        if row.outcome:
            continue
        try:
            with transaction.atomic(), audit.listening() as heard:
                told = write(row)
        except ValidationError as error:
            row.refuse_with(error)
        except Refused as error:
            row.refuse("", str(error))
        else:
            if told is not None:
                pk, is_new = told
                kept = Outcome.UPDATED if heard else Outcome.UNCHANGED
                row.done(Outcome.CREATED if is_new else kept, pk)
                row.changes += heard
