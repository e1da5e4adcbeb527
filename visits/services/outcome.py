"""What a contact leaves besides its own fields: agreements, signs of early diagnosis, marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.services.clients import update_client
from core import text
from core.clock import business_date
from visits.enums import CriterionEvidence, RiskKind, VisitLevel, VisitStatus
from visits.models import Visit, VisitCriterion
from visits.services.agreements import add_agreement
from visits.services.marks import ONLY_K2, by_hand, keep_marks
from visits.services.risks import raise_risk

DIAGNOSIS = "03"  # the criterion that early diagnosis is the evidence of


@dataclass(frozen=True)
class Sign:
    """A line of early diagnosis; a competitor seen is noted on the client's card too."""

    kind: str
    text: str
    is_risk: bool = False

    @property
    def line(self) -> str:
        return f"{RiskKind(self.kind).label}: {self.text}"


@dataclass(frozen=True)
class Outcome:
    """Marks by hand (code of criterion → evidence; None leaves them), new agreements, signs."""

    marks: Mapping[str, str] | None = None
    agreements: Sequence[dict[str, Any]] = ()
    signs: Sequence[Sign] = ()


NOTHING = Outcome()


def write_outcome(*, actor: Any, visit: Visit, outcome: Outcome, now: datetime) -> None:
    """Write it within the transaction of the contact, whose row the caller holds.

    Raises ValidationError by `agreements.<n>.<field>`, `signs.<kind>`, `marks.<code>`.
    """
    row = Visit.objects.get(pk=visit.pk)  # with the day that the database computes
    is_done = row.status == VisitStatus.DONE
    if outcome.agreements and not is_done:
        raise ValidationError("Договорённости записывают, когда контакт состоялся.")
    if outcome.signs and not (is_done and row.level == VisitLevel.K2):
        raise ValidationError({"signs": "Ранняя диагностика — часть состоявшегося К2У."})
    for number, values in enumerate(outcome.agreements):
        _agree(actor, row, number, values, now)
    for sign in outcome.signs:
        _note(actor, row, sign)
    words = _with_diagnosis(row, outcome)
    keep_marks(actor=actor, visit=row, words=words)


def _agree(actor: Any, visit: Visit, number: int, values: dict[str, Any], now: datetime) -> None:
    try:
        add_agreement(actor=actor, visit=visit, values=values, today=business_date(now))
    except ValidationError as error:
        at = f"agreements.{number}"
        if not hasattr(error, "error_dict"):
            raise ValidationError({at: error.messages}) from error
        told = {f"{at}.{name}": messages for name, messages in error.message_dict.items()}
        raise ValidationError(told) from error


def _note(actor: Any, visit: Visit, sign: Sign) -> None:
    try:
        if sign.kind == RiskKind.COMPETITOR:
            values = {"competitor": sign.text}
            update_client(actor=actor, client=visit.client, values=values)
        if sign.is_risk:
            raise_risk(
                actor=actor,
                client=visit.client,
                values={"kind": sign.kind, "text": sign.text},
                on=visit.held_on,
                visit=visit,
            )
    except ValidationError as error:
        raise ValidationError({f"signs.{sign.kind}": error.messages}) from error


def _with_diagnosis(visit: Visit, outcome: Outcome) -> Mapping[str, str] | None:
    """The marks by hand, with the signs added to the evidence of early diagnosis."""
    by_words = VisitCriterion.objects.filter(
        code=DIAGNOSIS, is_on=True, evidence=CriterionEvidence.TEXT
    )
    if not outcome.signs or not by_words.exists():
        return outcome.marks
    words = dict(outcome.marks) if outcome.marks is not None else by_hand(visit)
    lines = [words.get(DIAGNOSIS, ""), *(text.clean(sign.line) for sign in outcome.signs)]
    words[DIAGNOSIS] = "\n".join(line for line in lines if line)
    return words


__all__ = ["DIAGNOSIS", "NOTHING", "ONLY_K2", "Outcome", "Sign", "write_outcome"]
