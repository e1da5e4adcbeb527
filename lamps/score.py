"""The rules of a lamp as plain values: earning points, reading one client, checking a scheme.

Everything is whole numbers: points, limits and sums are hundredths («0,4» is 40). The night
says the same in SQL (`lamps/expressions.py`); a property test holds the two equal.
The rules are described in docs/lamps.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from accounts.enums import FeedCode
from core.russian import counted, day, hundredths, number
from lamps.enums import Colour, Direction, MissingPolicy, Source
from lamps.health import Norm

# A value outside the column's range is held at its edge, in SQL and here alike.
LARGEST = 2**31 - 1
MAX_SUM = 2**15 - 1

# The feed that supplies a source. Visits are written here, so they are never out of date.
FEEDS: Mapping[str, FeedCode] = {
    Source.USAGE: FeedCode.USAGE,
    Source.GND: FeedCode.GND,
    Source.OVERHANG: FeedCode.INVOICES,
    Source.TRAINING: FeedCode.TRAININGS,
}
WINDOWED = frozenset({Source.USAGE, Source.K1})
EXPIRING = frozenset({Source.USAGE, Source.TRAINING})


@dataclass(frozen=True)
class Tier:
    """A threshold and the hundredths earned on reaching it."""

    threshold: int
    weight: int


@dataclass(frozen=True)
class IndicatorRule:
    """How one indicator is measured. `slot` is its place in the arrays of a stored lamp."""

    code: str
    label: str
    slot: int
    source: str
    direction: str
    tiers: tuple[Tier, ...]
    service_id: int | None = None
    window_days: int | None = None
    missing_policy: str = MissingPolicy.GREY
    stale_after_days: int = 7
    warning_days: int | None = None

    @property
    def best(self) -> int:
        """The most that can be earned, in hundredths."""
        return max((tier.weight for tier in self.tiers), default=0)

    @property
    def warns(self) -> bool:
        """Whether the indicator has a last day to warn of."""
        return self.warning_days is not None and self.source in EXPIRING


@dataclass(frozen=True)
class Scheme:
    """One version of the rules; `indicators` stand in the order of the table."""

    id: int
    name: str
    segment: str
    effective_from: date
    yellow_from: int
    green_from: int
    indicators: tuple[IndicatorRule, ...]
    norm: Norm = field(default_factory=Norm)

    @property
    def best(self) -> int:
        """The greatest possible sum, in hundredths; not necessarily 100."""
        return sum(rule.best for rule in self.indicators)

    @property
    def width(self) -> int:
        """The length of the arrays that a lamp of this scheme fills."""
        return max((rule.slot for rule in self.indicators), default=-1) + 1


@dataclass(frozen=True)
class Facts:
    """What is known of one client. Dates are days in Moscow; ends are inclusive as noted.

    usage: service id → (day, quantity); visits: days of К1У held; gnd: (opened, closed or
    None); invoices: (due, settled or None); trainings: (held, valid until, inclusive);
    entitlements: service id → (starts, valid until, inclusive); fresh_through: feed → last
    day loaded, no entry where nothing ever came.
    """

    usage: Mapping[int, Sequence[tuple[date, int]]] = field(default_factory=dict)
    visits: Sequence[date] = ()
    gnd: Sequence[tuple[date, date | None]] = ()
    invoices: Sequence[tuple[date, date | None]] = ()
    trainings: Sequence[tuple[date, date]] = ()
    entitlements: Mapping[int, Sequence[tuple[date, date]]] = field(default_factory=dict)
    fresh_through: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class IndicatorReading:
    """What one indicator shows for a client and why.

    `raw` is null where data is missing, `points` null where the indicator takes no part;
    `missing` is then the policy applied. `age` is the age of the feed in days (None: never
    loaded, or counted from our own table).
    """

    rule: IndicatorRule
    raw: int | None
    points: int | None
    tier: Tier | None
    window: tuple[date, date] | None
    missing: str | None = None
    age: int | None = None
    fresh_through: date | None = None
    until: date | None = None
    expiring: bool = False


@dataclass(frozen=True)
class LampReading:
    """The lamp of a client on a day. `total` is null exactly where the colour is `none`."""

    scheme: Scheme
    on: date
    indicators: tuple[IndicatorReading, ...]
    total: int | None
    colour: Colour

    @property
    def raw(self) -> list[int | None]:
        """Values by slot, as they are stored."""
        return self._by_slot({r.rule.slot: r.raw for r in self.indicators})

    @property
    def points(self) -> list[int | None]:
        """Hundredths by slot, as they are stored."""
        return self._by_slot({r.rule.slot: r.points for r in self.indicators})

    @property
    def until(self) -> list[date | None]:
        """Last days by slot of what ends soon; null for everything else."""
        return self._by_slot({r.rule.slot: r.until for r in self.indicators if r.expiring})

    @property
    def expiring(self) -> list[int]:
        """Slots that end within the warning window, in the order of the table."""
        return [r.rule.slot for r in self.indicators if r.expiring]

    def _by_slot(self, values: Mapping[int, Any]) -> list[Any]:
        return [values.get(slot) for slot in range(self.scheme.width)]


# --- earning ---------------------------------------------------------------------------------


def reached(rule: IndicatorRule, value: int) -> Tier | None:
    """The tier that a value reaches (docs/lamps.md, «Ступени»); None below the first.

    HIGHER: the highest threshold ≤ value. LOWER: the lowest threshold ≥ value.
    """
    if rule.direction == Direction.HIGHER:
        return max(
            (t for t in rule.tiers if t.threshold <= value),
            key=lambda t: t.threshold,
            default=None,
        )
    return min(
        (t for t in rule.tiers if t.threshold >= value), key=lambda t: t.threshold, default=None
    )


def earn(rule: IndicatorRule, value: int) -> int:
    """Hundredths earned by a value; 0 where no tier is reached."""
    tier = reached(rule, value)
    return tier.weight if tier else 0


def colour_of(scheme: Scheme, total: int | None) -> Colour:
    """The colour of a sum of hundredths; lower bounds are inclusive."""
    if total is None:
        return Colour.NONE
    if total >= scheme.green_from:
        return Colour.GREEN
    return Colour.YELLOW if total >= scheme.yellow_from else Colour.RED


# --- freshness and windows -------------------------------------------------------------------


def age_of(rule: IndicatorRule, fresh_through: Mapping[str, date], on: date) -> int | None:
    """Age of the rule's feed on a day, in days, at least 0; None where nothing ever came."""
    loaded = fresh_through.get(FEEDS[rule.source])  # type: ignore[index]
    return None if loaded is None else max((on - loaded).days, 0)


