"""A letter about a new price: what it says as values, and how it is printed. No table is read.

Money and hours are Decimal, per cent have two places. Whatever the offer's inside view holds
(plan, limits, risks, lamps) has no place here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core import pdf
from reports.printing import Look
from reports.snapshot import as_json, digest
from reports.words import to_html

TOLD = 3
LONGEST_QUOTE = 320


@dataclass(frozen=True)
class Told:
    """One confirmed effect, in the words of the client's own people."""

    title: str
    words: str
    hours: Decimal | None
    roubles: Decimal | None
    confirmed_on: date
    confirmed_by: str


@dataclass(frozen=True)
class Letter:
    """What a letter says. Prices are roubles a month; `since` is the day from which effects count;
    `tasks`, `hours` and `roubles` are of all confirmed ones, `told` of the first few."""

    client: str
    contract: str
    kit: str
    price_before: Decimal
    percent: Decimal
    price_after: Decimal
    effective_on: date
    text: str
    specialist: str
    since: date
    tasks: int
    hours: Decimal
    roubles: Decimal
    told: tuple[Told, ...]

    @property
    def more(self) -> Decimal:
        """Roubles a month above the price before."""
        return self.price_after - self.price_before

    @property
    def untold(self) -> int:
        """Confirmed tasks that the letter only counts."""
        return self.tasks - len(self.told)


def summed(effects: Sequence[Told]) -> tuple[int, Decimal, Decimal, tuple[Told, ...]]:
    """How many confirmed tasks, their hours and roubles, and the few told at length: the dearest
    first, a long quotation cut at a word."""
    nothing = Decimal()
    ordered = sorted(
        effects, key=lambda one: (-(one.roubles or nothing), -(one.hours or nothing), one.title)
    )
    return (
        len(effects),
        sum((one.hours or nothing for one in effects), nothing),
        sum((one.roubles or nothing for one in effects), nothing),
        tuple(replace(one, words=shortened(one.words)) for one in ordered[:TOLD]),
    )


def shortened(words: str) -> str:
    """A quotation of at most LONGEST_QUOTE characters, cut at a word and marked as cut."""
    if len(words) <= LONGEST_QUOTE:
        return words
    head, _, _ = words[: LONGEST_QUOTE - 1].rpartition(" ")
    return f"{(head or words[: LONGEST_QUOTE - 1]).rstrip(' ,.;:–—')}…"


def sealed(letter: Letter, look: Look) -> str:
    """The digest of all that is printed but the day: words, figures, letterhead."""
    head = {
        "name": look.name,
        "requisites": look.requisites,
        "colour": look.colour,
        "logo": look.logo.hex(),
    }
    return digest({"letter": as_json(letter), "letterhead": head})


@cache
def _styles() -> str:
    return (Path(settings.BASE_DIR) / "static" / "css" / "letter.css").read_text(encoding="utf-8")


def context_of(letter: Letter, look: Look, on: date, mark: str = "") -> dict[str, Any]:
    """What the template shows of a letter of a day; `mark` is its digest where it is made."""
    return {
        "letter": letter,
        "look": look,
        "on": on,
        "mark": mark,
        "text": SafeString(to_html(letter.text)),
        "is_long": len(letter.client) > 80,
    }


def as_html(letter: Letter, look: Look, on: date, mark: str = "") -> str:
    """The whole page as it is printed."""
    styles = SafeString(f"<style>:root {{ --brand: {look.colour}; }}\n{_styles()}</style>")
    context = context_of(letter, look, on, mark) | {"styles": styles, "is_paper": True}
    return render_to_string("reports/letter/document.html", context)


def as_pdf(letter: Letter, look: Look, on: date, mark: str = "") -> bytes:
    """The document. Raises core.pdf.Unprintable."""
    images = {"logo": look.logo} if look.logo else {}
    title = f"О цене обслуживания: {letter.client}"
    return pdf.render(as_html(letter, look, on, mark), title=title, images=images)
