"""The way of a sheet: seen and objected to, assessed, approved. Each step has its own person."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import Role
from bonuses.enums import ObjectionStatus, SheetStatus
from bonuses.models import Objection, Sheet, SheetLine, SheetView
from bonuses.months import last_of
from core import clock, services
from core.errors import Refused
from core.policy import policy_for

NOT_DRAFT = "Лист уже оценён: возражения больше не принимаются."
TOO_LATE = "Срок возражений истёк {on:%d.%m.%Y}."
OPEN = "По листу есть возражение без ответа."
TOO_EARLY = "До {on:%d.%m.%Y} сотрудник может возразить: дождитесь срока или его согласия."
SAME_PERSON = "Оценить и утвердить лист должны разные люди."


def _locked(sheet: Sheet) -> Sheet:
    """The sheet as it stands, held until the transaction ends."""
    return Sheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)


@transaction.atomic
def note_view(sheet: Sheet, user: Any, how: str) -> SheetView | None:
    """Keep that somebody looked at another's sheet; one's own is nobody's business."""
    if sheet.employee.user_id == user.pk:
        return None
    return SheetView.objects.create(sheet=sheet, user=user, at=clock.now(), how=how)


@transaction.atomic
def note_views(sheets: Iterable[int], user: Any, how: str) -> int:
    """Keep that somebody got many sheets at once, in a list or a file; how many were others'."""
    others = Sheet.objects.filter(pk__in=list(sheets)).exclude(employee__user_id=user.pk)
    at = clock.now()
    rows = [SheetView(sheet_id=pk, user=user, at=at, how=how)
            for pk in others.order_by().values_list("pk", flat=True)]  # fmt: skip
    SheetView.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


@transaction.atomic
def agree(sheet: Sheet, *, actor: Any, version: int | None = None) -> Sheet:
    """The employee has seen the draft and agrees. Raises Refused, ValidationError, Conflict."""
    policy_for(Sheet).check(actor, "agree", sheet)
    fresh = _locked(sheet)
    if fresh.status != SheetStatus.DRAFT:
        raise ValidationError(NOT_DRAFT)
    _nothing_open(fresh)
    return services.update(fresh, {"agreed_at": clock.now()}, actor=actor, version=version)


@transaction.atomic
def object_to(line: SheetLine, *, actor: Any, reason: str) -> Objection:
    """Object to a line of one's own draft, with a reason, until the deadline.

    Raises Refused, ValidationError.
    """
    policy_for(SheetLine).check(actor, "object", line)
    sheet = _locked(line.sheet)
    if sheet.status != SheetStatus.DRAFT:
        raise ValidationError(NOT_DRAFT)
    if clock.today() > sheet.objections_until:
        raise ValidationError(TOO_LATE.format(on=sheet.objections_until))
    if sheet.agreed_at is not None:
        services.update(sheet, {"agreed_at": None}, actor=actor)
    objection = Objection(line=line, reason=reason, made_by=actor, made_at=clock.now())
    return services.create(objection, actor=actor)


@transaction.atomic
def answer(
    objection: Objection,
    *,
    actor: Any,
    status: str,
    text: str,
    version: int | None = None,
) -> Objection:
    """Accept or decline an objection, in words. Raises Refused, ValidationError, Conflict.

    Accepted, the facts are put right where they are kept, and the draft is computed anew.
    """
    policy_for(Objection).check(actor, "answer", objection)
    if status not in {ObjectionStatus.ACCEPTED, ObjectionStatus.DECLINED}:
        raise ValidationError({"status": "Примите возражение или отклоните его."})
    if not text:
        raise ValidationError({"answer": "Напишите ответ: сотрудник его увидит."})
    fresh = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if fresh.status != ObjectionStatus.OPEN:
        raise ValidationError("На возражение уже ответили.")
    values = {
        "status": status, "answer": text, "answered_by": actor, "answered_at": clock.now()
    }  # fmt: skip
    return services.update(fresh, values, actor=actor, version=version)


@transaction.atomic
def assess(sheet: Sheet, *, actor: Any, version: int | None = None) -> Sheet:
    """The head has checked the draft. Nobody assesses their own sheet.

    Only once the employee has agreed or the deadline has passed, and with every objection
    answered. Raises Refused, ValidationError, Conflict.
    """
    policy_for(Sheet).check(actor, "assess", sheet)
    fresh = _locked(sheet)
    if fresh.status != SheetStatus.DRAFT:
        raise ValidationError("Оценить можно только черновик.")
    _nothing_open(fresh)
    today: date = clock.today()
    if today <= last_of(fresh.month):
        raise ValidationError("Месяц ещё не закончился.")
    if fresh.agreed_at is None and today <= fresh.objections_until:
        raise ValidationError(TOO_EARLY.format(on=fresh.objections_until))
    values = {"status": SheetStatus.ASSESSED, "assessed_by": actor, "assessed_at": clock.now()}
    return services.update(fresh, values, actor=actor, version=version)


@transaction.atomic
def give_back(sheet: Sheet, *, actor: Any, version: int | None = None) -> Sheet:
    """Make an assessed or approved sheet a draft again, to be computed and assessed anew.

    A head takes back what is assessed, a manager also what is approved.
    """
    policy_for(Sheet).check(actor, "give_back", sheet)
    fresh = _locked(sheet)
    if fresh.status not in {SheetStatus.ASSESSED, SheetStatus.APPROVED}:
        raise ValidationError("Вернуть в черновик можно оценённый или утверждённый лист.")
    if fresh.status == SheetStatus.APPROVED and actor.role != Role.MANAGER:
        raise Refused("Утверждённый лист возвращает директор.")
    values = {
        "status": SheetStatus.DRAFT, "assessed_by": None, "assessed_at": None,
        "approved_by": None, "approved_at": None,
    }  # fmt: skip
    return services.update(fresh, values, actor=actor, version=version)


@transaction.atomic
def approve(sheet: Sheet, *, actor: Any, version: int | None = None) -> Sheet:
    """The manager approves what somebody else assessed. Raises Refused, ValidationError."""
    policy_for(Sheet).check(actor, "approve", sheet)
    fresh = _locked(sheet)
    if fresh.status != SheetStatus.ASSESSED:
        raise ValidationError("Утвердить можно только оценённый лист.")
    if fresh.assessed_by_id == actor.pk:
        raise ValidationError(SAME_PERSON)
    values = {"status": SheetStatus.APPROVED, "approved_by": actor, "approved_at": clock.now()}
    return services.update(fresh, values, actor=actor, version=version)


def _nothing_open(sheet: Sheet) -> None:
    """Refuse while an objection waits for its answer."""
    if Objection.objects.filter(line__sheet=sheet, status=ObjectionStatus.OPEN).exists():
        raise ValidationError(OPEN)


def assess_all(sheets: Iterable[Sheet], *, actor: Any) -> tuple[int, int]:
    """Assess those that can be; how many were, how many were not."""
    return _each(sheets, assess, actor)


def approve_all(sheets: Iterable[Sheet], *, actor: Any) -> tuple[int, int]:
    """Approve those that can be; how many were, how many were not."""
    return _each(sheets, approve, actor)


def _each(sheets: Iterable[Sheet], step: Any, actor: Any) -> tuple[int, int]:
    done = left = 0
    # In the order in which a computation of drafts holds them: the two never wait in a ring.
    for sheet in sorted(sheets, key=lambda sheet: sheet.pk):
        try:
            step(sheet, actor=actor)
            done += 1
        except (ValidationError, Refused):
            left += 1
    return done, left