def is_missing(rule: IndicatorRule, fresh_through: Mapping[str, date], on: date) -> bool:
    """Whether the rule's data is absent or older than it may be (docs/lamps.md, «Нет данных»)."""
    if rule.source not in FEEDS:
        return False
    age = age_of(rule, fresh_through, on)
    return age is None or age > rule.stale_after_days


def window_of(rule: IndicatorRule, on: date) -> tuple[date, date] | None:
    """The first and last day counted, both inclusive; None for what is counted as of the day."""
    if rule.window_days is None:
        return None
    return on - timedelta(days=rule.window_days - 1), on


def _count(rule: IndicatorRule, facts: Facts, on: date) -> int:
    """The raw value of an indicator on a day (docs/lamps.md, «Что считается»)."""
    first, last = window_of(rule, on) or (on, on)
    match rule.source:
        case Source.USAGE:
            rows = facts.usage.get(rule.service_id or 0, ())
            return sum(quantity for d, quantity in rows if first <= d <= last)
        case Source.K1:
            return sum(first <= d <= last for d in facts.visits)
        case Source.GND:
            return sum(o <= on and (c is None or c > on) for o, c in facts.gnd)
        case Source.OVERHANG:
            return sum(d < on and (s is None or s > on) for d, s in facts.invoices)
        case Source.TRAINING:
            return sum(held <= on <= until for held, until in facts.trainings)
    raise ValueError(rule.source)


