"""The table of stages, and the way of one need through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
