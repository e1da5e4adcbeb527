"""Reads a file of a stranger in a process of its own, with limits on memory and time.

    python -m core.bulk.child PATH KIND ROWS COLUMNS

writes lines of JSON: one `{"head": …}`, then a list of cells for each row, at last
`{"end": rows}`; where the file is not taken, `{"refused": "…"}` with the reason in Russian.
A cell is text, a number, true or false, null, {"d": ISO} or {"e": "#ДЕЛ/0!"}. No Django here.
"""

import csv
import io
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

MEMORY = 512 * 1024 * 1024
SECONDS = 120
LONGEST_CELL = 32_767
_ERRORS = {
    "#DIV/0!": "#ДЕЛ/0!",
    "#N/A": "#Н/Д",
    "#NAME?": "#ИМЯ?",
    "#NULL!": "#ПУСТО!",
    "#NUM!": "#ЧИСЛО!",
    "#REF!": "#ССЫЛКА!",
    "#VALUE!": "#ЗНАЧ!",
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
# The commonest small letters of Russian text: of several readings the right one has most.
_COMMON = set("оеаинтсрвлк")


class Refused(Exception):
    """The file is not taken; the text is for the person who sent it."""


def main() -> None:
    """Read the file named on the command line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    path, kind, rows, columns = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    out = sys.stdout
    try:
        head, lines = read_csv(path) if kind == "csv" else read_xlsx(path)
        for part in limited(head, lines, rows, columns):
            out.write(json.dumps(part, ensure_ascii=False) + "\n")
    except Refused as why:
        out.write(json.dumps({"refused": str(why)}, ensure_ascii=False) + "\n")
    except MemoryError:
        out.write('{"refused": "Файл слишком сложен: не хватило памяти."}\n')
    out.flush()


def limited(
    head: dict[str, Any], lines: Iterator[tuple[int, list[Any]]], rows: int, columns: int
) -> Iterator[Any]:
    """The head with the headers, the rows that hold something, and how many there were."""
    first = next(lines, None)
    while first is not None and not any(filled(cell) for cell in first[1]):
        first = next(lines, None)
    if first is None:
        raise Refused("В файле нет ни одной заполненной строки.")
    headers = [as_header(cell) for cell in first[1]]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > columns:
        raise Refused(f"Колонок больше {columns}: {len(headers)}.")
    yield {"head": head | {"headers": headers}}
    count = 0
    for number, cells in lines:
        while cells and not filled(cells[-1]):
            cells.pop()
        if not cells:
            continue
        if len(cells) > columns:
            raise Refused(f"В строке {number} колонок больше {columns}.")
        count += 1
        if count > rows:
            raise Refused(f"Строк больше {rows}: разделите файл.")
        yield [number, *cells]
    if not count:
        raise Refused("В файле только заголовок, строк нет.")
    yield {"end": count}


def filled(cell: Any) -> bool:
    """Whether a cell holds anything."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def as_header(cell: Any) -> str:
    """A header as text."""
    if isinstance(cell, dict):
        return str(cell.get("d") or cell.get("e"))
    return "" if cell is None else " ".join(str(cell).split())[:200]


# --- text ------------------------------------------------------------------------------------
def read_csv(path: Path) -> tuple[dict[str, Any], Iterator[tuple[int, list[Any]]]]:
    """A text file: its encoding and separator are found out and told."""
    raw = path.read_bytes()
    text, notes = decode(raw)
    if "\x00" in text or _CONTROL.search(text):
        raise Refused("В файле есть управляющие знаки: это не текст CSV.")
    separator = find_separator(text)
    shown = {";": "точка с запятой", "\t": "табуляция", ",": "запятая"}[separator]
    notes.append(f"Разделитель: {shown}")
    csv.field_size_limit(1_000_000)
    return {"notes": notes, "is_1904": False}, csv_lines(text, separator)


def csv_lines(text: str, separator: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows with the number of their line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            yield before + 1, [cell if cell.strip() else None for cell in cells]
            before = reader.line_num
    except csv.Error as error:
        raise Refused(f"Строка {before + 1}: кавычка не закрыта или стоит не на месте.") from error


def decode(raw: bytes) -> tuple[str, list[str]]:
    """The text and what was found out. UTF-8 strictly first: other readings never fail."""
    if not raw.strip():
        raise Refused("Файл пуст.")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16"), ["Кодировка: UTF-16"]
        except UnicodeDecodeError as error:
            raise Refused("Файл обрезан: UTF-16 не читается.") from error
    if b"\x00" in raw:
        raise Refused("Это не текст: сохраните файл как CSV в UTF-8 или Windows-1251.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode_old(raw)
    try:  # UTF-8 that somebody read as cp1251 and saved: «Р РѕРјР°С€РєР°»
        again = text.encode("cp1251").decode("utf-8")
    except UnicodeError:
        again = ""
    if again and again != text and re.search("[а-яё]{3}", again, re.IGNORECASE):
        raise Refused("Кодировка файла испорчена (текст вида «Р РѕРј»): сохраните его заново.")
    return text, ["Кодировка: UTF-8"]


def decode_old(raw: bytes) -> tuple[str, list[str]]:
    """One of the eight-bit Russian encodings, by which reads as Russian."""
    names = {"cp1251": "Windows-1251", "koi8-r": "КОИ-8", "cp866": "DOS (866)"}
    best, best_score = "", -math.inf
    for name in names:
        try:
            score = russian_score(raw.decode(name))
        except UnicodeDecodeError:
            continue
        if score > best_score:
            best, best_score = name, score
    if not best:
        raise Refused("Кодировка не распознана: сохраните файл в UTF-8 или Windows-1251.")
    text = raw.decode(best)
    if looks_mixed(text):
        raise Refused("В файле смешаны кодировки: сохраните его целиком в UTF-8.")
    return text, [f"Кодировка: {names[best]}"]


def russian_score(text: str) -> float:
    """How much a text looks Russian: common letters for, odd signs and capitals inside against."""
    sample = text[:100_000]
    odd = len(re.findall("[\u2500-\u259f\u0402-\u040f\u0452-\u045f]", sample))
    inside = len(re.findall("[а-яё][А-ЯЁ]", sample))
    return sum(sign in _COMMON for sign in sample) - 5 * odd - 2 * inside


def looks_mixed(text: str) -> bool:
    """Whether pieces of UTF-8 stand in a text of another encoding."""
    return bool(
        re.search("(?:[РС][\u0080-\u00bf\u0400-\u040f\u0450-\u045f\u2018-\u2122°±µ·]){3}", text)
    )


def find_separator(text: str) -> str:
    """The separator that the first filled line has most of, outside quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub('"[^"]*"', "", first)
    counts = {sign: bare.count(sign) for sign in (";", "\t", ",")}
    return max(counts, key=lambda sign: counts[sign])


# --- spreadsheets ----------------------------------------------------------------------------
def read_xlsx(path: Path) -> tuple[dict[str, Any], Iterator[tuple[int, list[Any]]]]:
    """The first visible sheet, read row by row; formulas give the values Excel left in them."""
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    try:
        values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        visible = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            raise Refused("В книге нет видимого листа с таблицей.")
        sheet = visible[0]
        formulas, hidden = look_into(path, sheet._worksheet_path)
        notes = [f"Лист: «{sheet.title}»"]
        if len(values.worksheets) > 1:
            notes.append(f"Других листов не читали: {len(values.worksheets) - 1}")
        if hidden:
            notes.append("Скрытые и отфильтрованные строки прочитаны тоже")
        typed = None
        if formulas:
            book = openpyxl.load_workbook(path, read_only=True, keep_links=False)
            typed = book[sheet.title]
        is_1904 = values.epoch == CALENDAR_MAC_1904
    except Refused:
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise Refused("Файл не читается как XLSX: сохраните его в Excel заново.") from error
    return {"notes": notes, "is_1904": is_1904}, sheet_lines(sheet, typed)


def look_into(path: Path, part: str) -> tuple[bool, bool]:
    """Whether a sheet holds formulas, and hidden rows: found in its text without building it."""
    formulas = hidden = False
    with zipfile.ZipFile(path) as book, book.open(part.lstrip("/")) as stream:
        tail = b""
        while piece := stream.read(1 << 20):
            seen = tail + piece
            formulas = formulas or b"<f>" in seen or b"<f " in seen or b"<f/" in seen
            hidden = hidden or b'hidden="1"' in seen.split(b"<sheetData", 1)[-1]
            tail = piece[-20:]
    return formulas, hidden


def sheet_lines(sheet: Any, typed: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows with their numbers; `typed` is the same sheet with its formulas."""
    try:
        if typed is None:
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, [plain(cell) for cell in cells]
            return
        both = zip(
            sheet.iter_rows(values_only=True), typed.iter_rows(values_only=True), strict=False
        )
        for number, (cells, sources) in enumerate(both, 1):
            yield number, [plain(c, s) for c, s in zip(cells, sources, strict=False)]
    except (Refused, MemoryError):
        raise
    except Exception as error:
        raise Refused("Лист повреждён или обрезан: сохраните файл в Excel заново.") from error


def plain(cell: Any, source: Any = None) -> Any:
    """A cell as JSON has it."""
    if cell is None:
        is_formula = isinstance(source, str) and source.startswith("=")
        if is_formula or (source is not None and not isinstance(source, str | int | float)):
            return {"e": str(source)[:100] if is_formula else "формула"}
        return None
    if isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else {"e": "#ЧИСЛО!"}
    if isinstance(cell, datetime | date):
        return {"d": cell.isoformat()}
    if isinstance(cell, time):
        return cell.isoformat()
    found = str(cell)
    if found in _ERRORS:
        return {"e": _ERRORS[found]}
    return found[:LONGEST_CELL]


if __name__ == "__main__":
    main()