def renewal_horizon(rule: IndicatorRule, on: date) -> date:
    """The last day on which a following right may begin and still silence the warning."""
    return on + timedelta(days=(rule.warning_days or 0) + 1)


def _until(rule: IndicatorRule, facts: Facts, on: date) -> date | None:
    """The last day of what the indicator lives on; None where it never warns or has no right.

    A right that begins by the day after the warning window counts as a renewal.
    """
    if not rule.warns:
        return None
    if rule.source == Source.TRAINING:
        return max((u for held, u in facts.trainings if held <= on), default=None)
    horizon = renewal_horizon(rule, on)
    rights = facts.entitlements.get(rule.service_id or 0, ())
    return max((u for starts, u in rights if starts <= horizon), default=None)


# --- reading ---------------------------------------------------------------------------------


def read(scheme: Scheme, facts: Facts, on: date) -> LampReading:
    """The lamp of one client on a day, with the reason of every figure (docs/lamps.md)."""
    readings = tuple(_read_indicator(rule, facts, on) for rule in scheme.indicators)
    taking_part = [r.points for r in readings if r.points is not None]
    grey = any(r.missing == MissingPolicy.GREY for r in readings)
    total = None if grey or not taking_part else sum(taking_part)
    return LampReading(scheme, on, readings, total, colour_of(scheme, total))


def _read_indicator(rule: IndicatorRule, facts: Facts, on: date) -> IndicatorReading:
    until = _until(rule, facts, on)
    expiring = until is not None and on <= until <= on + timedelta(days=rule.warning_days or 0)
    fed = rule.source in FEEDS
    missing = is_missing(rule, facts.fresh_through, on)
    if missing:
        value = 0 if rule.missing_policy == MissingPolicy.ZERO else None
    else:
        value = min(_count(rule, facts, on), LARGEST)
    return IndicatorReading(
        rule=rule,
        raw=None if missing else value,
        points=None if value is None else earn(rule, value),
        tier=None if value is None else reached(rule, value),
        window=window_of(rule, on),
        missing=rule.missing_policy if missing else None,
        age=age_of(rule, facts.fresh_through, on) if fed else None,
        fresh_through=facts.fresh_through.get(FEEDS[rule.source]) if fed else None,  # type: ignore[index]
        until=until,
        expiring=expiring,
    )


# --- in words --------------------------------------------------------------------------------

_FATE = {
    MissingPolicy.GREY: "лампочка серая",
    MissingPolicy.SKIP: "показатель не участвует",
    MissingPolicy.ZERO: "считается нулём",
}


def explain(reading: LampReading) -> list[str]:
    """The reading in Russian, a line for each indicator and one for the sum."""
    return [explain_indicator(r, reading.on) for r in reading.indicators] + [explain_total(reading)]


def explain_indicator(reading: IndicatorReading, on: date) -> str:
    """«Активность К+: 1 779 за 30 дней (с 25.10.2026), порог 50 — 0,4»."""
    text = f"{reading.rule.label}: {_value(reading, on)}"
    if reading.points is not None:
        text += f" — {hundredths(reading.points)}"
    if reading.expiring:
        text += f"; заканчивается {day(reading.until)}"
    return text


def _value(reading: IndicatorReading, on: date) -> str:
    if reading.missing:
        state = (
            "ни разу не поступали"
            if reading.age is None
            else f"последние за {day(reading.fresh_through)}, "
            f"{counted(reading.age, 'день,дня,дней')} назад"
        )
        return f"нет данных ({state}), {_FATE[MissingPolicy(reading.missing)]}"
    if reading.window:
        days = counted(reading.rule.window_days, "день,дня,дней")
        over = f"за {days} (с {day(reading.window[0])})"
    else:
        over = f"на {day(on)}"
    return f"{number(reading.raw)} {over}, {_threshold(reading)}"


def _threshold(reading: IndicatorReading) -> str:
    """The threshold that was reached, or the one that was not."""
    rule = reading.rule
    lower = rule.direction == Direction.LOWER
    if reading.tier:
        return f"порог {'не более ' if lower else ''}{number(reading.tier.threshold)}"
    if not rule.tiers:
        return "ступеней нет"
    thresholds = [tier.threshold for tier in rule.tiers]
    if lower:
        return f"больше порога {number(max(thresholds))}"
    return f"меньше порога {number(min(thresholds))}"


