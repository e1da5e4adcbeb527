"""Which column of a file is which column of a resource. Pure."""

import re
from collections.abc import Mapping, Sequence

from core import text


def key(header: str) -> str:
    """A header without case, ё, signs and spaces: «Кол-во, шт.» and «колво шт» are alike."""
    return re.sub(r"[\W_]+", " ", text.key(header)).strip()


def guess(
    headers: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    remembered: Mapping[str, str] | None = None,
) -> dict[int, str]:
    """Place of a header → name of a column.

    `columns` gives each column's names: of the API, the label, the aliases. What the user chose
    for such a header before wins; then the whole name, then the aliases in their order. A column
    is given to one header.
    """
    found: dict[int, str] = {}
    taken: set[str] = set()
    keys = [key(header) for header in headers]
    for place, one in enumerate(keys):
        chosen = (remembered or {}).get(one)
        if one and chosen in columns and chosen not in taken:
            found[place] = str(chosen)
            taken.add(str(chosen))
    for rank in range(max(map(len, columns.values()), default=0)):
        for name, words in columns.items():
            if name in taken or rank >= len(words):
                continue
            wanted = key(words[rank])
            for place, one in enumerate(keys):
                if place not in found and one and one == wanted:
                    found[place] = name
                    taken.add(name)
                    break
    return dict(sorted(found.items()))


def letter(place: int) -> str:
    """The letter of a column in a spreadsheet: 0 → A, 26 → AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
