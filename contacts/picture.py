"""The picture of a decision scheme: who stands where and which lines lead to whom. Values only.

A tree for each participant who reports to nobody known, laid out from the top down:

- one to four subordinates of the top, none of them with subordinates, stand in a row;
- other subordinates without subordinates of their own hang in columns under their boss;
- those who have subordinates stand beside them, each above a tree of their own.

Trees fill shelves, participants of nobody and with nobody the last ones. How long a column and
how wide a shelf may be is chosen for the screen, or so that letters are largest on a sheet. A
ring of bosses, which no service writes but an old import may have, is cut at its first member; a
boss who is not in the picture is none.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, isqrt

BOX_WIDTH, BOX_HEIGHT = 228, 172
GAP_ACROSS, GAP_DOWN, HANG_DOWN, INDENT, MARGIN = 20, 44, 16, 22, 12
_IN_A_ROW, _IN_A_COLUMN, _ON_A_SHELF = 4, 7, 4
# What a landscape A4 sheet leaves for the picture, in millimetres.
SHEET_WIDTH, SHEET_HEIGHT = 277, 160

Point = tuple[int, int]


@dataclass(frozen=True)
class Sitter:
    """A participant as the picture needs them: an id and the id of the boss."""

    key: int
    boss: int | None = None


@dataclass(frozen=True)
class Box:
    """Where a participant stands."""

    key: int
    x: int
    y: int
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True)
class Line:
    """A line from a boss down to who reports to them, by its corners."""

    boss: int
    key: int
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """The corners as an SVG path."""
        return "M" + " L".join(f"{x} {y}" for x, y in self.points)


@dataclass(frozen=True)
class Picture:
    """Boxes in the order of the sitters, lines between them, the size of it all.

    `top_middle` is the middle of the first tree's top: what a narrow screen shows first.
    """

    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    width: int = 0
    height: int = 0
    levels: int = 0
    top_middle: int = 0


@dataclass(frozen=True)
class Badge:
    """A short word in a frame."""

    label: str
    x: int
    width: int

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


def badges(labels: Iterable[str], left: int = 12) -> list[Badge]:
    """Badges one after another, each as wide as its word."""
    found = []
    for label in labels:
        found.append(Badge(label, left, 16 + 9 * len(label)))
        left += found[-1].width + 6
    return found


@dataclass
class _Node:
    """A sitter in the tree: subordinates with a tree of their own, and those without."""

    key: int
    longest: int = _IN_A_COLUMN
    depth: int = 0
    branches: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT
    x: int = 0
    y: int = 0

    @property
    def is_row(self) -> bool:
        """Whether the subordinates stand in a row, each under a line of its own."""
        return not self.branches and not self.depth and len(self.leaves) <= _IN_A_ROW

    @property
    def per_column(self) -> int:
        """How many hang in a column: a square under the top alone, long columns deeper."""
        count, longest = len(self.leaves), self.longest
        if not self.branches and not self.depth:
            longest = min(longest, isqrt(count - 1) + 1)
        return ceil(count / ceil(count / longest))

    @property
    def columns(self) -> int:
        return ceil(len(self.leaves) / self.per_column) if self.leaves else 0


def on_sheet(sitters: Sequence[Sitter]) -> Picture:
    """The layout whose letters are largest on a landscape sheet; of equals the first."""
    bosses = _bosses(sitters)
    tries = (
        _draw(sitters, bosses, longest, shelf)
        for longest in (7, 6, 5, 4, 3, 2, 10)
        for shelf in range(_ON_A_SHELF, 11)
    )
    return max(tries, key=_scale)


def _scale(picture: Picture) -> float:
    """How much of its size a picture keeps on the sheet."""
    return min(SHEET_WIDTH / max(picture.width, 1), SHEET_HEIGHT / max(picture.height, 1))


def draw(sitters: Sequence[Sitter]) -> Picture:
    """Lay out a scheme for a screen. Sitters come in the order in which they should be read."""
    return _draw(sitters, _bosses(sitters), _IN_A_COLUMN, _ON_A_SHELF)


def _draw(
    sitters: Sequence[Sitter], bosses: dict[int, int | None], longest: int, shelf: int
) -> Picture:
    nodes, roots = _forest(sitters, bosses, longest)
    if not roots:
        return Picture()
    _measure(nodes, roots)
    width, height = _shelve(nodes, roots, shelf * (BOX_WIDTH + GAP_ACROSS) - GAP_ACROSS)
    lines = _place(nodes, roots)
    return Picture(
        boxes=tuple(Box(s.key, nodes[s.key].x, nodes[s.key].y) for s in sitters),
        lines=tuple(lines),
        width=width + 2 * MARGIN,
        height=height + 2 * MARGIN,
        levels=max(node.depth for node in nodes.values()) + 1,
        top_middle=nodes[roots[0]].x + BOX_WIDTH // 2,
    )


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """Text in at most so many lines of at most `width` letters; what is cut ends with «…»."""
    found: list[str] = []
    rest = " ".join(text.split())
    while rest and len(found) < lines:
        if len(rest) <= width:
            return [*found, rest]
        at = rest.rfind(" ", 0, width + 1)
        at = at if at > 0 else width
        found.append(rest[:at])
        rest = rest[at:].strip()
    if rest and found:
        found[-1] = found[-1][: width - 1].rstrip() + "…"
    return found


def _bosses(sitters: Iterable[Sitter]) -> dict[int, int | None]:
    """The boss of each sitter, where there is one in the picture; rings cut."""
    found: dict[int, int | None] = {s.key: s.boss for s in sitters}
    for key, boss in found.items():
        if boss not in found:
            found[key] = None
    sound: set[int] = set()
    for key in found:
        way: list[int] = []
        above: int | None = key
        while above is not None and above not in sound:
            if above in way:
                found[above] = None  # the member of the ring that is read first is met first
                break
            way.append(above)
            above = found[above]
        sound.update(way)
    return found


def _forest(
    sitters: Sequence[Sitter], bosses: dict[int, int | None], longest: int
) -> tuple[dict[int, _Node], list[int]]:
    """The nodes by key and the tops: those with a tree first, those with nobody last."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for sitter in sitters:
        below[bosses[sitter.key]].append(sitter.key)
    nodes = {}
    for sitter in sitters:
        under = below.get(sitter.key, [])
        nodes[sitter.key] = _Node(
            sitter.key,
            longest,
            branches=[key for key in under if key in below],
            leaves=[key for key in under if key not in below],
        )
    tops = below[None]
    return nodes, [t for t in tops if t in below] + [t for t in tops if t not in below]


