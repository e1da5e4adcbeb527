"""An editor's text as HTML: a small subset of Markdown, and nothing that could act or fetch.

Paragraphs, **bold**, *italic*, lists and line breaks. No headings (the report has its own), no
links, no pictures, no HTML: what is typed as HTML is shown as it was typed.
"""

import re

import nh3
from markdown_it import MarkdownIt

_TAGS = {"p", "strong", "em", "ul", "ol", "li", "br"}
_reader = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["emphasis", "list", "newline", "escape", "balance_pairs"]
)
# A short word hangs alone at the end of a line: «в», «и», «на» stay with the next one.
_SHORT = re.compile(r"(?<=[\s\u00a0(«])([А-Яа-яЁё]{1,2}) (?=\S)|^([А-Яа-яЁё]{1,2}) (?=\S)")
_DASH = re.compile(r" (?=[—–])")


def to_html(typed: str) -> str:
    """HTML of the text; safe whatever was typed."""
    return nh3.clean(_reader.render(typed), tags=_TAGS, attributes={}, url_schemes=set())


def hold_short(line: str) -> str:
    """The line with short words held to the next by U+00A0, and dashes to the word before."""
    return _DASH.sub("\u00a0", _SHORT.sub(lambda m: f"{m[1] or m[2]}\u00a0", line))
