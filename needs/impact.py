"""What goes with the work with needs: two groups compared, with intervals. Values only.

Formulas and words are those of docs/money.md, «Влияние». Everything is association: nobody drew
the groups by lot. Intervals are of 95 % and come from statsmodels and scipy:

- churn: the risk ratio of two independent proportions by Katz's interval on the logarithm
  (`confint_proportions_2indep`; its score interval is wrong where nearly all of a group did it),
  and by strata the Mantel–Haenszel ratio (`StratifiedTable` has it
  for odds; the ratio of risks with the interval of Greenland and Robins is written out here);
- days from offer to agreement: the difference of means by Welch (`CompareMeans`), the share
  1 − T₁/T₀ by the delta method on the logarithm of the ratio;
- share above plan: the difference of proportions by Newcombe's method.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

TOO_FEW = 10  # clients in a group, below which nothing is told
Z = 1.959963984540054  # the 97.5th percentile of the normal distribution
_DUST = 1e-9  # what rounding may put between a figure and the border it lies on


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval; without borders where no interval can be counted."""

    value: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, value: float, low: float, high: float, *, least: float = -math.inf) -> "Interval":
        """The figure with these borders, or with none where they cannot be those of an interval.

        Where all of both groups did alike a formula gives a point: that is no certainty.
        """
        holds = least <= low < high and low - _DUST <= value <= high + _DUST
        if not holds or not math.isfinite(high - low):
            return cls(value, None, None)
        return cls(value, min(low, value), max(high, value))

    @property
    def is_known(self) -> bool:
        """Whether there is an interval at all."""
        return self.low is not None and self.high is not None

    def covers(self, point: float) -> bool:
        """Whether the interval holds a point; a missing border keeps nothing out."""
        return (self.low is None or self.low <= point) and (self.high is None or point <= self.high)


@dataclass(frozen=True)
class Shares:
    """Of `n` clients `hits` did something, in a group with needs (1) and without (0)."""

    hits1: int
    n1: int
    hits0: int
    n0: int

    @property
    def share1(self) -> float | None:
        """Share in the first group, 0 … 1."""
        return self.hits1 / self.n1 if self.n1 else None

    @property
    def share0(self) -> float | None:
        """Share in the second group, 0 … 1."""
        return self.hits0 / self.n0 if self.n0 else None

    @property
    def is_too_few(self) -> bool:
        """Whether a group is too small to tell anything."""
        return min(self.n1, self.n0) < TOO_FEW


def risk_ratio(shares: Shares) -> Interval | None:
    """Share of the first group ÷ share of the second; None where a group is too small or where
    either had none: then the page says «нет», not ∞."""
    if shares.is_too_few or not shares.hits1 or not shares.hits0:
        return None
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        shares.hits1, shares.n1, shares.hits0, shares.n0, compare="ratio", method="log"
    )
    value = (shares.hits1 / shares.n1) / (shares.hits0 / shares.n0)
    return Interval.of(value, float(low), float(high), least=0)


def risk_difference(shares: Shares) -> Interval | None:
    """Share of the first group minus share of the second, 0 … 1; None for too few."""
    if shares.is_too_few:
        return None
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        shares.hits1, shares.n1, shares.hits0, shares.n0, compare="diff", method="newcomb"
    )
    value = shares.hits1 / shares.n1 - shares.hits0 / shares.n0
    return Interval.of(value, float(low), float(high))


