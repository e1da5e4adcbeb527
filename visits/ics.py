"""Planned contacts as an iCalendar file (RFC 5545) that a phone subscribes to. Values only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Component, Event, Todo

_REREAD = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """A day's entry. It says with whom and of what kind, never what is written inside.

    `remind_at`, of a task: the moment at which the phone shall ring.
    """

    uid: str
    on: date
    summary: str
    url: str
    version: int
    changed_at: datetime
    remind_at: datetime | None = None


def calendar_file(name: str, contacts: Iterable[Entry], tasks: Iterable[Entry]) -> bytes:
    """The file: contacts as events of a whole day, open agreements as tasks due on a day."""
    found = Calendar()
    found.add("prodid", "-//Lampa//Contacts//RU")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("name", name)
    found.add("x-wr-calname", name)
    found.add("refresh-interval", _REREAD, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    for entry in contacts:
        event = _described(Event(), entry)
        event.add("dtstart", entry.on)
        event.add("dtend", entry.on + timedelta(days=1))
        # A day with a contact in it is not a busy day: the hour is not known yet.
        event.add("transp", "TRANSPARENT")
        found.add_component(event)
    for entry in tasks:
        task = _described(Todo(), entry)
        task.add("due", entry.on)
        task.add("status", "NEEDS-ACTION")
        if entry.remind_at is not None:
            task.add_component(_alarm(entry.remind_at, entry.summary))
        found.add_component(task)
    return found.to_ical()


def _alarm(at: datetime, summary: str) -> Alarm:
    """A reminder at a moment, which the standard wants in UTC."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", at.astimezone(UTC), parameters={"VALUE": "DATE-TIME"})
    return alarm


def _described(component: Component, entry: Entry) -> Component:
    component.add("uid", entry.uid)
    component.add("dtstamp", entry.changed_at)
    component.add("last-modified", entry.changed_at)
    component.add("sequence", entry.version - 1)
    component.add("summary", entry.summary)
    component.add("url", entry.url)
    component.add("class", "PRIVATE")
    return component
