"""Charts of lamp colours: shares over time and the history of one lamp."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.charts.paper import (
    COLOURS,
    WORDS,
    Palette,
    are_months,
    caption,
    figure,
    frame,
    key_of,
    nice_ticks,
    number,
    painted,
    rule,
    table_of,
    when,
    xy,
)

_HATCHES = {
    "red": "M0 0l8 8M8 0l-8 8",
    "yellow": "M-2 10l12-12M-2 2l4-4M6 10l4-4",
    "none": "M0 4h3",
}


def _hatches(key: str, codes: Sequence[str], palette: Palette) -> SafeString:
    """A hatch for each colour but green, so that colour is not the only difference."""
    return format_html(
        "<defs>{}</defs>",
        format_html_join(
            "",
            '<pattern id="{}-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
            '<path d="{}" fill="none" stroke-width="1" stroke-opacity="0.5" {}/></pattern>',
            (
                (key, code, _HATCHES[code], painted("stroke", f"mark-{code}", palette))
                for code in codes
                if code in _HATCHES
            ),
        ),
    )


def _block(
    x: float, y: float, wide: float, tall: float, code: str, key: str, palette: Palette,
    said: str = "",
) -> SafeString:  # fmt: skip
    """A rectangle of a lamp's colour under its hatch. The ground is a rectangle of its own: PDF
    renderers leave white seams between the tiles of a filled pattern."""
    place = format_html(
        'x="{}" y="{}" width="{}" height="{}"',
        xy(x),
        xy(y),
        xy(wide),
        xy(tall),
    )
    title = format_html("<title>{}</title>", said) if said else ""
    ground = format_html("<rect {} {}>{}</rect>", place, painted("fill", code, palette), title)
    if code not in _HATCHES:
        return ground
    return format_html(
        '{}<rect {} fill="url(#{}-{})" pointer-events="none"/>', ground, place, key, code
    )


def stacked_columns(
    days: Sequence[Any], red: Sequence[int], yellow: Sequence[int], green: Sequence[int],
    none: Sequence[int] | None = None, *, title: str, norms: tuple[float, float] | None = (5, 80),
    width: int = 640, height: int = 240, palette: Palette = None, table: bool = True,
) -> SafeString:  # fmt: skip
    """Shares of a pool's colours by date, red at the bottom; counts stand in the table.

    `norms` are the limits of red and green in percent, drawn as dashed levels at 5 and 20.
    """
    none = none or [0] * len(days)
    stacks = {"red": red, "yellow": yellow, "green": green, "none": none}
    shown = [code for code in COLOURS if code != "none" or any(none)]
    key = key_of("pool", title, *days, *red, *yellow, *green, *none, width, height, palette)
    left, top, right, bottom = 50, 28, width - 12, height - 24
    months = are_months(days)
    parts = [_hatches(key, shown, palette)]
    parts += frame(
        days, [0, 25, 50, 75, 100], (left, top, right, bottom), "%", months, palette, centred=True
    )
    slot = (right - left) / max(len(days), 1)
    gap = 0.14 if len(days) <= 40 else 0
    for index, label in enumerate(days):
        whole = sum(stacks[c][index] for c in COLOURS)
        if not whole:
            continue
        level = float(bottom)
        for code in shown:
            amount = stacks[code][index]
            tall = (bottom - top) * amount / whole
            level -= tall
            if amount:
                percent = number(round(amount * 100 / whole, 1), "%")
                said = f"{when(label)}: {WORDS[code].lower()} {number(amount)} ({percent})"
                x, wide = left + slot * (index + gap / 2), slot * (1 - gap)
                parts.append(_block(x, level, wide, tall, code, key, palette, said))
    if norms:
        for limit in (norms[0], 100 - norms[1]):
            y = bottom - limit / 100 * (bottom - top)
            parts.append(rule(left, y, right, y, "norm", palette, "4 3"))
    cursor = float(left)
    for code in shown:
        parts.append(_block(cursor, 4, 16, 12, code, key, palette))
        parts.append(caption(cursor + 21, 14, WORDS[code], palette, "start", 12))
        cursor += 40 + len(WORDS[code]) * 7.5
    if norms:
        parts.append(rule(cursor, 10, cursor + 18, 10, "norm", palette, "4 3"))
        parts.append(
            caption(
                cursor + 24,
                14,
                f"нормы {number(norms[0])} и {number(norms[1], '%')}",
                palette,
                "start",
                12,
            )
        )
    desc = "Данных нет"
    if days:
        desc = f"На {when(days[-1])}: " + ", ".join(
            f"{WORDS[c].lower()} {number(stacks[c][-1])}" for c in shown
        )
    rows = [[when(d), *(number(stacks[c][i]) for c in shown)] for i, d in enumerate(days)]
    hidden = table_of(title, ["Дата", *(WORDS[c] for c in shown)], rows) if table else ""
    return figure(title, desc, width, height, parts, hidden, palette)


_SIGNS = {
    "green": "M-4.5 .3l3 3L4.8-3.6",
    "yellow": "M0-5v6M0 4.2v.3",
    "red": "M-4-4l8 8M4-4l-8 8",
    "none": "M-4 0h8",
}


def step_chart(
    changes: Sequence[tuple[date, str, Any]], until: date, *, title: str,
    maximum: float | None = None,
    limits: tuple[float, float] | None = None, start: date | None = None,
    width: int = 640, height: int = 180, palette: Palette = None, table: bool = True,
) -> SafeString:  # fmt: skip
    """A lamp's history: a band of colours with signs and, above it, the sum as steps.

    `changes` are (day, colour code, points or None), oldest first, each lasting to the next;
    `limits` are the sums from which a lamp is yellow and green.
    """
    if not changes:
        return format_html('<p class="text-secondary">{}: пока нет данных.</p>', title)
    begin = start or changes[0][0]
    days = max((until - begin).days, 1)
    sums = [float(v) for _, _, v in changes if v is not None]
    high = float(maximum or max([*sums, *(limits or ()), 0.1]))
    ticks = nice_ticks(0, high, 3)
    left, top, right, bottom = 40, 10, width - 12, height - 52
    band = height - 44

    def across(day: date) -> float:
        return left + (right - left) * min(max((day - begin).days, 0), days) / days

    def up(value: float) -> float:
        return bottom - value / ticks[-1] * (bottom - top)

    key = key_of("lamp", title, *changes, until, start, width, height, palette)
    parts = [_hatches(key, COLOURS, palette)]
    for tick in ticks:
        parts.append(
            rule(left, up(tick), right, up(tick), "axis" if tick == 0 else "grid", palette)
        )
        parts.append(caption(left - 6, up(tick) + 4, number(tick), palette, "end"))
    for limit in limits or ():
        parts.append(rule(left, up(float(limit)), right, up(float(limit)), "norm", palette, "3 3"))
    path, open_run, rows = [], False, []
    ends = [day for day, _, _ in changes[1:]] + [until + timedelta(days=1)]
    for (day, code, points), end in zip(changes, ends, strict=True):
        x1, x2 = across(day), across(end)
        colour = code if code in COLOURS else "none"
        said = f"{when(day)}: {WORDS[colour].lower()}" + (
            f", {number(points)}" if points is not None else ""
        )
        rows.append([when(day), WORDS[colour], number(points)])
        if x2 > x1:
            parts.append(_block(x1, band, x2 - x1, 20, colour, key, palette, said))
            if x2 - x1 >= 18:
                # A plain disc under the sign: the hatch would swallow it.
                parts.append(
                    format_html(
                        '<circle cx="{}" cy="{}" r="8.5" {}/>'
                        '<path transform="translate({} {})" d="{}" fill="none"'
                        ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round" {}/>',
                        xy((x1 + x2) / 2), band + 10, painted("fill", colour, palette),
                        xy((x1 + x2) / 2), band + 10, _SIGNS[colour],
                        painted("stroke", f"mark-{colour}", palette),
                    )
                )  # fmt: skip
            if x1 > left:
                parts.append(rule(x1, band, x1, band + 20, "back", palette, wide=2))
        if points is None:
            open_run = False
            continue
        y = up(float(points))
        path.append(f"{'L' if open_run else 'M'}{xy(x1)} {xy(y)}L{xy(x2)} {xy(y)}")
        open_run = True
    parts.append(
        format_html(
            '<path d="{}" fill="none" stroke-width="2" {}/>',
            "".join(path),
            painted("stroke", "line-1", palette),
        )
    )
    parts.append(caption(left, height - 6, when(begin), palette, "start"))
    parts.append(caption(right, height - 6, when(until), palette, "end"))
    last = changes[-1]
    desc = f"С {when(last[0])}: {WORDS.get(last[1], WORDS['none']).lower()}"
    hidden = table_of(title, ["С какого дня", "Цвет", "Сумма"], rows) if table else ""
    return figure(title, desc, width, height, parts, hidden, palette)
