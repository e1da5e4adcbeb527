"""What needs say at a review: which of the pool wait for the last step."""

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from core.russian import day, number
from needs.enums import NeedStatus
from needs.models import Need, NeedStage, NeedStep
from visits.review_sections import SHOWN, Fact, Pool, Row, Section


def needs_section(pool: Pool) -> Section | None:
    """Steps of the period by stage, and the open needs one step before the last stage."""
    stages = list(NeedStage.objects.filter(is_on=True).order_by("code"))
    if len(stages) < 2:
        return None
    made = Q(on__gte=pool.since, on__lt=pool.until) & pool.condition("need__client__")
    steps = dict(
        NeedStep.objects.filter(made).order_by().values_list("stage").annotate(n=Count("pk"))
    )
    facts = tuple(Fact(str(stage), number(steps.get(stage.pk, 0))) for stage in stages)
    before = stages[-2]
    rows: Any = Need.objects.filter(
        pool.condition("client__"), stage=before, status=NeedStatus.OPEN
    )
    found = list(rows.select_related("client").order_by("opened_on", "pk")[: SHOWN + 1])
    count = len(found) if len(found) <= SHOWN else rows.count()
    shown = tuple(
        Row(
            need.title,
            reverse("need", args=[need.pk]),
            f"{need.client.name}, открыта {day(need.opened_on)}",
        )
        for need in found[:SHOWN]
    )
    return Section(
        "Потребности: шаги за период",
        facts,
        shown,
        f"Остался один шаг: {stages[-1]}",
        count,
        f"{reverse('needs')}?stage={before.pk}" if count else "",
        "В одном шаге от подтверждения потребностей нет.",
    )
