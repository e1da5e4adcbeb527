"""What lamps say at a review: colours of the pool, and who changed since the last one."""

from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse

from core.russian import number, percent, plural, signed
from core.templatetags.lampa import lamp_word
from lamps.enums import Colour
from lamps.health import COLOURED
from lamps.health import Pool as PoolHealth
from lamps.models import Lamp, LampPeriod
from lamps.selectors.schemes import computed_on, newest_night, norm_on
from visits.review_sections import SHOWN, Fact, Pool, Row, Section

_WORST = [Colour.RED, Colour.YELLOW, Colour.NONE, Colour.GREEN]


def lamps_section(pool: Pool) -> Section:
    """Counts by colour against the norm, their movement since the period began, and by whom."""
    night = newest_night()
    if night is None:
        return Section("Лампочки", empty="Лампочки ещё не рассчитаны.")
    counts = dict(
        Lamp.objects.filter(pool.condition())
        .order_by()
        .values_list("colour")
        .annotate(n=Count("client"))
    )
    health = PoolHealth(**{colour: counts.get(colour, 0) for colour in Colour.values})
    then = computed_on(pool.since)
    moved = _moved(pool, then) if then is not None else None
    changes = _transitions(moved) if moved is not None else {}
    rows = list(_by_name(moved)[:SHOWN]) if changes else []
    rows.sort(key=lambda row: _WORST.index(Colour(row["now"])))
    count = sum(changes.values())
    norm = norm_on(night)
    facts = tuple(
        Fact(
            lamp_word(colour),
            number(health.count(colour)),
            _note(health, colour, changes if moved is not None else None),
            f"{reverse('lamps')}?colour={colour.value}&{pool.query}",
            health.in_norm(colour, norm) is False,
        )
        for colour in (*COLOURED, Colour.NONE)
        if colour in COLOURED or health.none
    )
    return Section(
        f"Лампочки на {night:%d.%m.%Y}",
        facts,
        tuple(_row(row) for row in rows),
        f"Сменили цвет с {then:%d.%m.%Y}" if then else "",
        count,
        "",
        "Цвет никто не сменил." if then else f"До {pool.since:%d.%m.%Y} лампочек не было.",
    )


def _moved(pool: Pool, then: Any) -> Any:
    """Clients of the pool whose colour is not what it was on a computed day."""
    covering = Q(starts_on__lte=then) & (Q(ends_on=None) | Q(ends_on__gt=then))
    rows = LampPeriod.objects.filter(covering, pool.condition("client__lamp__"))
    return rows.exclude(colour=F("client__lamp__colour")).values(
        "client", "colour", now=F("client__lamp__colour"), name=F("client__name")
    )


def _by_name(moved: Any) -> Any:
    return moved.order_by("client__sort_key", "client")


def _transitions(moved: Any) -> dict[tuple[str, str], int]:
    """How many clients went from which colour to which."""
    rows = moved.order_by().values("colour", "now").annotate(n=Count("client"))
    return {(row["colour"], row["now"]): row["n"] for row in rows}


def _note(health: PoolHealth, colour: Colour, changes: dict[tuple[str, str], int] | None) -> str:
    share = percent(health.share(colour)) if colour in COLOURED else ""
    if changes is None:
        return share
    came = sum(n for (_, now), n in changes.items() if now == colour)
    gone = sum(n for (was, _), n in changes.items() if was == colour)
    if not came and not gone:
        return share
    delta = came - gone
    moved = (
        f"{signed(delta)} {plural(delta, 'клиент,клиента,клиентов')}" if delta else "состав иной"
    )
    return ", ".join(filter(None, [share, moved]))


def _row(row: dict[str, Any]) -> Row:
    return Row(
        row["name"],
        f"{reverse('client', args=[row['client']])}?tab=lamp",
        f"{lamp_word(row['colour'])} → {lamp_word(row['now']).lower()}",
        (row["colour"], row["now"]),
    )
