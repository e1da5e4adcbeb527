"""Charts as SVG drawn on the server: pure functions from numbers to markup.

A chart carries no style attribute (the content security policy forbids them): on a page its
classes follow the light or dark theme, and a `palette` writes plain colours for a PDF, where the
style sheet is another. Text goes through `format_html`, so a hostile client name stays text.

Every chart comes as a <figure>: the picture with <title> and <desc>, then the same numbers as a
table for those who do not see it. `table=False` leaves the table out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2s
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NBSP = "\u00a0"
COLOURS = ("red", "yellow", "green", "none")
WORDS = {"red": "Красный", "yellow": "Жёлтый", "green": "Зелёный", "none": "Нет данных"}
MONTHS = ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]

# Plain colours for paper; the keys are the class names used on pages.
PRINT: dict[str, str] = {
    "text": "#51606f",
    "grid": "#dbe2e8",
    "axis": "#84929f",
    "norm": "#1b2733",
    "back": "#ffffff",
    "line-1": "#1a5cad",
    "line-2": "#1b7541",
    "line-3": "#865700",
    "line-4": "#51606f",
    "red": "#c9362a",
    "yellow": "#f6bb35",
    "green": "#23894f",
    "none": "#c3ccd5",
    "mark-red": "#ffffff",
    "mark-yellow": "#3a2700",
    "mark-green": "#ffffff",
    "mark-none": "#55626f",
}
DASHES = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True)
class Series:
    """A line: its name and one value per label; None is a gap, never a zero."""

    name: str
    values: Sequence[float | Decimal | None]


Palette = Mapping[str, str] | None


def _ink(kind: str, name: str, palette: Palette) -> SafeString:
    """The class of a stroke or fill, or the plain colour of the palette."""
    if palette is None:
        prefix = "fill-" if kind == "fill" and name in COLOURS else ""
        if kind == "fill" and name.startswith("line-"):
            return format_html('class="c-dot-{}"', name[5:])
        return format_html('class="c-{}{}"', prefix, name)
    return format_html('{}="{}"', kind, palette.get(name, PRINT.get(name, "#51606f")))


def _key(kind: str, *content: Any) -> str:
    """An id made of the content: different charts never share one, whichever process drew them."""
    digest = blake2s("\0".join(map(str, content)).encode(), digest_size=6).hexdigest()
    return f"{kind}-{digest}"


def _n(value: float) -> str:
    """A coordinate, short and never in exponent form."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text


def number(value: Any, suffix: str = "") -> str:
    """A value as a Russian reader writes it: «1 234,5»."""
    if value is None:
        return "нет данных"
    figure = round(float(value), 2)
    text = f"{abs(figure):,.2f}".rstrip("0").rstrip(".").replace(",", NBSP).replace(".", ",")
    sign = "\u2212" if figure < 0 else ""
    return f"{sign}{text}{NBSP}{suffix}" if suffix else f"{sign}{text}"


def when(value: Any) -> str:
    """A date as ДД.ММ.ГГГГ; anything else as it is."""
    return value.strftime("%d.%m.%Y") if isinstance(value, date) else str(value)


def short(value: Any, months: bool) -> str:
    """A label under the axis: «мар», with the year in January, or «23.11»."""
    if not isinstance(value, date):
        return str(value)
    if months:
        name = MONTHS[value.month - 1]
        return f"{name}{NBSP}{value.year}" if value.month == 1 else name
    return value.strftime("%d.%m")


