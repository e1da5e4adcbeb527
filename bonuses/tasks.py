"""The drafts of a month as a job: everybody's in one run, safe to repeat."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import Error

from bonuses.months import first_of
from bonuses.services.drafts import draft_month
from core import clock
from core.jobs import JobContext, job

DRAFTS = "bonus_drafts"


class DraftsFailed(Exception):
    """What went wrong, without the row that a database error would quote: pay is nobody's log."""


@job(DRAFTS, "Черновики листов премирования")
def drafts(run: JobContext, on: date) -> dict[str, int]:
    """Compute the drafts of the month of a business date."""
    try:
        return draft_month(first_of(on), clock.today(), progress=run.step, hold=run.hold)
    except Error as error:
        raise DraftsFailed(f"Ошибка базы данных: {type(error).__name__}") from None
    except ValidationError as error:
        raise DraftsFailed(" ".join(error.messages)) from None
