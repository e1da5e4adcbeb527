"""What each client's lamp shall be, month by month, back from the demo's date.

Facts are made from this plan; colours are never written, the night computes them. Time runs
backwards in blocks of thirty days: block 0 are the last thirty, block 1 the thirty before.
"""

from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate

from config.demo.mixing import mix

ACTIVITY, COK, CO, K1, GND, OVERHANG, TRAINING = (1 << slot for slot in range(7))
POINTS = {ACTIVITY: 40, COK: 10, CO: 10, K1: 20, GND: 10, OVERHANG: 10, TRAINING: 10}
RED, YELLOW, GREEN = range(3)
BLOCKS = 16
# A year ago the centre stood worse than today.
YEAR = 12
RED_YEAR_AGO, YELLOW_YEAR_AGO = 0.030, 0.190

# The talk's departments: clients, red, yellow.
DEPARTMENTS = ((133, 5, 27), (144, 0, 19), (182, 0, 14), (163, 3, 23), (136, 0, 12))
TALK_CLIENTS = sum(size for size, _, _ in DEPARTMENTS)
TALK_RED = sum(red for _, red, _ in DEPARTMENTS)
TALK_YELLOW = sum(yellow for _, _, yellow in DEPARTMENTS)

_ALL = ACTIVITY | COK | CO | K1 | GND | OVERHANG | TRAINING
# By colour: what is earned, and how many of a hundred such clients earn just this.
VARIANTS: dict[int, tuple[tuple[int, int], ...]] = {
    GREEN: (
        (_ALL, 22),
        (_ALL & ~CO, 16),
        (_ALL & ~COK, 14),
        (_ALL & ~COK & ~CO, 14),
        (_ALL & ~TRAINING, 8),
        (_ALL & ~K1, 7),
        (_ALL & ~GND, 5),
        (_ALL & ~OVERHANG, 4),
        (_ALL & ~CO & ~GND, 4),
        (_ALL & ~K1 & ~COK, 4),
        (_ALL & ~COK & ~CO & ~OVERHANG, 2),
    ),
    YELLOW: (
        (K1 | GND | OVERHANG | TRAINING, 22),
        (ACTIVITY | GND | OVERHANG | TRAINING, 20),
        (_ALL & ~ACTIVITY, 12),
        (K1 | OVERHANG | TRAINING | COK, 10),
        (K1 | TRAINING | COK | CO, 8),
        (GND | OVERHANG | COK | TRAINING, 8),
        (ACTIVITY | K1 | GND, 8),
        (ACTIVITY | GND | TRAINING, 6),
        (ACTIVITY | OVERHANG, 6),
    ),
    RED: (
        (K1 | TRAINING, 35),
        (K1 | GND, 20),
        (GND | OVERHANG, 20),
        (GND | OVERHANG | TRAINING, 15),
        (TRAINING, 10),
    ),
}
_BY_HUNDRED = {
    colour: [mask for mask, share in variants for _ in range(share)]
    for colour, variants in VARIANTS.items()
}


@dataclass(frozen=True)
class Lead:
    """One of the three clients of the talk, with its exact values."""

    name: str
    colour: int
    mask: int
    # Usage in the last thirty (К+) and ninety days, unpaid invoices, and the days after the
    # demo's date on which rights and training end, null where there is no such right.
    activity: int
    cok: int
    co: int
    overhang: int
    ends: tuple[int, int | None, int | None, int]


LEADS = (
    Lead("Ромашка", GREEN, ACTIVITY | K1 | GND | OVERHANG | TRAINING,
         1779, 0, 0, 0, (204, 25, 152, 40)),
    Lead("Василек", YELLOW, COK | CO | K1 | TRAINING, 2, 2, 1, 1, (241, 18, 123, 33)),
    Lead("Лютик", RED, K1 | TRAINING, 0, 0, 0, 3, (97, None, None, 12)),
)  # fmt: skip

# Those who change colour in the very last night, by a training that ends or begins:
# department, colour today, what is earned today, whether the training began.
CROSSINGS = (
    (0, YELLOW, ACTIVITY | GND | OVERHANG | COK, False),
    (2, YELLOW, ACTIVITY | GND | OVERHANG | CO, False),
    (3, RED, K1 | OVERHANG, False),
    (1, GREEN, ACTIVITY | GND | OVERHANG | COK | TRAINING, True),
    (4, GREEN, ACTIVITY | GND | OVERHANG | CO | TRAINING, True),
)
EXPIRED, BEGUN = 1, 2


def points(mask: int) -> int:
    """The sum of what a mask earns, hundredths."""
    return sum(weight for bit, weight in POINTS.items() if mask & bit)


