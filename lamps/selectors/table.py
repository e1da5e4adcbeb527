"""What the lamp table needs: its columns, the greatest sums, a lamp as of a day."""

from datetime import date
from typing import Any

from django.db.models import Max, Q, QuerySet

from lamps.models import Indicator, Lamp, LampPeriod, Tier


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


def lamps_on(user: Any, on: date) -> QuerySet:
    """The lamps of a computed day in the past, as far as the user may see their clients now."""
    periods = LampPeriod.objects.visible_to(user).filter(starts_on__lte=on)
    return periods.filter(Q(ends_on=None) | Q(ends_on__gt=on))
