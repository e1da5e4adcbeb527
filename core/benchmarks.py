"""The registry of benchmarks, and the separate database each of them works in.

An app writes `benchmarks.py`; `manage.py benchmark <name>` finds what it registers.
"""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.module_loading import autodiscover_modules

Write = Callable[[str], None]
_LOCK = 7_265_010


@dataclass(frozen=True)
class Benchmark:
    """What `manage.py benchmark <name>` runs: `run(options, write)` prints through `write`."""

    name: str
    help: str
    run: Callable[[dict[str, Any], Write], None]
    arguments: Callable[[ArgumentParser], None]


_benchmarks: dict[str, Benchmark] = {}


def register(found: Benchmark) -> None:
    """Make a benchmark known by its name."""
    _benchmarks[found.name] = found


def all_benchmarks() -> list[Benchmark]:
    """Every benchmark of the installed apps, by name."""
    autodiscover_modules("benchmarks")
    return [_benchmarks[name] for name in sorted(_benchmarks)]


@contextmanager
def database(name: str, *, keep: bool) -> Iterator[None]:
    """Work in a migrated database of its own on the same server; dropped after unless kept.

    A kept one is found again; one that is not kept is nobody else's. Whatever the default
    connection was, it is again afterwards. Raises CommandError where another measurement works
    in a kept one.
    """
    home = connection.settings_dict["NAME"]
    name = name if keep else f"{name}_{os.getpid()}"
    quoted = connection.ops.quote_name(name)
    connection.close()
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {quoted}")
    connection.settings_dict["NAME"] = name
    mine = False
    try:
        with connection.cursor() as cursor:
            # Held until the connection closes: two measurements would spoil each other's data.
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            mine = cursor.fetchone()[0]
        if not mine:
            raise CommandError(f"В базе {name} уже идёт измерение.")
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        if mine and not keep:
            with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
                cursor.execute(f"DROP DATABASE {quoted}")
