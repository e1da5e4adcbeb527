"""The rules of a lamp as SQL: one query over any set of clients, compiled from a scheme.

The same definition as `lamps/score.py`, which explains one client in Python; a property test
holds the two equal. The inner query counts each raw value once per client by index; the outer
one turns values into points, sum, colour and expiry. Which feeds are missing is known before,
so it enters as constants. See docs/lamps.md, «Одно определение, два чтения».
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Least
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual, Range

from accounts.models import Assignment, Client, Entitlement, GndRecord, Invoice, Training, Usage
from lamps import score
from lamps.enums import Colour, Direction, MissingPolicy, Source
from lamps.models import Counted
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit

# The columns that `select_lamps` yields, in order.
COLUMNS = (
    "client_id",
    "scheme_id",
    "specialist_id",
    "unit_id",
    "segment",
    "colour",
    "total",
    "raw",
    "points",
    "expiring",
    "until",
    "expires_on",
)


class _Array(Func):
    """ARRAY[…] of a given element type."""

    template = "ARRAY[%(expressions)s]::%(element)s[]"

    def __init__(self, items: Iterable[Any], element: str) -> None:
        super().__init__(*items, element=element, output_field=TextField())


class _WithoutNulls(Func):
    template = "array_remove(%(expressions)s, NULL)"
    output_field = TextField()


class _Element(Func):
    """The element of an array column at a slot counted from 0."""

    def __init__(self, column: str, slot: int, output_field: Any) -> None:
        super().__init__(F(column), slot=slot + 1, output_field=output_field)

    template = "(%(expressions)s)[%(slot)s]"


def _sum(column: str) -> Func:
    """SUM over a correlated subquery's rows, as one row without GROUP BY, held in range."""
    total = Func(F(column), function="SUM", output_field=IntegerField())
    return Cast(Least(Coalesce(total, Value(0)), Value(score.LARGEST)), output_field=IntegerField())


def _count() -> Func:
    return Func(template="COUNT(*)::integer", output_field=IntegerField())


def _latest(days: Any) -> Func:
    return Func(days, function="MAX", output_field=DateField())


_missing = score.is_missing


def _one(rows: QuerySet, expression: Any) -> Subquery:
    """An aggregate of a client's rows as a subquery of the client."""
    return Subquery(rows.filter(client=OuterRef("pk")).order_by().values_list(expression))


# --- counting --------------------------------------------------------------------------------


def raw_value(rule: score.IndicatorRule, on: date) -> Subquery:
    """The raw value of an indicator on a day, over Client (`score._count` in SQL)."""
    since = on - timedelta(days=rule.window_days or 0)
    match rule.source:
        case Source.USAGE:
            usage = Usage.objects.filter(service=rule.service_id, day__gt=since, day__lte=on)
            return _one(usage, _sum("quantity"))
        case Source.K1:
            visits = Visit.objects.filter(
                level=VisitLevel.K1, status=VisitStatus.DONE, held_on__gt=since, held_on__lte=on
            )
            return _one(visits, _count())
        case Source.GND:
            still = Q(closed_on=None) | Q(closed_on__gt=on)
            return _one(GndRecord.objects.filter(still, opened_on__lte=on), _count())
        case Source.OVERHANG:
            unpaid = Q(settled_on=None) | Q(settled_on__gt=on)
            return _one(Invoice.objects.filter(unpaid, due_on__lt=on), _count())
        case Source.TRAINING:
            valid = Training.objects.filter(held_on__lte=on, valid_until__gte=on)
            return _one(valid, _count())
    raise ValueError(rule.source)


def _pool(on: date) -> Subquery:
    """The specialist and unit of a client's assignment on a day, as an array."""
    rows = Assignment.objects.current_on(on).filter(client=OuterRef("pk"))
    held = _Array([F("specialist_id"), F("unit_id")], "bigint")
    return Subquery(rows.order_by("-starts_on").values_list(held)[:1])


def _rights(rules: Sequence[score.IndicatorRule], on: date) -> Any:
    """The last days of the rights to the rules' services, in order, by one look at them."""
    if not rules:
        return _Array([], "date")
    ends = [
        Case(
            When(
                service=rule.service_id,
                starts_on__lte=score.renewal_horizon(rule, on),
                then=F("valid_until"),
            )
        )
        for rule in rules
    ]
    rows = Entitlement.objects.filter(service__in=sorted({rule.service_id or 0 for rule in rules}))
    return _one(rows, _Array([_latest(end) for end in ends], "date"))


def _warned_rights(scheme: score.Scheme) -> list[score.IndicatorRule]:
    """The rules that warn of the end of a right, in the order of the `rights` column."""
    return [r for r in scheme.indicators if r.warns and r.source == Source.USAGE]


def counted(
    scheme: score.Scheme,
    fresh: Mapping[str, date],
    on: date,
    segments: Iterable[str],
    client_ids: Iterable[int] | None = None,
) -> QuerySet:
    """Clients served on a day with what a scheme counts, in the order of Counted's columns.

    All clients of the segments, or those of `client_ids` among them.
    """
    raw = {r.slot: raw_value(r, on) for r in scheme.indicators if not _missing(r, fresh, on)}
    trained: Any = Value(None, DateField())
    if any(r.warns and r.source == Source.TRAINING for r in scheme.indicators):
        trained = _one(Training.objects.filter(held_on__lte=on), _latest(F("valid_until")))
    clients = Client.objects.active_on(on).filter(segment__in=sorted(segments))
    if client_ids is not None:
        clients = clients.filter(pk__in=list(client_ids))
    return clients.order_by().values_list(
        F("pk"),
        F("segment"),
        _pool(on),
        _Array(_by_slot(scheme, raw), "integer"),
        _rights(_warned_rights(scheme), on),
        trained,
    )


