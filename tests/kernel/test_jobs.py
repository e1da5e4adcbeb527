"""Jobs: planned once per date, claimed by one, and a holder that lost its lease writes nothing."""

import threading
import time as clock_time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection, transaction

from core import clock, jobs
from core.enums import JobStatus
from core.models import AuditEntry, JobRun
from tests import factories

NIGHT = [jobs.Entry("test", time(3, 0))]
DAY = date(2026, 9, 16)


def moscow(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=clock.MOSCOW).astimezone(UTC)


@pytest.fixture
def body(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[jobs.Body], None]]:
    """Make a function the only job, of kind "test"."""
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr(jobs, "_drains", {})
    jobs.job("test", "Проба")(lambda context, on: {"rows": 1})
    yield lambda function: jobs.job("test", "Проба")(function)


def dates() -> list[int]:
    return list(
        JobRun.objects.order_by("business_date").values_list("business_date__day", flat=True)
    )


# --- the timetable ---------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_run_is_due_once_from_its_hour_in_moscow(body: object) -> None:
    assert jobs.plan(NIGHT, moscow(16, 2, 59)) == 1 and dates() == [15]
    assert jobs.plan(NIGHT, moscow(16, 3)) == 1 and dates() == [15, 16]
    assert jobs.plan(NIGHT, moscow(16, 23, 59)) == 0
    # 00:30 on the 17th in Moscow is still the 16th in UTC: nothing new before three.
    assert jobs.plan(NIGHT, moscow(17, 0, 30)) == 0


@pytest.mark.django_db
def test_missed_days_are_caught_up_in_order_but_not_for_ever(body: object) -> None:
    jobs.plan(NIGHT, moscow(10, 4))
    assert jobs.plan(NIGHT, moscow(14, 4)) == 4
    assert dates() == [10, 11, 12, 13, 14]
    assert jobs.plan(NIGHT, datetime(2026, 12, 1, 4, tzinfo=clock.MOSCOW)) == jobs.CATCH_UP_DAYS + 1


@pytest.mark.django_db
def test_a_run_asked_for_by_hand_does_not_hide_missed_days(body: object) -> None:
    """The worker was down for two nights; a person ran today's by hand before it came back."""
    jobs.plan(NIGHT, moscow(13, 4))
    jobs.request("test", DAY, actor=factories.user())
    jobs.plan(NIGHT, moscow(16, 9))
    assert dates() == [13, 14, 15, 16]


@pytest.mark.django_db
def test_a_clock_set_back_asks_for_nothing(body: object) -> None:
    jobs.plan(NIGHT, moscow(16, 4))
    assert jobs.plan(NIGHT, moscow(15, 4)) == 0
    assert dates() == [16]


@pytest.mark.django_db
def test_an_unknown_kind_is_not_queued(body: object) -> None:
    with pytest.raises(KeyError):
        jobs.request("ghost", DAY)


# --- asking again ----------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_timetable_asks_once_a_person_again(body: object) -> None:
    jobs.request("test", DAY)
    assert jobs.run_waiting() == 1
    for _ in range(20):
        jobs.request("test", DAY)
    assert jobs.run_waiting() == 0
    person = factories.user()
    run = jobs.request("test", DAY, actor=person)
    assert (run.status, run.requested_by) == (JobStatus.QUEUED, person)
    assert AuditEntry.objects.filter(actor=person, subject=f"core.jobrun:{run.pk}").count() == 1
    jobs.request("test", DAY, actor=person)  # it waits already: nothing more to note
    assert AuditEntry.objects.filter(actor=person).count() == 1
    assert jobs.run_waiting() == 1


@pytest.mark.django_db
def test_a_running_run_is_not_queued_again(body: object) -> None:
    jobs.request("test", DAY)
    jobs.claim(clock.now())
    assert jobs.request("test", DAY, actor=factories.user()).status == JobStatus.RUNNING


