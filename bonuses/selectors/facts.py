"""The facts of every KPI for everybody at once: a constant number of queries for a period.

Contacts, needs and losses count for whoever answered for them and for the unit of that day;
pools as they stood on the last day of each (docs/bonuses.md, «Факты»).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from accounts.models import Assignment, Churn, Invoice, Position
from bonuses.enums import KpiSource, SchemeKind
from bonuses.measures import (
    NOTHING,
    Bill,
    Event,
    Events,
    Fact,
    Pools,
    Served,
    Who,
    materials_fact,
    payments_fact,
    share_fact,
    sum_fact,
)
from bonuses.models import BonusKpi, ManualFact, SheetLine, Upsell
from lamps.health import Pool, standard_3
from lamps.models import Night, PoolDay
from lamps.selectors.schemes import norm_on
from needs.funnel import IDENTIFIED
from needs.models import NeedStep
from visits.enums import VisitLevel, VisitStatus
from visits.figures.periods import Period
from visits.models import Visit, VisitCriterion
from visits.selectors.figures import PREPARED
from visits.selectors.figures.sources import Asked, held

_ONE = timedelta(days=1)
_TRUE = Decimal(1)


class Facts:
    """The facts of a period [since, until], both days included.

    What is read is read once, when the first fact of its kind is asked for. `everyone` narrows
    the reading where one sheet is wanted: employees and units whose rows are enough.
    """

    def __init__(
        self,
        since: date,
        until: date,
        *,
        employees: Iterable[int] | None = None,
        units: Iterable[int] | None = None,
    ) -> None:
        self.since, self.until = since, until
        self.employees = None if employees is None else list(employees)
        self.units = list(units or ())

    def fact(self, source: str, who: Who, kpi: BonusKpi | None = None) -> Fact:
        """The fact of a source for somebody; `kpi` is the one entered by hand."""
        match source:
            case KpiSource.PAYMENTS:
                return payments_fact(self.pools.clients(who), self.bills)
            case KpiSource.MATERIALS:
                return materials_fact(self.pools.clients(who), self.useful)
            case KpiSource.POOL:
                return self._pool(who)
            case KpiSource.DISCONNECTED:
                return sum_fact(self.churns.whose(who))
            case KpiSource.UPSELL:
                return sum_fact(self.upsells.whose(who))
            case KpiSource.NEEDS:
                return sum_fact(self.needs.whose(who))
            case KpiSource.PREPARED:
                return share_fact(self.contacts.whose(who))
            case KpiSource.SATISFACTION:
                return share_fact(self.scores.whose(who))
            case KpiSource.K2_QUALITY:
                return share_fact(self.qualities.whose(who))
        if kpi is None:
            return NOTHING
        own = self.manual.get((who.employee, kpi.pk))
        # A new version of the rules has its own numbers for the KPIs that it took over.
        return own or self.manual.get((who.employee, (who.kind, kpi.label)), NOTHING)

    def _mine(self, employee: str, unit: str) -> Q:
        """The condition that a row is needed at all."""
        if self.employees is None:
            return Q()
        return Q(**{f"{employee}__in": self.employees}) | Q(**{f"{unit}__in": self.units})

    # --- pools ------------------------------------------------------------------------------
    @cached_property
    def pools(self) -> Pools:
        """Who served which client within the period."""
        rows = (
            Assignment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=self.since))
            .filter(self._mine("specialist", "unit"), starts_on__lte=self.until)
            .order_by()
            .values_list(
                "client_id", "specialist_id", "unit_id", "starts_on", "ends_on",
                "client__connected_on", "client__disconnected_on",
            )
        )  # fmt: skip
        found = []
        for client, employee, unit, starts, ends, connected, gone in rows:
            last = min(filter(None, (ends, gone)), default=None)
            found.append(Served(client, employee, unit, max(starts, connected), last))
        return Pools.of(found)

    @cached_property
    def bills(self) -> dict[int, list[Bill]]:
        """The invoices of the period's months with what was paid by its last day, by client."""
        paid = Sum("payments__amount", filter=Q(payments__paid_on__lte=self.until))
        rows = Invoice.objects.filter(month__range=(self.since.replace(day=1), self.until))
        if self.employees is not None:
            rows = rows.filter(client__in=[c for w in self.pools.by_employee.values() for c in
                                           {s.client for s in w}])  # fmt: skip
        found: dict[int, list[Bill]] = defaultdict(list)
        for client, pk, billed, got in (
            rows.order_by().annotate(got=paid).values_list("client_id", "pk", "amount", "got")
        ):
            found[client].append(Bill(pk, billed, got or Decimal(0)))
        return found

    @cached_property
    def useful(self) -> set[int]:
        """Clients with folders or bookmarks made or updated in the period."""
        rows = Visit.objects.filter(
            status=VisitStatus.DONE, materials__gt=0, held_on__range=(self.since, self.until)
        )
        return set(rows.order_by().values_list("client_id", flat=True))

    @cached_property
    def _nights(self) -> list[date]:
        return list(
            Night.objects.filter(on__lte=self.until, on__gte=self.since - timedelta(days=40))
            .order_by("on")
            .values_list("on", flat=True)
        )

    def _night_days(self, until: date) -> tuple[date | None, date | None]:
        """The computed days that internal standard 3 compares, as the board takes them."""
        nights = [night for night in self._nights if night <= until]
        if not nights:
            return None, None
        present = nights[-1]
        first = present.replace(day=1)
        before = [night for night in nights if night <= first]
        return present, before[-1] if before else next(n for n in nights if n >= first)

    @cached_property
    def _pool_days(self) -> dict[date, tuple[dict[int, Pool], dict[int, Pool]]]:
        """Day → the pools by specialist and by unit. Days are those that somebody may need."""
        last = [night for night in self._nights if night >= self.since]
        wanted = {self._night_days(day)[n] for day in [*last, self.until] for n in (0, 1)}
        found: dict[date, tuple[dict[int, Pool], dict[int, Pool]]] = {}
        rows = PoolDay.objects.filter(on__in=[day for day in wanted if day is not None])
        rows = rows.filter(self._mine("specialist", "unit")).order_by()
        for on, employee, unit, *counts in rows.values_list(
            "on", "specialist_id", "unit_id", "red", "yellow", "green", "none"
        ):
            people, units = found.setdefault(on, ({}, {}))
            pool = Pool(*counts)
            if employee is not None:
                people[employee] = people.get(employee, Pool()) + pool
            if unit is not None:
                units[unit] = units.get(unit, Pool()) + pool
        return found

    @cached_property
    def _norm(self) -> Any:
        return norm_on(self.until)

    def _pool(self, who: Who) -> Fact:
        """1 where internal standard 3 holds for the pool, else 0."""
        present, start = self._night_days(who.until)
        if present is None or start is None:
            return NOTHING
        now = self._pool_on(present, who)
        verdict = standard_3(now, self._pool_on(start, who), self._norm)
        if verdict.holds is None:
            return NOTHING
        note = (
            f"{verdict.words}: красных {now.red}, жёлтых {now.yellow}, зелёных {now.green} "
            f"на {present:%d.%m.%Y}"
        )
        return Fact(
            value=Decimal(int(verdict.holds)),
            part=Decimal(now.green),
            whole=Decimal(now.coloured),
            rows=tuple(self.pools.clients(who)),
            note=note,
        )

    def _pool_on(self, day: date, who: Who) -> Pool:
        people, units = self._pool_days.get(day, ({}, {}))
        if who.kind == SchemeKind.HEAD:
            return sum((units.get(unit, Pool()) for unit in who.units), Pool())
        return people.get(who.employee, Pool())

    # --- events -----------------------------------------------------------------------------
    @cached_property
    def _held(self) -> Any:
        rows = held(Asked(Period(self.since, self.until), self.until))
        return rows.filter(self._mine("employee", "unit")).order_by()

    @cached_property
    def contacts(self) -> Events:
        """Contacts held; those prepared count."""
        prepared = set(self._held.filter(PREPARED).values_list("pk", flat=True))
        rows = self._held.values_list("pk", "employee_id", "unit_id", "held_on")
        return Events.of(
            Event(pk, employee, unit, on, Decimal(pk in prepared), _TRUE, pk in prepared)
            for pk, employee, unit, on in rows
        )

    @cached_property
    def scores(self) -> Events:
        """Contacts with a client's score, of the best that its scale had."""
        rows = self._held.filter(satisfaction__isnull=False).values_list(
            "pk", "employee_id", "unit_id", "held_on", "satisfaction", "satisfaction_scale"
        )
        return Events.of(
            Event(pk, employee, unit, on, Decimal(score), Decimal(best))
            for pk, employee, unit, on, score, best in rows
        )

    @cached_property
    def qualities(self) -> Events:
        """К2У with how many of the scored criteria each met."""
        met = Count(
            "marks", filter=Q(marks__criterion__is_on=True, marks__criterion__is_scored=True)
        )
        rows = (
            self._held.filter(level=VisitLevel.K2)
            .annotate(met=met)
            .values_list("pk", "employee_id", "unit_id", "held_on", "met")
        )
        return Events.of(
            Event(
                pk, employee, unit, on, Decimal(found), Decimal(self._scored), found == self._scored
            )
            for pk, employee, unit, on, found in rows
        )

    @cached_property
    def _scored(self) -> int:
        return VisitCriterion.objects.filter(is_on=True, is_scored=True).count()

    def by_criteria_of(self, line: SheetLine, now: Fact) -> Fact:
        """Quality as it is now, or as a closed line has it where another number of criteria was
        scored then: the dictionary was changed since, and what was met cannot be compared."""
        if line.whole is None or line.whole == self._scored * len(line.rows):
            return now
        return Fact(
            line.fact, line.part, line.whole, tuple(line.rows), tuple(line.counted), line.note
        )

    @cached_property
    def churns(self) -> Events:
        """Clients lost, of whoever served them on the day before."""
        served = (
            Assignment.objects.filter(client=OuterRef("client"), starts_on__lt=OuterRef("on"))
            .filter(Q(ends_on=None) | Q(ends_on__gte=OuterRef("on")))
            .order_by("-starts_on")
        )
        rows = (
            Churn.objects.filter(on__range=(self.since, self.until))
            .annotate(
                who=Subquery(served.values("specialist_id")[:1]),
                where=Subquery(served.values("unit_id")[:1]),
            )
            .filter(self._mine("who", "where"))
            .order_by()
            .values_list("pk", "who", "where", "on")
        )
        return Events.of(Event(*row, _TRUE, _TRUE) for row in rows)

    @cached_property
    def upsells(self) -> Events:
        """Additional sales, of the unit where the seller stood on the day."""
        place = (
            Position.objects.filter(employee=OuterRef("employee"), starts_on__lte=OuterRef("on"))
            .filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("on")))
            .order_by("-starts_on")
        )
        rows = (
            Upsell.objects.filter(on__range=(self.since, self.until))
            .annotate(where=Subquery(place.values("unit_id")[:1]))
            .filter(self._mine("employee", "where"))
            .order_by()
            .values_list("pk", "employee_id", "where", "on", "amount")
        )
        return Events.of(Event(*row, _TRUE) for row in rows)

    @cached_property
    def needs(self) -> Events:
        """Needs identified in the period, of their authors."""
        rows = (
            NeedStep.objects.filter(stage__code=IDENTIFIED, on__range=(self.since, self.until))
            .filter(self._mine("need__author", "need__unit"))
            .order_by()
            .values_list("need_id", "need__author_id", "need__unit_id", "on")
        )
        return Events.of(Event(*row, _TRUE, _TRUE) for row in rows)

    @cached_property
    def manual(self) -> dict[tuple[int, Any], Fact]:
        """KPIs entered by hand, by employee and number, and by employee and (kind, label): the
        last month of the period speaks."""
        rows = ManualFact.objects.filter(month__range=(self.since.replace(day=1), self.until))
        if self.employees is not None:
            rows = rows.filter(employee__in=self.employees)
        found: dict[tuple[int, Any], Fact] = {}
        for pk, employee, kpi, label, kind, value, document in rows.order_by("month").values_list(
            "pk", "employee_id", "kpi_id", "kpi__label", "kpi__block__scheme__kind", "value",
            "document",
        ):  # fmt: skip
            fact = Fact(
                value=value,
                part=value,
                rows=(pk,),
                counted=(pk,),
                note=f"документ: {document}"[:300],
            )
            found[employee, kpi] = found[employee, (kind, label)] = fact
        return found
