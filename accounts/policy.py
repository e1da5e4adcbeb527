"""Who sees what: the one scope that pages, API, tabs, exports and jobs share.

A specialist sees the clients of their own pool and of those they substitute for; a head, the
subtree of their unit; managers and integrations, all; an administrator, no client at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, TruncMonth

from accounts.enums import PositionKind, Role, TargetSpan
from accounts.models import (
    ApiToken,
    Assignment,
    Churn,
    ChurnCause,
    Client,
    Contract,
    ContractPrice,
    Employee,
    Entitlement,
    Feed,
    GndRecord,
    IndexationCampaign,
    IndexationOffer,
    Invoice,
    Payment,
    Position,
    SegmentPlan,
    Service,
    Substitution,
    Target,
    Training,
    Unit,
    Usage,
    User,
)
from core import clock, events
from core.bulk.models import Import
from core.models import (
    AuditEntry,
    CalendarDay,
    Delivery,
    Event,
    JobRun,
    SavedFilter,
    Setting,
    Webhook,
)
from core.policy import Policy, policy_for

SPECIALIST, HEAD, MANAGER, INTEGRATOR, ADMIN = (
    Role.SPECIALIST,
    Role.HEAD,
    Role.MANAGER,
    Role.INTEGRATOR,
    Role.ADMIN,
)
EVERYONE = frozenset(Role)
SERVING = frozenset({SPECIALIST, HEAD, MANAGER, INTEGRATOR})
LEADING = frozenset({HEAD, MANAGER})
OFFICE = frozenset({MANAGER, ADMIN})
FEEDING = frozenset({MANAGER, INTEGRATOR})
ADMINS = frozenset({ADMIN})


@dataclass(frozen=True)
class Access:
    """What a user's role and present positions reach."""

    everything: bool = False
    employees: frozenset[int] = frozenset()
    unit_paths: tuple[str, ...] = ()
    # The units of these paths with all below them: ids of their own find a pool by its index,
    # where a path would have every client joined with its unit.
    units: frozenset[int] = frozenset()


def access_of(user: Any, on: date | None = None) -> Access:
    """The reach of a user on a business date (today unless given).

    Read from the database once for each user object, that is, once a request.
    """
    if on is None and hasattr(user, "_access"):
        return user._access
    day = on or clock.today()
    if user.role in {MANAGER, INTEGRATOR}:
        access = Access(everything=True)
    elif user.role in {SPECIALIST, HEAD}:
        access = _reach_of_employee(user, day)
    else:
        access = Access()
    if on is None:
        user._access = access
    return access


def _reach_of_employee(user: Any, on: date) -> Access:
    employee = Employee.objects.filter(user_id=user.pk, left_on=None).first()
    if employee is None:
        return Access()
    absent = Substitution.objects.current_on(on).filter(substitute=employee)
    served = frozenset([employee.pk, *absent.values_list("absent_id", flat=True)])
    if user.role == SPECIALIST:
        return Access(employees=served)
    held = Position.objects.current_on(on).filter(
        employee__in=served, kind__in=[PositionKind.HEAD, PositionKind.MANAGER]
    )
    here = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    above = held.alias(here=here).filter(here__startswith=F("unit__path"))
    led = dict(Unit.objects.filter(Exists(above)).order_by().values_list("path", "pk"))
    return Access(employees=served, unit_paths=_tops(sorted(led)), units=frozenset(led.values()))


