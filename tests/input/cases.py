"""Every form page of contacts, visits and needs: who fills it in, about what, and how well.

`fill` is typed over what the page offers, so that the form is saved as it stands: what is then
refused is refused for the one bad value. A form page without a row here fails the test.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core import clock
from tests import factories
from tests.personas import World

Fill = dict[str, Any]  # a value, a list of them, or what gives them of the world


@dataclass(frozen=True)
class Case:
    """One form page. `of` names the row of its address, `make` makes one instead."""

    who: str
    of: str = ""
    make: Callable[[World], Any] | None = None
    query: Callable[[World], str] = lambda world: ""
    fill: Fill = field(default_factory=dict)
    # Values that are well alone and wrong beside another: what is typed, where it is said.
    crossed: tuple[tuple[Fill, str], ...] = ()
    # Choices of rows that may not be another client's, with the model of such a row.
    foreign: dict[str, str] = field(default_factory=dict)
    saved: int = 302  # 200 where the answer itself shows what was made


def participant(world: World) -> int:
    return world.row("contacts.participant").pk


def staff(name: str) -> Callable[[World], int]:
    return lambda world: world.staff[name].pk


def loose(world: World) -> Any:
    """A participant with no past that would stand in the way."""
    return factories.participant(world.clients["own"])


def alike(world: World) -> str:
    other = factories.participant(world.clients["own"])
    return f"?with={other.pk}"


def effect(world: World) -> Any:
    """A need one step before it is confirmed, its author Анна."""
    row = factories.need(world.clients["own"], effect="сберегли", effect_hours=3)
    factories.need_step(row, "04")
    return row


def step(code: str) -> Callable[[World], Any]:
    def make(world: World) -> Any:
        row = factories.need(
            world.clients["own"], key_need="к", difficulties="т", solution="р", effect="э"
        )
        if code:
            factories.need_step(row, code)
        return row

    return make


def asked(world: World) -> Any:
    """A request that waits for Галина."""
    row = effect(world)
    return factories.confirmation(row, world.row("contacts.participant"), world.staff["anna"])


def review(world: World) -> Any:
    yesterday = clock.today() - timedelta(days=1)
    return factories.control_point(
        world.noio1, world.staff["anna"], world.staff["galina"], on=yesterday
    )


def lesson(world: World) -> Any:
    return factories.staff_training(world.noio1, world.staff["anna"])


def lone_task(world: World) -> Any:
    return factories.agreement(world.clients["own"])


def planned_k2(world: World) -> Any:
    return factories.visit(
        world.clients["own"], world.staff["galina"], level="K2", status="planned",
        planned_for=clock.today() + timedelta(days=1),
    )  # fmt: skip


_CLIENT = "accounts.client"
_PERSON: Fill = {"last_name": "Новикова", "first_name": "Ольга", "job_title": "юрист"}
_PLAN: Fill = {"goal": "цель", "plan": "план", "goal_kind": "development"}
_HELD: Fill = {
    "started_at": "2026-09-16T09:00",
    "ended_at": "2026-09-16T09:30",
    "materials": "2",
    "result": "итог",
    "goal": "цель",
    "feedback": "отзыв",
    "agreements-0-what": "прислать подборку",
    "agreements-0-due_on": "2026-09-25",
}
_K2: Fill = _HELD | {
    "level": "K2",
    "mark_02": "on",
    "evidence_02": "назвали потребность",
    "mark_03": "on",
    "evidence_03": "спросили о конкурентах",
    "sign_competitor": "другой поставщик",
}
_BACKWARDS = (({"started_at": "2026-09-16T09:00", "ended_at": "2026-09-16T08:00"}, "ended_at"),)
_AGREED = {"agreements-0-participant": "contacts.participant"}
_WHO = {"participants": "contacts.participant"}
_NAMED = {"participant": "contacts.participant"}
_TAKEN = _WHO | {"agenda_needs": "needs.need"}
_NEED: Fill = {"title": "Субсидия", "difficulties": "сроки", "works": "справки", "key_need": "ясно"}
_EFFECT: Fill = {"effect": "успели", "effect_hours": "3.5", "effect_roubles": "100"}
_HOOK: Fill = {"text": "первая строка\n\nи третья", "valid_until": "2026-12-01"}
_TASK: Fill = {"what": "позвонить", "due_on": "2026-09-25"}

CASES: dict[str, Case] = {
    # the decision scheme
    "participant_add": Case(
        "anna", _CLIENT, fill=_PERSON | {"phone": "+7 495 123-45-67", "email": "n@example.org"},
        foreign={"reports_to": "contacts.participant"},
    ),
    "participant_edit": Case(
        "anna", make=loose,
        fill=_PERSON | {"roles": ["main_key_user"], "roles_on": "2026-09-16", "phone": ""},
        foreign={"reports_to": "contacts.participant"},
    ),
    "participant_close": Case("anna", make=loose, fill={"ends_on": "2026-09-16"}),
    "participant_merge": Case("anna", make=loose, query=alike),
    # contacts
    "visit_plan": Case("anna", _CLIENT, fill=_PLAN, foreign=_WHO),
    "client_prepare": Case("anna", _CLIENT, fill=_PLAN, foreign=_TAKEN),
    "visit_prepare": Case("anna", "planned", fill=_PLAN, foreign=_TAKEN),
    "visit_log": Case("anna", _CLIENT, fill=_HELD, crossed=_BACKWARDS, foreign=_WHO | _AGREED),
    "visit_log#k2": Case("galina", _CLIENT, fill=_K2, crossed=_BACKWARDS, foreign=_WHO | _AGREED),
    "visit_edit": Case("anna", "visits.visit", fill=_HELD, crossed=_BACKWARDS, foreign=_WHO),
    "visit_edit#planned": Case("anna", "planned", fill=_PLAN, foreign=_WHO),
    "visit_complete": Case("anna", "planned", fill=_HELD, crossed=_BACKWARDS, foreign=_WHO),
    "visit_complete#k2": Case("galina", make=planned_k2, fill=_K2, foreign=_WHO),
    "visit_cancel": Case("anna", "planned", fill={"reason": "заболел"}),
    # news hooks
    "hook_add": Case(
        "galina",
        fill=_HOOK | {"title": "Субсидии", "keywords": "стройка"},
        crossed=(({"published_on": "2026-09-16", "valid_until": "2026-09-10"}, "valid_until"),),
    ),
    "hook_edit": Case("galina", "visits.newshook", fill=_HOOK),
    # risks
    "risk_add": Case("anna", _CLIENT, fill={"kind": "competitor", "text": "видели другого"}),
    "risk_close": Case("anna", "visits.risk", fill={"outcome": "остались с нами"}),
    # tasks
    "task_add": Case("galina", fill=_TASK | {"responsible": staff("galina")}),
    "client_task_add": Case("anna", _CLIENT, fill=_TASK, foreign=_NAMED),
    "task_edit": Case(
        "anna", make=lone_task, fill=_TASK, foreign=_NAMED
    ),
    "task_close": Case("anna", make=lone_task, fill={"outcome": "сделано"}),
    "task_drop": Case("anna", make=lone_task, fill={"outcome": "не нужно"}),
    # control points and trainings
    "review_add": Case(
        "galina", fill={"specialist": staff("boris"), "on": "2026-09-18", "since": "2026-09-10"},
        crossed=(({"on": "2026-09-18", "since": "2026-09-20"}, "since"),),
        foreign={"specialist": "accounts.employee"},
    ),
    "review_edit": Case(
        "galina", make=review, fill={"on": "2026-09-18", "notes": "обсудить"},
        crossed=(({"on": "2026-09-18", "since": "2026-09-20"}, "since"),),
        foreign={"led_by": "accounts.employee"},
    ),
    "review_hold": Case("galina", make=review, fill={"notes": "обсудили\n\n- и решили"}),
    "review_decide": Case(
        "galina", make=review, fill={"what": "съездить", "due_on": "2026-09-25"},
        foreign={"client": "accounts.client", "responsible": "accounts.employee"},
    ),
    "review_drop": Case("galina", make=review),
    "staff_training_add": Case(
        "galina",
        fill={
            "title": "Новинки", "programme": "Школа", "audience": "новые", "notes": "зал",
            "unit": lambda world: world.noio1.pk,
        },
        foreign={"led_by": "accounts.employee"},
    ),
    "staff_training_edit": Case("galina", make=lesson, fill={"notes": "зал"}),
    "staff_training_invite": Case(
        "galina", make=lesson, fill={"employees": staff("boris")},
        foreign={"employees": "accounts.employee"},
    ),
    "staff_training_attendance": Case("galina", make=lesson),
    # needs
    "need_add": Case(
        "anna", _CLIENT, fill=_NEED | _EFFECT,
        foreign=_NAMED,
    ),
    "need_edit": Case(
        "anna", make=step("01"), fill=_NEED | _EFFECT,
        foreign=_NAMED,
    ),
    "need_advance": Case("anna", make=step(""), fill={"evidence": "письмо"}),
    "need_advance#last": Case(
        "galina", make=effect, fill={"evidence": "письмо", "participant": participant},
        foreign=_NAMED,
    ),
    "need_back": Case("anna", make=step("01"), fill={"reason": "ошиблись"}),
    "need_drop": Case("anna", make=step(""), fill={"reason": "неактуально"}),
    "need_ask_person": Case(
        "anna", make=effect, fill={"evidence": "письмо", "participant": participant},
        foreign=_NAMED,
    ),
    "need_ask_link": Case(
        "anna", make=effect, fill={"participant": participant}, saved=200,
        foreign=_NAMED,
    ),
    "confirmation": Case("galina", make=asked, fill={"decision": "refuse", "reason": "мало"}),
    "need_file_add": Case("anna", make=step("")),
}  # fmt: skip
