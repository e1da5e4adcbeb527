"""The digest of a closed sheet: SHA-256 over what it was paid by and the digest before it.

A document is plain values with sorted keys, so that the same sheet gives the same bytes on any
machine (docs/bonuses.md, «Цепочка»).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

EMPTY = "0" * 64


def canonical(value: Any) -> Any:
    """A value as JSON keeps it without loss; numbers as plain decimal strings."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def digest_of(sheet: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], previous: str) -> str:
    """The digest of a sheet's document that follows another in the chain."""
    document = {
        "sheet": canonical(sheet),
        "lines": [canonical(line) for line in lines],
        "previous": previous,
    }
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
