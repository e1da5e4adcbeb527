"""From facts to roubles: values in, values out. The rules stand in docs/bonuses.md, «Формулы».

Two roundings are made, each in one place: attainment to hundredths of a per cent (`rounded`),
so that a person with a calculator gets the same kopecks, and money to the kopeck
(`kopecks`, `spread`). Everything between them is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bonuses.enums import IfMissing, ScaleKind
from lamps.enums import Direction

_KOPECK = Decimal("0.01")
_HUNDREDTH = Decimal("0.01")
HUNDRED = Decimal(100)
ZERO = Decimal(0)


def kopecks(amount: Fraction | Decimal) -> Decimal:
    """Roubles to the kopeck, halves away from zero."""
    exact = Fraction(amount)
    cents = abs(exact) * 100
    whole = (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)
    return Decimal(whole if exact >= 0 else -whole) * _KOPECK


def rounded(percent: Fraction) -> Decimal:
    """Per cent to hundredths, half up."""
    return kopecks(percent)


@dataclass(frozen=True)
class Step:
    """From a threshold on (up to it, where less is better) so many per cent are earned."""

    threshold: Decimal
    percent: Decimal


@dataclass(frozen=True)
class Scale:
    """How attainment follows from plan and fact.

    Linear: fact ÷ plan, or, where less is better, 2 − fact ÷ plan; below `floor` it is 0, above
    `cap` it is the cap. Steps are taken at what is done of the plan in per cent, or at the fact
    itself, and know neither floor nor cap.
    """

    kind: ScaleKind = ScaleKind.LINEAR
    better: Direction = Direction.HIGHER
    floor: Decimal = ZERO
    cap: Decimal = HUNDRED
    steps: tuple[Step, ...] = ()
    if_missing: IfMissing = IfMissing.ZERO

    @property
    def needs_plan(self) -> bool:
        """Whether it cannot be read without a plan."""
        return self.kind != ScaleKind.STEPS_OF_FACT

    @property
    def best(self) -> Decimal:
        """The most that can be earned, in per cent."""
        if self.kind == ScaleKind.LINEAR:
            return self.cap
        return max((step.percent for step in self.steps), default=ZERO)

    def problems(self) -> list[str]:
        """Why it cannot be used, in Russian."""
        found = []
        if self.kind == ScaleKind.LINEAR:
            if not ZERO <= self.floor <= self.cap:
                found.append("порог должен быть не меньше нуля и не выше потолка")
            if self.cap <= ZERO:
                found.append("потолок должен быть больше нуля")
            return found
        if not self.steps:
            return ["у шкалы нет ни одной ступени"]
        ordered = sorted(self.steps, key=lambda s: s.threshold)
        percents = [step.percent for step in ordered]
        falls = self.better == Direction.LOWER and self.kind == ScaleKind.STEPS_OF_FACT
        if percents != sorted(percents, reverse=falls):
            found.append("ступени противоречат направлению: лучший результат даёт меньше")
        return found


def done_of_plan(scale: Scale, fact: Decimal, plan: Decimal) -> Fraction:
    """What was done of the plan in per cent, exactly.

    Nothing planned is done whatever the fact, except where less is better: then only a fact of
    nothing keeps such a plan.
    """
    if plan == 0:
        kept = scale.better == Direction.HIGHER or fact <= 0
        return Fraction(100 if kept else 0)
    ratio = Fraction(fact) / Fraction(plan)
    if scale.better == Direction.LOWER:
        ratio = 2 - ratio
    return max(Fraction(0), ratio * 100)


def attainment(scale: Scale, fact: Decimal | None, plan: Decimal | None) -> Decimal:
    """What a fact attains, in per cent with two digits (docs/bonuses.md, «Выполнение»).

    Without a fact, or without a plan that the scale needs, `if_missing` decides.
    """
    if fact is None or (scale.needs_plan and plan is None):
        return HUNDRED if scale.if_missing == IfMissing.FULL else ZERO
    if scale.kind == ScaleKind.STEPS_OF_FACT:
        return _step(scale, Fraction(fact), scale.better)
    assert plan is not None
    done = done_of_plan(scale, fact, plan)
    if scale.kind == ScaleKind.STEPS_OF_PLAN:
        return _step(scale, done, Direction.HIGHER)
    found = rounded(done)
    if found < scale.floor:
        return ZERO
    return min(found, scale.cap)


def _step(scale: Scale, value: Fraction, better: Direction) -> Decimal:
    """The step that a value stands on; 0 outside all of them."""
    if better == Direction.HIGHER:
        reached = [s for s in scale.steps if value >= s.threshold]
        return max(reached, key=lambda s: s.threshold).percent if reached else ZERO
    reached = [s for s in scale.steps if value <= s.threshold]
    return min(reached, key=lambda s: s.threshold).percent if reached else ZERO


@dataclass(frozen=True)
class NextStep:
    """What is missing to earn more: the fact that is needed, and what it would attain."""

    fact: Decimal
    missing: Decimal
    attainment: Decimal


def next_step(scale: Scale, fact: Decimal | None, plan: Decimal | None) -> NextStep | None:
    """The nearest fact that earns more; None where the most is earned or nothing can be said.

    On a linear scale that is the floor while it is not reached, then the cap.
    """
    if scale.needs_plan and not plan:
        return None
    value = fact if fact is not None else ZERO
    now = attainment(scale, fact, plan) if fact is not None else ZERO
    if scale.kind == ScaleKind.LINEAR:
        wanted = [p for p in (scale.floor, scale.cap) if p > now]
    else:
        wanted = sorted(s.percent for s in scale.steps if s.percent > now)
    for percent in wanted:
        needed = _fact_for(scale, percent, plan)
        if needed is None:
            continue
        missing = needed - value if scale.better == Direction.HIGHER else value - needed
        if missing > 0:
            return NextStep(needed, missing, attainment(scale, needed, plan))
    return None


def _fact_for(scale: Scale, percent: Decimal, plan: Decimal | None) -> Decimal | None:
    """The least good fact that attains a percentage, to hundredths; None where none does."""
    if scale.kind == ScaleKind.STEPS_OF_FACT:
        return next(s.threshold for s in scale.steps if s.percent == percent)
    if scale.kind == ScaleKind.STEPS_OF_PLAN:
        percent = min(s.threshold for s in scale.steps if s.percent == percent)
    assert plan is not None
    share = Fraction(percent) / 100
    exact = (2 - share if scale.better == Direction.LOWER else share) * Fraction(plan)
    if exact < 0:
        return None
    hundredths = exact * 100
    if scale.better == Direction.HIGHER:  # never less than what is needed
        whole = -(-hundredths.numerator // hundredths.denominator)
    else:
        whole = hundredths.numerator // hundredths.denominator
    return Decimal(whole) * _HUNDREDTH


# --- points and roubles ----------------------------------------------------------------------


def points(attained: Decimal, weight: Decimal, share: Decimal) -> Decimal:
    """Points of 100: attainment × weight in the block × share of the block, all in per cent.

    Exact: three numbers of two digits have a product of six, and four more by the division.
    """
    return (attained * weight * share / 10_000).quantize(Decimal("0.0000000001"))


def pro_rata(parts: Sequence[tuple[Decimal, Decimal, int]], working_days: int) -> Fraction:
    """The base of a stint in roubles, exactly: Σ monthly base × rate × days worked ÷ days.

    `parts` are (base of a full month, part of a full rate, working days at that base). Nothing
    in a month without working days.
    """
    if not working_days:
        return Fraction(0)
    return sum(
        (Fraction(amount) * Fraction(rate) * days / working_days for amount, rate, days in parts),
        Fraction(0),
    )


def spread(base: Decimal, lines: Sequence[Decimal]) -> list[Decimal]:
    """Roubles of lines by their points, to the kopeck, adding up to `total_of` exactly.

    Each line is cut to whole kopecks; the kopecks that are left go one by one to the largest
    remainders, the earlier line first (docs/bonuses.md, «Округление»).
    """
    exact = [Fraction(base) * Fraction(found) for found in lines]  # hundredths of a rouble
    whole = [int(Decimal(e.numerator // e.denominator)) for e in exact]
    left = int(total_of(base, lines) * 100) - sum(whole)
    by_remainder = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))
    for n in by_remainder[:left]:
        whole[n] += 1
    return [Decimal(kopecks_of_line) * _KOPECK for kopecks_of_line in whole]


def total_of(base: Decimal, lines: Sequence[Decimal]) -> Decimal:
    """Roubles of all points together, to the kopeck, half up."""
    return kopecks(Fraction(base) * Fraction(sum(lines, ZERO)) / 100)


def share_of_plan(plan: Decimal, worked: int, working_days: int) -> Decimal:
    """A plan of things to be done for whoever worked a part of the days, to hundredths."""
    if not working_days:
        return ZERO
    return kopecks(Fraction(plan) * worked / working_days)


def ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A share in per cent, to hundredths; of nothing there is none."""
    return None if not whole else rounded(Fraction(part) * 100 / Fraction(whole))


