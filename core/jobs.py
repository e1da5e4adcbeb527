"""Jobs whose truth is a row: requested once per date, claimed with a lease, safe to kill.

A scheduler, a broker's message or a person only *ask* for a run; whoever claims the row does
it. The lease is renewed by a thread of its own while the job works; every claim raises the
fence, and a holder that finds another number rolls back instead of writing twice.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from core import audit, clock
from core.enums import AuditAction, JobStatus
from core.models import JobRun

log = logging.getLogger(__name__)

ATTEMPTS = 3
CATCH_UP_DAYS = 14
Body = Callable[["JobContext", date], dict[str, int]]


class LeaseLost(Exception):
    """Another worker holds the run now: stop and write nothing."""


class Cancelled(Exception):
    """Somebody asked the run to stop, and it did at a place where nothing is half done."""


@dataclass(frozen=True)
class Job:
    """A kind of work for a business date."""

    kind: str
    label: str
    body: Body
    by_key: bool = False  # about a subject, never about a day alone


@dataclass(frozen=True)
class Entry:
    """A line of the timetable: run `kind` every day from `at`, Moscow time."""

    kind: str
    at: time


_jobs: dict[str, Job] = {}
_drains: dict[str, Callable[[], int]] = {}


def job(kind: str, label: str, *, by_key: bool = False) -> Callable[[Body], Body]:
    """Register a function of (context, business date) that returns its counters.

    What is about a subject (`by_key`) is asked for by that subject's page alone.
    """

    def register(body: Body) -> Body:
        _jobs[kind] = Job(kind, label, body, by_key)
        return body

    return register


def drain(name: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a function that empties a queue table and returns how many rows it took."""

    def register(body: Callable[[], int]) -> Callable[[], int]:
        _drains[name] = body
        return body

    return register


def all_jobs() -> list[Job]:
    """The registered jobs."""
    return list(_jobs.values())


def label_of(kind: str) -> str:
    """The Russian name of a kind of job."""
    return _jobs[kind].label if kind in _jobs else kind


class JobContext:
    """What a running job may ask: tell how far it is, make sure that it still holds the run."""

    def __init__(self, run: JobRun) -> None:
        self.run_id, self.fence, self.key = run.pk, run.fence, run.key
        self._step: tuple[str, int] = ("", 0)
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._lost = False

    def step(self, text: str, percent: int) -> None:
        """Say what is being done now and how much of the whole is done."""
        self._step = (text, percent)
        self._changed.set()

    def hold(self) -> None:
        """Lock the run until the transaction ends; LeaseLost where somebody else holds it.

        Called last before the commit: no other worker can claim the run in between.
        """
        mine = JobRun.objects.select_for_update().filter(
            pk=self.run_id, fence=self.fence, status=JobStatus.RUNNING
        )
        if self._lost or not mine.exists():
            raise LeaseLost(f"run {self.run_id} fence {self.fence}")

    def check_cancelled(self) -> None:
        """Cancelled where somebody asked for the end; called between the steps of a long run."""
        if JobRun.objects.filter(pk=self.run_id, cancel_requested=True).exists():
            raise Cancelled

    def beat(self) -> None:
        """Renew the lease until stopped. Runs in its own thread, on its own connection."""
        pause = settings.JOB_LEASE_SECONDS / 4
        try:
            while not self._stopped.is_set():
                self._changed.wait(pause)
                self._changed.clear()
                if not self._stopped.is_set():
                    self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        text, percent = self._step
        try:
            held = JobRun.objects.filter(
                pk=self.run_id, fence=self.fence, status=JobStatus.RUNNING
            ).update(lease_until=_lease(clock.now()), step=text[:100], progress=percent)
            self._lost = self._lost or not held
        except Exception:  # the database may be away for a moment: the lease says how long
            log.warning("lease of run %s could not be renewed", self.run_id, exc_info=True)
            connection.close()

    def stop(self) -> None:
        """End the thread that renews the lease."""
        self._stopped.set()
        self._changed.set()


def _lease(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.JOB_LEASE_SECONDS)


@transaction.atomic
def request(kind: str, on: date, *, key: str = "", actor: Any = None) -> JobRun:
    """Ask for a run of `kind` for a date and return its row.

    `key` names what the run is about where a date alone does not, such as the id of an import;
    the body finds it as `context.key`. The timetable (no actor) asks once per date for ever. A
    person asks again: a run that has ended is queued anew and the audit log says by whom.
    """
    if kind not in _jobs:
        raise KeyError(kind)
    run, created = JobRun.objects.get_or_create(
        kind=kind,
        business_date=on,
        key=key,
        defaults={
            "requested_at": clock.now(),
            "requested_by": actor if getattr(actor, "pk", None) else None,
        },
    )
    if actor is not None:
        ended = JobRun.objects.filter(pk=run.pk, status__in=JobStatus.ended()).update(
            status=JobStatus.QUEUED,
            attempts=0,
            progress=0,
            step="",
            error="",
            lease_until=None,
            cancel_requested=False,
            requested_by=actor,
            requested_at=clock.now(),
        )
        if created or ended:
            audit.record(actor=actor, action=AuditAction.EVENT, subject=run)
        run.refresh_from_db()
    transaction.on_commit(ring)
    return run