def _by_slot(scheme: score.Scheme, values: Mapping[int, Any]) -> list[Any]:
    return [values.get(slot, Value(None)) for slot in range(scheme.width)]


# --- points ----------------------------------------------------------------------------------


def earned(rule: score.IndicatorRule) -> Any:
    """The hundredths earned by the rule's raw value, over Counted (`score.earn` in SQL)."""
    raw = _Element("raw", rule.slot, IntegerField())
    higher = rule.direction == Direction.HIGHER
    tiers = sorted(rule.tiers, key=lambda t: t.threshold, reverse=higher)
    reaches = GreaterThanOrEqual if higher else LessThanOrEqual
    return Case(
        *[When(reaches(raw, tier.threshold), then=Value(tier.weight)) for tier in tiers],
        default=Value(0),
        output_field=SmallIntegerField(),
    )


def _points(scheme: score.Scheme, fresh: Mapping[str, date], on: date) -> dict[int, Any]:
    """Slot → points of the indicators that take part."""
    points: dict[int, Any] = {}
    for rule in scheme.indicators:
        if not _missing(rule, fresh, on):
            points[rule.slot] = earned(rule)
        elif rule.missing_policy == MissingPolicy.ZERO:
            points[rule.slot] = Value(score.earn(rule, 0))
    return points


def _total(points: Mapping[int, Any], grey: bool) -> Any:
    """The sum of points as an expression; None where the lamp is grey for every client."""
    return None if grey or not points else reduce(add, points.values())


def _colour(scheme: score.Scheme, total: Any) -> Any:
    if total is None:
        return Value(Colour.NONE.value)
    return Case(
        When(GreaterThanOrEqual(total, scheme.green_from), then=Value(Colour.GREEN.value)),
        When(GreaterThanOrEqual(total, scheme.yellow_from), then=Value(Colour.YELLOW.value)),
        default=Value(Colour.RED.value),
        output_field=TextField(),
    )


def _last_days(scheme: score.Scheme) -> dict[int, Any]:
    """Slot → the last day of what a warning rule lives on, over Counted."""
    days: dict[int, Any] = {
        rule.slot: _Element("rights", place, DateField())
        for place, rule in enumerate(_warned_rights(scheme))
    }
    for rule in scheme.indicators:
        if rule.warns and rule.source == Source.TRAINING:
            days[rule.slot] = F("trained")
    return days


def _ending(rule: score.IndicatorRule, last_day: Any, on: date, then: Any, kind: Any) -> Case:
    """`then` where the rule's last day falls within its warning window."""
    window = (on, on + timedelta(days=rule.warning_days or 0))
    return Case(
        When(Range(ExpressionWrapper(last_day, DateField()), window), then=then),
        default=Value(None),
        output_field=kind,
    )


def scored(scheme: score.Scheme, fresh: Mapping[str, date], on: date) -> QuerySet:
    """Lamps of the counted clients, in the order of COLUMNS."""
    points = _points(scheme, fresh, on)
    grey = any(
        r.missing_policy == MissingPolicy.GREY and _missing(r, fresh, on) for r in scheme.indicators
    )
    total = _total(points, grey)
    days = _last_days(scheme)
    warned = [rule for rule in scheme.indicators if rule.slot in days]
    slots = [_ending(r, days[r.slot], on, Value(r.slot), SmallIntegerField()) for r in warned]
    ending = {r.slot: _ending(r, days[r.slot], on, days[r.slot], DateField()) for r in warned}
    dates = list(ending.values())
    nearest = Least(*dates) if len(dates) > 1 else dates[0] if dates else Value(None, DateField())
    return Counted.objects.order_by().values_list(
        F("id"),
        Value(scheme.id),
        _Element("pool", 0, BigIntegerField()),
        _Element("pool", 1, BigIntegerField()),
        F("segment"),
        _colour(scheme, total),
        Value(None, SmallIntegerField()) if total is None else total,
        F("raw"),
        _Array(_by_slot(scheme, points), "smallint"),
        _WithoutNulls(_Array(slots, "smallint")),
        _Array(_by_slot(scheme, ending), "date"),
        Cast(nearest, DateField()),
    )


def select_lamps(
    scheme: score.Scheme,
    fresh: Mapping[str, date],
    on: date,
    segments: Iterable[str],
    client_ids: Iterable[int] | None = None,
) -> tuple[str, tuple]:
    """One SELECT and its parameters: a row of COLUMNS for each client served on a day.

    The inner query is fenced with OFFSET 0, or the planner would repeat every count in each
    expression that reads it.
    """
    inner, inner_params = counted(scheme, fresh, on, segments, client_ids).query.sql_with_params()
    outer, outer_params = scored(scheme, fresh, on).query.sql_with_params()
    name = connection.ops.quote_name(Counted._meta.db_table)
    columns = ", ".join(
        connection.ops.quote_name(column)
        for column in ("id", "segment", "pool", "raw", "rights", "trained")
    )
    sql = f"WITH {name} ({columns}) AS ({inner} OFFSET 0) {outer}"
    return sql, (*inner_params, *outer_params)
