"""Clients lost in a year beside the plan and the year before: by unit and month, cause, rival.

A loss stands under the unit that served the client last, as in the list of disconnections, so
that every number is the length of the list it opens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, Sum, Value, When
from django.db.models.functions import TruncMonth

from accounts.enums import TargetKind
from accounts.models import Churn, Unit
from core.policy import policy_for
from reports.director.goals import cut
from reports.director.selectors.targets import YearTargets, year_targets
from reports.director.years import Year
from visits.selectors.figures import FigureReach
from visits.selectors.figures.targets import read_targets

ZERO = Decimal(0)
KINDS = {TargetKind.DISCONNECTED.value: "clients", TargetKind.LOST_REVENUE.value: "monthly"}


@dataclass
class Lost:
    """Clients lost and what they paid a month."""

    clients: int = 0
    monthly: Decimal = ZERO

    def add(self, other: "Lost") -> None:
        """Add another's to this."""
        self.clients += other.clients
        self.monthly += other.monthly


@dataclass
class ChurnRow:
    """A unit with all below it, the losses of no unit, or the whole (`is_total`)."""

    unit: Unit | None = None
    depth: int = 0
    is_total: bool = False
    months: dict[date, Lost] = field(default_factory=dict)
    now: Lost = field(default_factory=Lost)
    before: Lost = field(default_factory=Lost)
    plan: Decimal | None = None
    plan_monthly: Decimal | None = None
    # By month, of clients and of what they paid a month.
    plans: dict[date, Decimal | None] = field(default_factory=dict)
    plans_monthly: dict[date, Decimal | None] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name of the row."""
        return "Итого" if self.is_total else str(self.unit) if self.unit else "Без отдела"

    @property
    def cut(self) -> Decimal | None:
        """By how many per cent fewer than the year before."""
        return cut(self.now.clients, self.before.clients)

    def add(self, lost: Lost, month: date | None) -> None:
        """Losses of a month of the year, or, without one, of the year before."""
        if month is None:
            self.before.add(lost)
            return
        self.now.add(lost)
        self.months.setdefault(month, Lost()).add(lost)


@dataclass
class Reason:
    """Losses by one cause or to one rival: of the year, and of the year before to the same day."""

    label: str
    key: Any
    now: Lost = field(default_factory=Lost)
    before: Lost = field(default_factory=Lost)


@dataclass(frozen=True)
class ChurnYear:
    """Everything that the page shows."""

    year: Year
    rows: list[ChurnRow]
    total: ChurnRow
    before_months: dict[date, int]  # months of the year before, whole
    causes: list[Reason]
    rivals: list[Reason]
    goal_cut: Decimal | None

    def lines(self) -> Iterator[ChurnRow]:
        """The rows and, where it says more than the only root, the whole."""
        yield from self.rows
        roots = [row for row in self.rows if not row.depth]
        counts = [(row.now.clients, row.before.clients) for row in roots]
        if counts != [(self.total.now.clients, self.total.before.clients)]:
            yield self.total


def read_churn(user: Any, reach: FigureReach, year: Year, unit: Unit | None = None) -> ChurnYear:
    """The losses of a year that a user may see, of a unit's subtree if given. A constant number
    of queries; the year before counts up to the same day."""
    rows = policy_for(Churn).visible_to(user)
    if unit is not None:
        rows = rows.filter(client__unit__in=reach.subtree(unit))
    total = ChurnRow(unit=unit, is_total=True)
    found = _by_unit(rows, year, reach, total, unit)
    causes, rivals = _reasons(rows, year)
    targets = year_targets(year.number, reach)
    return ChurnYear(
        year,
        _planned(found, total, targets, year, reach, unit),
        total,
        _before(rows, year),
        causes,
        rivals,
        targets.alone(TargetKind.CHURN_CUT, unit.pk if unit else None),
    )


def within(year: Year) -> Q:
    """Losses of the year so far, or of the year before up to the same day."""
    now, before = year.so_far, year.before
    return Q(on__range=(now.since, now.until)) | Q(on__range=(before.since, before.until))


def _by_unit(
    rows: Any, year: Year, reach: FigureReach, total: ChurnRow, unit: Unit | None
) -> dict[int | None, ChurnRow]:
    found: dict[int | None, ChurnRow] = {}
    counted = (
        rows.filter(within(year))
        .order_by()
        .annotate(of_month=TruncMonth("on"))
        .values_list("client__unit_id", "of_month")
        .annotate(n=Count("pk"), lost=Sum("lost_monthly"))
    )
    for unit_id, month, clients, monthly in counted:
        lost = Lost(clients, monthly or ZERO)
        own = month if month >= year.whole.since else None
        total.add(lost, own)
        for pk in _above(unit_id, reach, unit):
            if pk not in found:
                place = reach.units.get(pk) if pk else None
                depth = place.path.count("/") - 2 if place else 0
                found[pk] = ChurnRow(place, max(depth, 0))
            found[pk].add(lost, own)
    return found


def _above(unit_id: int | None, reach: FigureReach, unit: Unit | None) -> list[int | None]:
    """The rows that a loss belongs to, the top first, as far as they are within reach."""
    if unit_id is None:
        return [None] if reach.everything else []
    path = [int(part) for part in reach.units[unit_id].path.split("/") if part]
    top = unit.path if unit else ""
    return [
        pk
        for pk in path
        if reach.holds_unit(reach.units[pk]) and reach.units[pk].path.startswith(top)
    ]


def _planned(
    found: dict[int | None, ChurnRow],
    total: ChurnRow,
    targets: YearTargets,
    year: Year,
    reach: FigureReach,
    unit: Unit | None,
) -> list[ChurnRow]:
    """The rows in the order of the tree with their plans; a unit with a plan and no loss too."""
    by_month = read_targets(year.whole, year.today, reach.units, KINDS)
    top = unit.path if unit else ""
    for pk, place in reach.units.items():
        mine = place.path.startswith(top) and reach.holds_unit(place) and pk not in found
        if mine and targets.of(TargetKind.DISCONNECTED, pk) is not None:
            found[pk] = ChurnRow(place, max(place.path.count("/") - 2, 0))

    def fill(row: ChurnRow, pk: int | None) -> None:
        row.plan = targets.of(TargetKind.DISCONNECTED, pk)
        row.plan_monthly = targets.of(TargetKind.LOST_REVENUE, pk)
        months = year.whole.months()
        row.plans = {m: by_month.of_month(m, "clients", pk) for m in months}
        row.plans_monthly = {m: by_month.of_month(m, "monthly", pk) for m in months}

    for served, row in found.items():
        if served is not None:
            fill(row, served)
    if unit is not None or reach.everything:
        fill(total, unit.pk if unit else None)
    rows = sorted(found.values(), key=lambda r: (r.unit is None, r.unit.path if r.unit else ""))
    if rows:
        lowest = min(row.depth for row in rows)
        for row in rows:
            row.depth -= lowest
    roots = [row for row in rows if not row.depth]
    if len(roots) == 1 and unit is None and reach.everything:
        # The plan of the whole is told where the whole stands: at the only root.
        fill(roots[0], None)
    return rows


def _before(rows: Any, year: Year) -> dict[date, int]:
    """Clients lost by month of the whole year before."""
    since, until = date(year.number - 1, 1, 1), date(year.number - 1, 12, 31)
    counted = rows.filter(on__range=(since, until)).order_by().annotate(of_month=TruncMonth("on"))
    return dict(counted.values_list("of_month").annotate(n=Count("pk")))


def _reasons(rows: Any, year: Year) -> tuple[list[Reason], list[Reason]]:
    """By cause and by rival, the most first."""
    is_now = Case(
        When(on__gte=year.whole.since, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    counted = (
        rows.filter(within(year))
        .order_by()
        .annotate(is_now=is_now)
        .values_list("cause_id", "cause__label", "competitor", "is_now")
        .annotate(n=Count("pk"), lost=Sum("lost_monthly"))
    )
    causes: dict[Any, Reason] = {}
    rivals: dict[str, Reason] = {}
    for cause, label, rival, now, clients, monthly in counted:
        places = [causes.setdefault(cause, Reason(label or "Не указана", cause))]
        if rival:
            places.append(rivals.setdefault(rival, Reason(rival, rival)))
        for reason in places:
            (reason.now if now else reason.before).add(Lost(clients, monthly or ZERO))

    def ordered(found: dict[Any, Reason]) -> list[Reason]:
        return sorted(
            found.values(), key=lambda r: (-r.now.clients, -r.before.clients, r.label.casefold())
        )

    return ordered(causes), ordered(rivals)
