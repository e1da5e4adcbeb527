"""Files of strangers: read and told how, or refused before anything is unpacked."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.bulk import reading
from core.bulk.headers import guess, letter
from core.bulk.reading import Unfit
from tests.bulk.conftest import csv_of, xlsx_of

ROWS = [["Наименование", "ИНН"], ["ООО Ромашка, Ёлка и другие", "7707083893"]]


def read(tmp_path: Path, name: str, content: bytes) -> tuple[dict[str, Any], list[Any]]:
    """The head and the rows of a file, as an upload takes them."""
    path = tmp_path / f"file.{name.rpartition('.')[2].lower()}"
    path.write_bytes(content)
    kind = reading.kind_of(name, len(content))
    reading.judge(path, kind)
    with reading.opened(path, kind) as (head, rows):
        return head, list(rows)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1251", "Windows-1251"),
        ("koi8-r", "КОИ-8"), ("cp866", "DOS (866)"), ("utf-16", "UTF-16"),
    ],
)  # fmt: skip
def test_encodings_and_separators_are_found_out_and_told(
    tmp_path: Path, encoding: str, told: str, separator: str
) -> None:
    quoted = [[f'"{cell}"' for cell in row] for row in ROWS]
    content = csv_of(*quoted, separator=separator, encoding=encoding)
    head, rows = read(tmp_path, "a.csv", content)
    assert head["headers"] == ROWS[0]
    assert rows == [(2, ROWS[1])]
    assert head["notes"][0] == f"Кодировка: {told}"


REFUSED_TEXTS: list[tuple[str, bytes, str]] = [
    ("empty", b"", "Файл пуст"),
    ("blank", b"  \r\n \n", "Файл пуст"),
    ("only a header", csv_of(ROWS[0]), "строк нет"),
    ("utf-16 without a mark", csv_of(*ROWS, encoding="utf-16-le"), "не текст"),
    ("nul", b"a;b\n1;\x002", "не текст"),
    ("control signs", b"a;b\n1;\x012", "управляющие"),
    ("open quote", csv_of(["a", "b"], ['"x', "1"]), "кавычка не закрыта"),
    ("a workbook called csv", xlsx_of(*ROWS), "под чужим названием"),
    ("too many columns", csv_of([*map(str, range(60))], [1] * 60), "Колонок больше 50"),
    ("mixed encodings", "Имя;а\n".encode("cp1251") + "Ромашка и василёк;1".encode(), "смешаны"),
    ("spoilt encoding", "Ромашка".encode().decode("cp1251").encode(), "испорчена"),
]


@pytest.mark.parametrize(("content", "why"), [c[1:] for c in REFUSED_TEXTS],
                         ids=[c[0] for c in REFUSED_TEXTS])  # fmt: skip
def test_texts_that_are_not_taken(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        read(tmp_path, "a.csv", content)


def test_a_row_longer_than_its_header_keeps_its_cells(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "a.csv", csv_of(["a", "b"], [1, 2, 3], [1]))
    assert rows == [(2, ["1", "2", "3"]), (3, ["1"])]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a.xls", "Старый формат"), ("a.xlsm", "с макросами"), ("a.pdf", "Принимаются"),
        ("a", "Принимаются"),
    ],
)  # fmt: skip
def test_kinds_that_are_not_taken(name: str, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        reading.kind_of(name, 10)


def test_a_file_too_big_is_not_taken() -> None:
    with pytest.raises(Unfit, match="больше 10 МБ"):
        reading.kind_of("a.csv", 10 * 1024 * 1024 + 1)


def packed(parts: dict[str, bytes | str], of: bytes | None = None) -> bytes:
    """A workbook with parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        with zipfile.ZipFile(io.BytesIO(of or xlsx_of(*ROWS))) as source:
            for name in source.namelist():
                if name not in parts:
                    book.writestr(name, source.read(name))
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


def encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def millions() -> bytes:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet += b'<dimension ref="A1:E1000000"/><sheetData/></worksheet>'
    return packed({"xl/worksheets/sheet1.xml": sheet})


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
REFUSED_BOOKS: list[tuple[str, Callable[[], bytes], str]] = [
    ("a text called xlsx", lambda: csv_of(*ROWS), "не похоже на .xlsx"),
    ("html called xlsx", lambda: b"<html><table></table></html>", "не похоже на .xlsx"),
    ("password", encrypted, "защищён паролем"),
    ("half of it", lambda: xlsx_of(*ROWS)[:3000], "повреждён"),
    ("another zip", lambda: _zip({"a.txt": b"x"}), "не похоже на .xlsx"),
    ("macros", lambda: packed({"xl/vbaProject.bin": b"x"}), "с макросами"),
    ("outer links", lambda: packed({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "ссылки"),
    ("slip", lambda: packed({"../../evil.xml": b"<x/>"}), "недопустимые имена"),
    ("many parts", lambda: packed({f"x/{n}.xml": b"" for n in range(1001)}), "частей"),
    ("bomb by ratio", lambda: packed({"xl/media/a.bin": b"\0" * (5 << 20)}), "подозрительно"),
    ("entities", lambda: packed({"xl/worksheets/sheet1.xml": ENTITIES}), "сущностей"),
    ("a million rows", millions, "Строк в листе 1000000"),
    ("nothing in it", lambda: xlsx_of(), "ни одной заполненной строки"),
    ("only a header", lambda: xlsx_of(ROWS[0]), "строк нет"),
    ("far cell", lambda: xlsx_of(*ROWS, change=lambda b: b.active.cell(2, 16_384, "x")), "колонок"),
]  # fmt: skip


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(("make", "why"), [c[1:] for c in REFUSED_BOOKS],
                         ids=[c[0] for c in REFUSED_BOOKS])  # fmt: skip
def test_workbooks_that_are_not_taken(tmp_path: Path, make: Callable[[], bytes], why: str) -> None:
    with pytest.raises(Unfit, match=why):
        read(tmp_path, "a.xlsx", make())


def test_a_bomb_by_its_size_is_refused_unopened(tmp_path: Path) -> None:
    import os

    noise = os.urandom(1 << 20) * 101
    with pytest.raises(Unfit, match=r"больше 100 МБ|подозрительно"):
        path = tmp_path / "a.xlsx"
        path.write_bytes(packed({"xl/media/a.bin": noise}))
        reading.judge(path, "xlsx")


def test_more_rows_than_a_load_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS", 3)
    for name, content in [
        ("a.csv", csv_of(ROWS[0], *[ROWS[1]] * 4)),
        ("a.xlsx", xlsx_of(ROWS[0], *[ROWS[1]] * 4)),
    ]:
        with pytest.raises(Unfit, match="Строк больше 3"):
            read(tmp_path, name, content)


def test_a_reader_without_memory_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child alone falls: the worker lives and tells."""
    from core.bulk import child

    source = Path(child.__file__).read_text().replace("512 * 1024 * 1024", "24 * 1024 * 1024")
    script = tmp_path / "starved.py"
    script.write_text(source)
    import subprocess
    import sys

    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx_of(ROWS[0], *[ROWS[1]] * 5000))
    done = subprocess.run(
        [sys.executable, str(script), str(path), "xlsx", "10000", "50"], capture_output=True
    )
    assert b'"end"' not in done.stdout  # and whoever waits for the end is told by `reading`


def test_excel_is_read_by_the_first_visible_sheet(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.active.title = "Скрытый"
        book.active.sheet_state = "hidden"
        sheet = book.create_sheet("Данные")
        for row in [["Название", None, "Сумма"], ["ООО А", None, 12.5], [None, None, None], ["Б"]]:
            sheet.append(row)
        sheet.row_dimensions[2].hidden = True

    head, rows = read(tmp_path, "a.xlsx", xlsx_of(["x"], change=change))
    assert head["headers"] == ["Название", "", "Сумма"]
    assert rows == [(2, ["ООО А", None, 12.5]), (4, ["Б"])]
    assert head["notes"] == [
        "Лист: «Данные»",
        "Других листов не читали: 1",
        "Скрытые и отфильтрованные строки прочитаны тоже",
    ]


def test_headers_are_guessed_by_names_aliases_and_memory() -> None:
    columns = {"inn": ["inn", "ИНН"], "on": ["on", "День", "дата"], "n": ["n", "Количество"]}
    assert guess(["Дата", "И.Н.Н", "инн ", "КОЛИЧЕСТВО"], columns) == {0: "on", 2: "inn", 3: "n"}
    assert guess(["Когда", "ИНН"], columns, {"когда": "on"}) == {0: "on", 1: "inn"}
    assert guess(["", "Прочее"], columns) == {}
    assert [letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