@dataclass(frozen=True)
class Times:
    """Days of a group: how many, their sum, the sum of their squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float | None:
        """Days on average."""
        return self.total / self.n if self.n else None

    @property
    def variance(self) -> float:
        """The sample variance; nought for fewer than two."""
        if self.n < 2:
            return 0.0
        return max((self.squares - self.total**2 / self.n) / (self.n - 1), 0.0)

    @classmethod
    def of(cls, days: Iterable[float]) -> "Times":
        """The sums of single values."""
        values = list(days)
        return cls(len(values), float(sum(values)), float(sum(v * v for v in values)))


def days_difference(with_needs: Times, without: Times) -> Interval | None:
    """Mean days of the first group minus those of the second, by Welch; None for too few."""
    if min(with_needs.n, without.n) < TOO_FEW:
        return None
    from scipy import stats

    assert with_needs.mean is not None and without.mean is not None
    value = with_needs.mean - without.mean
    parts = [group.variance / group.n for group in (with_needs, without)]
    error = math.sqrt(sum(parts))
    if not error:
        return Interval(value, value, value)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (group.n - 1) for part, group in zip(parts, (with_needs, without), strict=True)
    )
    reach = float(stats.t.ppf(0.975, freedom)) * error
    return Interval(value, value - reach, value + reach)


def quicker(with_needs: Times, without: Times) -> Interval | None:
    """1 − T₁/T₀: by what share the first group agrees sooner. None for too few or T of nought."""
    if min(with_needs.n, without.n) < TOO_FEW:
        return None
    mean1, mean0 = with_needs.mean, without.mean
    if not mean1 or not mean0:
        return None
    error = math.sqrt(
        with_needs.variance / with_needs.n / mean1**2 + without.variance / without.n / mean0**2
    )
    ratio = mean1 / mean0
    return Interval(1 - ratio, 1 - ratio * math.exp(Z * error), 1 - ratio * math.exp(-Z * error))


@dataclass(frozen=True)
class Matched:
    """A comparison within strata of alike clients; `lost` had nobody of the other group alike."""

    figure: Interval | None
    strata: int
    used: int
    lost: int


def matched_ratio(strata: Sequence[Shares]) -> Matched:
    """The Mantel–Haenszel ratio of risks over strata with both groups.

    Interval of Greenland and Robins (1985) on the logarithm. None where nobody left in a group.
    """
    kept = [s for s in strata if s.n1 and s.n0]
    used = sum(s.n1 + s.n0 for s in kept)
    lost = sum(s.n1 + s.n0 for s in strata) - used
    top = sum(s.hits1 * s.n0 / (s.n1 + s.n0) for s in kept)
    bottom = sum(s.hits0 * s.n1 / (s.n1 + s.n0) for s in kept)
    small = min(sum(s.n1 for s in kept), sum(s.n0 for s in kept)) < TOO_FEW
    if small or not top or not bottom:
        return Matched(None, len(kept), used, lost)
    spread = sum(
        (s.n1 * s.n0 * (s.hits1 + s.hits0) - s.hits1 * s.hits0 * (s.n1 + s.n0)) / (s.n1 + s.n0) ** 2
        for s in kept
    )
    ratio, error = top / bottom, math.sqrt(spread / (top * bottom))
    try:
        times = math.exp(Z * error)
    except OverflowError:  # hardly anybody of one group in the strata of the other
        times = math.inf
    figure = Interval.of(ratio, ratio / times, ratio * times, least=0)
    return Matched(figure, len(kept), used, lost)


def matched_difference(strata: Sequence[Shares]) -> Matched:
    """The Mantel–Haenszel difference of shares over strata with both groups (Sato's interval)."""
    kept = [s for s in strata if s.n1 and s.n0]
    used = sum(s.n1 + s.n0 for s in kept)
    lost = sum(s.n1 + s.n0 for s in strata) - used
    weight = sum(s.n1 * s.n0 / (s.n1 + s.n0) for s in kept)
    if min(sum(s.n1 for s in kept), sum(s.n0 for s in kept)) < TOO_FEW:
        return Matched(None, len(kept), used, lost)
    value = sum((s.hits1 * s.n0 - s.hits0 * s.n1) / (s.n1 + s.n0) for s in kept) / weight
    p = sum(
        (s.n1**2 * s.hits0 - s.n0**2 * s.hits1 + s.n1 * s.n0 * (s.n0 - s.n1) / 2)
        / (s.n1 + s.n0) ** 2
        for s in kept
    )
    q = sum(
        (s.hits1 * (s.n0 - s.hits0) + s.hits0 * (s.n1 - s.hits1)) / (2 * (s.n1 + s.n0))
        for s in kept
    )
    error = math.sqrt(max(value * p + q, 0.0)) / weight
    figure = Interval.of(value, value - Z * error, value + Z * error)
    return Matched(figure, len(kept), used, lost)


def matched_days(strata: Sequence[tuple[Times, Times]]) -> Matched:
    """The difference of mean days over strata (first group, second) with two clients in each.

    A stratum weighs as in Mantel–Haenszel, n₁n₀ ÷ (n₁ + n₀); the interval is the normal one.
    """
    kept = [(a, b) for a, b in strata if min(a.n, b.n) >= 2]
    used = sum(a.n + b.n for a, b in kept)
    lost = sum(a.n + b.n for a, b in strata) - used
    if min(sum(a.n for a, _ in kept), sum(b.n for _, b in kept)) < TOO_FEW:
        return Matched(None, len(kept), used, lost)
    weights = [a.n * b.n / (a.n + b.n) for a, b in kept]
    whole = sum(weights)
    value, spread = 0.0, 0.0
    for weight, (a, b) in zip(weights, kept, strict=True):
        value += weight * (a.total / a.n - b.total / b.n) / whole
        spread += (weight / whole) ** 2 * (a.variance / a.n + b.variance / b.n)
    reach = Z * math.sqrt(spread)
    return Matched(Interval(value, value - reach, value + reach), len(kept), used, lost)


@dataclass(frozen=True)
class Curve:
    """Share of clients that stayed, by day, with its 95 % band; of whom nobody left, one point."""

    days: Sequence[float]
    stayed: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def survival(days: Sequence[int], left: Sequence[bool], weights: Sequence[int]) -> Curve | None:
    """Kaplan–Meier over days observed, whether the client left, and how many such clients.

    None where the group is too small. Where nobody left the line is level and has no band: the
    method knows no error without a loss.
    """
    if sum(weights) < TOO_FEW:
        return None
    if not any(left):
        return Curve([0.0], [1.0], [1.0], [1.0])
    import numpy as np
    from statsmodels.duration.survfunc import SurvfuncRight

    found: Any = SurvfuncRight(
        np.array(days, float), np.array(left, int), freq_weights=np.array(weights, float)
    )
    reach = Z * found.surv_prob_se
    return Curve(
        [0.0, *map(float, found.surv_times)],
        [1.0, *map(float, found.surv_prob)],
        [1.0, *map(float, np.clip(found.surv_prob - reach, 0, 1))],
        [1.0, *map(float, np.clip(found.surv_prob + reach, 0, 1))],
    )
