"""What needs put into my day: those a step from confirmed, those that stand still."""

from typing import Any

from django.db.models import F
from django.urls import reverse

from core.policy import policy_for
from core.russian import age_days
from needs.enums import NeedStatus
from needs.models import Need, NeedStage
from needs.next_action import next_action
from needs.pipeline import next_stage
from needs.preferences import STUCK_DAYS
from needs.selectors import stages
from needs.selectors.needs import with_asked
from needs.selectors.standing import standing_still
from visits.cadence import Priority
from visits.day import POOL, UNIT, Action, Asker, Found, Row, Source, register
from visits.day_sources import address, counted_rows, of_pool, served_by

_POOLS = frozenset({POOL, UNIT})


def _almost(asker: Asker, limit: int) -> Found:
    """Needs in work on the stage before the last, the longest there first."""
    last = list(NeedStage.objects.filter(is_on=True).order_by("-code")[:2])
    if len(last) < 2:
        return Found([], 0, reverse("needs"))
    rows = of_pool(asker, policy_for(Need).visible_to(asker.user))
    rows = rows.filter(stage=last[1], status=NeedStatus.OPEN)
    rows = rows.order_by(F("stage_on").asc(nulls_last=True), "pk")
    found, total = counted_rows(rows, limit, with_asked)
    url = address("needs", stage=last[1].pk, status=NeedStatus.OPEN)
    return Found([_row(asker, row) for row in found], total, url)


def _standing(asker: Asker, limit: int) -> Found:
    rows = of_pool(asker, policy_for(Need).visible_to(asker.user))
    late = standing_still(rows, asker.on, asker.settings[STUCK_DAYS])
    ordered = late.order_by(F("stage_on").asc(nulls_first=True), "opened_on", "pk")
    found, total = counted_rows(ordered, limit, with_asked)
    return Found([_row(asker, row) for row in found], total, address("needs", stuck="true"))


def _row(asker: Asker, row: Any) -> Row:
    since = row.stage_on or row.opened_on
    stage = str(row.stage) if row.stage else "ещё не выявлена"
    said = [row.client.name, str(row.participant) if row.participant else ""]
    code = row.stage.code if row.stage else None
    coming = next_stage(asker.once("need stages", stages), code)
    does = next_action(row.author_id, coming, asker.employees, is_asked=row.is_asked)
    return Row(
        title=row.title,
        url=reverse("need", args=[row.pk]),
        why=f"{', '.join(filter(None, said))} · {stage}, {age_days((asker.on - since).days)}",
        note=served_by(asker, row.client),
        since=since,
        actions=[Action(does.label, reverse(does.url_name, args=[row.pk]))] if does else [],
    )


def register_sources() -> None:
    """Tell my day; called once, when all apps are ready."""
    register(
        Source(
            "almost",
            Priority.ALMOST_CONFIRMED,
            "Потребности в один шаг от подтверждения",
            _POOLS,
            _almost,
        )
    )
    register(
        Source(
            "standing",
            Priority.STANDING_STILL,
            "Потребности, застрявшие на этапе",
            _POOLS,
            _standing,
        )
    )
