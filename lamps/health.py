"""Pool health: counts by colour, shares, norms and internal standard 3.

Comparisons are made on whole counts, never on rounded shares; a total of pools is the sum of
their counts, percentages are never averaged. The rules are in docs/lamps.md, «Состояние пула».
"""

from dataclasses import dataclass
from decimal import Decimal

from core.shares import half_up, percent_of, rounded_percent
from lamps.enums import Colour

COLOURED = (Colour.RED, Colour.YELLOW, Colour.GREEN)


@dataclass(frozen=True)
class Norm:
    """At most so many percent red and yellow, at least so many green.

    `tolerance` is a number of clients that a small pool may always have out of place: one red
    of fifteen is 6,7 %.
    """

    red: Decimal = Decimal(5)
    yellow: Decimal = Decimal(15)
    green: Decimal = Decimal(80)
    tolerance: int = 0

    def of(self, colour: str) -> Decimal:
        """The norm of a colour, in percent."""
        return {Colour.RED: self.red, Colour.YELLOW: self.yellow, Colour.GREEN: self.green}[
            Colour(colour)
        ]

    def problems(self) -> list[str]:
        """Why this is no norm, in Russian."""
        shares = (self.red, self.yellow, self.green)
        return [] if all(0 <= s <= 100 for s in shares) else ["Норма — это от 0 до 100 %."]


@dataclass(frozen=True)
class Pool:
    """How many clients of a pool have each colour; `none` have no data."""

    red: int = 0
    yellow: int = 0
    green: int = 0
    none: int = 0

    def __add__(self, other: "Pool") -> "Pool":
        return Pool(
            self.red + other.red,
            self.yellow + other.yellow,
            self.green + other.green,
            self.none + other.none,
        )

    def count(self, colour: str) -> int:
        """The number of clients of a colour."""
        return int(getattr(self, Colour(colour).value))

    @property
    def coloured(self) -> int:
        """Clients with a colour: the whole of which shares are taken."""
        return self.red + self.yellow + self.green

    @property
    def clients(self) -> int:
        """All clients, those without data included."""
        return self.coloured + self.none

    def share(self, colour: str) -> Decimal | None:
        """Percent of coloured clients to one digit, half up; None for an empty pool."""
        return rounded_percent(self.count(colour), self.coloured)

    def deviation(self, colour: str, norm: Norm) -> Decimal | None:
        """Share less norm, in percentage points to one digit, half up; None for an empty pool."""
        share = percent_of(self.count(colour), self.coloured)
        return None if share is None else half_up(share - norm.of(colour), 1)

    def in_norm(self, colour: str, norm: Norm) -> bool | None:
        """Whether a colour keeps its norm, the bound included; None for an empty pool."""
        if not self.coloured:
            return None
        if colour == Colour.GREEN:
            astray, allowed = self.coloured - self.green, 100 - norm.green
        else:
            astray, allowed = self.count(colour), norm.of(colour)
        return astray <= norm.tolerance or astray * 100 <= allowed * self.coloured

    def moved(self, colour: str, start: "Pool") -> int | None:
        """Whither the share of a colour went since `start`: 1 to the better, −1 to the worse,
        0 nowhere; None where either pool is empty."""
        if not self.coloured or not start.coloured:
            return None
        now, then = self.count(colour) * start.coloured, start.count(colour) * self.coloured
        grew = (now > then) - (now < then)
        return grew if colour == Colour.GREEN else -grew


@dataclass(frozen=True)
class Standard:
    """Whether internal standard 3 holds, and by which half of it. `holds` is None where there
    is nothing to judge."""

    holds: bool | None
    out_of_norm: tuple[Colour, ...] = ()
    not_moved: tuple[Colour, ...] = ()

    @property
    def words(self) -> str:
        """The verdict in Russian."""
        if self.holds is None:
            return "нет данных"
        if not self.out_of_norm:
            return "в норме"
        return "вне нормы, но улучшается" if self.holds else "вне нормы"


def standard_3(now: Pool, start: Pool | None, norm: Norm) -> Standard:
    """Every colour is in norm, or every colour out of norm moved towards it since the month's
    start (docs/lamps.md, «Стандарт 3»). Without a start nothing has moved."""
    if not now.coloured:
        return Standard(None)
    out = tuple(colour for colour in COLOURED if not now.in_norm(colour, norm))
    stuck = tuple(c for c in out if start is None or now.moved(c, start) != 1)
    return Standard(not stuck, out, stuck)
