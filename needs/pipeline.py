"""The stages of a need as a table, and what a step into one of them asks. Values only.

    stage                            requires                  participant  second person
    01 need identified               key_need, difficulties    –            –
    03 К+ implemented                solution                  –            –
    04 effect recorded               effect                    –            –
    06 effect confirmed              effect                    yes          yes

The table itself is data (`NeedStage`); a stage that is switched off is not in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

# Fields of a need that a stage may require.
REQUIRABLE = (
    "context",
    "difficulties",
    "works",
    "key_need",
    "solution",
    "folder",
    "effect",
    "effect_hours",
    "effect_roubles",
    "effect_risk",
    "effect_formula",
    "client_asset",
    "department",
    "participant",
)

# What whoever confirms an effect is shown, so what they say yes to.
CONFIRMABLE = ("effect", "effect_hours", "effect_roubles")


@dataclass(frozen=True)
class Stage:
    """A row of the table."""

    code: str
    label: str = ""
    requires: tuple[str, ...] = ()
    needs_participant: bool = False
    needs_second_person: bool = False

    def __str__(self) -> str:
        return f"{self.code} {self.label}".strip()


@dataclass(frozen=True)
class Standing:
    """A need as the rules see it before a step."""

    code: str | None  # of the present stage; none: opened, not identified yet
    last_on: date | None  # of the step into it
    connected_on: date  # of the client
    author: int
    is_open: bool = True


@dataclass(frozen=True)
class Step:
    """A step that somebody wants to make. `participant_fits`: of this client, in its scheme on
    the day; None where nobody is named."""

    on: date | None
    author: int
    evidence: str
    participant_fits: bool | None = None
    into: str | None = None  # the code that was asked for; none: whatever comes next
    is_backed: bool = False  # the participant has confirmed it by a link


def next_stage(stages: Sequence[Stage], code: str | None) -> Stage | None:
    """The stage after the present one; none after the last."""
    return next((stage for stage in stages if code is None or stage.code > code), None)


def missing_for(stage: Stage, values: Mapping[str, Any]) -> list[str]:
    """The names of the fields that must be filled in to enter a stage."""
    return [name for name in stage.requires if _is_empty(values.get(name))]


def emptied(stages: Iterable[Stage], code: str | None, values: Mapping[str, Any]) -> dict[str, str]:
    """Fields that a stage already passed stands on and that `values` leave empty."""
    found = {}
    for stage in stages:
        if code is not None and stage.code <= code:
            for name in missing_for(stage, values):
                found[name] = f"Поле нужно: потребность уже прошла этап «{stage}»."
    return found


def is_confirmed(stages: Iterable[Stage], code: str | None) -> bool:
    """Whether somebody has confirmed the effect: a stage that asks for it is behind."""
    has_effect = False
    for stage in stages:
        if code is None or stage.code > code:
            break
        has_effect = has_effect or "effect" in stage.requires
        if has_effect and (stage.needs_second_person or stage.needs_participant):
            return True
    return False


def refusals(
    stages: Sequence[Stage],
    need: Standing,
    step: Step,
    values: Mapping[str, Any],
    today: date,
    backdate_days: int | None = None,
) -> dict[str, str]:
    """Why a step is refused, by field; nothing where it may be made.

    `backdate_days`: how far before `today` its date may lie; None: as far as one likes.
    """
    if not need.is_open:
        return {"__all__": "Потребность снята: сначала верните её в работу."}
    stage = next_stage(stages, need.code)
    if stage is None:
        return {"__all__": "Потребность уже на последнем этапе."}
    found = {}
    if step.into is not None and step.into != stage.code:
        found["stage"] = f"Этапы не пропускают: следующий — «{stage}»."
    if problem := date_problem(need, step.on, today, backdate_days):
        found["on"] = problem
    if not step.evidence.strip():
        found["evidence"] = "Напишите, чем подтверждается этот шаг."
    for name in missing_for(stage, values):
        found[name] = f"Заполните поле: без него нет этапа «{stage}»."
    if step.participant_fits is False:
        found["participant"] = "Этого человека нет в схеме клиента на дату шага."
    elif step.participant_fits is None and stage.needs_participant:
        found["participant"] = "Укажите, кто у клиента подтвердил."
    if stage.needs_second_person and step.author == need.author and not step.is_backed:
        found["__all__"] = f"Этап «{stage}» записывает не автор потребности, а другой сотрудник."
    return found


def date_problem(
    need: Standing, on: date | None, today: date, backdate_days: int | None = None
) -> str:
    """What is wrong with the date of a step; empty where nothing is."""
    if on is None:
        return "Укажите дату."
    if on > today:
        return "Дата ещё не наступила."
    if need.last_on is not None and on < need.last_on:
        return f"Раньше предыдущего шага ({need.last_on:%d.%m.%Y})."
    if on < need.connected_on:
        return f"Раньше подключения клиента ({need.connected_on:%d.%m.%Y})."
    if backdate_days is not None and on < (first := today - timedelta(days=backdate_days)):
        return f"Слишком давно: задним числом записывают не раньше {first:%d.%m.%Y}."
    return ""


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
