"""Files that go out: any table as Excel or CSV, in which nothing is ever a formula or a link, and
documents."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django_tables2.data import TableQuerysetData

from core import clock

FORMATS = frozenset({"xlsx", "csv"})
MAX_ROWS = 200_000
PORTION = 1_000
_CELL = 32_767
# What spreadsheets take for the start of a formula; their full-width likes too.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Portions:
    """The rows of a queryset read anew, a portion at a time: memory does not grow with them."""

    def __init__(self, rows: QuerySet) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[Any]:
        return self.rows.iterator(chunk_size=PORTION)


class _Echo:
    def write(self, value: str) -> str:
        return value


def response(table: Any, title: str, wanted: str) -> Any:
    """The rows of a django-tables2 table, all pages, as a download.

    Numbers and dates stay numbers and dates in Excel; a table gives them by `value_<column>`.
    """
    return file_of(_rows(table), title, wanted)


def file_of(rows: Iterator[list[Any]], title: str, wanted: str) -> Any:
    """Rows as a download, the first of them the headers; written as they come."""
    name = f"{title} {clock.today():%Y-%m-%d}.{wanted}"
    if wanted == "csv":
        writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
        lines = (writer.writerow([csv_cell(cell) for cell in row]) for row in rows)
        answer: Any = StreamingHttpResponse(
            _with_bom(lines), content_type="text/csv; charset=utf-8"
        )
    else:
        answer = FileResponse(
            _workbook(rows, title),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Cache-Control"] = "no-store"
    return answer


def pdf_file(name: str, content: bytes, *, attached: bool = True) -> HttpResponse:
    """A document under a name, of its own type, never kept by a cache."""
    answer = HttpResponse(content, content_type="application/pdf")
    called = content_disposition_header(attached, f"{name}.pdf")
    answer["Content-Disposition"] = called or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


def _rows(table: Any) -> Iterator[list[Any]]:
    data = table.data
    # Whose data are read in a way of their own, say so themselves.
    if isinstance(data, TableQuerysetData) and type(data).__iter__ is TableQuerysetData.__iter__:
        table.rows.data = _Portions(data.data)
    for number, row in enumerate(table.as_values()):
        if number > MAX_ROWS:
            yield [f"Показаны первые {MAX_ROWS} строк: сузьте фильтр."]
            return
        yield row


def _with_bom(lines: Iterator[str]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for line in lines:
        yield line.encode()


def csv_cell(value: Any) -> str:
    """A value as it stands in a CSV for Russian Excel: no text of it is ever a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.MOSCOW):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",")
    typed = str(value).replace("\xa0", " ")
    is_number = isinstance(value, int)
    return f"'{typed}" if typed.startswith(_RISKY) and not is_number else typed


def _workbook(rows: Iterator[list[Any]], title: str) -> Any:
    """Written row by row to a temporary file, so that memory does not grow with the rows."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Лист")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if y == 0:
                sheet.set_column(x, x, max(10, min(40, len(str(value)) + 4)))
                sheet.write_string(y, x, str(value), bold)
            elif isinstance(value, bool) or value is None:
                sheet.write_string(y, x, "" if value is None else ("да" if value else "нет"))
            elif isinstance(value, int | float | Decimal):
                sheet.write_number(y, x, value)
            elif isinstance(value, datetime):
                naive = value.astimezone(clock.MOSCOW).replace(tzinfo=None)
                sheet.write_datetime(y, x, naive, moment)
            elif isinstance(value, date):
                sheet.write_datetime(y, x, datetime(value.year, value.month, value.day), day)
            else:
                typed = str(value)
                if len(typed) > _CELL:
                    typed = typed[: _CELL - 12] + "… [обрезано]"
                sheet.write_string(y, x, typed)
    book.close()
    file.seek(0)
    return file
