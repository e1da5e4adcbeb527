"""The glossary: the table of docs/glossary.md, which the help page shows."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Term:
    """A Russian term, what it means (empty where nobody knows), its names in the code."""

    term: str
    meaning: str
    names: tuple[str, ...]


def parse(text: str) -> list[Term]:
    """The rows of the first table of three columns."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or set(cells[0]) <= {"-", ":"}:
            continue
        names = tuple(part.strip("` ") for part in cells[2].split(",") if part.strip("` "))
        found.append(Term(cells[0], cells[1], names))
    return found[1:]


@lru_cache(maxsize=1)
def terms() -> list[Term]:
    """The glossary; nothing where the documents were not installed."""
    path: Path = settings.BASE_DIR / "docs" / "glossary.md"
    return parse(path.read_text(encoding="utf-8")) if path.exists() else []
