"""Writes of agreements: what was agreed becomes a task with a due date."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client, Employee
from core import text
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, update
from visits.due import due_problem
from visits.enums import AgreementStatus
from visits.models import Agreement, ControlPoint, Visit
from visits.selectors.agreements import executors_for, usual_due
from visits.services.marks import hold, keep_marks

AGREEMENT_FIELDS = ("what", "participant", "responsible", "due_on")


@transaction.atomic
def add_agreement(
    *,
    actor: Any,
    values: dict[str, Any],
    today: date,
    client: Client | None = None,
    visit: Visit | None = None,
    control_point: ControlPoint | None = None,
) -> Agreement:
    """Record an agreement with a client (of a contact or not) or a decision of a control point.

    Without a due date it is due the usual number of working days later. Without a responsible
    it is the task of whoever serves the client. Raises ValidationError by field, Refused.
    """
    if visit is not None:
        client = client or visit.client
        if visit.client_id != client.pk:
            raise ValueError("the contact is with another client")
        policy_for(Visit).check(actor, "view", visit)
        visit = hold(visit)
    policy_for(Agreement).check(actor, "add")
    if client is not None:
        policy_for(Client).check(actor, "view", client)
    if control_point is not None:
        control_point = _open_review(actor, control_point)
    row = Agreement(
        client=client,
        visit=visit,
        control_point=control_point,
        agreed_on=_agreed_on(visit, control_point, today),
    )
    values = _known(values)
    values["due_on"] = values.get("due_on") or usual_due(today)
    _check(actor, row, values, today)
    for name, value in values.items():
        setattr(row, name, value)
    row = create(row, actor=actor)
    if visit is not None:
        keep_marks(actor=actor, visit=visit)
    return row


@transaction.atomic
def update_agreement(
    *,
    actor: Any,
    agreement: Agreement,
    values: dict[str, Any],
    today: date,
    version: int | None = None,
) -> Agreement:
    """Change an open agreement. A decision of a control point that was held stays as decided."""
    row = _locked(actor, agreement, values, version)
    if row.status != AgreementStatus.OPEN:
        raise ValidationError("Задача закрыта: сначала верните её в работу.")
    if row.control_point is not None and row.control_point.held_at:
        raise ValidationError(
            "Решение проведённой контрольной точки не меняется: его можно выполнить или снять."
        )
    values = _known(values)
    if "due_on" in values and values["due_on"] is None:
        values["due_on"] = usual_due(today)
    _check(actor, row, values, today)
    return update(row, values, actor=actor)


@transaction.atomic
def close_agreement(
    *,
    actor: Any,
    agreement: Agreement,
    outcome: str,
    today: date,
    version: int | None = None,
) -> Agreement:
    """Say that it is done, and with what outcome (which may stay unsaid)."""
    row = _locked(actor, agreement, {"outcome": outcome}, version)
    return _end(row, AgreementStatus.DONE, outcome, actor, today)


@transaction.atomic
def drop_agreement(
    *,
    actor: Any,
    agreement: Agreement,
    reason: str,
    today: date,
    version: int | None = None,
) -> Agreement:
    """Take a task off without having done it; why is kept."""
    row = _locked(actor, agreement, {"reason": reason}, version)
    if not _visible(reason):
        raise ValidationError({"outcome": "Напишите, почему задача снята."})
    return _end(row, AgreementStatus.DROPPED, reason, actor, today)


@transaction.atomic
def reopen_agreement(*, actor: Any, agreement: Agreement, version: int | None = None) -> Agreement:
    """Return a closed task to work; what was said of its end stays in the history."""
    row = _locked(actor, agreement, {}, version)
    if row.status == AgreementStatus.OPEN:
        raise ValidationError("Задача и так в работе.")
    opened = {"status": AgreementStatus.OPEN, "closed_on": None, "outcome": ""}
    return update(row, opened, actor=actor)


def _visible(typed: str) -> bool:
    """Whether something is left of what was typed; characters not allowed are refused later."""
    try:
        return bool(text.clean(typed))
    except ValidationError:
        return True


def _end(row: Agreement, status: str, said: str, actor: Any, today: date) -> Agreement:
    if row.status != AgreementStatus.OPEN:
        raise ValidationError("Задача уже закрыта.")
    ended = {"status": status, "closed_on": max(today, row.agreed_on), "outcome": said}
    return update(row, ended, actor=actor)


def _locked(
    actor: Any, agreement: Agreement, typed: dict[str, Any], version: int | None
) -> Agreement:
    row = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    policy_for(Agreement).check(actor, "change", row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed)
    return row


def _open_review(actor: Any, review: ControlPoint) -> ControlPoint:
    """The control point under lock, not held yet: what was held gets no new decisions."""
    row = ControlPoint.objects.select_for_update(of=("self",)).get(pk=review.pk)
    policy_for(ControlPoint).check(actor, "change", row)
    if row.held_at:
        raise ValidationError("Контрольная точка проведена: новых решений в ней не записывают.")
    return row


def _agreed_on(visit: Visit | None, review: ControlPoint | None, today: date) -> date:
    """The day of the contact or of the review; never one to come."""
    days = [today]
    if visit is not None and visit.held_on:
        days.append(visit.held_on)
    if review is not None:
        days.append(review.on)
    return min(days)


def _known(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(AGREEMENT_FIELDS)
    if unknown:
        raise ValueError(f"not a field of an agreement: {sorted(unknown)}")
    return dict(values)


def _check(actor: Any, row: Agreement, values: dict[str, Any], today: date) -> None:
    """Ask every rule about what is new; raise the refusals by field."""
    problems: dict[str, str] = {}
    due_on = values.get("due_on")
    if due_on and due_on != row.due_on and (told := due_problem(due_on, row.agreed_on, today)):
        problems["due_on"] = told
    participant = values.get("participant")
    if participant is not None and participant.client_id != row.client_id:
        problems["participant"] = "Это участник другого клиента."
    responsible = values.get("responsible", row.responsible)
    if responsible is None and row.client_id is None:
        problems["responsible"] = "Укажите, кто делает: у задачи без клиента нет специалиста."
    elif responsible is not None and responsible.pk != row.responsible_id:
        problems |= _executor_problems(actor, responsible, row.client, today)
    if problems:
        raise ValidationError(problems)


def _executor_problems(
    actor: Any, employee: Employee, client: Client | None, today: date
) -> dict[str, str]:
    if executors_for(actor, client, today).filter(pk=employee.pk).exists():
        return {}
    if client is None:
        return {"responsible": f"Вы не можете поручить задачу сотруднику {employee}."}
    return {
        "responsible": f"{employee} не видит этого клиента: укажите его специалиста или начальника."
    }
