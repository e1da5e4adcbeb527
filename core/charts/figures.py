"""Lines, columns and the small line in a tile."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.charts.paper import (
    DASHES,
    Palette,
    Series,
    are_months,
    caption,
    dashes,
    figure,
    frame,
    nice_ticks,
    number,
    painted,
    rule,
    table_of,
    when,
    xy,
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
    months = are_months(labels)
    longest = max(len(number(t, suffix)) for t in ticks)
    legend = len(series) > 1 or norm is not None
    left, top, right, bottom = 14 + longest * 6.5, 26 if legend else 10, width - 12, height - 24
    span = ticks[-1] - ticks[0]
    parts = frame(labels, ticks, (left, top, right, bottom), suffix, months, palette, centred=False)

    def place(index: int, value: Any) -> tuple[float, float]:
        x = left + (right - left) * (index / (len(labels) - 1) if len(labels) > 1 else 0.5)
        return x, bottom - (float(value) - ticks[0]) / span * (bottom - top)

    cursor = left
    if norm is not None:
        y = place(0, norm)[1]
        parts.append(rule(left, y, right, y, "norm", palette, "3 3"))
    for index, one in enumerate(series[:4]):
        ink = f"line-{index + 1}"
        dash = dashes(DASHES[index])
        path, open_run = [], False
        points = []
        for position, value in enumerate(one.values):
            if value is None:
                open_run = False
                continue
            x, y = place(position, value)
            path.append(f"{'L' if open_run else 'M'}{xy(x)} {xy(y)}")
            points.append((x, y, position, value))
            open_run = True
        parts.append(
            format_html(
                '<path d="{}" fill="none" stroke-width="2" stroke-linejoin="round" {}{}/>',
                "".join(path), painted("stroke", ink, palette), dash,
            )
        )  # fmt: skip
        if len(points) <= 60:
            parts += [
                format_html(
                    '<circle cx="{}" cy="{}" r="3" {}><title>{}</title></circle>',
                    xy(x), xy(y), painted("fill", ink, palette),
                    f"{when(labels[p])}: {number(v, suffix)}",
                )
                for x, y, p, v in points
            ]  # fmt: skip
        if legend:
            parts.append(
                format_html(
                    '<path d="M{} 10h18" fill="none" stroke-width="2" {}{}/>',
                    xy(cursor), painted("stroke", ink, palette), dash,
                )
            )  # fmt: skip
            parts.append(caption(cursor + 24, 14, one.name, palette, "start", 12))
            cursor += 46 + len(one.name) * 7
    if norm is not None:
        parts.append(rule(cursor, 10, cursor + 18, 10, "norm", palette, "3 3"))
        parts.append(
            caption(cursor + 24, 14, f"{norm_label} {number(norm, suffix)}", palette, "start", 12)
        )
    desc = "; ".join(_summary(labels, s, suffix) for s in series) or "Данных нет"
    rows = [
        [when(label), *(number(s.values[i], suffix) for s in series)]
        for i, label in enumerate(labels)
    ]
    hidden = table_of(title, ["Дата", *(s.name for s in series)], rows) if table else ""
    return figure(title, desc, width, height, parts, hidden, palette)


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
    parts = frame(
        labels,
        ticks,
        (left, top, right, bottom),
        suffix,
        are_months(labels),
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
                xy(left + slot * (index + 0.18)), xy(min(y, zero)),
                xy(slot * 0.64), xy(abs(zero - y)),
                painted("fill", "line-1", palette),
                f"{when(labels[index])}: {number(value, suffix)}",
            )
        )  # fmt: skip
    rows = [[when(label), number(v, suffix)] for label, v in zip(labels, values, strict=True)]
    desc = _summary(labels, Series(title, values), suffix)
    hidden = table_of(title, ["Дата", "Значение"], rows) if table else ""
    return figure(title, desc, width, height, parts, hidden, palette)


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
        path.append(f"{'L' if open_run else 'M'}{xy(x)} {xy(y)}")
        open_run, last = True, (x, y)
    dot: SafeString | str = ""
    if last:
        dot = format_html(
            '<circle cx="{}" cy="{}" r="2.5" {}/>',
            xy(last[0]),
            xy(last[1]),
            painted("fill", "line-1", palette),
        )
    words = (
        f"{title}: {number(known[0])} → {number(known[-1])}" if known else f"{title}: нет данных"
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="sparkline" width="{}" height="{}"'
        ' viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>'
        '<path d="{}" fill="none" stroke-width="1.5" stroke-linejoin="round" {}/>{}</svg>',
        width, height, width, height, words, words, "".join(path),
        painted("stroke", "line-1", palette), dot,
    )  # fmt: skip


# The lamp's signs, small, centred on nought, for bands of a history.


_Steps = Sequence[float]


def survival_chart(
    groups: Sequence[tuple[str, _Steps, _Steps, _Steps, _Steps]],
    days: int, *, title: str, width: int = 900, height: int = 300, palette: Palette = None,
) -> SafeString:  # fmt: skip
    """Steps of what is left of each group over days, with a band: name, days, shares, low, high.

    Shares are 0 … 1; a curve goes on level to the last day.
    """
    lowest = min((v for group in groups for v in group[3]), default=0.0)
    ticks = nice_ticks(lowest * 100, 100)
    labels = [f"{round(days * n / 6)}" for n in range(7)]
    left, top, right, bottom = 50.0, 26.0, width - 12.0, height - 24.0
    box = (left, top, right, bottom)
    parts = frame(labels, ticks, box, "%", False, palette, centred=False)

    def x(day: float) -> float:
        return left + (right - left) * min(day / max(days, 1), 1)

    def y(share: float) -> float:
        return bottom - (share * 100 - ticks[0]) / (ticks[-1] - ticks[0]) * (bottom - top)

    def steps(at: Sequence[float], shares: Sequence[float]) -> list[str]:
        path = [f"M{xy(x(at[0]))} {xy(y(shares[0]))}"]
        for day, share in zip(at[1:], shares[1:], strict=True):
            path += [f"H{xy(x(day))}", f"V{xy(y(share))}"]
        return [*path, f"H{xy(x(days))}"]

    cursor, rows, told = left, [], []
    for index, (name, at, shares, low, high) in enumerate(groups[:4]):
        ink = f"line-{index + 1}"
        for border in (low, high):
            parts.append(
                format_html(
                    '<path d="{}" fill="none" stroke-width="1" stroke-dasharray="2 4" {}/>',
                    "".join(steps(at, border)), painted("stroke", ink, palette),
                )
            )  # fmt: skip
        parts.append(
            format_html(
                '<path d="{}" fill="none" stroke-width="2" {}{}/>',
                "".join(steps(at, shares)), painted("stroke", ink, palette), dashes(DASHES[index]),
            )
        )  # fmt: skip
        parts.append(
            format_html(
                '<path d="M{} 10h18" fill="none" stroke-width="2" {}{}/>',
                xy(cursor), painted("stroke", ink, palette), dashes(DASHES[index]),
            )
        )  # fmt: skip
        parts.append(caption(cursor + 24, 14, name, palette, "start", 12))
        cursor += 46 + len(name) * 7
        last = [number(v * 100, "%") for v in (shares[-1], low[-1], high[-1])]
        rows.append([name, *last])
        told.append(f"{name}: к концу осталось {last[0]} (от {last[1]} до {last[2]})")
    hidden = table_of(title, ["Группа", "Осталось", "Не меньше", "Не больше"], rows)
    return figure(title, "; ".join(told), width, height, parts, hidden, palette)
