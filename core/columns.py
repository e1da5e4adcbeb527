"""Columns that an app above adds to a list of an app below, with their filters.

The list below knows nothing of what it shows. The app above gives a loader that answers for
many rows at once, so the number of queries does not grow with the rows:

    # lamps/apps.py, in AppConfig.ready()
    register("client", Column(
        code="lamp",
        label="Лампочка",
        load=selectors.lamps_of,             # list[int] of client ids -> {id: value}, one query
        html=lambda lamp: render(lamp),      # value -> safe markup or text for the page
        plain=lambda lamp: lamp.word,        # value -> str, int, Decimal or date for Excel
        order=10,
        filters=lambda: {"lamp": django_filters.MultipleChoiceFilter(...)},
    ))

A row without a value in the answer shows «–» (or `missing`). The filters of a column narrow a
queryset of the list's model through their own `filter` or `method`; they work in the page, in
its export and in the API alike. Register in `ready()`: filter sets read the registry when they
are first imported, after all apps are ready.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django_filters import Filter

NOTHING = "–"
_BATCH = 1000


def _same(value: Any) -> Any:
    return value


def _no_filters() -> dict[str, Filter]:
    return {}


@dataclass(frozen=True)
class Column:
    """A column by declaration; see the module."""

    code: str
    label: str
    load: Callable[[Sequence[int]], Mapping[int, Any]]
    html: Callable[[Any], Any] = _same
    plain: Callable[[Any], Any] = _same
    order: int = 100
    missing: str = NOTHING
    css: str = ""
    filters: Callable[[], dict[str, Filter]] = _no_filters


_columns: dict[str, dict[str, Column]] = {}


def register(target: str, column: Column) -> None:
    """Add a column to the list `target`, once per code."""
    _columns.setdefault(target, {})[column.code] = column


def columns_of(target: str) -> list[Column]:
    """The columns registered for a list, in their order."""
    return sorted(_columns.get(target, {}).values(), key=lambda column: column.order)


def filters_of(target: str) -> dict[str, Filter]:
    """The filters of all columns registered for a list."""
    found: dict[str, Filter] = {}
    for column in columns_of(target):
        found.update(column.filters())
    return found


class _Cell(tables.Column):
    """A django-tables2 column that takes its values from the loader of a registered column."""

    empty_values = ()

    def __init__(self, column: Column) -> None:
        attrs = {"th": {"class": column.css}, "td": {"class": column.css}} if column.css else {}
        super().__init__(verbose_name=column.label, orderable=False, attrs=attrs, accessor="pk")
        self.source = column

    def render(self, value: Any, record: Any, table: Any) -> Any:
        found = table.loaded(self.source, record)
        return self.source.missing if found is None else self.source.html(found)

    def value(self, value: Any, record: Any, table: Any) -> Any:
        found = table.loaded(self.source, record)
        return None if found is None else self.source.plain(found)


class RegisteredColumns:
    """Mixed into a table: puts the registered columns after the column `columns_after`."""

    columns_target: str
    columns_after: str = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._loaded: dict[str, dict[int, Any]] = {}
        self._ids: list[int] | None = None
        added = columns_of(self.columns_target)
        names = [n for n in self.base_columns if n != "selection"]  # type: ignore[attr-defined]
        at = names.index(self.columns_after) + 1 if self.columns_after in names else len(names)
        kwargs.setdefault("sequence", ["...", *names[:at], *(c.code for c in added), *names[at:]])
        super().__init__(*args, extra_columns=[(c.code, _Cell(c)) for c in added], **kwargs)

    def loaded(self, column: Column, record: Any) -> Any:
        """The value of a registered column for a row, read for the whole page at once."""
        cache = self._loaded.setdefault(column.code, {})
        if record.pk not in cache:
            ids = self._batch(record.pk)
            found = column.load(ids)
            cache.clear()
            cache.update({pk: found.get(pk) for pk in ids})
        return cache[record.pk]

    def _batch(self, pk: int) -> list[int]:
        """The ids of the rows around a row: its page, or in an export the next portion."""
        page = getattr(self, "page", None)
        if page is not None:
            return [row.record.pk for row in page.object_list]
        if self._ids is None:
            self._ids = [row.pk for row in self.data]  # type: ignore[attr-defined]
            self._at = {pk: n for n, pk in enumerate(self._ids)}
        start = self._at[pk]
        return self._ids[start : start + _BATCH]
