"""Reads of what a contact left behind: marks, agreements, risks; and of the contact before it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import Client
from core.policy import policy_for
from visits.criteria import Contact, judge, quality
from visits.enums import VisitLevel, VisitStatus
from visits.models import Agreement, Risk, Visit, VisitCriterion, VisitMark


@dataclass(frozen=True)
class Reading:
    """A criterion as a contact stands to it."""

    criterion: VisitCriterion
    met: bool
    why: str


@dataclass(frozen=True)
class Marks:
    """Every criterion of a К2У, and how many of the scored ones are met."""

    readings: list[Reading]

    @property
    def quality(self) -> tuple[int, int]:
        return quality(r.met for r in self.readings if r.criterion.is_scored)


def criteria() -> QuerySet[VisitCriterion]:
    """The criteria in use, in their order."""
    return VisitCriterion.objects.filter(is_on=True)


def contact_of(visit: Visit) -> Contact:
    """What the rules of marks ask of a contact; before it is held, of what is known so far."""
    earlier = Visit.objects.filter(
        client_id=visit.client_id, level=VisitLevel.K2, status=VisitStatus.DONE
    ).exclude(pk=visit.pk)
    if visit.started_at is not None:
        before = Q(started_at__lt=visit.started_at)
        if visit.pk:
            before |= Q(started_at=visit.started_at, pk__lt=visit.pk)
        earlier = earlier.filter(before)
    return Contact(
        started_at=visit.started_at,
        goal=visit.goal,
        prepared_at=visit.prepared_at,
        participants=visit.participants.count() if visit.pk else 0,
        agreements=visit.agreements.count() if visit.pk else 0,
        earlier=earlier.count(),
    )


def marks_of(visit: Visit) -> Marks:
    """The criteria of a К2У: those marked with their evidence, the others with why not."""
    stored = {mark.criterion_id: mark for mark in visit.marks.all()}
    contact = contact_of(visit)
    readings = []
    for criterion in criteria():
        mark = stored.get(criterion.pk)
        why = mark.evidence if mark else judge(criterion.evidence, contact).why
        readings.append(Reading(criterion, mark is not None, why))
    return Marks(readings)


def with_outcome(queryset: Any) -> Any:
    """Contacts with marks, agreements, risks and services: no query per row."""
    marks = VisitMark.objects.select_related("criterion")
    agreed = Agreement.objects.select_related("responsible", "participant__person")
    return queryset.prefetch_related(
        "services",
        Prefetch("marks", queryset=marks),
        Prefetch("agreements", queryset=agreed),
        "risks",
    )


def last_contact(client: Client) -> Visit | None:
    """The newest contact with a client that took place."""
    held = client.visits.filter(status=VisitStatus.DONE, held_on__isnull=False)
    return held.order_by("-held_on", "-started_at", "-pk").first()


def as_last_time(client: Client) -> dict[str, Any]:
    """What a form may take over from the newest contact: people who are still in the scheme."""
    last = last_contact(client)
    if last is None:
        return {}
    people = last.participants.filter(client_id=client.pk, ends_on=None)
    return {
        "channel": last.channel,
        "materials": last.materials,
        "participants": list(people.values_list("pk", flat=True)),
        "services": list(last.services.values_list("pk", flat=True)),
    }


def open_risks(user: Any, client: Client) -> list[Risk]:
    """The risks of a client that nobody has closed."""
    rows = policy_for(Risk).visible_to(user).filter(client=client, closed_on=None)
    return list(rows.select_related("raised_by"))


def with_risk_names(queryset: Any) -> Any:
    """Risks with what a row of a list shows: no query per row."""
    return queryset.select_related("client", "visit", "raised_by")
