"""What is kept for a while only: the feed of events, answers to calls under a key."""

from datetime import date, timedelta

from core import clock, events, idempotency, preferences
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
    }
