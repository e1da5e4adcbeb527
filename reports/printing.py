"""A report as HTML and as PDF. From a snapshot alone: no table is read, no clock is asked.

The page and the paper are one HTML with one style sheet. On the page the sheet is linked and
each figure is a link to its rows; on paper the sheet stands in the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core import pdf
from core.charts import PRINT, column_chart
from core.charts.paper import MONTHS
from reports.enums import SectionCode
from reports.layout import Section
from reports.snapshot import Entitled, Snapshot
from reports.words import to_html


@dataclass(frozen=True)
class Look:
    """The letterhead: name, requisites, colour (#rrggbb), logo."""

    name: str
    requisites: str
    colour: str
    logo: bytes = b""


# About three seconds of the press on the slowest machine we know (docs/reports.md, «Measured»).
LONG_HTML = 24_000
OUTSIDE = ""  # a month of the year that is not of the period


@dataclass(frozen=True)
class YearRow:
    """A row of a table whose columns are the months."""

    label: str
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """A section ready to show: its number on paper, its template, the editor's text as HTML."""

    number: int
    code: str
    label: str
    text: SafeString
    template: str


@dataclass(frozen=True)
class Sheet:
    """One report to print."""

    snapshot: Snapshot
    sections: Sequence[Section]
    look: Look
    edition: int = 1
    is_draft: bool = True
    approved_by: str = ""
    digest: str = ""

    @property
    def title(self) -> str:
        return f"Отчёт о сотрудничестве: {self.snapshot.client}"


@cache
def _sheet() -> str:
    return (Path(settings.BASE_DIR) / "static" / "css" / "report.css").read_text(encoding="utf-8")


def styles(colour: str) -> SafeString:
    """The style sheet that page and paper share, as paper has it: within, and in its colour."""
    return SafeString(f"<style>:root {{ --brand: {colour}; }}\n{_sheet()}</style>")


def parts_of(sections: Sequence[Section]) -> list[Part]:
    """The sections that are on, numbered in their order."""
    shown = [section for section in sections if section.on]
    return [
        Part(
            number,
            section.code,
            SectionCode(section.code).label,
            SafeString(to_html(section.text)),
            f"reports/sections/{section.code}.html",
        )
        for number, section in enumerate(shown, 1)
    ]


def by_year(months: Sequence[date], values: Sequence[Any]) -> list[YearRow]:
    """Values by month as one row a year, from January; empty outside the period."""
    found: dict[int, list[Any]] = {}
    for month, value in zip(months, values, strict=True):
        found.setdefault(month.year, [OUTSIDE] * 12)[month.month - 1] = value
    return [YearRow(str(year), tuple(cells)) for year, cells in found.items()]


def _entitled(months: Sequence[date], one: Entitled) -> list[YearRow]:
    """Two rows a year: used, and how much the rights allow."""
    used, allowed = by_year(months, one.use.months), by_year(months, one.allowed)
    return [
        YearRow(f"{row.label}, {words}", row.cells)
        for pair in zip(used, allowed, strict=True)
        for row, words in zip(pair, ("использовано", "входит"), strict=True)
    ]


def context_of(sheet: Sheet, links: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the template of the document shows; `links` by figure, on a page only."""
    snapshot, months = sheet.snapshot, sheet.snapshot.months
    chart: Any = ""
    if snapshot.usage.kplus.total:
        chart = column_chart(
            months,
            snapshot.usage.kplus.months,
            title=f"{snapshot.usage.kplus.label} по месяцам",
            palette=PRINT | {"line-1": sheet.look.colour},
            table=False,
            height=190,
        )
    return {
        "sheet": sheet,
        "snapshot": snapshot,
        "look": sheet.look,
        "parts": parts_of(sheet.sections),
        "chart": chart,
        "links": links or {},
        "is_long": len(snapshot.client) > 90,
        "years": {
            "usage": by_year(months, snapshot.usage.kplus.months),
            "cabinet": by_year(months, snapshot.cabinet.months),
            "cok": _entitled(months, snapshot.cok),
            "co": _entitled(months, snapshot.co),
        },
        "month_names": MONTHS,
    }


def as_html(sheet: Sheet) -> str:
    """The whole page as it is printed."""
    return render_to_string(
        "reports/document.html",
        context_of(sheet) | {"styles": styles(sheet.look.colour), "is_paper": True},
    )


def as_pdf(sheet: Sheet) -> bytes:
    """The document. Raises core.pdf.Unprintable."""
    images = {"logo": sheet.look.logo} if sheet.look.logo else {}
    return pdf.render(as_html(sheet), title=sheet.title, images=images)


def takes_long(sheet: Sheet) -> bool:
    """Whether printing it would keep a person waiting, judged by the size of what is printed."""
    return len(as_html(sheet)) - len(_sheet()) > LONG_HTML
