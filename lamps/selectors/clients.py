"""One client's lamp explained, its history, and lists of clients by what happened to them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import (
    Client,
    Employee,
    Entitlement,
    GndRecord,
    Invoice,
    Training,
    Unit,
    Usage,
)
from core.russian import hundredths, number
from lamps import score
from lamps.enums import Colour, Source
from lamps.models import Lamp, LampPeriod
from lamps.selectors.schemes import (
    computed_on,
    fresh_through,
    indicator_labels,
    newest_night,
    schemes_on,
)
from lamps.selectors.table import opened_by, periods_then
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit


@dataclass(frozen=True)
class PointsChange:
    """An indicator that earns more or less than the day before; hundredths, None outside."""

    label: str
    before: int | None
    after: int | None
    raw: int | None


@dataclass(frozen=True)
class Crossing:
    """A client that changed colour on a day, and which indicators did it."""

    client: Client
    before: LampPeriod
    after: LampPeriod
    changes: tuple[PointsChange, ...]
    is_open: bool = True  # the reader may open the client's card today

    @property
    def is_better(self) -> bool | None:
        """Whether the colour is better than it was; None where one of them is no data."""
        order = [Colour.RED, Colour.YELLOW, Colour.GREEN]
        was, now = self.before.colour, self.after.colour
        if Colour.NONE in (was, now):
            return None
        return order.index(Colour(now)) > order.index(Colour(was))

    @property
    def words(self) -> str:
        """Which indicators did it: points before and after, and the value now."""
        said = ["другая схема"] if self.scheme_changed else []
        for change in self.changes:
            value = "" if change.raw is None else f" (значение {number(change.raw)})"
            points = f"{hundredths(change.before)} → {hundredths(change.after)}"
            said.append(f"{change.label}: {points}{value}")
        return "; ".join(said)

    @property
    def scheme_changed(self) -> bool:
        """Whether other rules came into force that day."""
        return self.before.scheme_id != self.after.scheme_id


@dataclass(frozen=True)
class Expiry:
    """What of a client's ends soon: labels with their last days, in the order of the table."""

    lamp: Lamp
    items: tuple[tuple[str, date | None], ...]


def facts_of(client: Client, scheme: score.Scheme, on: date) -> score.Facts:
    """The facts of one client that a scheme needs on a day, in seven queries."""
    services = {r.service_id for r in scheme.indicators if r.source == Source.USAGE}
    longest = max((r.window_days or 0 for r in scheme.indicators), default=0)
    since = on - timedelta(days=longest)
    usage: dict[int, list[tuple[date, int]]] = {}
    rows = Usage.objects.filter(
        client=client, service__in=services, day__gt=since, day__lte=on
    ).order_by()
    for service_id, day, quantity in rows.values_list("service_id", "day", "quantity"):
        usage.setdefault(service_id, []).append((day, quantity))
    rights: dict[int, list[tuple[date, date]]] = {}
    for service_id, starts, until in Entitlement.objects.filter(
        client=client, service__in=services
    ).values_list("service_id", "starts_on", "valid_until"):
        rights.setdefault(service_id, []).append((starts, until))
    visits = Visit.objects.filter(
        client=client,
        level=VisitLevel.K1,
        status=VisitStatus.DONE,
        held_on__gt=since,
        held_on__lte=on,
    ).order_by()
    return score.Facts(
        usage=usage,
        visits=list(visits.values_list("held_on", flat=True)),
        gnd=list(GndRecord.objects.filter(client=client).values_list("opened_on", "closed_on")),
        invoices=list(
            Invoice.objects.filter(client=client, due_on__lt=on)
            .order_by()
            .values_list("due_on", "settled_on")
        ),
        trainings=list(
            Training.objects.filter(client=client).values_list("held_on", "valid_until")
        ),
        entitlements=rights,
        fresh_through=fresh_through(),
    )


