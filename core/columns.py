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

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django_filters import Filter
from django_tables2.data import TableQuerysetData

NOTHING = "–"
_BATCH = 1000


def _same(value: Any) -> Any:
    return value


def _no_filters() -> dict[str, Filter]:
    return {}


@dataclass(frozen=True)
class Column:
    """A column by declaration; see the module. With `in_list` False it is a sign of the row's card
    alone."""

    code: str
    label: str
    load: Callable[[Sequence[int]], Mapping[int, Any]]
    html: Callable[[Any], Any] = _same
    plain: Callable[[Any], Any] = _same
    order: int = 100
    missing: str = NOTHING
    css: str = ""
    filters: Callable[[], dict[str, Filter]] = _no_filters
    in_list: bool = True


_columns: dict[str, dict[str, Column]] = {}
_filters: dict[str, list[Callable[[], dict[str, Filter]]]] = {}


def register(target: str, column: Column) -> None:
    """Add a column to the list `target`, once per code."""
    _columns.setdefault(target, {})[column.code] = column


def register_filters(target: str, filters: Callable[[], dict[str, Filter]]) -> None:
    """Add filters without a column to the list `target`."""
    _filters.setdefault(target, []).append(filters)


def columns_of(target: str) -> list[Column]:
    """The columns registered for a list, in their order."""
    return sorted(_columns.get(target, {}).values(), key=lambda column: column.order)


def filters_of(target: str) -> dict[str, Filter]:
    """The filters registered for a list, those of columns first."""
    found: dict[str, Filter] = {}
    for column in columns_of(target):
        found.update(column.filters())
    for filters in _filters.get(target, []):
        found.update(filters())
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


class PortionedData(TableQuerysetData):
    """Rows of a queryset: a page is found on ids alone, so that however deep it lies only its own
    rows are joined; a file reads them in portions, so that memory does not grow. Rows that are
    equal in the order asked for stand by their ids, or two pages could hold one row."""

    portion: list[int]

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return super().__getitem__(key)
        order = self.data.query.order_by
        is_total = {name.lstrip("-") for name in order if isinstance(name, str)} & {"pk", "id"}
        rows = self.data if is_total or not order else self.data.order_by(*order, "pk")
        ids = list(rows.values_list("pk", flat=True)[key])
        found = {row.pk: row for row in self.data.order_by().filter(pk__in=ids)}
        return [found[pk] for pk in ids if pk in found]

    def __iter__(self) -> Iterator[Any]:
        rows = self.data.iterator(chunk_size=_BATCH)
        while batch := list(islice(rows, _BATCH)):
            self.portion = [row.pk for row in batch]
            yield from batch


class RegisteredColumns:
    """Mixed into a table of a queryset: puts the registered columns after `columns_after`."""

    columns_target: str
    columns_after: str = ""

    def __init__(self, data: Any = (), *args: Any, **kwargs: Any) -> None:
        self._loaded: dict[str, dict[int, Any]] = {}
        added = [column for column in columns_of(self.columns_target) if column.in_list]
        names = list(self.base_columns)  # type: ignore[attr-defined]
        at = names.index(self.columns_after) + 1 if self.columns_after in names else len(names)
        kwargs.setdefault("sequence", [*names[:at], *(c.code for c in added), *names[at:]])
        kwargs["extra_columns"] = [
            *((c.code, _Cell(c)) for c in added),
            *kwargs.get("extra_columns", ()),
        ]
        if isinstance(data, QuerySet):
            data = PortionedData(data)
        super().__init__(data, *args, **kwargs)  # type: ignore[call-arg]

    def loaded(self, column: Column, record: Any) -> Any:
        """The value of a registered column for a row, read for the whole page at once."""
        cache = self._loaded.get(column.code, {})
        if record.pk not in cache:
            ids = self._batch(record.pk)
            found = column.load(ids)
            cache = self._loaded[column.code] = {pk: found.get(pk) for pk in ids}
        return cache[record.pk]

    def _batch(self, pk: int) -> list[int]:
        """The ids of the rows around a row: the present portion of a file, or its page."""
        portion = getattr(self.data, "portion", [])  # type: ignore[attr-defined]
        if pk in portion:
            return portion
        page = getattr(self, "page", None)
        return [row.record.pk for row in page.object_list] if page is not None else [pk]
