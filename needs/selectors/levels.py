"""Needs and distinct clients of every row of the tree, in one pass over a source of rows.

A source counts by unit, author and client. Needs are added up from there; distinct clients are
not, so for each level above it is asked which stages any need of a client reached. Who has all
needs in one row counts the same at every level and is not looked at again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.models import Unit
from needs.funnel import Counts, Reached
from visits.selectors.figures import FigureReach, Leaf


@dataclass(frozen=True)
class Source:
    """SQL with columns unit_id, author_id, client_id, whole, dropped, r1…; its values."""

    sql: str
    values: tuple[Any, ...]
    width: int


@dataclass
class Levels:
    """Counts by leaf, and by unit with all that stands below it."""

    leaves: dict[Leaf, Counts] = field(default_factory=dict)
    units: dict[int | None, Counts] = field(default_factory=dict)
    whole: Counts | None = None  # of all that was read, where that is known too


def scope(reach: FigureReach, unit: Unit | None) -> tuple[str, tuple[Any, ...]]:
    """The condition of a reach and of a unit asked for, on unit_id and author_id."""
    parts: list[str] = []
    values: list[Any] = []
    if not reach.everything:
        held = [pk for pk, row in reach.units.items() if reach.holds_unit(row)]
        parts.append("(author_id = %s OR unit_id = ANY(%s))")
        values += [reach.own or 0, held]
    if unit is not None:
        parts.append("unit_id = ANY(%s)")
        values.append(reach.subtree(unit))
    return "".join(f" AND {part}" for part in parts), tuple(values)


def statement(source: Source, reach: FigureReach) -> tuple[str, list[Any]]:
    """The query of all rows, with its values.

    `marks` has a bit for every stage that a client's needs reached: of a client's rows they are
    put together by `bit_or`, one aggregate for all stages.
    """
    nodes = [(node, place) for node, places in places_below(reach).items() for place in places]
    names = ["whole", "dropped", *_names(source.width)]
    sums = ", ".join(f"sum({name})" for name in names)
    none = ", ".join(["NULL"] * len(names))
    marks = " + ".join(f"(r{n} > 0)::int * {1 << (n - 1)}" for n in range(1, source.width + 1))
    # Few clients have two rows: to find those is one reading, to join all rows would be two.
    shared = """
        SELECT * FROM own WHERE client_id IN (
            SELECT client_id FROM own GROUP BY client_id HAVING count(*) > 1
        )
    """
    sql = f"""
        WITH own AS MATERIALIZED (SELECT *, {marks or 0} AS marks FROM ({source.sql}) counted),
        shared AS MATERIALIZED ({shared}),
        places AS MATERIALIZED (
            SELECT unit_id, client_id, bit_or(marks) AS marks
            FROM shared GROUP BY unit_id, client_id
        ),
        above AS (
            SELECT node, client_id, bit_or(marks) AS marks
            FROM places JOIN unnest(%s::bigint[], %s::bigint[]) n (node, place) ON place = unit_id
            GROUP BY node, client_id
        )
        SELECT 'own', unit_id, author_id, marks, count(*), {sums}
        FROM own GROUP BY unit_id, author_id, marks
        UNION ALL
        SELECT 'shared', unit_id, NULL, marks, count(*), {none}
        FROM shared GROUP BY unit_id, marks
        UNION ALL
        SELECT 'place', unit_id, NULL, marks, count(*), {none}
        FROM places GROUP BY unit_id, marks
        UNION ALL
        SELECT 'above', node, NULL, marks, count(*), {none}
        FROM above GROUP BY node, marks
    """  # noqa: S608 (of this module's own words)
    return sql, [*source.values, [node for node, _ in nodes], [place for _, place in nodes]]


def _names(width: int) -> list[str]:
    return [f"r{n}" for n in range(1, width + 1)]


def places_below(reach: FigureReach) -> dict[int, list[int]]:
    """Units with others below them → all of their subtree."""
    found = {}
    for node in reach.units.values():
        if reach.holds_unit(node):
            below = reach.subtree(node)
            if len(below) > 1:
                found[node.pk] = below
    return found


class Sum:
    """Counts of a row as they come together."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.needs = [0] * (width + 2)
        self.clients = [0] * (width + 1)

    def add_reached(self, reached: int, needs: int, dropped: int) -> None:
        """Needs that reached so many of the stages in use."""
        self.needs[0] += needs
        self.needs[1] += dropped
        for n in range(reached):
            self.needs[n + 2] += needs

    def add_first(self, reached: int, first: int, clients: int) -> None:
        """Clients whose first need at the stages from `first` to `reached` these are; 0: at any."""
        for n in range(first, reached + 1):
            self.clients[n] += clients

    def add_needs(self, numbers: Iterable[int | None]) -> None:
        for n, number in enumerate(numbers):
            self.needs[n] += int(number or 0)

    def add_clients(self, marks: int, clients: int) -> None:
        self.clients[0] += clients
        for n in range(self.width):
            if marks >> n & 1:
                self.clients[n + 1] += clients

    def counts(self) -> Counts:
        whole, dropped, *reached = self.needs
        return Counts(
            Reached(whole, self.clients[0]),
            dropped,
            tuple(map(Reached, reached, self.clients[1:])),
        )


def levels(source: Source, reach: FigureReach) -> Levels:
    """Every row's counts."""
    nodes = places_below(reach)
    above: dict[int | None, list[int]] = defaultdict(list)
    for node, places in nodes.items():
        for place in places:
            above[place].append(node)
    leaves: dict[Leaf, Sum] = defaultdict(lambda: Sum(source.width))
    units: dict[int | None, Sum] = defaultdict(lambda: Sum(source.width))
    with connection.cursor() as cursor:
        cursor.execute(*statement(source, reach))
        for level, unit_id, author_id, marks, clients, *numbers in cursor.fetchall():
            # A unit with none below it stands for itself.
            standing = {*above[unit_id], unit_id}
            if level == "own":
                leaf = leaves[unit_id, author_id]
                leaf.add_clients(marks, clients)
                leaf.add_needs(numbers)
                for node in standing:
                    units[node].add_needs(numbers)
                    units[node].add_clients(marks, clients)
            elif level == "shared":
                # Counted by row above; once for the client below.
                for node in standing:
                    units[node].add_clients(marks, -clients)
            # What stands in a unit with others below it is counted with them.
            elif level == "above" or unit_id not in nodes:
                units[unit_id].add_clients(marks, clients)
    return Levels(
        {leaf: found.counts() for leaf, found in leaves.items()},
        {unit_id: found.counts() for unit_id, found in units.items()},
    )


def total(source: Source) -> Counts:
    """The counts of a whole source."""
    names = ["whole", "dropped", *_names(source.width)]
    sums = ", ".join(f"sum({name})::int AS {name}" for name in names)
    stages = [f"sum({n}), count(*) FILTER (WHERE {n} > 0)" for n in ["whole", *names[2:]]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {", ".join(["sum(dropped)", *stages])} FROM (
                SELECT client_id, {sums} FROM ({source.sql}) own GROUP BY client_id
            ) q
            """,  # noqa: S608
            source.values,
        )
        return counts_of(cursor.fetchone())


def counts_of(numbers: Sequence[int | None]) -> Counts:
    """Counts from a row of totals: dropped, then needs and clients of all and of each stage."""
    dropped, *rest = [int(number or 0) for number in numbers]
    pairs = [Reached(rest[n], rest[n + 1]) for n in range(0, len(rest), 2)]
    return Counts(pairs[0], dropped, tuple(pairs[1:]))