# --- about what, and until when ---------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_runs_of_one_kind_and_day_are_told_apart_by_what_they_are_about(body: object) -> None:
    seen: list[str] = []
    body(lambda context, on: seen.append(context.key) or {})
    for key in ("7", "8", "7"):
        jobs.request("test", DAY, key=key)
    assert jobs.run_waiting() == 2
    assert seen == ["7", "8"]
    assert jobs.plan(NIGHT, moscow(16, 4)) == 1, "the night is not one of them"


@pytest.mark.django_db(transaction=True)
def test_a_waiting_run_is_cancelled_at_once_and_asked_for_again_by_hand(body: object) -> None:
    person = factories.user()
    run = jobs.cancel(jobs.request("test", DAY), actor=person)
    assert run.status == JobStatus.CANCELLED and jobs.run_waiting() == 0
    again = jobs.request("test", DAY, actor=person)
    assert (again.status, again.cancel_requested) == (JobStatus.QUEUED, False)


@pytest.mark.django_db(transaction=True)
def test_a_run_at_work_ends_at_its_next_safe_place(body: object) -> None:
    steps: list[int] = []

    def long(context: jobs.JobContext, on: date) -> dict[str, int]:
        for step in range(3):
            context.check_cancelled()
            steps.append(step)
            jobs.cancel(JobRun.objects.get(), actor=None)
        return {}

    body(long)
    jobs.request("test", DAY)
    jobs.run_waiting()
    assert steps == [0] and JobRun.objects.get().status == JobStatus.CANCELLED
    assert jobs.run_waiting() == 0


# --- doing it --------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_counters_and_the_pinned_date_reach_the_row(body, move_clock) -> None:
    """Begun before midnight, ended after: every step knows the date of the request."""
    seen: list[date] = []

    def across(context: jobs.JobContext, on: date) -> dict[str, int]:
        seen.append(on)
        move_clock(moscow(17, 0, 5))
        seen.append(on)
        return {"rows": 7}

    body(across)
    move_clock(moscow(16, 23, 59))
    jobs.request("test", clock.today())
    assert jobs.run_waiting() == 1
    run = JobRun.objects.get()
    assert seen == [DAY, DAY]
    assert (run.business_date, run.counters, run.status) == (DAY, {"rows": 7}, "done")
    assert run.progress == 100 and run.finished_at == moscow(17, 0, 5)


@pytest.mark.django_db(transaction=True)
def test_failure_is_kept_retried_later_and_given_up(body, move_clock) -> None:
    def broken(context: jobs.JobContext, on: date) -> dict[str, int]:
        raise ValueError("данных нет")

    body(broken)
    at = moscow(16, 4)
    move_clock(at)
    jobs.request("test", DAY)
    jobs.run_waiting()
    run = JobRun.objects.get()
    assert (run.status, run.attempts, run.error) == ("queued", 1, "ValueError: данных нет")
    assert jobs.claim(at) is None, "the second try waits"
    for attempt in (2, 3):
        at += timedelta(minutes=5)
        move_clock(at)
        jobs.run_waiting()
        run.refresh_from_db()
        assert run.attempts == attempt
    assert run.status == JobStatus.FAILED
    move_clock(at + timedelta(days=1))
    assert jobs.run_waiting() == 0, "a failed run waits for a person"


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_fails_does_not_stop_the_others(body: object) -> None:
    taken: list[int] = []

    @jobs.drain("broken")
    def broken() -> int:
        raise RuntimeError

    @jobs.drain("good")
    def good() -> int:
        taken.append(1)
        return 3

    assert jobs.run_drains() == 3 and taken == [1]


# --- who holds it ----------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_lease_is_taken_over_only_after_it_ended(body: object, settings) -> None:
    settings.JOB_LEASE_SECONDS = 60
    at = moscow(16, 4)
    jobs.request("test", DAY)
    first = jobs.claim(at)
    assert first is not None and first.fence == 1
    assert jobs.claim(at + timedelta(seconds=59)) is None
    second = jobs.claim(at + timedelta(seconds=60))
    assert second is not None and second.fence == 2


