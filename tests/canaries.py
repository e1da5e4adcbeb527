"""Strings that must not travel: each client and employee carries its own in every text.

A canary is plain ASCII letters, so that no escaping (HTML, JSON, percent, quoted-printable) can
hide it. A record's digits (ИНН, telephone) and external codes are told apart too.
"""

import io
import zipfile
from typing import Any
from urllib.parse import unquote

# Owner of the record → the word in all of its texts.
OWN = "xcanaryownx"
COLLEAGUES = "xcanarycolleaguex"
FOREIGN = "xcanaryforeignx"
UNASSIGNED = "xcanarynobodyx"
ALL = (OWN, COLLEAGUES, FOREIGN, UNASSIGNED)
# Employees of another department are nobody's business for a specialist either.
STAFF_FOREIGN = "xcanarystaffforeignx"
# Roubles of a bonus sheet by whose it is; found however the thousands and kopecks are written.
AMOUNT = {"own": "31337.77", "colleague": "42448.88", "foreign": "53559.99"}


def amounts_in(shown: str) -> set[str]:
    """Whose amounts of pay a text holds."""
    plain = shown.replace("\u00a0", "").replace("&nbsp;", "").replace(" ", "").replace(",", ".")
    return {whose for whose, amount in AMOUNT.items() if amount in plain}


def text_of(response: Any) -> str:
    """Everything that an answer gives away, in lower case: headers, body, cells of a workbook."""
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    body = (
        b"".join(response.streaming_content)
        if getattr(response, "streaming", False)
        else response.content
    )
    shown = "\n".join(read_workbook(body)) if body[:2] == b"PK" else body.decode("utf-8", "replace")
    return f"{headers} {unquote(headers)}\n{shown}".casefold()


def read_workbook(body: bytes) -> list[str]:
    """Every part of an xlsx file as text: cells, names of sheets, properties."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return [book.read(name).decode("utf-8", "replace") for name in book.namelist()]


def found(response: Any, canaries: tuple[str, ...] = ALL) -> list[str]:
    """The canaries that an answer holds."""
    shown = text_of(response)
    return [word for word in canaries if word.casefold() in shown]