def explain_total(reading: LampReading) -> str:
    """«Сумма 0,9 из 1,1 — зелёный (жёлтый от 0,4, зелёный от 0,8)»."""
    scheme = reading.scheme
    limits = (
        f"жёлтый от {hundredths(scheme.yellow_from)}, зелёный от {hundredths(scheme.green_from)}"
    )
    if reading.total is None:
        return f"Суммы нет: нет данных ({limits})"
    of = f"{hundredths(reading.total)} из {hundredths(scheme.best)}"
    return f"Сумма {of} — {reading.colour.label.lower()} ({limits})"


# --- checking a scheme -----------------------------------------------------------------------


def problems(scheme: Scheme) -> list[str]:
    """Why the scheme cannot be published, in Russian; empty where it can."""
    found = []
    if not scheme.indicators:
        found.append("В схеме нет ни одного показателя.")
    for rule in scheme.indicators:
        found += [f"{rule.label}: {text}" for text in _rule_problems(rule)]
    if scheme.yellow_from >= scheme.green_from:
        found.append("Порог жёлтого должен быть ниже порога зелёного.")
    if scheme.yellow_from <= 0:
        found.append("Порог жёлтого должен быть больше нуля, иначе красных не бывает.")
    if scheme.indicators and scheme.best < scheme.green_from:
        found.append(
            f"Зелёной не станет ни одна лампочка: можно набрать {hundredths(scheme.best)}, "
            f"а зелёный от {hundredths(scheme.green_from)}."
        )
    if scheme.best > MAX_SUM:
        found.append("Сумма весов слишком велика.")
    return found + scheme.norm.problems()


def _rule_problems(rule: IndicatorRule) -> list[str]:
    found = []
    if rule.source not in Source.values:
        found.append("неизвестно, что считать.")
    if rule.source == Source.USAGE and rule.service_id is None:
        found.append("не указан сервис.")
    if rule.source != Source.USAGE and rule.service_id is not None:
        found.append("сервис указывается только для использования.")
    if rule.source in WINDOWED and not rule.window_days:
        found.append("не указано, за сколько последних дней считать.")
    if rule.source not in WINDOWED and rule.window_days is not None:
        found.append("считается на дату, число дней не указывается.")
    if rule.warning_days is not None and rule.source not in EXPIRING:
        found.append("срока окончания нет, предупреждать не о чем.")
    return found + _tier_problems(rule)


def _tier_problems(rule: IndicatorRule) -> list[str]:
    if not rule.tiers:
        return ["нет ни одной ступени."]
    thresholds = [tier.threshold for tier in rule.tiers]
    if len(set(thresholds)) < len(thresholds):
        return ["пороги повторяются."]
    found = []
    if any(tier.weight < 0 for tier in rule.tiers):
        found.append("вес не может быть отрицательным.")
    # From the worst threshold to the best the weight must grow, or a better value earns less.
    ordered = sorted(
        rule.tiers, key=lambda t: t.threshold, reverse=rule.direction == Direction.LOWER
    )
    weights = [tier.weight for tier in ordered]
    if any(better <= worse for worse, better in pairwise(weights)):
        found.append("вес должен расти к лучшему порогу.")
    return found


def warnings(scheme: Scheme) -> list[str]:
    """What deserves a second look before publishing, in Russian."""
    found = []
    if scheme.indicators and scheme.best != 100:
        found.append(
            f"Наибольшая сумма {hundredths(scheme.best)}, а не 1: "
            f"лампочка покажет, например, «0,9 из {hundredths(scheme.best)}»."
        )
    for rule in scheme.indicators:
        for tier in rule.tiers:
            if rule.direction == Direction.HIGHER and tier.threshold <= 0:
                found.append(f"{rule.label}: порог {number(tier.threshold)} достигнут всегда.")
            if rule.direction == Direction.LOWER and tier.threshold < 0:
                found.append(f"{rule.label}: порог {number(tier.threshold)} недостижим.")
    return found