# --- does a scheme add up --------------------------------------------------------------------


@dataclass(frozen=True)
class KpiRule:
    """A KPI of a block: its weight there in per cent and its scale."""

    label: str
    weight: Decimal
    scale: Scale
    plan: Decimal | None
    has_other_plan: bool = False


@dataclass(frozen=True)
class BlockRule:
    """A block: its share of the whole in per cent, and its KPIs."""

    label: str
    share: Decimal
    kpis: tuple[KpiRule, ...]


def problems(blocks: Sequence[BlockRule]) -> list[str]:
    """Why a scheme cannot take effect, in Russian; nothing where it adds up."""
    found = []
    if not blocks:
        return ["В схеме нет ни одного блока."]
    shares = sum((block.share for block in blocks), ZERO)
    if shares != HUNDRED:
        told = " + ".join(_number(block.share) for block in blocks)
        found.append(f"Доли блоков в сумме дают {_number(shares)} %, а не 100 %: {told}.")
    for block in blocks:
        if not block.kpis:
            found.append(f"{block.label}: в блоке нет показателей.")
            continue
        weights = sum((kpi.weight for kpi in block.kpis), ZERO)
        if weights != HUNDRED:
            told = " + ".join(_number(kpi.weight) for kpi in block.kpis)
            found.append(
                f"{block.label}: веса показателей дают {_number(weights)} %, а не 100 %: {told}."
            )
        for kpi in block.kpis:
            found += [f"{kpi.label}: {text}." for text in kpi.scale.problems()]
            if kpi.scale.needs_plan and kpi.plan is None and not kpi.has_other_plan:
                found.append(f"{kpi.label}: шкале нужен план, а он не задан.")
    return found


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
