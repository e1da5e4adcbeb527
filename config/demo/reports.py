"""Cooperation reports of a few clients, one in each state. Their PDF is drawn when asked for."""

from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.models import Client, Employee
from contacts.models import Participant
from core import clock
from needs.models import NeedStep
from reports import layout
from reports.enums import ReportStatus
from reports.models import CooperationReport
from reports.selectors.drafting import draw
from reports.selectors.reports import letterhead_in_force, sealed, texts_for
from reports.snapshot import as_json, digest

# Whose report stands where; the others are clients with the most to tell.
KNOWN = (("Ромашка", ReportStatus.PRESENTED), ("Василек", ReportStatus.REVIEW), ("Лютик", "draft"))
OTHERS = (
    ReportStatus.FINAL,
    ReportStatus.PRESENTED,
    ReportStatus.REVIEW,
    ReportStatus.DRAFT,
    ReportStatus.FINAL,
    ReportStatus.DRAFT,
)
OUTCOMES = (
    "Цифры приняли. Просят показать такой же отчёт совету директоров.",
    "Согласились продлить на прежних условиях, обучение новых сотрудников — в январе.",
)
NOTE = "Добавьте в раздел о цене, что изменится со следующего срока."


def write(on: date) -> None:
    """Reports of the twelve whole months that ended last."""
    until = on.replace(day=1) - timedelta(days=1)
    since = (until + timedelta(days=1)).replace(year=until.year - (until.month < 12))
    if until.month == 12:
        since = until.replace(month=1, day=1)
    chosen = [(Client.objects.filter(name=name).first(), state) for name, state in KNOWN]
    chosen += list(zip(_telling(since, until), OTHERS, strict=False))
    for number, (client, state) in enumerate(chosen):
        if client is not None and client.specialist is not None:
            _one(client, state, since, until, on, number)


def _telling(since: date, until: date) -> list[Client]:
    """Clients with confirmed needs within the period, in a settled order."""
    steps = NeedStep.objects.filter(stage__code="06", on__range=(since, until))
    known = [name for name, _ in KNOWN]
    rows = Client.objects.filter(
        pk__in=steps.values("need__client"), disconnected_on=None, specialist__isnull=False
    ).exclude(name__in=known)
    return list(rows.order_by("-is_key", "pk")[: len(OTHERS)])


def _one(client: Client, state: str, since: date, until: date, on: date, number: int) -> None:
    author, head = _people(client)
    person = Participant.objects.filter(client=client).current_on(on).order_by("pk").first()
    if author is None or head is None or (state == ReportStatus.PRESENTED and person is None):
        return
    at = datetime.combine(on - timedelta(days=5 + number), time(11), clock.MOSCOW)
    values: dict[str, Any] = {
        "client": client,
        "since": since,
        "until": until,
        "author": author,
        "requested_at": at,
        "on": at.date(),
        "built_at": at,
        "status": state,
        "snapshot": as_json(draw(client, since, until, at.date())),
        "sections": layout.as_json(layout.usual(texts_for(client.segment))),
    }
    if state == ReportStatus.DRAFT and number % 2:
        values["returned_note"] = NOTE
    row = CooperationReport(**values)
    if row.is_closed:
        row.letterhead, row.approved_by = letterhead_in_force(), head
        row.approved_at = at + timedelta(hours=4)
        row.digest = digest(sealed(row))
    if state == ReportStatus.PRESENTED:
        row.presented_to, row.presented_on = person, on - timedelta(days=2)
        row.outcome = OUTCOMES[number % len(OUTCOMES)]
    row.full_clean()
    row.save()


def _people(client: Client) -> tuple[Any, Any]:
    """The client's specialist and the head of its unit, as users; the head stands in for a
    specialist without a log-in, and then somebody above approves."""
    heads = Employee.objects.filter(positions__kind__in=["head", "manager"], user__isnull=False)
    own = heads.filter(positions__unit=client.unit, positions__ends_on=None).first()
    above = heads.filter(positions__kind="manager", positions__ends_on=None).first()
    specialist = client.specialist.user if client.specialist else None
    if specialist is not None:
        return specialist, own.user if own else None
    return (own.user if own else None), (above.user if above else None)
