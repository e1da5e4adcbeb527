"""What the lamp table needs: its columns, the greatest sums, a lamp as of a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import Client, Employee
from core.policy import policy_for
from lamps.models import Indicator, Lamp, LampPeriod, Tier
from lamps.policy import LampPeriodPolicy

RELATED = ("client", "specialist", "unit")
NAME_PARTS = ("last_name", "first_name", "middle_name", "id")
_LARGEST = 2**31 - 1
_IDS = 2**32


def indicators() -> list[Indicator]:
    """The indicators that any scheme measures, in the order of their slots."""
    return list(Indicator.objects.filter(schemeindicator__isnull=False).distinct())


def best_sums() -> dict[int, int]:
    """Scheme id → the greatest possible sum, in hundredths."""
    best: dict[int, int] = {}
    rows = Tier.objects.order_by().values_list("indicator__scheme_id", "indicator_id")
    for scheme_id, _, most in rows.annotate(most=Max("weight")):
        best[scheme_id] = best.get(scheme_id, 0) + most
    return best


def lamps_of(client_ids: Any) -> dict[int, Lamp]:
    """Client id → its present lamp, in one query."""
    return Lamp.objects.only("client_id", "colour", "total", "since").in_bulk(client_ids)


def periods_then(user: Any) -> QuerySet:
    """Periods of the clients that stood in the user's reach at the time."""
    policy = policy_for(LampPeriod)
    assert isinstance(policy, LampPeriodPolicy)
    return policy.as_it_was(user)


def lamps_on(user: Any, on: date) -> QuerySet:
    """The lamps of a computed day in the past, of the clients in the user's reach that day."""
    periods = periods_then(user).filter(starts_on__lte=on)
    return periods.filter(Q(ends_on=None) | Q(ends_on__gt=on))


def opened_by(user: Any, client_ids: Iterable[int]) -> set[int]:
    """Which of the clients the user may open today."""
    seen = policy_for(Client).visible_to(user).filter(pk__in=list(client_ids))
    return set(seen.order_by().values_list("pk", flat=True))


def count_in_pools(pools: QuerySet, colours: Iterable[str]) -> int:
    """The number of clients of some colours in pools of one day."""
    sums = pools.order_by().aggregate(**{f"n_{c}": Sum(c) for c in colours})
    return sum(n or 0 for n in sums.values())


# --- pages of long lists ---------------------------------------------------------------------


def by_name(queryset: QuerySet) -> list[str]:
    """Names in the order of their keys; a lamp repeats its client's key, a period does not."""
    return ["sort_key" if queryset.model is Lamp else "client__sort_key", "client_id"]


def rows_in_order(model: Any, ids: list[int]) -> list[Any]:
    """The rows of a page with what the table shows of their neighbours."""
    rows = model._default_manager.filter(pk__in=ids).select_related(*RELATED).order_by()
    found = {row.pk: row for row in rows}
    return [found[pk] for pk in ids if pk in found]


def as_number(day: Any) -> Func:
    """A date as days since 2000."""
    return Func(day, template="(%(expressions)s - DATE '2000-01-01')", output_field=IntegerField())


def ids_by_number(
    queryset: QuerySet, number: Any, descending: bool, start: int, stop: int
) -> list[int]:
    """Ids of a page in the order of a number, what is empty last, then of the ids.

    Number and id are packed into one bigint: PostgreSQL sorts a hundred thousand single numbers
    several times as fast as rows with a name to break ties, and in a tenth of the memory.
    """
    rank = Value(_LARGEST - 1) - number if descending else number
    packed = Func(
        Coalesce(rank, Value(_LARGEST), output_field=IntegerField()),
        F("pk"),
        template="((%(expressions)s)",
        arg_joiner=")::bigint << 32) | (",
        output_field=BigIntegerField(),
    )
    keys = queryset.order_by().annotate(packed=packed).order_by("packed")
    return [key % _IDS for key in keys.values_list("packed", flat=True)[start:stop]]


def ids_by_specialist(queryset: QuerySet, descending: bool, start: int, stop: int) -> list[int]:
    """Ids of a page in the order of specialists' names, then of clients' names.

    The sizes of the pools say whose clients the page holds; only those are sorted.
    """
    sizes = dict(queryset.order_by().values_list("specialist_id").annotate(n=Count("*")).order_by())
    known = [pk for pk in sizes if pk is not None]
    people = Employee.objects.filter(pk__in=known).order_by(*NAME_PARTS)
    order: list[int | None] = list(people.values_list("pk", flat=True))
    if descending:
        order.reverse()
    if None in sizes:
        order.append(None)
    shown, before, passed = [], 0, 0
    for who in order:
        first, passed = passed, passed + sizes[who]
        if passed > start and first < stop:
            if not shown:
                before = first
            shown.append(who)
    some = [who for who in shown if who is not None]
    pools = Q(specialist__in=some)
    if None in shown:
        pools |= Q(specialist=None)
    place = Case(
        *[When(specialist=who, then=Value(n)) for n, who in enumerate(some)],
        default=Value(len(some)),
        output_field=IntegerField(),
    )
    rows = queryset.filter(pools).order_by(place, *by_name(queryset))
    return list(rows.values_list("pk", flat=True)[start - before : stop - before])