def explain(client: Client, on: date | None = None) -> score.LampReading | None:
    """The second reading: the client's lamp on a day (the newest night unless given), counted
    in Python from its facts as they are known now. `score.explain` puts it in words.

    None where the client is not served that day, or no scheme or night is there.
    """
    on = on or newest_night()
    if on is None or not Client.objects.active_on(on).filter(pk=client.pk).exists():
        return None
    scheme = schemes_on(on).get(client.segment)
    return score.read(scheme, facts_of(client, scheme, on), on) if scheme else None


def history(client: Client) -> QuerySet:
    """The periods of a client's lamp, newest first."""
    return (
        LampPeriod.objects.filter(client=client)
        .select_related("scheme", "specialist", "unit")
        .order_by("-starts_on")
    )


def as_of(client: Client, on: date) -> LampPeriod | None:
    """The lamp as it stood on the last computed day not after `on`.

    None where nothing was computed by then or the client had no lamp.
    """
    day = computed_on(on)
    if day is None:
        return None
    return history(client).filter(_covering(day)).first()


def _covering(on: date) -> Q:
    return Q(starts_on__lte=on) & (Q(ends_on=None) | Q(ends_on__gt=on))


def _in_pool(rows: Any, unit: Unit | None, specialist: Employee | None) -> Any:
    if unit is not None:
        rows = rows.filter(unit__path__startswith=unit.path)
    if specialist is not None:
        rows = rows.filter(specialist=specialist)
    return rows


def crossings(
    user: Any,
    on: date,
    *,
    unit: Unit | None = None,
    specialist: Employee | None = None,
    segment: str | None = None,
    limit: int | None = None,
) -> list[Crossing]:
    """Clients whose colour on the last computed day differs from the day before, and why.

    By name; four queries, five with a limit, and those of the scope. Scope, `unit` and
    `specialist` are those of that day; whose card the user may not open any more, stands without
    its address.
    """
    day = computed_on(on)
    if day is None:
        return []
    came = periods_then(user).filter(starts_on=day, since=day)
    came = _in_pool(came, unit, specialist)
    if segment:
        came = came.filter(segment=segment)
    came = came.filter(
        client__in=LampPeriod.objects.filter(ends_on=day).order_by().values("client")
    )
    came = came.order_by("client__sort_key", "client")
    if limit is not None:  # sorted as ids alone, and only the few shown are read whole
        ids = list(came.values_list("pk", flat=True)[:limit])
        came = LampPeriod.objects.filter(pk__in=ids).order_by("client__sort_key", "client")
    after = list(came.select_related("client", "unit", "specialist"))
    before = {
        period.client_id: period
        for period in LampPeriod.objects.filter(
            ends_on=day, client__in=[p.client_id for p in after]
        )
    }
    labels = indicator_labels()
    seen = opened_by(user, before)
    return [
        Crossing(
            client=p.client,
            before=before[p.client_id],
            after=p,
            changes=_changes(before[p.client_id], p, labels),
            is_open=p.client_id in seen,
        )
        for p in after
    ]


def _changes(
    before: LampPeriod, after: LampPeriod, labels: dict[int, str]
) -> tuple[PointsChange, ...]:
    def at(values: list, slot: int) -> Any:
        return values[slot] if slot < len(values) else None

    return tuple(
        PointsChange(label, at(before.points, slot), at(after.points, slot), at(after.raw, slot))
        for slot, label in labels.items()
        if at(before.points, slot) != at(after.points, slot)
    )


def expiring_soon(
    user: Any,
    *,
    unit: Unit | None = None,
    specialist: Employee | None = None,
    segment: str | None = None,
    limit: int | None = None,
) -> list[Expiry]:
    """Clients with something that ends soon, nearest first, as of the newest night."""
    rows = _in_pool(Lamp.objects.visible_to(user), unit, specialist)
    rows = rows.filter(expires_on__isnull=False)
    if segment:
        rows = rows.filter(segment=segment)
    rows = rows.select_related("client", "unit", "specialist")
    labels = indicator_labels()
    return [
        Expiry(lamp, tuple((labels.get(slot, ""), lamp.until[slot]) for slot in lamp.expiring))
        for lamp in rows.order_by("expires_on", "sort_key", "client")[:limit]
    ]
