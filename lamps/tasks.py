"""The night as a job, and the queue of clients whose facts changed."""

from datetime import date

from core.jobs import JobContext, drain, job
from lamps import services


@job("night", "Ночной расчёт лампочек")
def night(run: JobContext, on: date) -> dict[str, int]:
    """Lamps, their history and pools as of a business date."""
    return services.compute_night(on, progress=run.step, hold=run.hold)


@drain("lamps")
def refresh() -> int:
    """Lamps of clients whose facts changed since the last look."""
    return services.refresh_marked()
