"""Plan figures of a year: of the centre and of each unit."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.enums import TargetKind, TargetSpan
from accounts.models import Target
from visits.selectors.figures import FigureReach


@dataclass(frozen=True)
class YearTargets:
    """What is planned for a year by kind and unit (None: the centre)."""

    found: dict[tuple[str, int | None], Decimal]
    parts: dict[int | None, list[int]]  # units by the one they lie in

    def of(self, kind: TargetKind, unit_id: int | None = None) -> Decimal | None:
        """The figure set for a unit; without one, what its parts come to, if each has one."""
        own = self.found.get((kind, unit_id))
        if own is not None:
            return own
        parts = self.parts.get(unit_id, [])
        below = [self.of(kind, pk) for pk in parts]
        known = [value for value in below if value is not None]
        return sum(known, Decimal()) if known and len(known) == len(parts) else None

    def alone(self, kind: TargetKind, unit_id: int | None = None) -> Decimal | None:
        """The figure set for a unit or the centre itself: per cent of parts do not add up."""
        return self.found.get((kind, unit_id))


def year_targets(year: int, reach: FigureReach) -> YearTargets:
    """Every plan of a year for units and the centre, in one query."""
    rows = Target.objects.filter(
        span=TargetSpan.YEAR, month=date(year, 1, 1), employee=None
    ).values_list("kind", "unit_id", "value")
    parts: dict[int | None, list[int]] = {}
    for pk, place in reach.units.items():
        parts.setdefault(place.parent_id, []).append(pk)
    return YearTargets({(kind, unit): value for kind, unit, value in rows}, parts)
