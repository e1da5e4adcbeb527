"""Everything that points at a row, led to another row: no app above is known here by name."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F

from core.models import Versioned


def repoint(
    gone: models.Model, into: models.Model, *, apart: Collection[str] = ()
) -> dict[str, list[int]]:
    """Lead every foreign key and every link of a many-to-many field from `gone` to `into`.

    `apart` are those that the caller sees to ("contacts.roleperiod.participant"). Gives the
    ids of the rows led over by their name in the plural. Raises ValidationError where a
    constraint allows one such row only and both have one.
    """
    moved: dict[str, list[int]] = {}
    for field in _pointing_at(type(gone)):
        if f"{field.model._meta.label_lower}.{field.name}" in apart:
            continue
        ids = _lead(field, gone, into)
        if ids:
            name = str(_owner(field).verbose_name_plural)
            moved[name] = sorted({*moved.get(name, []), *ids})
    return moved


def _pointing_at(model: type[models.Model]) -> list[Any]:
    """The foreign keys to a model, hidden ones and those of link tables with the rest."""
    return [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    ]


def _owner(field: Any) -> Any:
    """The model whose rows a reader knows: of a link, the one on its other side."""
    other = _other_side(field)
    return (other.related_model if other else field.model)._meta


def _other_side(field: Any) -> Any:
    """The other foreign key of a link table that Django made; None of a model of its own."""
    if not field.model._meta.auto_created:
        return None
    keys = [f for f in field.model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    return next(key for key in keys if key is not field)


def _lead(field: Any, gone: models.Model, into: models.Model) -> list[int]:
    """Lead the rows of one foreign key; the ids of those that a reader knows."""
    table, other = field.model._base_manager, _other_side(field)
    rows = table.filter(**{field.name: gone})
    if other is None:
        ids = list(rows.values_list("pk", flat=True))
    else:
        ids = list(rows.values_list(other.attname, flat=True))
        there = table.filter(**{field.name: into}).values(other.attname)
        rows.filter(
            **{f"{other.attname}__in": list(there.values_list(other.attname, flat=True))}
        ).delete()
    values: dict[str, Any] = {field.name: into}
    if issubclass(field.model, Versioned):
        values["version"] = F("version") + 1
    try:
        with transaction.atomic():
            rows.update(**values)
    except IntegrityError as error:
        name = field.model._meta.verbose_name_plural
        raise ValidationError(
            f"Объединить нельзя: у обоих есть {name}, а должна быть одна запись. "
            "Сначала удалите лишнюю."
        ) from error
    return ids
