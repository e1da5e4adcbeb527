"""Reads of facts: money, usage by week, rights, trainings, how fresh each feed is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce, TruncMonth, TruncWeek

from accounts.enums import FeedCode
from accounts.models import (
    Client,
    Entitlement,
    Feed,
    GndRecord,
    Invoice,
    Payment,
    Service,
    Training,
    Usage,
)
from core.shares import percent_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class FeedState:
    """A feed of facts: through which day it is loaded, when it came, how old it is."""

    code: str
    label: str
    fresh_through: date | None
    received_at: Any
    age: int | None

    @property
    def is_late(self) -> bool:
        """Nothing was ever received, or more than a day is missing before yesterday."""
        return self.age is None or self.age > 2


def feed_states(on: date) -> list[FeedState]:
    """Every feed the program knows, those never received included."""
    found = {feed.code: feed for feed in Feed.objects.all()}
    states = []
    for code, label in FeedCode.choices:
        feed = found.get(code)
        through = feed.fresh_through if feed else None
        states.append(
            FeedState(
                code=code,
                label=str(label),
                fresh_through=through,
                received_at=feed.received_at if feed else None,
                age=max((on - through).days, 0) if through else None,
            )
        )
    return states


def usage_on(client: Client, service: Service, day: date) -> Usage:
    """The usage of a service by a client on a day that is known to be recorded."""
    return Usage.objects.get(client=client, service=service, day=day)


def feed(code: str) -> Feed | None:
    """A feed, or None where it was never received."""
    return Feed.objects.filter(code=code).first()


def services_by_id(ids: Iterable[int]) -> dict[int, Service]:
    """Services by id."""
    return Service.objects.in_bulk(list(ids))


@dataclass(frozen=True)
class Month:
    """What was billed and paid for a month."""

    month: date
    billed: Decimal
    paid: Decimal

    @property
    def percent(self) -> Decimal | None:
        """Paid ÷ billed; of nothing there is no share."""
        return percent_of(self.paid, self.billed)


@dataclass(frozen=True)
class Money:
    """The money of a client over twelve months, and what is overdue now."""

    months: Sequence[Month]
    invoices: Sequence[Invoice]
    overdue: Sequence[Invoice]
    overdue_sum: Decimal
    billed: Decimal
    paid: Decimal

    @property
    def percent(self) -> Decimal | None:
        return percent_of(self.paid, self.billed)


def month_starts(on: date, count: int = 12) -> list[date]:
    """The first days of the last `count` months, the month of `on` included, oldest first."""
    first = on.replace(day=1)
    found = [first]
    while len(found) < count:
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found[::-1]


def with_paid(invoices: Any) -> Any:
    """Invoices with `paid`, the sum of their payments."""
    return invoices.annotate(paid=Coalesce(Sum("payments__amount"), ZERO))


def money_of(client: Client, on: date) -> Money:
    """Invoices and payments of the last twelve months; overdue ones whatever their age."""
    starts = month_starts(on)
    rows = with_paid(Invoice.objects.filter(client=client))
    recent = list(rows.filter(month__gte=starts[0]).order_by("-month", "-id"))
    overdue = list(rows.filter(due_on__lt=on, settled_on=None).order_by("due_on", "id"))
    sums: dict[date, tuple[Decimal, Decimal]] = {}
    for invoice in recent:
        billed, paid = sums.get(invoice.month, (ZERO, ZERO))
        sums[invoice.month] = (billed + invoice.amount, paid + invoice.paid)
    months = [Month(start, *sums.get(start, (ZERO, ZERO))) for start in starts]
    return Money(
        months=months,
        invoices=recent,
        overdue=overdue,
        overdue_sum=sum((i.amount - i.paid for i in overdue), ZERO),
        billed=sum((m.billed for m in months), ZERO),
        paid=sum((m.paid for m in months), ZERO),
    )


def payments_of(client: Client, since: date) -> list[Payment]:
    """Payments of a client since a day, newest first."""
    rows = Payment.objects.filter(invoice__client=client, paid_on__gte=since)
    return list(rows.select_related("invoice").order_by("-paid_on", "-id"))


@dataclass(frozen=True)
class UsageSeries:
    """A service by week: a week without data yet is None, never a zero."""

    service: Service
    values: Sequence[int | None]

    @property
    def total(self) -> int:
        return sum(v for v in self.values if v)


def weeks_until(on: date, count: int = 52) -> list[date]:
    """The Mondays of the last `count` weeks, the week of `on` included, oldest first."""
    monday = on - timedelta(days=on.weekday())
    return [monday - timedelta(weeks=n) for n in range(count - 1, -1, -1)]


def usage_of(client: Client, on: date) -> tuple[list[date], list[UsageSeries]]:
    """Usage by week and service over a year. Weeks the feed has not reached are gaps."""
    weeks = weeks_until(on)
    rows = (
        Usage.objects.filter(client=client, day__gte=weeks[0], day__lte=on)
        .order_by()
        .annotate(week=TruncWeek("day"))
        .values_list("service_id", "week")
        .annotate(total=Sum("quantity"))
    )
    sums = {(service, week): total for service, week, total in rows}
    through = Feed.objects.filter(code=FeedCode.USAGE).values_list("fresh_through", flat=True)
    last = through.first()
    begin = max(weeks[0], client.connected_on - timedelta(days=client.connected_on.weekday()))
    known = [w for w in weeks if w >= begin and (last is None or w <= last)]
    series = [
        UsageSeries(service, [sums.get((service.pk, w), 0) if w in known else None for w in weeks])
        for service in Service.objects.all()
    ]
    return weeks, series


@dataclass(frozen=True)
class Right:
    """A right to a service with how much of the month's quota is used."""

    entitlement: Entitlement
    days_left: int
    used: int

    @property
    def is_soon(self) -> bool:
        return 0 <= self.days_left <= SOON


