"""What the start page says of a pool: the worst lamps and what pulls each of them down."""

from dataclasses import dataclass
from typing import Any

from lamps.enums import Colour
from lamps.models import Lamp, SchemeIndicator
from lamps.selectors.schemes import indicator_labels


@dataclass(frozen=True)
class Worst:
    """A lamp below green: indicators that earn less than they could, the heaviest loss first."""

    lamp: Lamp
    losses: tuple[tuple[str, int], ...]


def worst_lamps(user: Any, limit: int) -> list[Worst]:
    """Red lamps, then yellow, the lowest sum first, with what is lost and where."""
    rows = Lamp.objects.visible_to(user).filter(colour__in=[Colour.RED, Colour.YELLOW])
    rows = rows.select_related("client").order_by("total", "sort_key", "client_id")[:limit]
    best = best_points()
    labels = indicator_labels()
    return [Worst(lamp, _losses(lamp, best.get(lamp.scheme_id, {}), labels)) for lamp in rows]


def best_points() -> dict[int, dict[int, int]]:
    """Scheme id → slot → the most its indicator can earn."""
    best: dict[int, dict[int, int]] = {}
    rules = SchemeIndicator.objects.order_by().values_list(
        "scheme_id", "indicator__slot", "tiers__weight"
    )
    for scheme_id, slot, weight in rules:
        slots = best.setdefault(scheme_id, {})
        slots[slot] = max(slots.get(slot, 0), weight or 0)
    return best


def _losses(lamp: Lamp, best: dict[int, int], labels: dict[int, str]) -> tuple:
    lost = []
    for slot, most in best.items():
        points = lamp.points[slot] if slot < len(lamp.points) else None
        if points is not None and points < most:
            lost.append((labels.get(slot, ""), most - points))
    return tuple(sorted(lost, key=lambda pair: -pair[1]))
