"""What lamps put into my day: red, yellow, what ends soon."""

from typing import Any

from django.urls import reverse

from core.russian import day, hundredths, number
from lamps.enums import Colour
from lamps.models import Lamp
from lamps.selectors import indicator_labels
from lamps.selectors.panels import best_points
from visits.cadence import Priority
from visits.day import POOL, UNIT, Asker, Found, Row, Source, register
from visits.day_sources import address, client_actions, counted_rows, of_pool, served_by

_POOLS = frozenset({POOL, UNIT})


def _of_pool(asker: Asker) -> Any:
    return of_pool(asker, Lamp.objects.visible_to(asker.user))


def _whole(rows: Any) -> Any:
    return rows.select_related("client__specialist")


def _of_colour(asker: Asker, limit: int, colour: Colour) -> Found:
    """Lamps of a colour, the lowest sum first, then the longest of that colour."""
    rows = _of_pool(asker).filter(colour=colour).order_by("total", "since", "sort_key", "pk")
    found, total = counted_rows(rows, limit, _whole)
    return Found([_row(asker, lamp) for lamp in found], total, address("lamps", colour=colour))


def _row(asker: Asker, lamp: Lamp) -> Row:
    return Row(
        title=lamp.client.name,
        url=f"{reverse('client', args=[lamp.client_id])}?tab=lamp",
        why=_losses(asker, lamp),
        note=served_by(asker, lamp.client),
        since=lamp.since,
        sign=lamp.colour,
        actions=client_actions(lamp.client_id),
    )


def _losses(asker: Asker, lamp: Lamp) -> str:
    """«Активность К+ 7 (−0,4), ЦО 0 (−0,1)»: what earns less than it could, the worst first."""
    labels = asker.once("lamps.labels", indicator_labels)
    best = asker.once("lamps.best", best_points).get(lamp.scheme_id, {})

    def at(values: Any, slot: int) -> Any:
        return values[slot] if slot < len(values) else None

    lost = [
        (most - points, labels.get(slot, ""), at(lamp.raw, slot))
        for slot, most in best.items()
        if (points := at(lamp.points, slot)) is not None and points < most
    ]
    lost.sort(key=lambda one: -one[0])
    return ", ".join(f"{label} {number(raw)} (−{hundredths(loss)})" for loss, label, raw in lost)


def _red(asker: Asker, limit: int) -> Found:
    return _of_colour(asker, limit, Colour.RED)


def _yellow(asker: Asker, limit: int) -> Found:
    return _of_colour(asker, limit, Colour.YELLOW)


def _expiring(asker: Asker, limit: int) -> Found:
    """What ends within the warning window, the nearest first."""
    rows = _of_pool(asker).filter(expires_on__isnull=False)
    rows = rows.exclude(expiring=[]).order_by("expires_on", "sort_key", "pk")
    found, total = counted_rows(rows, limit, _whole)
    return Found(
        [_ending(asker, lamp) for lamp in found],
        total,
        address("lamps", expiring="any", sort="expiring"),
    )


def _ending(asker: Asker, lamp: Lamp) -> Row:
    labels = asker.once("lamps.labels", indicator_labels)
    ends = [f"{labels.get(slot, '')} до {day(lamp.until[slot])}" for slot in lamp.expiring]
    return Row(
        title=lamp.client.name,
        url=f"{reverse('client', args=[lamp.client_id])}?tab=lamp",
        why=", ".join(ends),
        note=served_by(asker, lamp.client),
        sign=lamp.colour,
        actions=client_actions(lamp.client_id),
    )


def register_sources() -> None:
    """Tell my day; called once, when all apps are ready."""
    register(Source("red", Priority.RED_LAMPS, "Красные лампочки", _POOLS, _red))
    register(Source("yellow", Priority.YELLOW_LAMPS, "Жёлтые лампочки", _POOLS, _yellow))
    register(Source("expiring", Priority.EXPIRING, "Скоро закончится", _POOLS, _expiring))