@pytest.mark.django_db(transaction=True)
def test_a_holder_that_lost_its_lease_writes_nothing(body, move_clock) -> None:
    at = moscow(16, 4)
    move_clock(at)

    def slow(context: jobs.JobContext, on: date) -> dict[str, int]:
        context.stop()  # its heart has stopped, as of a process that was frozen
        with transaction.atomic():
            factories.user("written_by_the_loser")
            usurper = jobs.claim(at + timedelta(hours=1))
            assert usurper is not None
            context.hold()
        return {"rows": 1}

    body(slow)
    jobs.request("test", DAY)
    jobs.run_waiting()
    run = JobRun.objects.get()
    assert (run.status, run.fence, run.finished_at) == (JobStatus.RUNNING, 1, None)
    from accounts.models import User

    assert not User.objects.filter(username="written_by_the_loser").exists()


@pytest.mark.django_db(transaction=True)
def test_a_loser_that_ends_without_asking_does_not_mark_the_run_done(body, move_clock) -> None:
    at = moscow(16, 4)
    move_clock(at)

    def careless(context: jobs.JobContext, on: date) -> dict[str, int]:
        context.stop()
        assert jobs.claim(at + timedelta(hours=1)) is not None
        return {"rows": 999}

    body(careless)
    jobs.request("test", DAY)
    jobs.run_waiting()
    run = JobRun.objects.get()
    assert (run.status, run.fence, run.counters) == (JobStatus.RUNNING, 2, {})


@pytest.mark.django_db(transaction=True)
def test_nobody_takes_over_between_the_last_look_and_the_commit(body: object, move_clock) -> None:
    at = moscow(16, 4)
    move_clock(at)
    jobs.request("test", DAY)
    run = jobs.claim(at)
    assert run is not None
    found: list[JobRun | None] = []

    def usurp() -> None:
        found.append(jobs.claim(at + timedelta(hours=1)))
        connection.close()

    with transaction.atomic():
        jobs.JobContext(run).hold()
        thread = threading.Thread(target=usurp)
        thread.start()
        thread.join()
    assert found == [None]


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_job_works(body, settings) -> None:
    settings.JOB_LEASE_SECONDS = 2
    seen: list[datetime] = []

    def long(context: jobs.JobContext, on: date) -> dict[str, int]:
        for percent in (10, 60):
            context.step(f"шаг {percent}", percent)
            clock_time.sleep(0.8)
            seen.append(JobRun.objects.get().lease_until)
        assert JobRun.objects.get().step == "шаг 60"
        return {}

    body(long)
    jobs.request("test", DAY)
    jobs.run_waiting()
    assert JobRun.objects.get().status == JobStatus.DONE
    assert seen[0] < seen[1]


def _claim_together(workers: int, claim: Callable[[], JobRun | None]) -> list[JobRun]:
    start, won = threading.Barrier(workers), []

    def work() -> None:
        try:
            start.wait()
            run = claim()
            if run is not None:
                won.append(run)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return won


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_claims(body: object) -> None:
    for day in range(1, 6):
        jobs.request("test", date(2026, 9, day))
        won = _claim_together(6, lambda: jobs.claim(clock.now()))
        assert len(won) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_several_claim(body: object) -> None:
    """The negative control: the same race, with the row read unlocked, is lost."""

    def careless() -> JobRun | None:
        run = JobRun.objects.filter(status=JobStatus.QUEUED).first()
        if run is None:
            return None
        clock_time.sleep(0.05)
        run.status = JobStatus.RUNNING
        run.save()
        return run

    jobs.request("test", DAY)
    assert len(_claim_together(6, careless)) > 1


# --- the doorbell ----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_nothing(body: object, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    from config.celery import app

    kept = app.conf.broker_url
    app.conf.broker_url = settings.REDIS_URL
    try:
        began = clock_time.monotonic()
        assert jobs.request("test", DAY).status == JobStatus.QUEUED
        assert clock_time.monotonic() - began < 2
    finally:
        app.conf.broker_url = kept
    assert jobs.run_waiting() == 1
