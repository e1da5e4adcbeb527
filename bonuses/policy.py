"""Money of people has a scope of its own (docs/bonuses.md, «Кто что видит»).

One's own sheet; a head, the sheets of the departments they lead, by the department of the sheet
and not of the person today; managers, all; integrations, closed ones. A substitute sees
clients, never pay; an administrator sees none of it.
"""

from typing import Any

from django.db.models import Q

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
from bonuses.enums import SheetStatus
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
from core import clock
from core.policy import Policy

MANAGERS = frozenset({MANAGER})
PEOPLE = frozenset({SPECIALIST, HEAD, MANAGER})
READERS = PEOPLE | {INTEGRATOR}
MOVES = frozenset({"assess", "give_back", "answer"})


def units_led(user: Any) -> frozenset[int]:
    """Ids of the units that a head leads today by a position of their own, with all below them.

    Whoever stands in for a head serves the clients; the department's pay stays closed to them.
    Read once for each user object, that is, once a request.
    """
    if not hasattr(user, "_units_of_pay"):
        held = Position.objects.current_on(clock.today()).filter(
            employee__user_id=user.pk, employee__left_on=None, kind=HEAD
        )
        below = Q(pk__in=[])
        for path in held.values_list("unit__path", flat=True):
            below |= Q(path__startswith=path)
        found = Unit.objects.filter(below).values_list("pk", flat=True)
        user._units_of_pay = frozenset(found) if user.role == HEAD else frozenset()
    return user._units_of_pay


def sheet_condition(user: Any, prefix: str = "") -> Q:
    """The condition that a sheet's pay is the user's to see; `prefix` leads to the sheet."""
    if user.role == MANAGER:
        return Q()
    if user.role == INTEGRATOR:
        return Q(**{f"{prefix}status": SheetStatus.CLOSED})
    own = Q(**{f"{prefix}employee__user_id": user.pk})
    if user.role == HEAD and units_led(user):
        own |= Q(**{f"{prefix}unit__in": units_led(user)})
    return own


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


class _EmployeeFactPolicy(Policy):
    """Facts of an employee: their own, a head's people, everything for managers."""

    def scope(self, user: Any, queryset: Any) -> Any:
        if user.role in {MANAGER, INTEGRATOR}:
            return queryset
        reach = Q(employee__user_id=user.pk)
        if units_led(user):
            held = Position.objects.filter(unit__in=units_led(user)).values("employee")
            reach |= Q(employee__in=held)
        return queryset.filter(reach)


class UpsellPolicy(_EmployeeFactPolicy):
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


class ManualFactPolicy(_EmployeeFactPolicy):
    model = ManualFact
    grants = {
        "view": READERS,
        "add": LEADING | {INTEGRATOR},
        "change": LEADING | {INTEGRATOR},
        "delete": LEADING | {INTEGRATOR},
    }


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
