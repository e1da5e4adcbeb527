"""The rules in force and what the night already knows, read in a constant number of queries."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Max

from accounts.enums import Segment
from accounts.models import Feed
from lamps import score
from lamps.enums import SchemeStatus
from lamps.health import Norm
from lamps.models import Indicator, LampScheme, Night, SchemeIndicator


def newest_night() -> date | None:
    """The day that the present lamps show; None before the first night."""
    return Night.objects.aggregate(on=Max("on"))["on"]


def computed_on(on: date) -> date | None:
    """The last computed day not after `on`; None where there is none."""
    return Night.objects.filter(on__lte=on).aggregate(on=Max("on"))["on"]


def fresh_through() -> dict[str, date]:
    """Feed code → the last day loaded. A feed that never came has no entry."""
    return dict(Feed.objects.values_list("code", "fresh_through"))


def indicator_labels() -> dict[int, str]:
    """Slot → the short label of its indicator."""
    return dict(Indicator.objects.order_by("slot").values_list("slot", "label"))


def norm_of(row: LampScheme) -> Norm:
    """The norm that a stored scheme sets."""
    return Norm(row.norm_red, row.norm_yellow, row.norm_green, row.tolerance)


def scheme_values(rows: Iterable[LampScheme]) -> dict[int, score.Scheme]:
    """Stored schemes as plain values by id, in two queries however many."""
    rows = list(rows)
    rules: dict[int, list[score.IndicatorRule]] = {row.pk: [] for row in rows}
    stored = (
        SchemeIndicator.objects.filter(scheme__in=rows)
        .select_related("indicator")
        .prefetch_related("tiers")
        .order_by("order", "id")
    )
    for rule in stored:
        rules[rule.scheme_id].append(
            score.IndicatorRule(
                code=rule.indicator.code,
                label=rule.indicator.label,
                slot=rule.indicator.slot,
                source=rule.source,
                direction=rule.direction,
                tiers=tuple(score.Tier(t.threshold, t.weight) for t in rule.tiers.all()),
                service_id=rule.service_id,
                window_days=rule.window_days,
                missing_policy=rule.missing_policy,
                stale_after_days=rule.stale_after_days,
                warning_days=rule.warning_days,
            )
        )
    return {
        row.pk: score.Scheme(
            id=row.pk,
            name=row.name,
            segment=row.segment,
            effective_from=row.effective_from,
            yellow_from=row.yellow_from,
            green_from=row.green_from,
            indicators=tuple(rules[row.pk]),
            norm=norm_of(row),
        )
        for row in rows
    }


def _in_force(on: date) -> dict[str, LampScheme]:
    """Segment (or "" for every other) → the published version with the latest start."""
    rows = LampScheme.objects.filter(status=SchemeStatus.PUBLISHED, effective_from__lte=on)
    latest = rows.order_by("segment", "-effective_from", "-id").distinct("segment")
    return {row.segment: row for row in latest}


def schemes_on(on: date) -> dict[str, score.Scheme]:
    """Segment → the scheme in force on a day: its own published version before the general one.

    A segment without either has no entry, and its clients have no lamp.
    """
    rows = _in_force(on)
    values = scheme_values(rows.values())
    chosen = {s: rows.get(s) or rows.get("") for s in Segment.values}
    return {segment: values[row.pk] for segment, row in chosen.items() if row}


def norm_on(on: date, segment: str | None = None) -> Norm:
    """The norm in force on a day: of a segment, or the general one for pools of every segment.

    Where no scheme says, 5/15/80.
    """
    rows = _in_force(on)
    wanted = [segment, ""] if segment else ["", *Segment.values]
    for name in wanted:
        if name in rows:
            return norm_of(rows[name])
    return Norm()