def nice_ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round values that cover low…high: 0, 25, 50, 75, 100."""
    if high <= low:
        high = low + 1
    rough = (high - low) / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _every(labels: int, room: float, each: float) -> int:
    """Show every n-th label so that they do not run into each other."""
    return max(1, ceil(labels * each / max(room, 1)))


def _text(
    x: float, y: float, text: str, palette: Palette, anchor: str = "middle", size: int = 11
) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" font-size="{}" {}>{}</text>',
        _n(x), _n(y), anchor, size, _ink("fill", "text", palette), text,
    )  # fmt: skip


def _dash(dash: str) -> SafeString | str:
    return format_html(' stroke-dasharray="{}"', dash) if dash else ""


def _rule(
    x1: float, y1: float, x2: float, y2: float, ink: str, palette: Palette,
    dash: str = "", wide: int = 1,
) -> SafeString:  # fmt: skip
    return format_html(
        '<path d="M{} {}L{} {}" fill="none" stroke-width="{}" {}{}/>',
        _n(x1), _n(y1), _n(x2), _n(y2), wide, _ink("stroke", ink, palette), _dash(dash),
    )  # fmt: skip


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> SafeString:
    return format_html(
        '<div class="visually-hidden"><table><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        caption,
        format_html_join("", '<th scope="col">{}</th>', ((h,) for h in head)),
        format_html_join(
            "",
            '<tr><th scope="row">{}</th>{}</tr>',
            (
                (row[0], format_html_join("", "<td>{}</td>", ((c,) for c in row[1:])))
                for row in rows
            ),
        ),
    )


def _figure(
    title: str, desc: str, width: float, height: float, parts: Sequence[SafeString],
    table: SafeString | str, palette: Palette,
) -> SafeString:  # fmt: skip
    key = _key("chart", title, desc, width, height, *parts)
    return format_html(
        '<figure class="chart" tabindex="0" aria-label="{}">'
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"'
        '{} role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title>'
        '<desc id="{}-d">{}</desc>{}</svg>{}</figure>',
        title, _n(width), _n(height),
        # Paper has no style sheet that stretches the picture.
        format_html(' width="{}" height="{}"', _n(width), _n(height)) if palette else "",
        key, key, key, title, key, desc, format_html_join("", "{}", ((p,) for p in parts)), table,
    )  # fmt: skip


def _frame(
    labels: Sequence[Any], ticks: Sequence[float], box: tuple[float, float, float, float],
    suffix: str, months: bool, palette: Palette, centred: bool,
) -> list[SafeString]:  # fmt: skip
    """Grid, the figures of the value axis and the labels of the time axis."""
    left, top, right, bottom = box
    low, high = ticks[0], ticks[-1]
    parts = []
    for tick in ticks:
        y = bottom - (tick - low) / (high - low) * (bottom - top)
        parts.append(_rule(left, y, right, y, "axis" if tick == low else "grid", palette))
        parts.append(_text(left - 6, y + 4, number(tick, suffix), palette, "end"))
    step = _every(len(labels), right - left, 52 if months else 44)
    slot = (right - left) / max(len(labels) if centred else len(labels) - 1, 1)
    for index in range(0, len(labels), step):
        x = left + slot * (index + (0.5 if centred else 0))
        anchor = (
            "middle"
            if centred or 0 < index < len(labels) - 1
            else ("start" if index == 0 else "end")
        )
        parts.append(_text(x, bottom + 16, short(labels[index], months), palette, anchor))
    return parts


def _are_months(labels: Sequence[Any]) -> bool:
    dates = [label for label in labels if isinstance(label, date)]
    return len(dates) > 1 and all(
        (b.year, b.month) != (a.year, a.month) for a, b in pairwise(dates)
    )


def line_chart(
    labels: Sequence[Any], series: Sequence[Series], *, title: str, suffix: str = "",
    norm: float | None = None, norm_label: str = "норма", zero: bool = True,
    width: int = 640, height: int = 240, palette: Palette = None, table: bool = True,
) -> SafeString:  # fmt: skip
    """Lines over dates or words: up to four, told apart by colour, dash and a legend.

    `zero` keeps the value axis from starting above nought; `norm` draws a dashed level.
    """
    found = [float(v) for s in series for v in s.values if v is not None]
    levels = found + ([float(norm)] if norm is not None else [])
    low = min(levels, default=0.0)
    ticks = nice_ticks(min(0.0, low) if zero else low, max(levels, default=1.0))
    months = _are_months(labels)
    longest = max(len(number(t, suffix)) for t in ticks)
    legend = len(series) > 1 or norm is not None
    left, top, right, bottom = 14 + longest * 6.5, 26 if legend else 10, width - 12, height - 24
    span = ticks[-1] - ticks[0]
    parts = _frame(
        labels, ticks, (left, top, right, bottom), suffix, months, palette, centred=False
    )

    def place(index: int, value: Any) -> tuple[float, float]:
        x = left + (right - left) * (index / (len(labels) - 1) if len(labels) > 1 else 0.5)
        return x, bottom - (float(value) - ticks[0]) / span * (bottom - top)

    cursor = left
    if norm is not None:
        y = place(0, norm)[1]
        parts.append(_rule(left, y, right, y, "norm", palette, "3 3"))
    for index, one in enumerate(series[:4]):
        ink = f"line-{index + 1}"
        dash = _dash(DASHES[index])
        path, open_run = [], False
        points = []
        for position, value in enumerate(one.values):
            if value is None:
                open_run = False
                continue
            x, y = place(position, value)
            path.append(f"{'L' if open_run else 'M'}{_n(x)} {_n(y)}")
            points.append((x, y, position, value))
            open_run = True
        parts.append(
            format_html(
                '<path d="{}" fill="none" stroke-width="2" stroke-linejoin="round" {}{}/>',
                "".join(path), _ink("stroke", ink, palette), dash,
            )
        )  # fmt: skip
        if len(points) <= 60:
            parts += [
                format_html(
                    '<circle cx="{}" cy="{}" r="3" {}><title>{}</title></circle>',
                    _n(x), _n(y), _ink("fill", ink, palette),
                    f"{when(labels[p])}: {number(v, suffix)}",
                )
                for x, y, p, v in points
            ]  # fmt: skip
        if legend:
            parts.append(
                format_html(
                    '<path d="M{} 10h18" fill="none" stroke-width="2" {}{}/>',
                    _n(cursor), _ink("stroke", ink, palette), dash,
                )
            )  # fmt: skip
            parts.append(_text(cursor + 24, 14, one.name, palette, "start", 12))
            cursor += 46 + len(one.name) * 7
    if norm is not None:
        parts.append(_rule(cursor, 10, cursor + 18, 10, "norm", palette, "3 3"))
        parts.append(
            _text(cursor + 24, 14, f"{norm_label} {number(norm, suffix)}", palette, "start", 12)
        )
    desc = "; ".join(_summary(labels, s, suffix) for s in series) or "Данных нет"
    rows = [
        [when(label), *(number(s.values[i], suffix) for s in series)]
        for i, label in enumerate(labels)
    ]
    hidden = _table(title, ["Дата", *(s.name for s in series)], rows) if table else ""
    return _figure(title, desc, width, height, parts, hidden, palette)


def _summary(labels: Sequence[Any], one: Series, suffix: str) -> str:
    known = [(label, v) for label, v in zip(labels, one.values, strict=True) if v is not None]
    if not known:
        return f"{one.name}: данных нет"
    (first, start), (last, end) = known[0], known[-1]
    begin, finish = number(start, suffix), number(end, suffix)
    return f"{one.name}: {begin} на {when(first)}, {finish} на {when(last)}"


def column_chart(
    labels: Sequence[Any], values: Sequence[Any], *, title: str, suffix: str = "",
    width: int = 640, height: int = 220, palette: Palette = None, table: bool = True,
) -> SafeString:  # fmt: skip
    """One value per label as columns: usage by month, money by month."""
    found = [float(v) for v in values if v is not None]
    ticks = nice_ticks(min(0.0, min(found, default=0.0)), max(found, default=1.0))
    longest = max(len(number(t, suffix)) for t in ticks)
    left, top, right, bottom = 14 + longest * 6.5, 10, width - 12, height - 24
    parts = _frame(
        labels,
        ticks,
        (left, top, right, bottom),
        suffix,
        _are_months(labels),
        palette,
        centred=True,
    )
    slot, span = (right - left) / max(len(labels), 1), ticks[-1] - ticks[0]
    zero = bottom - (0 - ticks[0]) / span * (bottom - top)
    for index, value in enumerate(values):
        if value is None:
            continue
        y = bottom - (float(value) - ticks[0]) / span * (bottom - top)
        parts.append(
            format_html(
                '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5" {}><title>{}</title></rect>',
                _n(left + slot * (index + 0.18)), _n(min(y, zero)),
                _n(slot * 0.64), _n(abs(zero - y)),
                _ink("fill", "line-1", palette), f"{when(labels[index])}: {number(value, suffix)}",
            )
        )  # fmt: skip
    rows = [[when(label), number(v, suffix)] for label, v in zip(labels, values, strict=True)]
    desc = _summary(labels, Series(title, values), suffix)
    hidden = _table(title, ["Дата", "Значение"], rows) if table else ""
    return _figure(title, desc, width, height, parts, hidden, palette)


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
                (key, code, _HATCHES[code], _ink("stroke", f"mark-{code}", palette))
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
    place = format_html('x="{}" y="{}" width="{}" height="{}"', _n(x), _n(y), _n(wide), _n(tall))
    title = format_html("<title>{}</title>", said) if said else ""
    ground = format_html("<rect {} {}>{}</rect>", place, _ink("fill", code, palette), title)
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
    key = _key("pool", title, *days, *red, *yellow, *green, *none, width, height, palette)
    left, top, right, bottom = 50, 28, width - 12, height - 24
    months = _are_months(days)
    parts = [_hatches(key, shown, palette)]
    parts += _frame(
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
            parts.append(_rule(left, y, right, y, "norm", palette, "4 3"))
    cursor = float(left)
    for code in shown:
        parts.append(_block(cursor, 4, 16, 12, code, key, palette))
        parts.append(_text(cursor + 21, 14, WORDS[code], palette, "start", 12))
        cursor += 40 + len(WORDS[code]) * 7.5
    if norms:
        parts.append(_rule(cursor, 10, cursor + 18, 10, "norm", palette, "4 3"))
        parts.append(
            _text(
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
    hidden = _table(title, ["Дата", *(WORDS[c] for c in shown)], rows) if table else ""
    return _figure(title, desc, width, height, parts, hidden, palette)


def sparkline(
    values: Sequence[Any], *, title: str, width: int = 96, height: int = 24, palette: Palette = None
) -> SafeString:
    """A small line for a table's cell; the title says in words what it shows."""
    known = [float(v) for v in values if v is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    span = (high - low) or 1.0
    path, open_run, last = [], False, None
    for index, value in enumerate(values):
        if value is None:
            open_run = False
            continue
        x = 3 + (width - 6) * (index / (len(values) - 1) if len(values) > 1 else 0.5)
        y = height - 4 - (float(value) - low) / span * (height - 8)
        path.append(f"{'L' if open_run else 'M'}{_n(x)} {_n(y)}")
        open_run, last = True, (x, y)
    dot: SafeString | str = ""
    if last:
        dot = format_html(
            '<circle cx="{}" cy="{}" r="2.5" {}/>',
            _n(last[0]),
            _n(last[1]),
            _ink("fill", "line-1", palette),
        )
    words = (
        f"{title}: {number(known[0])} → {number(known[-1])}" if known else f"{title}: нет данных"
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="sparkline" width="{}" height="{}"'
        ' viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>'
        '<path d="{}" fill="none" stroke-width="1.5" stroke-linejoin="round" {}/>{}</svg>',
        width, height, width, height, words, words, "".join(path),
        _ink("stroke", "line-1", palette), dot,
    )  # fmt: skip


# The lamp's signs, small, centred on nought, for bands of a history.
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

    key = _key("lamp", title, *changes, until, start, width, height, palette)
    parts = [_hatches(key, COLOURS, palette)]
    for tick in ticks:
        parts.append(
            _rule(left, up(tick), right, up(tick), "axis" if tick == 0 else "grid", palette)
        )
        parts.append(_text(left - 6, up(tick) + 4, number(tick), palette, "end"))
    for limit in limits or ():
        parts.append(_rule(left, up(float(limit)), right, up(float(limit)), "norm", palette, "3 3"))
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
                        _n((x1 + x2) / 2), band + 10, _ink("fill", colour, palette),
                        _n((x1 + x2) / 2), band + 10, _SIGNS[colour],
                        _ink("stroke", f"mark-{colour}", palette),
                    )
                )  # fmt: skip
            if x1 > left:
                parts.append(_rule(x1, band, x1, band + 20, "back", palette, wide=2))
        if points is None:
            open_run = False
            continue
        y = up(float(points))
        path.append(f"{'L' if open_run else 'M'}{_n(x1)} {_n(y)}L{_n(x2)} {_n(y)}")
        open_run = True
    parts.append(
        format_html(
            '<path d="{}" fill="none" stroke-width="2" {}/>',
            "".join(path),
            _ink("stroke", "line-1", palette),
        )
    )
    parts.append(_text(left, height - 6, when(begin), palette, "start"))
    parts.append(_text(right, height - 6, when(until), palette, "end"))
    last = changes[-1]
    desc = f"С {when(last[0])}: {WORDS.get(last[1], WORDS['none']).lower()}"
    hidden = _table(title, ["С какого дня", "Цвет", "Сумма"], rows) if table else ""
    return _figure(title, desc, width, height, parts, hidden, palette)
