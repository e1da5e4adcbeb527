"""Who was reached: asked here, answered by the app above that keeps the contacts.

    # visits/apps.py, in AppConfig.ready()
    reach.register(reached_participants)

The loader takes the first day and the day after the last one and gives a query of the ids of
participants who stood in a completed useful contact. It is a query, not a set: a filter of a
list joins it in the database, whatever the number of clients.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

Load = Callable[[date, date], Any]
_loaders: list[Load] = []


def register(load: Load) -> None:
    """Say who answers; the last word counts."""
    _loaders[:] = [load]


def month_of(on: date) -> tuple[date, date]:
    """The first day of the month and the first day of the next one."""
    return on.replace(day=1), date(on.year + on.month // 12, on.month % 12 + 1, 1)


def reached_in(since: date, until: date) -> Any:
    """A query of the ids of participants reached from `since` until the day before `until`."""
    return _loaders[0](since, until) if _loaders else []


def reached_of(ids: Collection[int], since: date, until: date) -> frozenset[int]:
    """Those of the participants who were reached, in one query."""
    if not ids or not _loaders:
        return frozenset()
    return frozenset(_loaders[0](since, until).filter(participant__pk__any_of=ids))
