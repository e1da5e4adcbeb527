"""The message that Celery carries to its workers; it may be lost or doubled without harm."""

from celery import shared_task

from core import jobs


@shared_task(name="core.wake")
def wake() -> int:
    """Somebody rang: do what waits."""
    return jobs.run_waiting()