@transaction.atomic
def cancel(run: JobRun, *, actor: Any) -> JobRun:
    """Ask a run to end. One that waits ends at once, one at work at its next safe place."""
    fresh = JobRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if fresh.status in JobStatus.ended():
        return fresh
    fresh.cancel_requested = True
    if fresh.status == JobStatus.QUEUED:
        fresh.status, fresh.finished_at = JobStatus.CANCELLED, clock.now()
    fresh.save(update_fields=["cancel_requested", "status", "finished_at"])
    audit.record(
        actor=actor, action=AuditAction.EVENT, subject=fresh, after={"cancel_requested": True}
    )
    return fresh


def plan(timetable: Iterable[Entry], at: datetime) -> int:
    """Ask for every run that is due at a moment, missed days included; how many were new.

    Days are caught up from the first one ever asked for, at most `CATCH_UP_DAYS` back; a day
    that a person asked for meanwhile does not hide the missed ones before it.
    """
    new = 0
    local = at.astimezone(clock.MOSCOW)
    for entry in timetable:
        last_due = local.date() if local.time() >= entry.at else local.date() - timedelta(days=1)
        runs = JobRun.objects.filter(kind=entry.kind, key="").order_by("business_date")
        first = runs.values_list("business_date", flat=True).first() or last_due
        first = max(first, last_due - timedelta(days=CATCH_UP_DAYS))
        known = set(runs.filter(business_date__gte=first).values_list("business_date", flat=True))
        for n in range((last_due - first).days + 1):
            if first + timedelta(days=n) not in known:
                request(entry.kind, first + timedelta(days=n))
                new += 1
    return new


@transaction.atomic
def claim(at: datetime) -> JobRun | None:
    """Take the oldest run that waits or whose holder fell silent; None where there is none."""
    run = (
        JobRun.objects.select_for_update(skip_locked=True)
        .filter(kind__in=_jobs)
        .filter(
            Q(status=JobStatus.QUEUED) & (Q(lease_until=None) | Q(lease_until__lte=at))
            | Q(status=JobStatus.RUNNING, lease_until__lte=at)
        )
        .order_by("business_date", "pk")
        .first()
    )
    if run is None:
        return None
    run.status = JobStatus.RUNNING
    run.fence += 1
    run.attempts += 1
    run.lease_until = _lease(at)
    run.started_at = at
    run.finished_at = None
    run.save()
    return run


def perform(run: JobRun) -> bool:
    """Do a claimed run; whether it succeeded. Its failure is kept in the row, not raised."""
    context = JobContext(run)
    heart = threading.Thread(target=context.beat, name=f"lease-{run.pk}", daemon=True)
    heart.start()
    outcome: dict[str, Any]
    try:
        counters = _jobs[run.kind].body(context, run.business_date)
        outcome = {"status": JobStatus.DONE, "progress": 100, "counters": counters, "error": ""}
    except LeaseLost:
        log.warning("run %s was taken over", run.pk)
        return False
    except Cancelled:
        outcome = {"status": JobStatus.CANCELLED, "error": ""}
    except Exception as error:
        log.exception("run %s failed", run.pk)
        connection.close_if_unusable_or_obsolete()
        again = run.attempts < ATTEMPTS
        outcome = {
            "status": JobStatus.QUEUED if again else JobStatus.FAILED,
            "error": f"{type(error).__name__}: {error}"[:2000],
            "lease_until": clock.now() + timedelta(seconds=20 * run.attempts),
        }
    finally:
        context.stop()
        heart.join(timeout=5)
    JobRun.objects.filter(pk=run.pk, fence=run.fence).update(
        finished_at=clock.now(), step="", **outcome
    )
    return outcome["status"] == JobStatus.DONE


def run_waiting() -> int:
    """Do every run that can be claimed now, and empty the queues; how much was done."""
    done = run_drains()
    while (run := claim(clock.now())) is not None:
        perform(run)
        done += 1 + run_drains()
    return done


def run_drains() -> int:
    """Empty the registered queues once; one that fails does not stop the others."""
    taken = 0
    for name, body in _drains.items():
        try:
            taken += body()
        except Exception:
            log.exception("queue %s could not be emptied", name)
            connection.close_if_unusable_or_obsolete()
    return taken


def tick(timetable: Iterable[Entry]) -> int:
    """Ask for what is due and do what waits. Called by the scheduler, and by anyone, any time."""
    plan(timetable, clock.now())
    return run_waiting()


def ring() -> None:
    """Tell a Celery worker that something waits. Only a doorbell: a tick finds it anyway."""
    if not settings.REDIS_URL:
        return
    from core.tasks import wake

    try:
        wake.apply_async(retry=False)
    except Exception:
        log.warning("the broker did not answer; the next tick will do the work")
