"""Taking back what an import wrote, whole, while nothing newer touched its rows.

Every write of an import left its change: which row, before, after, the version it had then. A
row that stands as the import left it is restored or removed; one that moved on, or that others
refer to by now, stands in the way of all.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from core import audit
from core.bulk.models import Import, ImportChange
from core.bulk.resources import find
from core.enums import AuditAction

CHUNK = 1000
SHOWN = 20
_computed: set[type[models.Model]] = set()


class Blocked(Exception):
    """Which rows of the file stand in the way; the text is for a person."""


def computed(*found: type[models.Model]) -> None:
    """Declare models whose rows the program computes itself: they hinder no undo."""
    _computed.update(found)


def take_back(found: Import, *, actor: Any, step: Callable[[str, int], None]) -> int:
    """Undo within the caller's transaction; how many rows were restored. Raises Blocked."""
    touched = find(found.resource).touched
    done, total = 0, found.changes.values("model", "key").distinct().count()
    blocked: list[str] = []
    for changes in _groups(found):
        blocked += _what_blocks(found, changes)
        done += len(changes)
        step(f"Проверено записей: {done}", 40 * done // total)
    if blocked:
        more = f" И ещё {len(blocked) - SHOWN}." if len(blocked) > SHOWN else ""
        raise Blocked(
            "Отменить нельзя: записи менялись после загрузки. " + " ".join(blocked[:SHOWN]) + more
        )
    done = 0
    for changes in _groups(found):
        touched(_restore(changes, actor))
        done += len(changes)
        step(f"Возвращено записей: {done}", 40 + 59 * done // total)
    return done


class Whole:
    """All that an import did to one row: from before the first change to after the last."""

    def __init__(self, changes: list[ImportChange]) -> None:
        first, last = changes[0], changes[-1]
        self.row, self.key, self.version = last.row, first.key, last.version
        self.was_new = first.action == AuditAction.CREATE
        self.is_gone = last.action == AuditAction.DELETE
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        for change in reversed(changes):
            self.before |= change.before
        for change in changes:
            self.after |= change.after


def _groups(found: Import) -> Iterator["Group"]:
    """Changed rows by model, those written last first; pieces of a bearable size."""
    newest = found.changes.order_by().values("model").annotate(last=models.Max("id"))
    for label in newest.order_by("-last").values_list("model", flat=True):
        model = apps.get_model(label)
        of_model = found.changes.filter(model=label).order_by("key")
        keys = list(of_model.values_list("key", flat=True).distinct())
        for start in range(0, len(keys), CHUNK):
            by_key: dict[Any, list[ImportChange]] = {}
            some = found.changes.filter(model=label, key__in=keys[start : start + CHUNK])
            for change in some.order_by("id"):
                by_key.setdefault(change.key, []).append(change)
            yield Group(model, [Whole(changes) for changes in by_key.values()])


class Group(list):
    """Rows of one model."""

    def __init__(self, model: type[models.Model], rows: Iterable[Whole]) -> None:
        super().__init__(rows)
        self.model = model


def _what_blocks(found: Import, group: Any) -> list[str]:
    keys = [whole.key for whole in group]
    rows = group.model._base_manager.select_for_update(of=("self",)).order_by("pk")
    stored = {row.pk: row for row in rows.filter(pk__in=keys)}
    told = []
    for whole in group:
        row = stored.get(whole.key)
        if whole.is_gone:
            continue
        if row is None:
            told.append(f"Строка {whole.row}: запись уже удалена.")
        elif not _stands(row, whole):
            told.append(f"Строка {whole.row}: запись изменена позже.")
    new = {whole.key: whole for whole in group if whole.was_new and whole.key in stored}
    return told + _referred(found, group.model, new)


def _stands(row: models.Model, whole: Whole) -> bool:
    if whole.version is not None:
        return getattr(row, "version", None) == whole.version
    now = json.loads(json.dumps(audit.snapshot(row), cls=DjangoJSONEncoder))
    return all(now[name] == value for name, value in whole.after.items() if name in now)


def _referred(found: Import, model: type[models.Model], new: dict[Any, Whole]) -> list[str]:
    """Rows that the import created and that others refer to by now, its own rows aside."""
    told = []
    for relation in model._meta.related_objects if new else ():
        if relation.related_model in _computed:
            continue
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": list(new)})
        if relation.many_to_many:
            continue
        own = found.changes.filter(
            model=relation.related_model._meta.label_lower, action=AuditAction.CREATE
        )
        rows = rows.exclude(pk__in=own.values("key"))
        shown = relation.related_model._meta.verbose_name_plural
        for key in rows.order_by().values_list(name, flat=True).distinct():
            told.append(f"Строка {new[key].row}: на запись уже ссылаются {shown}.")
    return told


def _restore(group: Any, actor: Any) -> list[models.Model]:
    model = group.model
    stored = model._base_manager.in_bulk([whole.key for whole in group])
    written: list[tuple[str, models.Model, dict[str, Any], dict[str, Any]]] = []
    removed, changed, again = [], [], []
    for whole in group:
        row = stored.get(whole.key)
        if whole.was_new:
            if row is not None:
                removed.append(row)
                written.append((AuditAction.DELETE, row, audit.snapshot(row), {}))
        elif row is None:
            row = _filled(model(pk=whole.key), whole.before)
            again.append(row)
            written.append((AuditAction.CREATE, row, {}, audit.snapshot(row)))
        else:
            was = audit.snapshot(row)
            _filled(row, whole.before)
            now = audit.snapshot(row)
            some = [name for name in now if now[name] != was[name]]
            if hasattr(row, "version"):
                row.version += 1
            changed.append(row)
            before = {name: was[name] for name in some}
            written.append((AuditAction.UPDATE, row, before, {name: now[name] for name in some}))
    touched = [*removed, *changed, *again]
    _bind_parents(touched)
    audit.record_many(actor=actor, written=written)
    if changed:
        fields = [
            f.name
            for f in model._meta.concrete_fields
            if not f.primary_key and not isinstance(f, models.GeneratedField)
        ]
        model._base_manager.bulk_create(
            changed, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )
    model._base_manager.bulk_create(again)
    model._base_manager.filter(pk__in=[row.pk for row in removed]).delete()
    return touched


def _filled(row: Any, values: dict[str, Any]) -> Any:
    """The row with kept values, its search keys made anew."""
    for name, value in values.items():
        f = row._meta.get_field(name)
        if f.many_to_many:
            getattr(row, name).set(value)
        else:
            target = f.target_field if f.is_relation else f
            setattr(row, f.attname, None if value is None else target.to_python(value))
    row.clean()
    return row


def _bind_parents(rows: list[models.Model]) -> None:
    """Read what the audit rows name, a query for each kind of parent instead of one a row."""
    if rows:
        names = []
        for f in rows[0]._meta.concrete_fields:
            if f.is_relation and f.related_model is not None:
                parents = {one.name for one in f.related_model._meta.concrete_fields}
                names.append(f"{f.name}__client" if "client" in parents else f.name)
        models.prefetch_related_objects(rows, *names)
