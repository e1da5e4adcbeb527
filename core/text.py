"""Cleaning of typed text and the key by which names are searched and sorted.

The key is stored, so that hits and order are the same whatever collation a server has.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError

# Zero-width characters carry nothing; bidirectional controls make a name read as another.
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """Return text in NFC without invisible characters or stray spaces.

    Raises ValidationError where it holds NUL, control, lone surrogate or bidi characters.
    """
    if _CONTROL.search(text) or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValidationError("Текст содержит недопустимые управляющие символы.", "control")
    if _BIDI.search(text):
        raise ValidationError("Текст содержит символы, меняющие направление письма.", "bidi")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def key(text: str) -> str:
    """Return the search and sort key: NFC, casefold, ё→е, one space between words."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).casefold().replace("ё", "е")
    return " ".join(text.split())


def like(text: str) -> str:
    """Escape the wildcards of LIKE in a search key."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