def colour_of(mask: int) -> int:
    """The colour of a mask by the limits 0.4 and 0.8."""
    return (points(mask) >= 40) + (points(mask) >= 80)


def share(total: int, parts: list[int]) -> list[int]:
    """Split `total` in proportion to `parts`, exactly, by largest remainders."""
    whole = sum(parts)
    shares = [total * part // whole for part in parts]
    short = sorted(range(len(parts)), key=lambda i: (-(total * parts[i] % whole), i))
    for i in short[: total - sum(shares)]:
        shares[i] += 1
    return shares


@dataclass(frozen=True)
class Department:
    """One department's clients: which are red or yellow today, and the special ones."""

    size: int
    colours: dict[int, int]
    leads: dict[int, Lead]
    crossings: dict[int, tuple[int, int]]  # place → (mask today, EXPIRED or BEGUN)

    def colour(self, place: int) -> int:
        """Today's colour of the client at a place of the department."""
        return self.colours.get(place, GREEN)


def departments(clients: int, specialists: list[int]) -> list[Department]:
    """The departments of a centre of `clients`, in the talk's proportions.

    `specialists` says how many each has: the talk's clients belong to the first three.
    """
    sizes = share(clients, [size for size, _, _ in DEPARTMENTS])
    reds = share(round(clients * TALK_RED / TALK_CLIENTS), [red for _, red, _ in DEPARTMENTS])
    yellows = share(
        round(clients * TALK_YELLOW / TALK_CLIENTS), [yellow for _, _, yellow in DEPARTMENTS]
    )
    plans = []
    for number, size in enumerate(sizes):
        # Place p belongs to specialist p modulo their number.
        leads = dict(zip((0, 1, 2), LEADS, strict=True)) if number == 0 else {}
        red = max(reds[number] - (number == 0), 0)
        yellow = max(yellows[number] - (number == 0), 0)
        free = (place for place in range(size) if place not in leads)
        crossed = [row for row in CROSSINGS if row[0] == number]
        drawn = ((mix(place, number, 11), place) for place in free)
        ordered = [place for _, place in nsmallest(red + yellow + len(crossed), drawn)]
        colours = {place: lead.colour for place, lead in leads.items()}
        colours |= dict.fromkeys(ordered[:red], RED)
        colours |= dict.fromkeys(ordered[red : red + yellow], YELLOW)
        crossings = {}
        for _, colour, mask, begun in crossed:
            first = {RED: 0, YELLOW: red, GREEN: red + yellow}[colour]
            enough = {RED: red, YELLOW: yellow, GREEN: size}[colour]
            if enough and first < len(ordered):
                crossings[ordered[first]] = (mask, BEGUN if begun else EXPIRED)
        plans.append(Department(size, colours, leads, crossings))
    return plans


_RED_NOW = TALK_RED / TALK_CLIENTS
_YELLOW_NOW = TALK_YELLOW / TALK_CLIENTS
_LIMITS = [
    (
        _RED_NOW + (RED_YEAR_AGO - _RED_NOW) * min(b, YEAR) / YEAR,
        _RED_NOW + _YELLOW_NOW
        + (RED_YEAR_AGO + YELLOW_YEAR_AGO - _RED_NOW - _YELLOW_NOW) * min(b, YEAR) / YEAR,
    )
    for b in range(BLOCKS)
]  # fmt: skip


def masks(n: int, colour: int) -> list[int]:
    """What client number `n`, of this colour today, earns in each block.

    A client has a standing between 0 (worst) and 1 and changes it twice in the year; its
    colour is the standing against limits that were wider a year ago.
    """
    low = (0.0, _RED_NOW, _RED_NOW + _YELLOW_NOW)[colour]
    high = (_RED_NOW, _RED_NOW + _YELLOW_NOW, 1.0)[colour]
    unit = [mix(n, 21 + phase) / 2**32 for phase in range(3)]
    standing = [low + (high - low) * unit[0], unit[1], unit[2]]
    first = 2 + mix(n, 31) % 7
    second = first + 2 + mix(n, 32) % 7
    result = []
    for b in range(BLOCKS):
        phase = (b >= first) + (b >= second)
        red, yellow = _LIMITS[b]
        then = colour if b == 0 else (standing[phase] >= red) + (standing[phase] >= yellow)
        result.append(_BY_HUNDRED[then][mix(n, 41 + phase, then) % 100])
    return result


def running(counts: list[int]) -> list[int]:
    """Where each part begins when parts follow each other."""
    return [0, *accumulate(counts)][:-1]
