"""Whether the program can do its work now; apps add what else it needs.

What fails makes `/readyz` answer 503; what only slows the work down makes it say «degraded».
The probe of a balancer is `/healthz`: a night that is late is no reason to take a server away.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Check = Callable[[], bool]
_needed: dict[str, Check] = {}
_helpful: dict[str, Check] = {}


def needs(name: str, *, only_slower: bool = False) -> Callable[[Check], Check]:
    """Register a check; it answers whether all is well, and an exception of its own means no."""

    def register(check: Check) -> Check:
        (_helpful if only_slower else _needed)[name] = check
        return check

    return register


def missing() -> tuple[list[str], list[str]]:
    """Names of the checks that fail: those one cannot work without, those that only slow down.

    Without the database nothing else is asked.
    """
    if not _holds(_database):
        return ["database"], []
    return (
        [name for name, check in _needed.items() if not _holds(check)],
        [name for name, check in _helpful.items() if not _holds(check)],
    )


def _holds(check: Check) -> bool:
    try:
        return check()
    except Exception:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


_migrated = False


@needs("migrations")
def _migrations() -> bool:
    """Asked until the answer is yes: the code of a process stays what it is."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


@needs("disk")
def _disk() -> bool:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    disk = shutil.disk_usage(folder)
    return disk.free * 100 >= disk.total * settings.READY_DISK_PERCENT


@needs("redis", only_slower=True)
def _redis() -> bool:
    """Without it the tick still starts what is due, a little later."""
    if not settings.REDIS_URL:
        return True
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    ) as server:
        return bool(server.ping())
