"""Files that were sent: judged by their first bytes and their directory, read in a child.

Nothing is unpacked here. What is wrong with a file is said in Russian by `Unfit`.
"""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from core.bulk.parse import Broken

MEGABYTES = 10
UNPACKED = 100 * 1024 * 1024
RATIO = 100
ENTRIES = 1000
ROWS = 200_000
COLUMNS = 50
_MARKUP = (
    b"<!DOCTYPE",
    b"<!ENTITY",
    "<!DOCTYPE".encode("utf-16-le"),
    "<!ENTITY".encode("utf-16-be"),
)
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension ref="[A-Z]+[0-9]+:([A-Z]+)([0-9]+)"')


class Unfit(ValueError):
    """A file that is not taken; its text is for the person who sent it."""


def kind_of(name: str, size: int) -> str:
    """«csv» or «xlsx», by the name; the size is judged too. Raises Unfit."""
    extension = name.rpartition(".")[2].lower()
    if size == 0:
        raise Unfit("Файл пуст.")
    if size > MEGABYTES * 1024 * 1024:
        raise Unfit(f"Файл больше {MEGABYTES} МБ: разделите его.")
    if extension in ("csv", "txt", "tsv"):
        return "csv"
    if extension == "xlsx":
        return "xlsx"
    if extension in ("xlsm", "xltm", "xlsb"):
        raise Unfit("Книги с макросами не принимаются: сохраните файл как .xlsx.")
    if extension == "xls":
        raise Unfit("Старый формат .xls не принимается: сохраните файл как .xlsx.")
    raise Unfit("Принимаются файлы .xlsx и .csv.")


def judge(path: Path, kind: str) -> None:
    """Refuse what is not such a file, before anything is unpacked. Raises Unfit."""
    with path.open("rb") as file:
        begins = file.read(8)
    if kind == "csv":
        if begins.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-")):
            raise Unfit("Это не текст CSV: похоже на документ под чужим названием.")
        return
    if begins.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unfit("Файл защищён паролем или сохранён в старом формате.")
    if not begins.startswith(b"PK\x03\x04"):
        raise Unfit("Содержимое файла не похоже на .xlsx.")
    try:
        with zipfile.ZipFile(path) as book:
            _judge_entries(book)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("Файл .xlsx повреждён или загружен не до конца.") from error


def _judge_entries(book: zipfile.ZipFile) -> None:
    entries = book.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > ENTRIES:
        raise Unfit(f"В файле {len(entries)} частей: это не обычная таблица.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unfit("Файл защищён паролем.")
    if any(name.startswith(("/", "\\")) or ".." in name or ":" in name for name in names):
        raise Unfit("В файле недопустимые имена частей.")
    if sum(entry.file_size for entry in entries) > UNPACKED:
        raise Unfit("В распакованном виде файл больше 100 МБ: разделите его.")
    for entry in entries:
        if entry.file_size > 1 << 20 and entry.file_size > RATIO * max(entry.compress_size, 1):
            raise Unfit("Файл сжат подозрительно сильно: это не обычная таблица.")
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise Unfit("Содержимое файла не похоже на .xlsx.")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unfit("Книги с макросами не принимаются: сохраните файл как .xlsx.")
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise Unfit("В книге есть ссылки на другие файлы: сохраните значения без них.")
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with book.open(entry) as part:
                _judge_part(entry.filename, part.read(4096))


def _judge_part(name: str, begins: bytes) -> None:
    if any(markup in begins for markup in _MARKUP):
        raise Unfit("В файле есть объявления сущностей XML: такие файлы не принимаются.")
    found = _DIMENSION.search(begins)
    if name.startswith("xl/worksheets/") and found and int(found[2]) > 4 * ROWS:
        raise Unfit(f"Строк в листе {int(found[2])}: больше {ROWS} за раз не загрузить.")


@contextmanager
def opened(path: Path, kind: str) -> Iterator[tuple[dict[str, Any], Iterator[tuple[int, list]]]]:
    """The head of a file and its rows as (number, cells), streamed from the child.

    Raises Unfit, also while rows are taken.
    """
    command = [sys.executable, "-m", "core.bulk.child", str(path), kind, str(ROWS), str(COLUMNS)]
    child = subprocess.Popen(  # noqa: S603  (our own module; the path is ours too)
        command,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        lines = _lines(child)
        head = next(lines)
        yield head["head"], _rows(lines)
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _lines(child: Any) -> Iterator[Any]:
    for line in child.stdout:
        part = json.loads(line)
        if isinstance(part, dict) and "refused" in part:
            raise Unfit(part["refused"])
        yield part
    raise Unfit("Файл слишком сложен: на чтение не хватило памяти или времени.")


def _rows(lines: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    for part in lines:
        if isinstance(part, dict):
            return
        yield part[0], part[1:]


def cell(kept: Any) -> Any:
    """A cell as `core.bulk.parse` takes it, from the form in which it is kept."""
    if isinstance(kept, dict):
        if "d" in kept:
            found = kept["d"]
            return datetime.fromisoformat(found) if "T" in found else date.fromisoformat(found)
        return Broken(kept["e"])
    return kept
