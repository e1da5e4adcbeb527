"""What every chart is drawn with: colours, scales, labels, the frame and the table beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


def painted(kind: str, name: str, palette: Palette) -> SafeString:
    """The class of a stroke or fill, or the plain colour of the palette."""
    if palette is None:
        prefix = "fill-" if kind == "fill" and name in COLOURS else ""
        if kind == "fill" and name.startswith("line-"):
            return format_html('class="c-dot-{}"', name[5:])
        return format_html('class="c-{}{}"', prefix, name)
    return format_html('{}="{}"', kind, palette.get(name, PRINT.get(name, "#51606f")))


def key_of(kind: str, *content: Any) -> str:
    """An id made of the content: different charts never share one, whichever process drew them."""
    digest = blake2s("\0".join(map(str, content)).encode(), digest_size=6).hexdigest()
    return f"{kind}-{digest}"


def xy(value: float) -> str:
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


def every(labels: int, room: float, each: float) -> int:
    """Show every n-th label so that they do not run into each other."""
    return max(1, ceil(labels * each / max(room, 1)))


def caption(
    x: float, y: float, text: str, palette: Palette, anchor: str = "middle", size: int = 11
) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" font-size="{}" {}>{}</text>',
        xy(x), xy(y), anchor, size, painted("fill", "text", palette), text,
    )  # fmt: skip


def dashes(dash: str) -> SafeString | str:
    return format_html(' stroke-dasharray="{}"', dash) if dash else ""


def rule(
    x1: float, y1: float, x2: float, y2: float, ink: str, palette: Palette,
    dash: str = "", wide: int = 1,
) -> SafeString:  # fmt: skip
    return format_html(
        '<path d="M{} {}L{} {}" fill="none" stroke-width="{}" {}{}/>',
        xy(x1), xy(y1), xy(x2), xy(y2), wide, painted("stroke", ink, palette), dashes(dash),
    )  # fmt: skip


def table_of(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> SafeString:
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


def figure(
    title: str, desc: str, width: float, height: float, parts: Sequence[SafeString],
    table: SafeString | str, palette: Palette,
) -> SafeString:  # fmt: skip
    key = key_of("chart", title, desc, width, height, *parts)
    return format_html(
        '<figure class="chart" tabindex="0" aria-label="{}">'
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"'
        '{} role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title>'
        '<desc id="{}-d">{}</desc>{}</svg>{}</figure>',
        title, xy(width), xy(height),
        # On paper no style sheet reaches into the picture: neither its size nor its letters.
        format_html(
            ' width="{}" height="{}" font-family="Golos Text"', xy(width), xy(height)
        ) if palette else "",
        key, key, key, title, key, desc, format_html_join("", "{}", ((p,) for p in parts)), table,
    )  # fmt: skip


def frame(
    labels: Sequence[Any], ticks: Sequence[float], box: tuple[float, float, float, float],
    suffix: str, months: bool, palette: Palette, centred: bool,
) -> list[SafeString]:  # fmt: skip
    """Grid, the figures of the value axis and the labels of the time axis."""
    left, top, right, bottom = box
    low, high = ticks[0], ticks[-1]
    parts = []
    for tick in ticks:
        y = bottom - (tick - low) / (high - low) * (bottom - top)
        parts.append(rule(left, y, right, y, "axis" if tick == low else "grid", palette))
        parts.append(caption(left - 6, y + 4, number(tick, suffix), palette, "end"))
    step = every(len(labels), right - left, 52 if months else 44)
    slot = (right - left) / max(len(labels) if centred else len(labels) - 1, 1)
    for index in range(0, len(labels), step):
        x = left + slot * (index + (0.5 if centred else 0))
        anchor = (
            "middle"
            if centred or 0 < index < len(labels) - 1
            else ("start" if index == 0 else "end")
        )
        parts.append(caption(x, bottom + 16, short(labels[index], months), palette, anchor))
    return parts


def are_months(labels: Sequence[Any]) -> bool:
    dates = [label for label in labels if isinstance(label, date)]
    return len(dates) > 1 and all(
        (b.year, b.month) != (a.year, a.month) for a, b in pairwise(dates)
    )
