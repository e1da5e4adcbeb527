"""Audit rows as people read them: names instead of the numbers of other rows."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models

from core.models import AuditEntry


def with_names(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """The same rows with the values of foreign keys named; one query for each model pointed at.

    The rows in memory are changed, the log itself never: do not save them.
    """
    found = list(entries)
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    places = []
    for entry in found:
        for name, target in _keys_of(entry.subject).items():
            for values in (entry.before, entry.after):
                value = values.get(name)
                if isinstance(value, int | str) and value != "":
                    wanted[target].add(value)
                    places.append((values, name, target, value))
    names = {
        target: {str(row.pk): str(row) for row in _rows(target).filter(pk__in=ids)}
        for target, ids in wanted.items()
    }
    for values, name, target, value in places:
        values[name] = names[target].get(str(value), f"№ {value}")
    return found


def _rows(target: type[models.Model]) -> Any:
    """Rows with their neighbours: a row may name itself by them."""
    keys = [f.name for f in target._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    rows = target._base_manager.all()
    return rows.select_related(*keys) if keys else rows


def _keys_of(subject: str) -> dict[str, type[models.Model]]:
    """The foreign keys of the model that an audit row is about."""
    try:
        model = apps.get_model(subject.partition(":")[0])
    except (LookupError, ValueError):
        return {}
    return {
        f.name: f.related_model
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and isinstance(f.related_model, type)
    }
