"""No word mixes Latin and Cyrillic letters: «К1У» typed with a Latin K is found by nobody."""

import ast
import io
import re
import tokenize
from pathlib import Path

from tests.layers.source import name_of, tracked

MIXED = re.compile(r"[^\W\d_]*(?:[A-Za-z][\d]*[А-Яа-яЁё]|[А-Яа-яЁё][\d]*[A-Za-z])\w*")
TEXT = {".html", ".txt", ".md", ".css", ".js", ".toml", ".yml", ".yaml", ".sh", ".example", ".cfg"}
# Tests of the rule itself and of folding look-alikes must write such words.
ALLOWED = {Path(__file__).name}


def words(path: Path) -> list[str]:
    """The mixed words of a file; escapes of Python strings are read as Python reads them."""
    source = re.sub("A-Za-z|А-Яа-я", " ", path.read_text())  # ranges of regular expressions
    if path.suffix != ".py":
        source = re.sub(r"\\[nrt]|&\w+;|%[0-9A-F]{2}", " ", source)
        return MIXED.findall(source)
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += MIXED.findall(node.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in {tokenize.COMMENT, tokenize.NAME}:
            found += MIXED.findall(token.string)
    return found


def test_no_word_mixes_two_alphabets() -> None:
    broken = {
        name_of(path): found
        for path in tracked()
        if (path.suffix in TEXT | {".py"}) and "vendor" not in path.parts
        and path.name not in ALLOWED and (found := words(path))
    }  # fmt: skip
    assert not broken, broken


def test_the_rule_sees_a_mixed_word() -> None:
    assert MIXED.findall("контакт K1У и Kонсультант, но К1У и K1 можно") == ["K1У", "Kонсультант"]
