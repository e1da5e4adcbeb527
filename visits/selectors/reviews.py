"""Reads of control points: lists, what one is about, which are due next."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from accounts.enums import PositionKind, Role
from accounts.models import Employee, Position, Unit
from accounts.policy import access_of
from core.selectors import work_calendar
from visits.enums import AgreementStatus
from visits.models import Agreement, ControlPoint, ControlPointKind
from visits.review_figures import decisions_section
from visits.review_sections import Pool, sections_of
from visits.rhythm import next_on, since_of
from visits.selectors.agreements import with_names as with_task_names

_LEADING = (PositionKind.HEAD, PositionKind.MANAGER)


def with_people(queryset: Any) -> Any:
    """Control points with what a row of a list shows."""
    return queryset.select_related("kind", "unit", "specialist", "led_by")


def with_decisions(queryset: Any) -> Any:
    """And with how many decisions, and how many of them wait."""
    waiting = Q(decisions__status=AgreementStatus.OPEN)
    return with_people(queryset).annotate(
        decided=Count("decisions"), waiting=Count("decisions", filter=waiting)
    )


def decisions_of(review: ControlPoint) -> list[Agreement]:
    """What a review decided."""
    return list(with_task_names(review.decisions.all()).order_by("due_on", "pk"))


def pool_of(review: ControlPoint, today: date) -> Pool:
    """Whose pool a review is about; one that lies ahead is looked at as of today."""
    return Pool(
        unit_id=review.unit_id,
        unit_path=review.unit.path,
        specialist_id=review.specialist_id,
        since=review.since,
        until=review.on,
        on=min(review.on, today),
    )


def figures_of(review: ControlPoint, today: date) -> list[dict[str, Any]]:
    """What the program says at a review: as it was kept, or as it is now."""
    if review.held_at:
        return review.figures.get("sections", [])
    found = sections_of(pool_of(review, today))
    former = decisions_section(last_held(review))
    return [{"code": "decisions"} | asdict(former), *found] if former else found


def last_held(review: ControlPoint) -> ControlPoint | None:
    """The review of the same pool before this one."""
    rows = ControlPoint.objects.filter(
        kind=review.kind_id, specialist=review.specialist_id, held_at__isnull=False
    )
    if review.specialist_id is None:
        rows = rows.filter(unit=review.unit_id)
    return rows.filter(on__lt=review.on).select_related("kind").order_by("-on", "-pk").first()


def led_units(user: Any) -> QuerySet[Unit]:
    """The units in which a user may hold reviews."""
    rows = Unit.objects.filter(is_active=True)
    access = access_of(user)
    if access.everything:
        return rows
    led = Q(pk__in=[])
    if user.role == Role.HEAD:
        for path in access.unit_paths:
            led |= Q(path__startswith=path)
    return rows.filter(led)


def leaders_of(unit: Unit, on: date) -> list[Employee]:
    """Who leads a unit and what stands above it, the nearest first."""
    above = [int(part) for part in unit.path.strip("/").split("/")]
    held = Position.objects.current_on(on).filter(unit__in=above, kind__in=_LEADING)
    rows = sorted(
        held.select_related("employee", "unit"),
        key=lambda position: (-len(position.unit.path), position.pk),
    )
    return [position.employee for position in rows]


def staff_of(unit: Unit, on: date) -> QuerySet[Employee]:
    """Who works in a unit and below it on a day."""
    held = Position.objects.current_on(on).filter(unit__path__startswith=unit.path)
    return Employee.objects.filter(pk__in=held.values("employee"), left_on=None)


def specialists_for(user: Any, on: date) -> QuerySet[Employee]:
    """The specialists whose pools a user may review."""
    held = Position.objects.current_on(on).filter(
        unit__in=led_units(user).values("pk"), kind=PositionKind.SPECIALIST
    )
    return Employee.objects.filter(pk__in=held.values("employee"), left_on=None)


@dataclass(frozen=True)
class Proposal:
    """A review that nobody has planned yet: of whom, the last one, when the next is due."""

    kind: ControlPointKind
    unit: Unit
    specialist: Employee | None
    last_on: date | None
    on: date
    since: date

    @property
    def query(self) -> str:
        """The form of a new review, filled in."""
        who = f"specialist={self.specialist.pk}" if self.specialist else f"unit={self.unit.pk}"
        return f"kind={self.kind.pk}&{who}&on={self.on}"


def proposals_for(user: Any, today: date) -> list[Proposal]:
    """Reviews that are not planned yet, by kind, unit and name; five queries.

    A personal kind is due for every specialist, another for every unit with a head.
    """
    kinds = list(ControlPointKind.objects.filter(is_on=True))
    held = Position.objects.current_on(today).filter(unit__in=led_units(user).values("pk"))
    places = list(
        held.filter(kind__in=[PositionKind.SPECIALIST, PositionKind.HEAD])
        .select_related("unit", "employee")
        .order_by("unit__path", "employee__last_name", "employee__first_name", "pk")
    )
    lasts, planned = _known(kinds)
    calendar = work_calendar()
    found = []
    for kind in kinds:
        wanted = PositionKind.SPECIALIST if kind.is_personal else PositionKind.HEAD
        for place in places:
            who = place.employee if kind.is_personal else None
            key = (kind.pk, *((who.pk, None) if who else (None, place.unit_id)))
            if place.kind != wanted or key in planned:
                continue
            planned.add(key)
            last = lasts.get(key)
            on = next_on(last, kind.every_days, today, calendar)
            since = since_of(last, kind.every_days, on)
            found.append(Proposal(kind, place.unit, who, last, on, since))
    return found


def _known(kinds: list[ControlPointKind]) -> tuple[dict[Any, date], set[Any]]:
    """The day of the last held review of each pool, and the pools that have one planned."""
    rows = ControlPoint.objects.filter(kind__in=kinds).order_by()
    lasts: dict[Any, date] = {}
    planned: set[Any] = set()
    counted = rows.values("kind", "specialist", "unit").annotate(
        last=Max("on", filter=Q(held_at__isnull=False)),
        ahead=Count("pk", filter=Q(held_at=None)),
    )
    for row in counted:
        who = row["specialist"]
        key = (row["kind"], who, None if who else row["unit"])
        if row["last"]:
            lasts[key] = max(row["last"], lasts.get(key, row["last"]))
        if row["ahead"]:
            planned.add(key)
    return lasts, planned


def since_for(kind: ControlPointKind, unit: Unit, specialist: Employee | None, on: date) -> date:
    """Where the period of a new review begins."""
    rows = ControlPoint.objects.filter(kind=kind, specialist=specialist, on__lt=on)
    if specialist is None:
        rows = rows.filter(unit=unit)
    last = rows.filter(held_at__isnull=False).aggregate(last=Max("on"))["last"]
    # A review long ago is no reason to look at half a year.
    oldest = on - timedelta(days=kind.every_days * 4)
    return max(since_of(last, kind.every_days, on), oldest)
