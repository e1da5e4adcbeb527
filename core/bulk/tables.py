"""Columns of imports and of the rows of a file."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from core.bulk import parse, reading
from core.bulk.enums import ImportStatus, Outcome
from core.bulk.models import Import, ImportRow
from core.bulk.resources import Resource, find
from core.russian import daytime, number

NUM = {"th": {"class": "num"}, "td": {"class": "num"}}


class ImportTable(tables.Table):
    """Imports, the newest first."""

    file_name = tables.Column(verbose_name="Файл", attrs={"td": {"class": "cell-title"}})
    resource = tables.Column(verbose_name="Что загружали")
    status = tables.Column(verbose_name="Состояние")
    rows_total = tables.Column(verbose_name="Строк", attrs=NUM)
    created = tables.Column(
        verbose_name="Создано", accessor="counts__created", orderable=False, attrs=NUM
    )
    updated = tables.Column(
        verbose_name="Изменено", accessor="counts__updated", orderable=False, attrs=NUM
    )
    refused = tables.Column(
        verbose_name="Отказано", accessor="counts__refused", orderable=False, attrs=NUM
    )
    uploaded_by = tables.Column(verbose_name="Кто", orderable=False)
    uploaded_at = tables.Column(verbose_name="Когда")

    class Meta:
        empty_text = "Файлов ещё не загружали: нажмите «Загрузить файл»"
        order_by = "-uploaded_at"

    def render_file_name(self, value: str, record: Import) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("import", args=[record.pk]), value)

    def value_file_name(self, value: str) -> str:
        return value

    def render_resource(self, value: str) -> str:
        return find(value).label

    def render_rows_total(self, value: int) -> str:
        return number(value)

    def value_rows_total(self, value: int) -> int:
        return value

    def render_uploaded_at(self, value: Any) -> str:
        return daytime(value)

    def value_uploaded_at(self, value: Any) -> Any:
        return value


def messages_of(row: ImportRow, resource: Resource) -> list[str]:
    """«ИНН: Контрольные цифры не сходятся.»: the reasons of a row, by their columns."""
    labels = {column.name: column.label for column in resource.columns}
    return [
        f"{labels.get(name, name)}: {message}" if name else message
        for name, messages in row.errors.items()
        for message in messages
    ]


class RowTable(tables.Table):
    """Rows of a file with what becomes of them."""

    number = tables.Column(verbose_name="Строка", attrs=NUM, orderable=False)
    outcome = tables.Column(verbose_name="Итог", orderable=False)
    errors = tables.Column(verbose_name="Причина, замечание", orderable=False, empty_values=())

    class Meta:
        empty_text = "Таких строк нет"

    def __init__(self, *args: Any, found: Import, **kwargs: Any) -> None:
        self.resource = find(found.resource)
        self.is_written = found.status != ImportStatus.CHECKED
        columns = []
        for place, name in found.mapping.items():
            label = self.resource.column(name).label
            columns.append((f"c{place}", CellColumn(int(place), label)))
        super().__init__(*args, extra_columns=columns, **kwargs)

    def render_outcome(self, record: ImportRow) -> Any:
        kind = "text-danger" if record.outcome == Outcome.REFUSED else "text-secondary"
        told = Outcome(record.outcome).in_words(is_written=self.is_written)
        return format_html('<span class="{}">{}</span>', kind, told)

    def render_errors(self, record: ImportRow) -> Any:
        told = messages_of(record, self.resource)
        lines = [("text-danger", line) for line in told]
        lines += [("text-secondary", note) for note in record.notes]
        shown = format_html_join("", '<div class="{}">{}</div>', lines)
        return format_html("<div>{}</div>", shown) if lines else "–"  # one cell, also when narrow


class CellColumn(tables.Column):
    """A column of the file, as it stands there."""

    def __init__(self, place: int, label: str) -> None:
        super().__init__(verbose_name=label, accessor="cells", orderable=False, empty_values=())
        self.place = place

    def render(self, value: Any) -> str:
        if self.place >= len(value) or value[self.place] is None:
            return "–"
        return parse.shown(reading.cell(value[self.place]))[:200]
