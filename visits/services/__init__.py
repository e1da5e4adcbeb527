"""Writes of contacts, agreements and reviews."""

from visits.services.agreements import (
    AGREEMENT_FIELDS,
    add_agreement,
    close_agreement,
    drop_agreement,
    reopen_agreement,
    update_agreement,
)
from visits.services.marks import add_mark, keep_marks
from visits.services.outcome import DIAGNOSIS, NOTHING, Outcome, Sign
from visits.services.risks import close_risk, raise_risk
from visits.services.visits import (
    FIELDS,
    cancel_visit,
    complete_visit,
    log_visit,
    plan_visit,
    update_visit,
)

__all__ = [
    "AGREEMENT_FIELDS",
    "DIAGNOSIS",
    "FIELDS",
    "NOTHING",
    "Outcome",
    "Sign",
    "add_agreement",
    "add_mark",
    "cancel_visit",
    "close_agreement",
    "close_risk",
    "complete_visit",
    "drop_agreement",
    "keep_marks",
    "log_visit",
    "plan_visit",
    "raise_risk",
    "reopen_agreement",
    "update_agreement",
    "update_visit",
]
