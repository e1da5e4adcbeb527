"""Money of people has a scope of its own (docs/bonuses.md, «Кто что видит»).

One's own sheet; a head, the sheets of the departments that they led in the month of the sheet, by
the department of the sheet and not of the person today; managers, all; integrations, closed
ones. A substitute sees clients, never pay; an administrator sees none of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncMonth

from accounts.models import Employee, Position, Unit
from accounts.policy import (
    FEEDING,
    HEAD,
    INTEGRATOR,
    LEADING,
    MANAGER,
    SERVING,
    SPECIALIST,
    OpenPolicy,
    pool_condition,
)
from bonuses.enums import SchemeKind, SheetStatus
from bonuses.models import (
    BonusBlock,
    BonusKpi,
    BonusScheme,
    BonusStep,
    ManualFact,
    Objection,
    PayBase,
    PayrollExport,
    Sheet,
    SheetLine,
    SheetView,
    Upsell,
)
from bonuses.months import first_of
from core.policy import Policy

MANAGERS = frozenset({MANAGER})
PEOPLE = frozenset({SPECIALIST, HEAD, MANAGER})
READERS = PEOPLE | {INTEGRATOR}
MOVES = frozenset({"assess", "give_back", "answer"})


@dataclass(frozen=True)
class Held:
    """Units in which somebody held a position, from a day to the day before another."""

    units: frozenset[int]
    kind: str
    since: date
    until: date | None
    root: int | None = None  # the unit itself, where `units` are with all below it

    def in_month(self, month: date) -> bool:
        """Whether it was so on a day of a month, given by its first day."""
        return first_of(self.since) <= month and (self.until is None or self.until > month)


def led(user: Any) -> tuple[Held, ...]:
    """The units that a head led by positions of their own, with all below them, and when.

    Whoever stands in for a head serves the clients; the department's pay stays closed to them.
    Read once for each user object, that is, once a request.
    """
    if user.role != HEAD:
        return ()
    if not hasattr(user, "_led"):
        held = Position.objects.filter(employee__user_id=user.pk, employee__left_on=None, kind=HEAD)
        places = list(held.values_list("unit__path", "starts_on", "ends_on", "unit"))
        below = Q(pk__in=[])
        for path, *_ in places:
            below |= Q(path__startswith=path)
        units = Unit.objects.filter(below).values_list("pk", "path") if places else ()
        user._led = tuple(
            Held(frozenset(pk for pk, at in units if at.startswith(path)), HEAD, since, until, root)
            for path, since, until, root in places
        )
    return user._led


def sheet_condition(user: Any, prefix: str = "") -> Q:
    """The condition that a sheet's pay is the user's to see; `prefix` leads to the sheet."""
    if user.role == MANAGER:
        return Q()
    if user.role == INTEGRATOR:
        return Q(**{f"{prefix}status": SheetStatus.CLOSED})
    found = Q(**{f"{prefix}employee__user_id": user.pk})
    for place in led(user):
        # Of two heads of one month both saw a part of the work.
        then = {f"{prefix}unit__in": place.units, f"{prefix}month__gte": first_of(place.since)}
        if place.until is not None:
            then[f"{prefix}month__lt"] = place.until
        # Whoever led the same unit before or after is no subordinate.
        peer = Q(**{f"{prefix}kind": SchemeKind.HEAD, f"{prefix}unit": place.root})
        found |= Q(**then) & ~peer
    return found


class People:
    """About whom somebody writes down facts of pay: a head about those who stood in their units
    in the month of the fact, everybody else as their role allows."""

    def __init__(self, user: Any, employees: Iterable[Employee]) -> None:
        self.user = user
        self.held = self.held_by(employees) if user.role == HEAD else {}

    @staticmethod
    def held_by(employees: Iterable[Employee]) -> dict[int, list[Held]]:
        """The positions of employees, in one query."""
        found: dict[int, list[Held]] = defaultdict(list)
        rows = Position.objects.filter(employee__in={row.pk for row in employees}).order_by()
        for pk, unit, kind, since, until in rows.values_list(
            "employee_id", "unit_id", "kind", "starts_on", "ends_on"
        ):
            found[pk].append(Held(frozenset({unit}), kind, since, until))
        return found

    def has(self, employee: Employee, month: date) -> bool:
        """Whether the user may write about an employee in a month, given by its first day."""
        if self.user.role != HEAD:
            return True
        units = {pk for place in led(self.user) if place.in_month(month) for pk in place.units}
        return any(
            place.in_month(month) and place.units & units
            for place in self.held.get(employee.pk, ())
        )


class SheetPolicy(Policy):
    model = Sheet
    grants = {
        "view": READERS,
        "lead": LEADING,
        "agree": frozenset({SPECIALIST, HEAD}),
        "assess": LEADING,
        "give_back": LEADING,
        "approve": MANAGERS,
        "compute": MANAGERS,
        "close": MANAGERS,
        "export": MANAGERS | {INTEGRATOR},
    }

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(sheet_condition(user))

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        """Nobody moves their own sheet on; nobody but its owner agrees to it."""
        if not super().can_object(user, action, obj):
            return False
        own = Employee.objects.filter(pk=obj.employee_id, user_id=user.pk).exists()
        if action == "agree":
            return own
        return not (own and action in MOVES | {"approve"})


class SheetLinePolicy(Policy):
    model = SheetLine
    grants = {"view": READERS, "object": frozenset({SPECIALIST, HEAD})}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(sheet_condition(user, "sheet__"))

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if not super().can_object(user, action, obj):
            return False
        return (
            action != "object"
            or Employee.objects.filter(user_id=user.pk, sheets=obj.sheet_id).exists()
        )


class ObjectionPolicy(Policy):
    model = Objection
    grants = {"view": PEOPLE, "add": frozenset({SPECIALIST, HEAD}), "answer": LEADING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(sheet_condition(user, "line__sheet__"))

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if not super().can_object(user, action, obj):
            return False
        return action != "answer" or obj.made_by_id != user.pk


class SheetViewPolicy(Policy):
    """Whoever is paid may know who looked; managers see it all."""

    model = SheetView
    grants = {"view": frozenset({SPECIALIST, HEAD, MANAGER})}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(sheet_condition(user, "sheet__"))


class PayBasePolicy(Policy):
    """Bases are written by managers; a head sees none of them apart from the sheets."""

    model = PayBase
    grants = {
        "view": MANAGERS | {INTEGRATOR},
        "add": FEEDING,
        "change": FEEDING,
        "delete": MANAGERS,
    }

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset


class UpsellPolicy(Policy):
    """Sales of clients: seen with the client too, so that the card's people see one list."""

    model = Upsell
    grants = {
        "view": SERVING,
        "add": LEADING | {INTEGRATOR},
        "change": LEADING | {INTEGRATOR},
        "delete": LEADING | {INTEGRATOR},
    }

    def scope(self, user: Any, queryset: Any) -> Any:
        if user.role in {MANAGER, INTEGRATOR}:
            return queryset
        return queryset.filter(pool_condition(user, "client__"))


