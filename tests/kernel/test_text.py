"""Cleaning and search keys of `core.text`."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core import text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  ООО   «Ромашка»  ", "ООО «Ромашка»"),
        ("одна\r\nдве\rтри", "одна\nдве\nтри"),
        ("не\u00a0разрыв", "не разрыв"),
        ("мягкий\u00adперенос", "мягкийперенос"),
        ("нуле\u200bвая", "нулевая"),
        ("\ufeffметка", "метка"),
        ("и\u0306од", "йод"),  # composed
        ("\u200b\u2060", ""),
        ("  строка  \n  вторая  ", "строка\nвторая"),
    ],
)
def test_clean(typed: str, stored: str) -> None:
    assert text.clean(typed) == stored


@pytest.mark.parametrize(
    "hostile", ["\x00", "\x07", "\x1b[0m", "\ud800", "\u202e", "\u2066", "\x7f"]
)
def test_clean_refuses(hostile: str) -> None:
    with pytest.raises(ValidationError):
        text.clean(f"имя{hostile}")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ЁЛКА", "елка"),
        ("  Е\u0308лка  зелёная ", "елка зеленая"),
        ("STRASSE straße", "strasse strasse"),
        ("й", "й"),
    ],
)
def test_key(typed: str, key: str) -> None:
    assert text.key(typed) == key


def test_like_escapes_wildcards() -> None:
    assert text.like(r"50%_\x") == r"50\%\_\\x"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_clean_settles_and_key_ignores_what_clean_removes(typed: str) -> None:
    try:
        once = text.clean(typed)
    except ValidationError:
        return
    assert text.clean(once) == once
    assert text.key(once) == text.key(text.key(once))
    assert text.key(once) == text.key(typed)
