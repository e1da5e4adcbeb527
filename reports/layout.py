"""Which sections a report shows, in what order, with what text. Values only."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reports.enums import SectionCode

LONGEST = 5000


@dataclass(frozen=True)
class Section:
    """A section of a report: shown or not, and the editor's text (Markdown)."""

    code: str
    on: bool = True
    text: str = ""

    @property
    def label(self) -> str:
        return SectionCode(self.code).label


def usual(texts: Mapping[str, str]) -> tuple[Section, ...]:
    """All nine in their usual order, with the texts given by code."""
    return tuple(Section(code, True, texts.get(code, "")) for code in SectionCode.values)


def read(stored: Iterable[Mapping[str, Any]]) -> tuple[Section, ...]:
    """The sections as JSON keeps them; one that is missing comes last, switched off.

    Raises ValueError, TypeError or KeyError for what is no layout.
    """
    found = []
    for row in stored:
        if not isinstance(row.get("on", True), bool) or not isinstance(row.get("text", ""), str):
            raise TypeError(row)
        found.append(Section(SectionCode(row["code"]).value, row.get("on", True), row["text"]))
    codes = [section.code for section in found]
    if len(set(codes)) != len(codes):
        raise ValueError("the same section twice")
    missing = (Section(code, False) for code in SectionCode.values if code not in codes)
    return (*found, *missing)


def as_json(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """The sections as JSON keeps them."""
    return [asdict(section) for section in sections]
