"""Celery on Redis, used where REDIS_URL is set; the worker loop calls the same tick without it."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("lampa")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(name="config.tick")
def tick() -> int:
    """The scheduler's beat: ask for what is due, do what waits."""
    from config.schedule import TIMETABLE
    from core import jobs

    return jobs.tick(TIMETABLE)


@app.on_after_finalize.connect
def schedule(sender: Any, **kwargs: Any) -> None:
    """One periodic message; what is due when stands in the timetable."""
    from config.schedule import TICK_SECONDS

    sender.add_periodic_task(TICK_SECONDS, tick.s(), name="tick")


@setup_logging.connect
def keep_our_logging(**kwargs: Any) -> None:
    """Django's LOGGING stands; Celery must not replace it."""
