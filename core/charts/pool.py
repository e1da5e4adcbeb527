"""The bar of a pool: shares of colours beside their norms, in numbers for a template to draw."""

from decimal import Decimal
from typing import Any

from core.russian import NBSP, number, russian, share, to_decimal

POOL_ORDER = ("red", "yellow", "green", "none")
POOL_WORDS = {"red": "красных", "yellow": "жёлтых", "green": "зелёных", "none": "без данных"}


def pool_parts(
    red: Any,
    yellow: Any,
    green: Any,
    none: Any = 0,
    norm_red: Any = None,
    norm_yellow: Any = None,
    norm_green: Any = None,
) -> dict[str, Any]:
    """A pool as the segments of a bar 1000 units wide, with shares, norms and words.

    Counts may be None or missing; norms are percents, the house's 5/15/80 unless given. Whether a
    colour keeps its norm is decided on counts, never on the rounded share.
    """
    counts = dict(
        zip(POOL_ORDER, (int(to_decimal(c) or 0) for c in (red, yellow, green, none)), strict=True)
    )
    limits = {"red": Decimal(5), "yellow": Decimal(15), "green": Decimal(80)}
    for code, given in (("red", norm_red), ("yellow", norm_yellow), ("green", norm_green)):
        asked = to_decimal(given)
        limits[code] = limits[code] if asked is None else asked
    whole = sum(counts.values())
    parts: list[dict[str, Any]] = []
    left = Decimal(0)
    for code in POOL_ORDER:
        count = counts[code]
        width = Decimal(count) * 1000 / whole if whole else Decimal(0)
        norm = limits.get(code)
        sign = "≥" if code == "green" else "≤"
        beyond = False
        if whole and norm is not None:
            held = count * 100 >= norm * whole if code == "green" else count * 100 <= norm * whole
            beyond = not held
        parts.append(
            {
                "code": code,
                "count": count,
                "share": share(count, whole),
                "x": f"{left:.2f}",
                "width": f"{width:.2f}",
                "norm": f"{sign}{NBSP}{russian(norm)}{NBSP}%" if norm is not None else "",
                "beyond": beyond,
            }
        )
        left += width
    words = ", ".join(
        f"{POOL_WORDS[p['code']]} {number(p['count'])} ({p['share']})"
        for p in parts
        if p["code"] != "none" or p["count"]
    )
    norms = ", ".join(f"{POOL_WORDS[p['code']]} {p['norm']}" for p in parts if p["norm"])
    return {
        "whole": whole,
        "parts": parts,
        "ticks": [f"{limits['red'] * 10:.2f}", f"{1000 - limits['green'] * 10:.2f}"],
        "words": f"Всего {number(whole)}: {words}. Норма: {norms}." if whole else "Клиентов нет.",
    }