SOON = 30  # days ahead that count as «скоро закончится» on the card


def rights_of(client: Client, on: date) -> list[Right]:
    """Rights that hold on a day or ended within the last year, those ending first on top."""
    rows = Entitlement.objects.filter(
        client=client, starts_on__lte=on, valid_until__gte=on - timedelta(days=365)
    ).select_related("service")
    used = dict(
        Usage.objects.filter(client=client, day__gte=on.replace(day=1), day__lte=on)
        .order_by()
        .values_list("service_id")
        .annotate(total=Sum("quantity"))
    )
    found = [Right(row, (row.valid_until - on).days, used.get(row.service_id, 0)) for row in rows]
    return sorted(found, key=lambda r: (r.days_left < 0, abs(r.days_left)))


def trainings_of(client: Client) -> list[Training]:
    """Trainings, latest first."""
    return list(Training.objects.filter(client=client).order_by("-held_on", "-id"))


def gnd_of(client: Client) -> list[GndRecord]:
    """ГНД records, open ones first."""
    rows = GndRecord.objects.filter(client=client).order_by("-opened_on", "-id")
    return sorted(rows, key=lambda row: row.closed_on is not None)


@dataclass(frozen=True)
class MonthlyUse:
    """A service by month: a month without data is None, never a zero; and its latest right."""

    service: Service
    values: Sequence[int | None]
    right: Entitlement | None

    @property
    def total(self) -> int:
        return sum(v for v in self.values if v)


def monthly_use(
    client: Client, on: date, codes: Sequence[str]
) -> tuple[list[date], list[MonthlyUse]]:
    """How much of some services a client used in each of the last twelve months; four queries."""
    months = month_starts(on)
    services = list(Service.objects.filter(code__in=codes))
    rows = (
        Usage.objects.filter(client=client, service__in=services, day__gte=months[0], day__lte=on)
        .order_by()
        .annotate(month=TruncMonth("day"))
        .values_list("service_id", "month")
        .annotate(total=Sum("quantity"))
    )
    sums = {(service, month): total for service, month, total in rows}
    rights: dict[int, Entitlement] = {}
    for right in Entitlement.objects.filter(
        client=client, service__in=services, starts_on__lte=on
    ).order_by("valid_until"):
        rights[right.service_id] = right
    through = feed(FeedCode.USAGE)
    last = through.fresh_through if through else None
    begin = client.connected_on.replace(day=1)
    known = {m for m in months if m >= begin and (last is None or m <= last)}
    return months, [
        MonthlyUse(
            service,
            [sums.get((service.pk, m), 0) if m in known else None for m in months],
            rights.get(service.pk),
        )
        for service in services
    ]