def _downward(nodes: dict[int, _Node], roots: list[int]) -> list[_Node]:
    """Every node, a boss before the subordinates."""
    order = [nodes[key] for key in roots]
    for node in order:
        for key in (*node.branches, *node.leaves):
            nodes[key].depth = node.depth + 1
            order.append(nodes[key])
    return order


def _measure(nodes: dict[int, _Node], roots: list[int]) -> None:
    """The width and height of each tree, from the bottom up."""
    for node in reversed(_downward(nodes, roots)):
        if not node.branches and not node.leaves:
            continue
        wide = [nodes[key].width for key in node.branches]
        high = [nodes[key].height for key in node.branches]
        if node.is_row:
            wide += [BOX_WIDTH] * len(node.leaves)
            high.append(BOX_HEIGHT)
        elif node.leaves:
            wide += [INDENT + BOX_WIDTH] * node.columns
            high.append(node.per_column * (BOX_HEIGHT + HANG_DOWN) - HANG_DOWN)
        node.width = max(BOX_WIDTH, sum(wide) + GAP_ACROSS * (len(wide) - 1))
        node.height = BOX_HEIGHT + GAP_DOWN + max(high)


def _shelve(nodes: dict[int, _Node], roots: list[int], limit: int) -> Point:
    """Put the trees on shelves of a width; the width and height of all of them.

    A node's place is that of its tree until `_place` moves the box above the middle.
    """
    limit = max(limit, *(nodes[key].width for key in roots))
    x = y = shelf = widest = 0
    is_alone = False
    for key in roots:
        node = nodes[key]
        alone = not node.branches and not node.leaves
        if x and (x + node.width > limit or alone != is_alone):
            x, y = 0, y + shelf + GAP_DOWN
            shelf = 0
        node.x, node.y = MARGIN + x, MARGIN + y
        x += node.width + GAP_ACROSS
        widest = max(widest, x - GAP_ACROSS)
        shelf, is_alone = max(shelf, node.height), alone
    return widest, y + shelf


def _place(nodes: dict[int, _Node], roots: list[int]) -> list[Line]:
    """Move each box above the middle of its tree, its subordinates under it; the lines."""
    lines: list[Line] = []
    for node in _downward(nodes, roots):
        left, top = node.x, node.y
        node.x = left + (node.width - BOX_WIDTH) // 2
        if not node.branches and not node.leaves:
            continue
        parts = [nodes[key].width for key in node.branches]
        parts += [BOX_WIDTH] * len(node.leaves) if node.is_row else []
        parts += [] if node.is_row else [INDENT + BOX_WIDTH] * node.columns
        left += (node.width - sum(parts) - GAP_ACROSS * (len(parts) - 1)) // 2
        under = top + BOX_HEIGHT + GAP_DOWN
        for key in [*node.branches, *(node.leaves if node.is_row else [])]:
            one = nodes[key]
            one.x, one.y = left, under
            lines.append(_straight(node, one))
            left += one.width + GAP_ACROSS
        if not node.is_row:
            lines += _hang(nodes, node, left, under)
    return lines


def _hang(nodes: dict[int, _Node], node: _Node, left: int, under: int) -> list[Line]:
    """Hang the subordinates in columns, each column on a line down its left side."""
    lines = []
    for number, key in enumerate(node.leaves):
        column, row = divmod(number, node.per_column)
        at = left + column * (INDENT + BOX_WIDTH + GAP_ACROSS)
        one = nodes[key]
        one.x, one.y = at + INDENT, under + row * (BOX_HEIGHT + HANG_DOWN)
        middle, bus, spine = node.x + BOX_WIDTH // 2, under - GAP_DOWN // 2, at + INDENT // 2
        level = one.y + BOX_HEIGHT // 2
        start = (middle, node.y + BOX_HEIGHT)
        corners = (start, (middle, bus), (spine, bus), (spine, level), (one.x, level))
        lines.append(Line(node.key, key, corners))
    return lines


def _straight(boss: _Node, one: _Node) -> Line:
    """From the bottom of a boss to the top of a box that is centred over its tree."""
    middle, bus = boss.x + BOX_WIDTH // 2, one.y - GAP_DOWN // 2
    end = one.x + (one.width - BOX_WIDTH) // 2 + BOX_WIDTH // 2
    start = (middle, boss.y + BOX_HEIGHT)
    return Line(boss.key, one.key, (start, (middle, bus), (end, bus), (end, one.y)))