def _tops(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the sorted paths that lie under no other."""
    found: list[str] = []
    for path in paths:
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return tuple(found)


def pool_condition(user: Any, prefix: str = "") -> Q:
    """The condition that a row's specialist or unit lies in the user's reach.

    `prefix` leads to the row that has the columns `specialist` and `unit`, such as "client__".
    """
    access = access_of(user)
    if access.everything:
        return Q()
    reach = Q(**{f"{prefix}specialist__in": access.employees})
    if access.units:
        reach |= Q(**{f"{prefix}unit__in": access.units})
    return reach


class ClientPolicy(Policy):
    model = Client
    grants = {
        "view": SERVING,
        "add": frozenset({HEAD, MANAGER, INTEGRATOR}),
        "change": SERVING,
        "change_requisites": frozenset({HEAD, MANAGER, INTEGRATOR}),
        "assign": LEADING | {INTEGRATOR},
        "disconnect": LEADING | {INTEGRATOR},
    }

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(pool_condition(user))


class ClientRowPolicy(Policy):
    """Rows that hang on a client share its scope. `path` leads to the client."""

    path = "client__"
    grants = {"view": SERVING, "add": FEEDING, "change": FEEDING, "delete": FEEDING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(pool_condition(user, self.path))


class AssignmentPolicy(ClientRowPolicy):
    model = Assignment
    grants = {"view": SERVING}


class ChurnPolicy(ClientRowPolicy):
    model = Churn
    grants = {"view": SERVING, "add": LEADING | {INTEGRATOR}, "change": LEADING | {INTEGRATOR}}


class UsagePolicy(ClientRowPolicy):
    model = Usage


class EntitlementPolicy(ClientRowPolicy):
    model = Entitlement


class TrainingPolicy(ClientRowPolicy):
    model = Training
    grants = {"view": SERVING, "add": SERVING, "change": SERVING, "delete": FEEDING | {HEAD}}


class GndRecordPolicy(ClientRowPolicy):
    model = GndRecord


class InvoicePolicy(ClientRowPolicy):
    model = Invoice


class PaymentPolicy(ClientRowPolicy):
    model = Payment
    path = "invoice__client__"


class ContractPolicy(ClientRowPolicy):
    model = Contract
    grants = {"view": SERVING, "add": FEEDING, "change": FEEDING}


class ContractPricePolicy(ClientRowPolicy):
    model = ContractPrice
    path = "contract__client__"


class IndexationOfferPolicy(ClientRowPolicy):
    """Whoever serves the client negotiates; an exception is approved by those who lead."""

    model = IndexationOffer
    grants = {"view": SERVING, "change": SERVING, "approve": LEADING}


class OpenPolicy(Policy):
    """Dictionaries that everybody reads."""

    grants = {"view": EVERYONE, "add": OFFICE, "change": OFFICE, "delete": OFFICE}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset


class ChurnCausePolicy(OpenPolicy):
    model = ChurnCause


class IndexationCampaignPolicy(OpenPolicy):
    """A campaign is the director's; those who serve clients see it, each with their own rows."""

    model = IndexationCampaign
    grants = {"view": SERVING, "add": frozenset({MANAGER}), "change": frozenset({MANAGER})}


class SegmentPlanPolicy(OpenPolicy):
    model = SegmentPlan
    grants = {"view": SERVING, "add": frozenset({MANAGER}), "change": frozenset({MANAGER})}


class ServicePolicy(OpenPolicy):
    model = Service


class FeedPolicy(OpenPolicy):
    model = Feed
    grants = {"view": EVERYONE, "change": FEEDING}


class UnitPolicy(OpenPolicy):
    model = Unit
    grants = {"view": EVERYONE, "add": OFFICE | {INTEGRATOR}, "change": OFFICE | {INTEGRATOR}}


class EmployeePolicy(Policy):
    model = Employee
    grants = {"view": EVERYONE, "add": OFFICE | {INTEGRATOR}, "change": OFFICE | {INTEGRATOR}}

    def scope(self, user: Any, queryset: Any) -> Any:
        """Everybody in the office and integrations; otherwise colleagues of one's own units."""
        if user.role in {MANAGER, INTEGRATOR, ADMIN}:
            return queryset
        access = access_of(user)
        reach = Q(pk__in=access.employees)
        own = Position.objects.current_on(clock.today()).filter(employee__in=access.employees)
        reach |= Q(positions__in=Position.objects.filter(unit__in=own.values("unit")))
        for path in access.unit_paths:
            reach |= Q(positions__unit__path__startswith=path)
        return queryset.filter(pk__in=Employee.objects.filter(reach).values("pk"))


class EmployeeRowPolicy(Policy):
    """Rows of an employee, seen by those who see the employee."""

    field = "employee"
    grants = {"view": EVERYONE, "add": OFFICE | {INTEGRATOR}, "change": OFFICE | {INTEGRATOR}}

    def scope(self, user: Any, queryset: Any) -> Any:
        employees = Employee.objects.visible_to(user).values("pk")
        return queryset.filter(**{f"{self.field}__in": employees})


class PositionPolicy(EmployeeRowPolicy):
    model = Position


class SubstitutionPolicy(EmployeeRowPolicy):
    model = Substitution
    field = "absent"
    grants = {"view": EVERYONE, "add": LEADING | {ADMIN}, "change": LEADING | {ADMIN}}


class TargetPolicy(Policy):
    """A plan is seen by whom it is for and by those who answer for them in that time; the board
    of the year's goals, by managers and integrations."""

    model = Target
    grants = {
        "view": SERVING,
        "add": LEADING,
        "change": LEADING,
        "delete": LEADING,
        "view_board": FEEDING,
    }

    def scope(self, user: Any, queryset: Any) -> Any:
        access = access_of(user)
        if access.everything:
            return queryset
        reach = Q(employee__user_id=user.pk)
        if user.role == HEAD:
            worked = Q(pk__in=[])
            for path in access.unit_paths:
                reach |= Q(unit__path__startswith=path)
                worked |= Q(unit__path__startswith=path)
            # Days after the first that lie in the last month whatever the year.
            within = Case(
                When(span=TargetSpan.YEAR, then=Value(timedelta(days=335))),
                When(span=TargetSpan.QUARTER, then=Value(timedelta(days=62))),
                default=Value(timedelta()),
                output_field=DurationField(),
            )
            queryset = queryset.alias(last=Cast(F("month") + within, DateField()))
            held = Position.objects.annotate(begun=TruncMonth("starts_on")).filter(
                worked,
                Q(ends_on=None) | Q(ends_on__gt=OuterRef("month")),
                employee=OuterRef("employee"),
                begun__lte=OuterRef("last"),
            )
            reach |= Q(Exists(held))
        return queryset.filter(reach)


class UserPolicy(OpenPolicy):
    model = User
    grants = {"view": ADMINS, "add": ADMINS, "change": ADMINS}


class ApiTokenPolicy(OpenPolicy):
    model = ApiToken
    grants = {"view": ADMINS, "add": ADMINS, "change": ADMINS, "revoke": ADMINS}


class AuditEntryPolicy(OpenPolicy):
    model = AuditEntry
    grants = {"view": ADMINS}


class EventPolicy(Policy):
    """The feed of changes, for those who serve clients.

    An event of a client is seen by whoever sees the client and may view rows like its subject;
    one of no client, by whoever sees the subject itself.
    """

    model = Event
    grants = {"view": SERVING}

    def scope(self, user: Any, queryset: Any) -> Any:
        known = [kind for kind in events.kinds() if policy_for(kind.model).can(user, "view")]
        seen = Q(
            kind__in=[kind.name for kind in known],
            client_id__in=policy_for(Client).visible_to(user).values("pk"),
        )
        for kind in known:
            subjects = policy_for(kind.model).visible_to(user).values("pk")
            seen |= Q(kind=kind.name, client_id=None, subject_id__in=subjects)
        return queryset.filter(seen, position__isnull=False)


class WebhookPolicy(OpenPolicy):
    model = Webhook
    grants = {"view": ADMINS, "add": ADMINS, "change": ADMINS}


class DeliveryPolicy(OpenPolicy):
    """That something was sent and how it went; what it said is the client's."""

    model = Delivery
    grants = {"view": ADMINS, "change": ADMINS}


class JobRunPolicy(OpenPolicy):
    model = JobRun
    grants = {"view": OFFICE, "run": OFFICE}


class ImportPolicy(Policy):
    """Files are loaded by those who feed the program; a file shows what is in it, so an
    integration sees its own alone."""

    model = Import
    grants = {"view": FEEDING, "add": FEEDING, "change": FEEDING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset if user.role == MANAGER else queryset.filter(uploaded_by=user)


class SettingPolicy(OpenPolicy):
    model = Setting
    grants = {"view": OFFICE, "change": OFFICE}


class CalendarDayPolicy(OpenPolicy):
    """Which days are worked concerns everybody; the office says so, or the КИС."""

    model = CalendarDay
    _setting = OFFICE | {INTEGRATOR}
    grants = {"view": EVERYONE, "add": _setting, "change": _setting, "delete": _setting}


class SavedFilterPolicy(Policy):
    model = SavedFilter
    grants = {"view": EVERYONE, "add": EVERYONE, "delete": EVERYONE}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(user_id=user.pk)
