"""One level of a board for a page: the row itself, those below, the way up, reasons in words."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Unit
from core.russian import percent
from core.shares import half_up, percent_of
from lamps.enums import Colour
from lamps.health import COLOURED
from lamps.selectors.pools import Board, BoardRow

NULL = "null"


@dataclass(frozen=True)
class Cell:
    """A colour of a row: count, share, deviation from the norm, movement in points."""

    colour: Colour
    count: int
    share: Decimal | None
    deviation: Decimal | None
    in_norm: bool | None
    movement: Decimal | None


@dataclass(frozen=True)
class BoardLine:
    """A row of one level. `whole` marks the reader's all: rows of every unit in sight."""

    row: BoardRow
    whole: bool = False

    @property
    def unit(self) -> Unit | None:
        return self.row.unit

    @property
    def is_unit(self) -> bool:
        """Whether the row is the subtree of a unit (or the whole)."""
        return self.row.specialist is None and not self.row.is_vacant

    @property
    def has_own_board(self) -> bool:
        """Whether the row opens into a board of its own."""
        return self.is_unit and self.row.unit is not None

    def pool_query(self) -> dict[str, Any]:
        """The filters of the lamp table that give exactly the row's clients."""
        if self.whole:
            return {}
        unit = self.row.unit.pk if self.row.unit else NULL
        if self.is_unit:
            return {"unit": unit}
        who = self.row.specialist.pk if self.row.specialist else NULL
        return {"own_unit": unit, "specialist": who}

    def cells(self) -> list[Cell]:
        """The three colours with a norm."""
        now, norm = self.row.now, self.row.norm
        return [
            Cell(
                colour=c,
                count=now.count(c),
                share=now.share(c),
                deviation=now.deviation(c, norm),
                in_norm=now.in_norm(c, norm),
                movement=movement(self.row, c),
            )
            for c in COLOURED
        ]


@dataclass(frozen=True)
class Level:
    """What one page of the board shows: the row of the whole, those below, those above."""

    head: BoardLine
    lines: list[BoardLine]
    above: list[BoardRow]


def board_lines(board: Board, unit: Unit | None) -> Level | None:
    """The level of a unit, or the topmost one; None where the reader has no such row.

    A single root stands for the whole, so that a head begins at the department.
    """
    if unit is not None:
        trail = _trail(board.roots, unit.pk)
        if trail is None:
            return None
        above = [board.total, *trail[:-1]] if len(board.roots) > 1 else trail[:-1]
        return _level(trail[-1], above)
    if len(board.roots) == 1 and board.roots[0].children:
        return _level(board.roots[0], [])
    return Level(BoardLine(board.total, whole=True), [BoardLine(r) for r in board.roots], [])


def _level(row: BoardRow, above: list[BoardRow]) -> Level:
    return Level(BoardLine(row), [BoardLine(child) for child in row.children], above)


def _trail(rows: list[BoardRow], unit_id: int) -> list[BoardRow] | None:
    for row in rows:
        line = BoardLine(row)
        if not line.is_unit or row.unit is None:
            continue
        if row.unit.pk == unit_id:
            return [row]
        below = _trail(row.children, unit_id)
        if below is not None:
            return [row, *below]
    return None


def movement(row: BoardRow, colour: Colour) -> Decimal | None:
    """How the share of a colour moved since the month's start, in points to one digit."""
    now, start = row.now, row.start
    if start is None or not now.coloured or not start.coloured:
        return None
    shares = [percent_of(pool.count(colour), pool.coloured) or Decimal(0) for pool in (now, start)]
    return half_up(shares[0] - shares[1], 1)


_MANY = {Colour.RED: "красных", Colour.YELLOW: "жёлтых", Colour.GREEN: "зелёных"}


def reason(row: BoardRow) -> str:
    """Why standard 3 holds for a row or does not, in words; empty where all is in norm.

    «не улучшилось: жёлтых 20,3 %, зелёных 75,9 %; улучшилось: красных 6,0 %»
    """
    standard = row.standard
    moved = [c for c in standard.out_of_norm if c not in standard.not_moved]
    parts = [("не улучшилось", standard.not_moved), ("улучшилось", moved)]
    return "; ".join(
        f"{word}: " + ", ".join(f"{_MANY[c]} {percent(row.now.share(c))}" for c in colours)
        for word, colours in parts
        if colours
    )
