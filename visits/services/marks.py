"""Marks of the criteria of a К2У, kept true with every write of the contact."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Client
from core import text
from core.policy import policy_for
from core.services import create, delete, update
from visits.criteria import RULED, Verdict, judge
from visits.enums import CriterionEvidence, VisitLevel, VisitStatus
from visits.models import Visit, VisitCriterion, VisitMark
from visits.selectors import contact_of

ONLY_K2 = "Критерии отмечают только у состоявшегося К2У."


def keep_marks(*, actor: Any, visit: Visit, words: Mapping[str, str] | None = None) -> None:
    """Make the marks of a contact, whose row the caller holds, agree with what is written.

    `words` are the marks by hand, evidence by code of criterion: all of them; None leaves them
    as they are. What the program decides itself is judged anew. Raises ValidationError by
    `marks.<code>`.
    """
    counts = visit.level == VisitLevel.K2 and visit.status == VisitStatus.DONE
    if words and not counts:
        raise ValidationError({"marks": ONLY_K2})
    stored = {mark.criterion_id: mark for mark in visit.marks.select_related("criterion")}
    if not counts and not stored:
        return
    had_first = any(m.criterion.evidence == CriterionEvidence.FIRST for m in stored.values())
    wanted = _wanted(visit, stored, _cleaned(words)) if counts else {}
    for pk, mark in stored.items():
        if pk not in wanted and (mark.criterion.is_on or not counts):
            delete(mark, actor=actor)
    for pk, (criterion, evidence) in wanted.items():
        _set(actor, visit, criterion, evidence, stored.get(pk))
    _pass_on_first(actor, visit, had_first)


@transaction.atomic
def add_mark(*, actor: Any, visit: Visit, code: str, evidence: str) -> None:
    """Mark one criterion of a К2У that took place, beside what it has; the last evidence stays.

    Raises ValidationError by `marks.<code>`, Refused.
    """
    row = hold(visit)
    policy_for(Visit).check(actor, "change", row)
    keep_marks(actor=actor, visit=row, words=by_hand(row) | {code: evidence})


def by_hand(visit: Visit) -> dict[str, str]:
    """The evidence of the marks that a person set, by code of criterion."""
    marks = visit.marks.filter(criterion__evidence=CriterionEvidence.TEXT, criterion__is_on=True)
    return dict(marks.values_list("criterion__code", "evidence"))


def pass_on_first(*, actor: Any, visit: Visit) -> None:
    """A contact withdrawn is no longer the first of its client: the next one is."""
    marks = visit.marks.filter(criterion__evidence=CriterionEvidence.FIRST)
    if marks:
        for mark in marks:
            delete(mark, actor=actor)
        _pass_on_first(actor, visit, True)


def hold(visit: Visit) -> Visit:
    """The row of a contact under lock, and of a К2У the client before it."""
    if visit.level == VisitLevel.K2:
        lock_for_marks(visit.client)
    return Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)


def lock_for_marks(client: Client) -> None:
    """Hold the client: of two К2У written at once only one is the first."""
    Client.objects.select_for_update(of=("self",)).get(pk=client.pk)


def _cleaned(words: Mapping[str, str] | None) -> dict[str, str] | None:
    """The evidence by code, or what is wrong with it."""
    if words is None:
        return None
    known = {c.code: c for c in VisitCriterion.objects.filter(is_on=True)}
    found, wrong = {}, {}
    for code, typed in words.items():
        criterion = known.get(code)
        if criterion is None:
            wrong[f"marks.{code}"] = "Такого критерия нет."
        elif criterion.evidence in RULED:
            wrong[f"marks.{code}"] = "Эту отметку ставит сама программа."
        else:
            try:
                found[code] = text.clean(typed)
            except ValidationError as error:
                wrong[f"marks.{code}"] = error.messages[0]
            else:
                if not found[code]:
                    wrong[f"marks.{code}"] = "Напишите, чем это подтверждается."
    if wrong:
        raise ValidationError(wrong)
    return found


def _wanted(
    visit: Visit, stored: Mapping[int, VisitMark], words: Mapping[str, str] | None
) -> dict[int, tuple[VisitCriterion, str]]:
    """The marks that the contact should have, with their evidence."""
    contact = contact_of(visit)
    found = {}
    for criterion in VisitCriterion.objects.filter(is_on=True):
        if criterion.evidence in RULED:
            verdict = judge(criterion.evidence, contact)
        elif words is not None:
            verdict = judge(criterion.evidence, contact, words.get(criterion.code, ""))
        else:
            mark = stored.get(criterion.pk)
            verdict = Verdict(mark is not None, mark.evidence if mark else "")
        if verdict.met:
            found[criterion.pk] = (criterion, verdict.why)
    return found


def _set(
    actor: Any, visit: Visit, criterion: VisitCriterion, evidence: str, mark: VisitMark | None
) -> None:
    try:
        if mark is None:
            create(VisitMark(visit=visit, criterion=criterion, evidence=evidence), actor=actor)
        elif mark.evidence != evidence:
            update(mark, {"evidence": evidence}, actor=actor)
    except ValidationError as error:
        raise ValidationError({f"marks.{criterion.code}": error.messages}) from error


def _pass_on_first(actor: Any, visit: Visit, had_first: bool) -> None:
    """Only the earliest К2У of a client is the first; whoever lost the mark hands it on."""
    firsts = VisitCriterion.objects.filter(is_on=True, evidence=CriterionEvidence.FIRST)
    has_first = visit.marks.filter(criterion__in=firsts).exists()
    if has_first:
        for mark in VisitMark.objects.filter(criterion__in=firsts, visit__in=_after(visit)):
            delete(mark, actor=actor)
    elif had_first:
        heir = _held_k2(visit).order_by("started_at", "pk").first()
        if heir is not None:
            why = judge(CriterionEvidence.FIRST, contact_of(heir)).why
            for criterion in firsts.exclude(marks__visit=heir):
                _set(actor, heir, criterion, why, None)


def _held_k2(visit: Visit) -> QuerySet[Visit]:
    return Visit.objects.filter(
        client_id=visit.client_id, level=VisitLevel.K2, status=VisitStatus.DONE
    )


def _after(visit: Visit) -> QuerySet[Visit]:
    start = visit.started_at
    return _held_k2(visit).filter(Q(started_at__gt=start) | Q(started_at=start, pk__gt=visit.pk))
