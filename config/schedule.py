"""The one timetable. Times are Moscow's; each job runs once for each business date."""

from datetime import time

from core.jobs import Entry

TIMETABLE = [
    Entry(kind="night", at=time(3, 0)),
    Entry(kind="retention", at=time(4, 30)),
]
# How often the scheduler looks for what is due or was forgotten, seconds.
TICK_SECONDS = 30
