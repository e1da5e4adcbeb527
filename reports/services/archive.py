"""A zip of many documents with an index of them, written as one file or not at all."""

import csv
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from core.export import csv_cell

_UNSAFE = re.compile(r"[^\w.-]+")

# A document and its line of the index: its name in the zip («» where there is none), its bytes,
# the other cells of the line.
Entry = tuple[str, bytes, Sequence[Any]]


def member(number: int, *words: str) -> str:
    """A name that every system can unpack: a number, then words cut short."""
    parts = (_UNSAFE.sub("_", word).strip("._")[:40] for word in words)
    return "_".join([f"{number:04d}", *parts]) + ".pdf"


def write_zip(
    path: Path, head: Sequence[str], entries: Iterable[Entry], hold: Callable[[], None]
) -> int:
    """Write the documents one by one, then «Список.csv» with `head` above a line of each; how many
    documents there are.

    The file stands under its name only when it is whole; `hold` is asked before and may raise.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    index = io.StringIO()
    table = csv.writer(index, delimiter=";")
    table.writerow(head)
    packed = 0
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for called, content, cells in entries:
                    if called:
                        archive.writestr(called, content)
                        packed += 1
                    table.writerow([csv_cell(cell) for cell in (called, *cells)])
                archive.writestr("Список.csv", "\ufeff" + index.getvalue())
            file.flush()
            os.fsync(file.fileno())
        with transaction.atomic():
            hold()
            Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return packed
