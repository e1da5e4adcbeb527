"""Killed, doubled, forgotten: the history is the same as after a night that nothing disturbed."""

import os
import threading
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from config.schedule import TIMETABLE
from core import clock, jobs
from core.models import JobRun
from lamps import services
from lamps.models import Lamp, LampPeriod, Night, PoolDay
from tests.faults.conftest import LEASE, Lock, Processes, forget_the_night, within

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def done() -> bool:
    return JobRun.objects.filter(kind="night", status="done").exists()


def nothing_written() -> bool:
    return not any(model.objects.exists() for model in (Lamp, LampPeriod, PoolDay, Night))


# --- without a broker ------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["lamps_poolday", "lamps_lamp"])
def test_a_worker_killed_in_mid_night(processes: Processes, undisturbed: str, table: str) -> None:
    """Stopped in the middle of its writes, killed with -9; another takes over after the lease."""
    with Lock(table) as lock:
        first = processes.worker()
        within(30, lock.waiting)
        run = JobRun.objects.get(kind="night")
        assert (run.status, run.attempts, run.fence) == ("running", 1, 1)
        first.kill()
        first.wait(timeout=10)
    within(30, nothing_written)
    processes.worker()
    within(LEASE + 40, done)
    run.refresh_from_db()
    assert (run.attempts, run.fence) == (2, 2)
    assert services.digest() == undisturbed, processes.said()


def test_a_worker_frozen_past_its_lease_writes_nothing(
    processes: Processes, undisturbed: str
) -> None:
    """Stopped, not dead: another does the night, and the sleeper wakes to find it taken."""
    import signal

    with Lock("lamps_lamp") as lock:
        sleeper = processes.worker()
        within(30, lock.waiting)
        sleeper.send_signal(signal.SIGSTOP)
        heir = processes.worker()
        within(LEASE + 20, lambda: JobRun.objects.get(kind="night").fence == 2)
    sleeper.send_signal(signal.SIGCONT)
    within(40, done)
    run = JobRun.objects.get(kind="night")
    assert (run.status, run.fence) == ("done", 2)
    assert services.digest() == undisturbed
    assert sleeper.poll() is None and heir.poll() is None, "both live on"


def test_two_schedulers_make_one_night(processes: Processes, undisturbed: str) -> None:
    workers = [processes.worker() for _ in range(2)]
    within(60, done)
    run = JobRun.objects.get(kind="night")
    assert (run.attempts, run.fence) == (1, 1)
    assert services.digest() == undisturbed
    assert all(worker.poll() is None for worker in workers)


def test_a_worker_told_to_stop_stops(processes: Processes, undisturbed: str) -> None:
    worker = processes.worker()
    within(60, done)
    worker.terminate()
    assert worker.wait(timeout=15) == 0


def test_a_message_delivered_twenty_times_has_one_effect(
    processes: Processes, undisturbed: str
) -> None:
    """Twenty ticks at once in twenty threads, each with its own connection."""
    start = threading.Barrier(20)

    def deliver() -> None:
        try:
            start.wait()
            jobs.tick(TIMETABLE)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    run = JobRun.objects.get(kind="night")
    assert (run.status, run.attempts, run.fence) == ("done", 1, 1)
    assert services.digest() == undisturbed


def test_a_night_that_runs_over_midnight_keeps_its_date(
    centre: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun at 23:59:57 in Moscow; every look at the clock is a second later."""
    day = date(2026, 1, 31)
    services.compute_night(day)
    expected = services.digest()
    forget_the_night()
    moment = datetime(2026, 1, 31, 20, 59, 57, tzinfo=UTC)
    looks = iter(range(10_000))
    lock = threading.Lock()

    def ticking() -> datetime:
        with lock:
            return moment + timedelta(seconds=next(looks))

    monkeypatch.setattr(clock, "now", ticking)
    jobs.request("night", clock.today())
    assert jobs.run_waiting() >= 1
    assert clock.today() == date(2026, 2, 1), "midnight passed"
    assert list(Night.objects.values_list("on", flat=True)) == [day]
    assert services.digest() == expected


def test_control_half_a_night_is_seen(centre: list) -> None:
    """The negative control: the digest tells a half-written history from a whole one."""
    services.compute_night(clock.today())
    whole = services.digest()
    LampPeriod.objects.filter(pk=LampPeriod.objects.first().pk).delete()
    assert services.digest() != whole
    services.compute_night(clock.today())
    assert services.digest() == whole, "and a second run repairs it"


# --- with a broker ---------------------------------------------------------------------------
@pytest.fixture
def redis() -> str:
    """A Redis database of the tests' own, emptied."""
    given = os.environ.get("REDIS_URL", "")
    if not given:
        pytest.skip("НЕ ВЫПОЛНЕНО: нет REDIS_URL, тесты с Celery и Redis пропущены")
    import redis as client

    url = urlunsplit(urlsplit(given)._replace(path="/13"))
    client.Redis.from_url(url).flushdb()
    return url


@pytest.mark.redis
def test_celery_delivered_twenty_times_by_two_workers(
    processes: Processes, undisturbed: str, redis: str
) -> None:
    from celery import Celery

    celery = ("-m", "celery", "-A", "config", "worker", "--concurrency", "2", "-l", "warning")
    jobs.request("night", processes.day)
    sender = Celery(broker=redis)
    for _ in range(20):
        sender.send_task("core.wake")
    for n in range(2):
        processes.start(*celery, "-n", f"w{n}@test", redis=redis)
    within(60, done)
    run = JobRun.objects.get(kind="night")
    assert (run.attempts, run.fence) == (1, 1)
    assert services.digest() == undisturbed, processes.said()


@pytest.mark.redis
def test_celery_child_killed_in_mid_night(
    processes: Processes, undisturbed: str, redis: str
) -> None:
    """The whole worker is killed; the message waits for an hour, the next tick does not."""
    from celery import Celery

    celery = ("-m", "celery", "-A", "config", "worker", "--concurrency", "1", "-l", "warning")
    sender = Celery(broker=redis)
    with Lock("lamps_lamp") as lock:
        worker = processes.start(*celery, "-n", "first@test", redis=redis)
        sender.send_task("config.tick")
        within(60, lock.waiting)
        os.killpg(worker.pid, 9)
        worker.wait(timeout=10)
    within(30, nothing_written)
    processes.start(*celery, "-n", "second@test", redis=redis)
    for _ in range(3):
        sender.send_task("config.tick")
    within(30, lambda: JobRun.objects.filter(kind="night", attempts=1).exists())

    def ticked() -> bool:
        sender.send_task("config.tick")
        return done()

    within(LEASE + 60, ticked)
    assert services.digest() == undisturbed, processes.said()


@pytest.mark.redis
def test_what_redis_forgot_the_tick_finds(
    processes: Processes, undisturbed: str, redis: str
) -> None:
    """The message is gone with FLUSHDB; beat's next tick starts the night all the same."""
    import redis as client
    from celery import Celery

    jobs.request("night", processes.day)
    Celery(broker=redis).send_task("core.wake")
    connection_to_redis = client.Redis.from_url(redis)
    assert connection_to_redis.dbsize() > 0
    connection_to_redis.flushdb()
    celery = ("-m", "celery", "-A", "config")
    processes.start(*celery, "worker", "--concurrency", "1", "-l", "warning", redis=redis)
    schedule = str(processes.folder / "beat")
    processes.start(*celery, "beat", "-s", schedule, "-l", "warning", redis=redis)
    within(90, done)
    assert services.digest() == undisturbed, processes.said()
    assert settings.CELERY_TASK_ACKS_LATE and settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