class ManualFactPolicy(Policy):
    """Facts of an employee: their own, a head's people of the month, everything for managers."""

    model = ManualFact
    grants = {
        "view": READERS,
        "add": LEADING | {INTEGRATOR},
        "change": LEADING | {INTEGRATOR},
        "delete": LEADING | {INTEGRATOR},
    }

    def scope(self, user: Any, queryset: Any) -> Any:
        if user.role in {MANAGER, INTEGRATOR}:
            return queryset
        reach = Q(employee__user_id=user.pk)
        for place in led(user):
            stood = (
                Position.objects.filter(employee=OuterRef("employee"), unit__in=place.units)
                .alias(first=TruncMonth("starts_on"))
                .filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("month")))
                .filter(first__lte=OuterRef("month"))
            )
            then = Q(month__gte=first_of(place.since))
            if place.until is not None:
                then &= Q(month__lt=place.until)
            reach |= then & Q(Exists(stood))
        return queryset.filter(reach)


class BonusSchemePolicy(OpenPolicy):
    """The rules are everybody's to read; managers write them."""

    model = BonusScheme
    grants = {
        "view": READERS,
        "add": MANAGERS,
        "change": MANAGERS,
        "delete": MANAGERS,
        "publish": MANAGERS,
    }


class BonusBlockPolicy(OpenPolicy):
    model = BonusBlock
    grants = {"view": READERS, "add": MANAGERS, "change": MANAGERS, "delete": MANAGERS}


class BonusKpiPolicy(OpenPolicy):
    model = BonusKpi
    grants = {"view": READERS, "add": MANAGERS, "change": MANAGERS, "delete": MANAGERS}


class BonusStepPolicy(OpenPolicy):
    model = BonusStep
    grants = {"view": READERS, "add": MANAGERS, "change": MANAGERS, "delete": MANAGERS}


class PayrollExportPolicy(Policy):
    model = PayrollExport
    grants = {"view": MANAGERS | {INTEGRATOR}, "add": MANAGERS}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset
