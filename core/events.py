"""What happened, for other systems: an outbox written with the change, a feed in order.

`publish` writes a row in the transaction of the change, so an event exists exactly when the
change does. Identifiers are handed out before the commit, and a reader that goes by them never
sees what a slower transaction commits later behind its back. So the place in the feed is given
after the commit, by one writer at a time (`sequence`): whatever is committed later stands
later. Events of one client keep the order of their changes, for those lock the client's rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from core import clock, jobs
from core.models import Event

# Serialises everything that gives places in the feed, in whatever process.
_LOCK = 7_265_010
_AT_ONCE = 5000

_PLACE = """
    UPDATE core_event e SET position = placed.position FROM (
        SELECT id, nextval('core_event_position') AS position FROM (
            SELECT id FROM core_event WHERE position IS NULL ORDER BY id LIMIT %s
        ) waiting
    ) placed WHERE e.id = placed.id RETURNING e.id
"""
_WRITE = """
    INSERT INTO core_event (kind, at, subject_id, client_id, data)
    SELECT %s, %s, chosen.* FROM ({select}) chosen (subject_id, client_id, data)
"""


@dataclass(frozen=True)
class Kind:
    """A kind of event: its name, how people call it, the model of its subject."""

    name: str
    label: str
    model: type[models.Model]


_kinds: dict[str, Kind] = {}
_readers: list[Callable[[list[int]], None]] = []


def register(kind: str, label: str, model: type[models.Model]) -> None:
    """Declare a kind of event, such as "need.moved". Called once, when an app is ready.

    Whoever may see the subject's client (or, for an event of no client, the subject itself)
    and may view `model` at all sees the event.
    """
    _kinds[kind] = Kind(kind, label, model)


def read_placed(reader: Callable[[list[int]], None]) -> Callable[[list[int]], None]:
    """Register a function told the ids of events that get their places, in that transaction."""
    _readers.append(reader)
    return reader


def as_json(event: Event) -> dict[str, Any]:
    """An event as other systems are told of it, in the feed and by webhook alike."""
    return {
        "position": event.position,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "subject": event.subject_id,
        "client": event.client_id,
        "data": event.data,
    }


def kinds() -> list[Kind]:
    """The declared kinds, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def kind_of(name: str) -> Kind:
    """The kind of that name; KeyError where nobody declared it."""
    return _kinds[name]


def label_of(name: str) -> str:
    """The Russian name of a kind."""
    return _kinds[name].label if name in _kinds else name


@transaction.atomic
def publish(
    kind: str, *, subject: models.Model, client: Any = None, data: dict[str, Any] | None = None
) -> Event:
    """Write an event in the transaction of the change that it tells of.

    `subject` is the changed row, `client` the client (or its id) whose events keep their order,
    `data` what is told besides: values that JSON holds, dates and Decimals. Raises KeyError for
    a kind that nobody declared, TypeError for a subject of another model.
    """
    return publish_many(kind, [(subject, client, data or {})])[0]


def publish_many(
    kind: str, told: Iterable[tuple[models.Model, Any, dict[str, Any]]]
) -> list[Event]:
    """Write events of one kind together: (subject, client, data), each as for `publish`."""
    rows = list(told)
    for subject, _, _ in rows:
        if not isinstance(subject, _kinds[kind].model):
            raise TypeError(f"{kind} is not about {type(subject).__name__}")
    at = clock.now()
    events = Event.objects.bulk_create(
        Event(
            kind=kind,
            subject_id=subject.pk,
            client_id=getattr(client, "pk", client),
            at=at,
            data=data,
        )
        for subject, client, data in rows
    )
    if events:
        transaction.on_commit(jobs.ring)
    return events


def publish_selected(kind: str, select: str, params: list[Any]) -> int:
    """Write events for the rows of a query: `subject_id`, `client_id`, `data` (jsonb).

    For changes of many rows in SQL; returns how many. KeyError for an undeclared kind.
    """
    name = _kinds[kind].name
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WRITE.format(select=select), [name, clock.now(), *params])
        return int(cursor.rowcount)


@jobs.drain("events")
def sequence() -> int:
    """Give committed events their places in the feed; returns how many got one.

    One at a time: whoever finds another at work leaves the rest to it and to the next look.
    """
    taken = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return taken
            # A statement of its own: its snapshot is taken under the lock.
            cursor.execute(_PLACE, [_AT_ONCE])
            placed = [row[0] for row in cursor.fetchall()]
            for reader in _readers:
                reader(placed)
        taken += len(placed)
        if len(placed) < _AT_ONCE:
            return taken


def ends() -> tuple[int, int]:
    """The places of the oldest event kept and of the newest; zeros while there is none."""
    found = Event.objects.aggregate(oldest=models.Min("position"), newest=models.Max("position"))
    return found["oldest"] or 0, found["newest"] or 0


def forget(before: datetime) -> int:
    """Remove events older than a moment; returns how many.

    The newest of them stays as a mark: a reader whose place lies before it has missed some.
    """
    old = Event.objects.filter(at__lt=before, position__isnull=False)
    last = old.order_by("-position").values_list("position", flat=True).first()
    return old.filter(position__lt=last).delete()[0] if last is not None else 0
