"""The rows behind one number: the very set that was counted, of one row of the tree."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.fields import BooleanField

from accounts.models import Client, Employee, Unit
from contacts.models import Participant
from core.policy import policy_for
from visits.figures.catalogue import Figure, Rows
from visits.figures.periods import Period
from visits.models import VisitCriterion, VisitMark
from visits.selectors.figures.reach import FigureReach
from visits.selectors.figures.sources import APART, HELD, PLANNED, Asked, held, planned


@dataclass(frozen=True)
class RowKey:
    """A row of the tree: a unit's subtree, an employee in a unit, or, with neither, the whole.

    `is_unitless` marks contacts held in no unit.
    """

    unit: Unit | None = None
    employee: int | None = None
    is_unitless: bool = False

    def condition(self, reach: FigureReach) -> Q:
        """The condition on OWNER's columns."""
        found = reach.condition("row_unit", "row_employee")
        if self.is_unitless:
            found &= Q(row_unit_id=None)
        elif self.unit is not None and self.employee is None:
            found &= Q(row_unit_id__in=reach.subtree(self.unit))
        elif self.unit is not None:
            found &= Q(row_unit_id=self.unit.pk)
        if self.employee is not None:
            found &= Q(row_employee_id=self.employee)
        return found

    def is_within(self, reach: FigureReach) -> bool:
        """Whether the user has such a row."""
        if self.employee is not None and self.employee == reach.own:
            return True
        if self.is_unitless or self.unit is None:
            return reach.everything or (self.employee is None and not self.is_unitless)
        return reach.holds_unit(self.unit)


def employee_named(pk: int) -> Employee | None:
    """The employee of a row that has already been found within reach."""
    return Employee.objects.filter(pk=pk).first()


@dataclass(frozen=True)
class NumberAsked:
    """One number: a set of a figure, of one row of the tree, in a period."""

    figure: Figure
    which: str
    key: RowKey
    period: Period
    criterion: VisitCriterion | None = None


def rows_behind(user: Any, number: NumberAsked, reach: FigureReach, today: date) -> Any:
    """The rows of a set. Each says whether the user may still open its client (`may_open`) and,
    where the set is the whole of a share, whether it counts as the part (`is_part`)."""
    figure, which = number.figure, number.which
    asked = Asked(number.period, number.period.pool_day(today))
    narrowed = number.key.condition(reach)
    rows = _set(number, asked, narrowed)
    if which == "clients":
        contacts = rows.order_by()
        return with_doors(
            user,
            Client.objects.filter(pk__in=contacts.values("client_id"))
            .annotate(contacts=_number_of(contacts))
            .order_by("sort_key", "pk"),
            "pk",
        )
    part = _part(figure, which, asked, narrowed)
    rows = rows.annotate(is_part=part) if part is not None else rows
    return _dressed(user, number, rows)


def _set(number: NumberAsked, asked: Asked, narrowed: Q) -> Any:
    key = (number.figure.code, number.which)
    if key in APART:
        return APART[key](asked, narrowed)
    if key in PLANNED:
        return planned(asked).filter(narrowed, PLANNED[key])
    if number.which not in ("met", "clients"):
        return held(asked).filter(narrowed, HELD[key])
    rows = held(asked).filter(narrowed, HELD["k2", "held"])
    marked = VisitMark.objects.filter(visit=OuterRef("pk"), criterion=number.criterion)
    return rows.filter(Exists(marked))


def _number_of(contacts: Any) -> Subquery:
    own = contacts.filter(client=OuterRef("pk")).values("client").annotate(n=Count("pk"))
    return Subquery(own.values("n"))


def _part(figure: Figure, which: str, asked: Asked, narrowed: Q) -> Any:
    """Whether a row of the whole is counted in the part; None where the set knows no part."""
    key = (figure.code, "part")
    if which != "whole" or "part" not in figure.sets:
        return None
    if key in APART:
        return Q(pk__in=APART[key](asked, narrowed).values("pk"))
    return Case(
        When(HELD[key], then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def with_doors(user: Any, rows: Any, client: str) -> Any:
    """Rows that say whether the user may still open their client (`may_open`)."""
    mine = policy_for(Client).visible_to(user).filter(pk=OuterRef(client))
    return rows.annotate(may_open=Exists(mine))


def _dressed(user: Any, number: NumberAsked, rows: Any) -> Any:
    """Rows with all that their table shows."""
    figure = number.figure
    if figure.rows == Rows.VISITS:
        people = Participant.objects.select_related("person")
        is_plan = (figure.code, number.which) in PLANNED
        rows = (
            rows.select_related("client", "employee", "unit")
            .prefetch_related("companions", Prefetch("participants", queryset=people))
            .order_by("-planned_for" if is_plan else "-held_on", "-pk")
        )
        if figure.code in ("k2", "k2_quality", "firefighting"):
            marks = VisitMark.objects.filter(criterion__is_on=True).select_related("criterion")
            rows = rows.prefetch_related(Prefetch("marks", queryset=marks))
        return with_doors(user, rows, "client")
    if figure.rows == Rows.PARTICIPANTS:
        rows = rows.select_related("client", "person", "department", "assigned__specialist")
        rows = rows.order_by("client__sort_key", "person__search_key", "pk")
        return with_doors(user, rows, "client")
    rows = rows.select_related("client", "specialist", "unit").order_by("client__sort_key", "pk")
    return with_doors(user, rows, "client")
