"""Rows of the lamp table: whatever the order, a page is found on narrow rows and then read."""

from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django_tables2.data import TableQuerysetData
from django_tables2.utils import OrderBy

from lamps.selectors import table as reads

# In a longer list names no longer break ties: rows equal by the sorted column stand in the
# order of their ids, which sorts as one number. Nobody reads so far by name.
NAMES_UP_TO = 5_000


class LampData(TableQuerysetData):
    """Finds the ids of a page on the lamps alone; client, specialist, unit are read for it only."""

    sorted_by: "tuple[Any, bool] | None" = None

    def __init__(self, data: QuerySet, length: int | None = None) -> None:
        super().__init__(data)
        self.length = length

    def __len__(self) -> int:
        """How many rows there are: as the pools say, where they know, else counted."""
        if self.length is None:
            self.length = self.data.count()
        return self.length

    def order_by(self, aliases: Any) -> None:
        first = next(iter(aliases), None)
        if first is not None:
            column = self.table.columns[OrderBy(first).bare].column
            self.sorted_by = (column, str(first).startswith("-"))
        super().order_by(aliases)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return super().__getitem__(key)
        return reads.rows_in_order(self.data.model, self._ids(key.start or 0, key.stop))

    def _ids(self, start: int, stop: int) -> list[int]:
        column, descending = self.sorted_by or (None, False)
        if len(self) > NAMES_UP_TO and column is not None and hasattr(column, "page"):
            return column.page(self.data, descending, start, stop)
        return list(self.data.values_list("pk", flat=True)[start:stop])

    def __iter__(self) -> Any:
        """All rows, for a file: in portions, so that memory does not grow with them."""
        return self.data.select_related(*reads.RELATED).iterator(chunk_size=2000)


class Ordered(tables.Column):
    """A column that sorts by a whole number, what is empty last; names break ties.

    `by` is a field, a transform of it or an expression.
    """

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = F(by) if isinstance(by, str) else by

    def order(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        first = self.by.desc(nulls_last=True) if is_descending else self.by.asc(nulls_last=True)
        return queryset.order_by(first, *reads.by_name(queryset)), True

    def page(self, queryset: QuerySet, descending: bool, start: int, stop: int) -> list[int]:
        """Ids of a page of a long list."""
        return reads.ids_by_number(queryset, self.by, descending, start, stop)


class DayColumn(Ordered):
    """A column that sorts by a date."""

    def page(self, queryset: QuerySet, descending: bool, start: int, stop: int) -> list[int]:
        days = reads.as_number(self.by)
        return reads.ids_by_number(queryset, days, descending, start, stop)


class NameColumn(tables.Column):
    """The client; the index of names serves any page."""

    def order(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        keys = reads.by_name(queryset)
        return queryset.order_by(*(f"-{k}" for k in keys) if is_descending else keys), True


class SpecialistColumn(tables.Column):
    """The specialist by name; those without one last."""

    def order(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        names = [F(f"specialist__{part}") for part in reads.NAME_PARTS]
        keys = [n.desc(nulls_last=True) if is_descending else n.asc(nulls_last=True) for n in names]
        return queryset.order_by(*keys, *reads.by_name(queryset)), True

    def page(self, queryset: QuerySet, descending: bool, start: int, stop: int) -> list[int]:
        """Ids of a page of a long list."""
        return reads.ids_by_specialist(queryset, descending, start, stop)
