"""Downloads: every cell is data. Nothing typed by anybody becomes a formula or a link."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import django_tables2 as tables
import openpyxl
import pytest

from core import export

PAYLOADS = [
    "=1+1", "=HYPERLINK(\"http://evil\",\"x\")", "+7 495 000-00-00", "-2+3", "@SUM(1)", "\t=1",
    "\r=1", "{=1}", "http://evil.example/", "file:///etc/passwd", "internal:Лист!A1",
    "mailto:a@b.ru",
    "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "a;b\"c\nd", "0012",
]  # fmt: skip


class Sheet(tables.Table):
    text = tables.Column(verbose_name="Текст")
    number = tables.Column()
    money = tables.Column()
    day = tables.Column()
    at = tables.Column()
    flag = tables.Column()

    def value_number(self, value: int) -> int:
        return value

    def value_money(self, value: Decimal) -> Decimal:
        return value

    def value_day(self, value: date) -> date:
        return value

    def value_at(self, value: datetime) -> datetime:
        return value

    def value_flag(self, value: bool) -> bool:
        return value


def rows() -> list[dict]:
    return [
        {
            "text": text,
            "number": -5,
            "money": Decimal("-12500.50"),
            "day": date(2026, 9, 16),
            "at": datetime(2026, 9, 15, 21, 30, tzinfo=UTC),
            "flag": True,
        }
        for text in PAYLOADS
    ]


def workbook() -> bytes:
    return b"".join(export.response(Sheet(rows()), "Клиенты [все]", "xlsx").streaming_content)


def test_no_cell_of_a_workbook_is_a_formula_or_a_link() -> None:
    body = workbook()
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    shown = [cell.value.replace("_x000D_", "\r") for cell in sheet["A"]]
    assert shown[1:] == PAYLOADS
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}
    assert not sheet._hyperlinks
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        parts = "".join(book.read(name).decode() for name in book.namelist())
    assert "<f>" not in parts and "externalLink" not in parts


def test_numbers_and_dates_stay_what_they_are() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook())).active
    assert [cell.value for cell in sheet[2]][1:] == [
        -5, -12500.5, datetime(2026, 9, 16), datetime(2026, 9, 16, 0, 30), "да",
    ]  # fmt: skip


def test_a_risky_cell_of_a_csv_is_quoted() -> None:
    answer = export.response(Sheet(rows()), "Клиенты", "csv")
    body = b"".join(answer.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf") and answer["Cache-Control"] == "no-store"
    import csv

    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert lines[0][0] == "Текст"
    for payload, line in zip(PAYLOADS, lines[1:], strict=True):
        risky = payload.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert line[0] == (f"'{payload}" if risky else payload)
        assert line[1:3] == ["-5", "-12500,50"]
        assert line[3:5] == ["16.09.2026", "16.09.2026 00:30"]


def test_long_text_is_marked_where_it_is_cut() -> None:
    table = Sheet([rows()[0] | {"text": "ж" * 40_000}])
    body = b"".join(export.response(table, "Клиенты", "xlsx").streaming_content)
    shown = openpyxl.load_workbook(io.BytesIO(body)).active["A2"].value
    assert len(shown) <= 32_767 and shown.endswith("[обрезано]")


def test_a_name_cannot_break_the_header() -> None:
    answer = export.response(Sheet([]), 'a"; filename=x.exe\r\nSet-Cookie: y', "csv")
    shown = answer["Content-Disposition"]
    assert "\n" not in shown and "\r" not in shown and '"; filename=x.exe' not in shown


def test_too_many_rows_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MAX_ROWS", 3)
    body = b"".join(export.response(Sheet(rows()), "Клиенты", "csv").streaming_content)
    assert "первые 3 строк" in body.decode()
