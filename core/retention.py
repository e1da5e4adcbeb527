"""What is kept for a while only: events, answers to calls under a key, files of imports."""

from datetime import date, timedelta

from core import clock, events, idempotency, preferences
from core.bulk.jobs import forget_files
from core.jobs import JobContext, job
from core.preferences import WHOLE, Preference, register

EVENT_DAYS = register(
    Preference("core.event_days", "Обмен с КИС", "События хранятся, дней", WHOLE, 30, 1, 3660)
)


@job("retention", "Удаление отслуживших записей")
def retention(run: JobContext, on: date) -> dict[str, int]:
    """Remove what has served its time; returns how much of each."""
    kept = preferences.read()
    now = clock.now()
    return {
        "events": events.forget(now - timedelta(days=kept[EVENT_DAYS])),
        "calls": idempotency.forget(),
        "files": forget_files(on),
    }
