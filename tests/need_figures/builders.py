"""Needs in numbers: the talk's row, and needs of a little centre at every stage."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db import transaction

from accounts.models import Client, Employee, Unit
from contacts.models import Participant, Person
from core.clock import MOSCOW
from needs.enums import NeedStatus
from needs.models import Need, NeedStage, NeedStep
from tests.figures.builders import clients
from visits.figures import Period

CODES = ("01", "03", "04", "06")
# The talk's row: needs and distinct clients by stage, of 702.
TALK = ((570, 348), (434, 280), (328, 220), (188, 142))
WHOLE = 702
PRINTED = "570/81% — 348 434/62% — 280 328/47% — 220 188/27% — 142"
YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))


def stages() -> dict[str, NeedStage]:
    """The dictionary by code."""
    return {row.code: row for row in NeedStage.objects.all()}


def write(
    client: Client, author: Employee, unit: Unit | None, on: date, reached: int = 0, **given: object
) -> Need:
    """A need, not yet saved, that reached so many stages, a day each."""
    code = CODES[reached - 1] if reached else None
    card: dict[str, object] = dict.fromkeys(
        ("key_need", "difficulties", "solution", "effect"), "записано"
    )
    card["title"] = "Потребность"
    return Need(
        client=client,
        author=author,
        unit=unit,
        opened_on=on,
        stage=stages()[code] if code else None,
        stage_on=on + timedelta(days=reached) if code else None,
        **(card | given),
    )


def save(rows: Sequence[Need], second: Employee) -> list[Need]:
    """Needs with the steps that led to their stages; what asks a second person has `second`."""
    known = stages()
    left = [row for row in rows if row.status == NeedStatus.DROPPED]
    for row in left:
        row.status = NeedStatus.OPEN  # steps are made while it is in work
    people = _participants([r.client for r in rows if r.stage and r.stage.needs_participant])
    with transaction.atomic():
        made = Need.objects.bulk_create(rows)
        NeedStep.objects.bulk_create(
            _step(row, known[code], n + 1, second, people)
            for row in made
            if row.stage
            for n, code in enumerate(CODES)
            if code <= row.stage.code
        )
        ids = [row.pk for row in left]
        Need.objects.filter(pk__in=ids).update(status=NeedStatus.DROPPED)
    return made


def _step(
    row: Need, stage: NeedStage, day: int, second: Employee, people: dict[int, Participant]
) -> NeedStep:
    on = row.opened_on + timedelta(days=day)
    return NeedStep(
        need=row,
        stage=stage,
        on=on,
        author=second if stage.needs_second_person else row.author,
        participant=people[row.client_id] if stage.needs_participant else None,
        evidence="записано",
        recorded_at=datetime.combine(on, time(12), MOSCOW),
    )


def _participants(whose: Sequence[Client]) -> dict[int, Participant]:
    """Somebody of each client who may confirm."""
    distinct = {client.pk: client for client in whose}
    people = Person.objects.bulk_create(
        Person(last_name=f"Иванова {pk}", first_name="Анна") for pk in distinct
    )
    rows = Participant.objects.bulk_create(
        Participant(client=client, person=person, starts_on=date(2021, 1, 1))
        for client, person in zip(distinct.values(), people, strict=True)
    )
    return {row.client_id: row for row in rows}


def talk(author: Employee, unit: Unit, second: Employee) -> list[Need]:
    """The talk's row: 702 needs, of which so many reached each stage with so many clients.

    The clients of a stage are the first of those of the stage before; each has one need that came
    so far, and what is left over of the needs belongs to the first of them.
    """
    known = clients(TALK[0][1] + 30)
    rungs = [(WHOLE, len(known)), *TALK, (0, 0)]
    rows = []
    for reached, ((needs, whose), (next_needs, next_whose)) in enumerate(pairwise(rungs)):
        for n in range(needs - next_needs):
            # Those whose furthest need stops here first, then second needs of the earliest.
            client = known[next_whose + n] if next_whose + n < whose else known[n % 5]
            day = YEAR.since + timedelta(days=len(rows) % 366)
            rows.append(write(client, author, unit, day, reached))
    return save(rows, second)


def dropped(row: Need) -> Need:
    """The need out of work."""
    row.status = NeedStatus.DROPPED
    return row
