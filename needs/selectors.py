"""Reads of needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from accounts.models import Client
from core import history
from core.audit import reference
from core.models import AuditEntry
from core.policy import policy_for
from needs.enums import NeedStatus
from needs.models import Need, NeedStage, NeedStep
from needs.pipeline import Stage, missing_for, next_stage


def as_stage(row: NeedStage) -> Stage:
    """A row of the dictionary as the pipeline sees it."""
    return Stage(
        code=row.code,
        label=row.label,
        requires=tuple(row.requires),
        needs_participant=row.needs_participant,
        needs_second_person=row.needs_second_person,
    )


def stages() -> list[Stage]:
    """The table of stages in use, in order."""
    return [as_stage(row) for row in NeedStage.objects.filter(is_on=True).order_by("code")]


def with_names(queryset: Any) -> Any:
    """Needs with what a row of a list shows."""
    return queryset.select_related(
        "client__specialist", "stage", "department", "participant__person", "author"
    )


def with_steps(queryset: Any) -> Any:
    """Needs with everything that the card and the API show."""
    steps = NeedStep.objects.select_related("stage", "author", "participant__person")
    return with_names(queryset).prefetch_related(
        "tools", "advantages", Prefetch("steps", queryset=steps)
    )


def values_of(need: Need) -> dict[str, Any]:
    """What is filled in, by field."""
    return {field.name: getattr(need, field.attname) for field in need._meta.concrete_fields}


def labels_of(names: Iterable[str]) -> list[str]:
    """Fields of a need as the user knows them."""
    return [str(Need._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]


@dataclass(frozen=True)
class Stop:
    """A stage on the line of one need: passed (with its step), next (with what it lacks), later."""

    stage: Stage
    step: NeedStep | None = None
    is_next: bool = False
    missing: tuple[str, ...] = ()


def line_of(need: Need) -> list[Stop]:
    """The way of a need: steps made, the next one and what it lacks, the rest."""
    table = stages()
    made = {step.stage.code: step for step in need.steps.all()}
    in_use = {stage.code for stage in table}
    table += [as_stage(step.stage) for code, step in made.items() if code not in in_use]
    table.sort(key=lambda stage: stage.code)
    code = need.stage.code if need.stage else None
    coming = next_stage(table, code) if need.status == NeedStatus.OPEN else None
    return [
        Stop(
            stage=stage,
            step=made.get(stage.code),
            is_next=stage is coming,
            missing=tuple(labels_of(missing_for(stage, values_of(need))))
            if stage is coming
            else (),
        )
        for stage in table
    ]


def needs_of(client: Client) -> list[Need]:
    """All needs of a client, those in work first."""
    return list(with_names(client.needs.all()).order_by("-status", "-opened_on", "-pk"))


def history_of(need: Need, limit: int = 50) -> list[AuditEntry]:
    """What was written about a need, newest first."""
    rows = AuditEntry.objects.filter(subject=reference(need)).select_related("actor")
    return history.with_names(rows.order_by("-pk")[:limit])


def almost_confirmed(user: Any, limit: int = 10) -> tuple[list[Need], int, NeedStage | None]:
    """Open needs one step before the last stage, longest there first; how many; their stage."""
    last = list(NeedStage.objects.filter(is_on=True).order_by("-code")[:2])
    if len(last) < 2:
        return [], 0, None
    rows = policy_for(Need).visible_to(user).filter(stage=last[1], status=NeedStatus.OPEN)
    reached = Prefetch("steps", queryset=NeedStep.objects.filter(stage=last[1]), to_attr="reached")
    found = with_names(rows).prefetch_related(reached).order_by("opened_on", "pk")
    return list(found[:limit]), rows.count(), last[1]
