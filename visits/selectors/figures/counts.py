"""Counts of every set of rows by unit and employee, a constant number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from visits.models import VisitMark
from visits.selectors.figures.branches import Leaf
from visits.selectors.figures.sources import (
    APART,
    COVERAGE,
    HELD,
    PLANNED,
    Asked,
    held,
    planned,
    reached,
    roles_held,
)

Sets = dict[tuple[str, str], int]
OWNER = ("row_unit_id", "row_employee_id")
# Nodes that are no unit: of contacts held in none, and of all that was asked.
NO_UNIT, ALL = 0, -1


@dataclass(frozen=True)
class Met:
    """A criterion of К2У: contacts that met it, distinct clients of those."""

    met: int = 0
    clients: int = 0


def _by_leaf(rows: QuerySet, **counts: Any) -> dict[Leaf, dict[str, int]]:
    found = rows.order_by().values(*OWNER).annotate(**counts)
    return {
        (row["row_unit_id"], row["row_employee_id"]): {name: row[name] or 0 for name in counts}
        for row in found
    }


def leaf_counts(asked: Asked, narrowed: Q) -> dict[Leaf, Sets]:
    """Every set's count by unit and employee. `narrowed` speaks of OWNER's columns."""
    found: dict[Leaf, Sets] = defaultdict(dict)
    for rows, sets in ((held(asked), HELD), (planned(asked), PLANNED)):
        names = {f"{figure}_{name}": (figure, name) for figure, name in sets}
        counts: dict[str, Any] = {
            f"{figure}_{name}": Count("pk", filter=condition) if condition else Count("pk")
            for (figure, name), condition in sets.items()
        }
        if sets is HELD:
            names |= {"scores": ("satisfaction", "sum"), "scales": ("satisfaction", "best")}
            scored = HELD["satisfaction", "whole"]
            counts["scores"] = Sum("satisfaction", filter=scored)
            counts["scales"] = Sum("satisfaction_scale", filter=scored)
        for leaf, values in _by_leaf(rows.filter(narrowed), **counts).items():
            found[leaf] |= {names[name]: value for name, value in values.items()}
    for key in (("materials", "whole"), ("materials", "part")):
        rows = APART[key](asked, narrowed)
        for leaf, values in _by_leaf(rows, n=Count("pk")).items():
            found[leaf][key] = values["n"]
    for name in ("whole", "part"):
        places = roles_held(asked, narrowed)
        if name == "part":
            places = places.filter(pk__in=reached(asked, narrowed))
        # Distinct: two periods of one role may both cover the day.
        by_role = places.order_by().values(*OWNER, "role").annotate(n=Count("pk", distinct=True))
        for row in by_role:
            leaf = (row["row_unit_id"], row["row_employee_id"])
            found[leaf][COVERAGE[row["role"]], name] = row["n"]
    return found


class _Unnest(Func):
    """The ids of a unit's path, one row for each: a row stands under every unit above it."""

    function = "unnest"
    set_returning = True
    output_field = IntegerField()


def _units_above() -> Func:
    """«/1/4/» → {-1,1,4}; of no unit, {-1,0}."""
    ids = Func(
        Func(F("visit__unit__path"), Value("/"), function="btrim"),
        Value("/"),
        function="string_to_array",
        template="%(function)s(%(expressions)s)::int[]",
        output_field=ArrayField(IntegerField()),
    )
    known = Coalesce(ids, Value([NO_UNIT], output_field=ArrayField(IntegerField())))
    return _Unnest(Func(Value(ALL), known, function="array_prepend"))


@dataclass(frozen=True)
class CriterionCounts:
    """By criterion, for leaves, for whole units and for all that was asked.

    Clients are distinct in each: those of a parent are not the sum of those below.
    """

    leaves: dict[Leaf, dict[int, Met]]
    units: dict[int, dict[int, Met]]
    total: dict[int, Met]


def criterion_counts(asked: Asked, narrowed: Q) -> CriterionCounts:
    """What К2У of the period met; distinct clients are counted by the database at every level."""
    contacts = held(asked).filter(HELD["k2", "held"]).filter(narrowed)
    rows = VisitMark.objects.filter(criterion__is_on=True, visit__in=contacts.values("pk"))
    marks: Any = rows.order_by()
    count = {"met": Count("pk"), "clients": Count("visit__client_id", distinct=True)}
    leaves: dict[Leaf, dict[int, Met]] = defaultdict(dict)
    for row in marks.values("visit__unit_id", "visit__employee_id", "criterion_id").annotate(
        **count
    ):
        leaf = (row["visit__unit_id"], row["visit__employee_id"])
        leaves[leaf][row["criterion_id"]] = Met(row["met"], row["clients"])
    units: dict[int, dict[int, Met]] = defaultdict(dict)
    above = marks.annotate(node=_units_above()).values("node", "criterion_id")
    for row in above.annotate(**count):
        units[row["node"]][row["criterion_id"]] = Met(row["met"], row["clients"])
    return CriterionCounts(leaves, units, units.pop(ALL, {}))
