"""The lamp of one client as rows of a page: each indicator with its value, points and reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.russian import counted, day, hundredths, number
from lamps import score
from lamps.enums import Direction
from lamps.models import LampPeriod, SchemeIndicator


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator of a lamp for a page. `words` say why; empty for a past day."""

    label: str
    raw: int | None
    points: int | None
    best: int
    words: str = ""
    tiers: str = ""
    window: str = ""
    age: str = ""
    until: date | None = None
    is_expiring: bool = False
    is_missing: bool = False


@dataclass(frozen=True)
class PeriodRow:
    """A stretch of a lamp's history."""

    period: LampPeriod
    last: date | None
    days: int | None
    changed: str


def tier_words(direction: str, tiers: Sequence[score.Tier]) -> str:
    """«от 50 — 0,4» or «не больше 0 — 0,1», every tier, the worst first."""
    higher = direction == Direction.HIGHER
    ordered = sorted(tiers, key=lambda t: t.threshold, reverse=not higher)
    word = "от" if higher else "не больше"
    return ", ".join(f"{word} {number(t.threshold)} — {hundredths(t.weight)}" for t in ordered)


def reading_rows(reading: score.LampReading | None, period: LampPeriod) -> list[IndicatorRow]:
    """Rows of the present lamp with reasons, or of a stored one from its values."""
    if reading is not None:
        return live_rows(reading)
    stored = (
        SchemeIndicator.objects.filter(scheme=period.scheme_id)
        .select_related("indicator")
        .prefetch_related("tiers")
    )
    return [_stored(rule, period) for rule in stored]


def live_rows(reading: score.LampReading) -> list[IndicatorRow]:
    """Rows of a lamp counted just now, with reasons."""
    return [_live(r, reading.on) for r in reading.indicators]


def _live(reading: score.IndicatorReading, on: date) -> IndicatorRow:
    rule = reading.rule
    window = f"на {day(on)}"
    if reading.window:
        first, last = reading.window
        window = f"за {counted(rule.window_days, 'день,дня,дней')}: {day(first)} — {day(last)}"
    age = "записано здесь"
    if rule.source in score.FEEDS:
        age = (
            "не поступали"
            if reading.age is None
            else f"по {day(reading.fresh_through)}"
            + (f", {counted(reading.age, 'день,дня,дней')} назад" if reading.age else "")
        )
    return IndicatorRow(
        label=rule.label,
        raw=reading.raw,
        points=reading.points,
        best=rule.best,
        words=score.explain_indicator(reading, on).removeprefix(f"{rule.label}: "),
        tiers=tier_words(rule.direction, rule.tiers),
        window=window,
        age=age,
        until=reading.until,
        is_expiring=reading.expiring,
        is_missing=bool(reading.missing),
    )


def _stored(rule: SchemeIndicator, period: LampPeriod) -> IndicatorRow:
    def at(values: Sequence[Any]) -> Any:
        slot = rule.indicator.slot
        return values[slot] if slot < len(values) else None

    tiers = [score.Tier(t.threshold, t.weight) for t in rule.tiers.all()]
    window = "на дату"
    if rule.window_days:
        window = f"за {counted(rule.window_days, 'день,дня,дней')}"
    return IndicatorRow(
        label=rule.indicator.label,
        raw=at(period.raw),
        points=at(period.points),
        best=max((t.weight for t in tiers), default=0),
        tiers=tier_words(rule.direction, tiers),
        window=window,
        is_expiring=rule.indicator.slot in period.expiring,
        is_missing=at(period.raw) is None,
    )


def period_rows(periods: Sequence[LampPeriod]) -> list[PeriodRow]:
    """Periods, newest first, each with its length and what differs from the one before it."""
    found = []
    for n, period in enumerate(periods):
        older = periods[n + 1] if n + 1 < len(periods) else None
        last = period.ends_on - timedelta(days=1) if period.ends_on else None
        days = (period.ends_on - period.starts_on).days if period.ends_on else None
        found.append(PeriodRow(period, last, days, _changed(older, period)))
    return found


def _changed(older: LampPeriod | None, period: LampPeriod) -> str:
    """What made a new period, in a few words."""
    if older is None or older.ends_on != period.starts_on:
        return ""
    said = []
    if older.colour != period.colour:
        said.append("цвет")
    elif older.points != period.points:
        said.append("веса")
    if older.scheme_id != period.scheme_id:
        said.append("схема")
    if older.expiring != period.expiring:
        said.append("сроки")
    if (older.specialist_id, older.unit_id) != (period.specialist_id, period.unit_id):
        said.append("специалист")
    return ", ".join(said)
