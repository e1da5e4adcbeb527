"""What is sent twice is written once: in turn, at the same moment, by nobody else."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError

from core.audit import reference
from core.models import AuditEntry
from tests.personas import World
from visits import services
from visits.models import Agreement, Visit
from visits.services import Outcome

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def log(
    world: World, now: datetime, number: UUID, who: str = "anna", whose: str = "own", **more: Any
) -> Visit:
    return services.log_visit(
        actor=world.users[who],
        client=world.clients[whose],
        values={"level": "K1", "started_at": now - HOUR, "submission": number} | more,
        now=now,
        outcome=Outcome(agreements=[{"what": "Прислать подборку"}]),
    )


class TestInTurn:
    def test_the_second_gives_the_row_of_the_first(self, world: World, now: datetime) -> None:
        number = uuid4()
        first = log(world, now, number, result="итог")
        entries = AuditEntry.objects.count()
        assert log(world, now + HOUR, number, result="итог") == first
        assert Visit.objects.filter(submission=number).count() == 1
        assert Agreement.objects.filter(visit=first).count() == 1
        assert AuditEntry.objects.count() == entries

    def test_a_plan_too(self, world: World, now: datetime) -> None:
        call = {
            "actor": world.users["anna"],
            "client": world.clients["own"],
            "values": {"level": "K1", "planned_for": date(2026, 9, 20), "submission": uuid4()},
            "now": now,
        }
        assert services.plan_visit(**call) == services.plan_visit(**call)

    @pytest.mark.parametrize(("who", "whose"), [("zoya", "own"), ("galina", "colleague")])
    def test_somebody_elses_number_is_refused(
        self, world: World, now: datetime, who: str, whose: str
    ) -> None:
        number = uuid4()
        log(world, now, number, "galina" if whose != "own" else "anna")
        with pytest.raises(ValidationError) as caught:
            log(world, now, number, who, whose)
        assert caught.value.message_dict == {
            "submission": ["Эта отправка уже занята другой записью. Откройте форму заново."]
        }

    def test_without_a_number_each_is_a_contact(self, world: World, now: datetime) -> None:
        call = {
            "actor": world.users["anna"],
            "client": world.clients["own"],
            "values": {"level": "K1", "started_at": now - HOUR},
            "now": now,
        }
        assert services.log_visit(**call) != services.log_visit(**call)


class TestChanges:
    def test_a_completion_sent_again(self, world: World, now: datetime) -> None:
        row, number = world.row("planned"), uuid4()
        call = {
            "actor": world.users["anna"],
            "visit": row,
            "values": {"started_at": now - HOUR, "result": "итог", "submission": number},
            "now": now,
            "version": row.version,
            "outcome": Outcome(agreements=[{"what": "Позвонить"}]),
        }
        first = services.complete_visit(**call)
        again = services.complete_visit(**call)
        assert (again.pk, again.version) == (first.pk, first.version)
        assert Agreement.objects.filter(visit=row, what="Позвонить").count() == 1

    def test_a_change_that_changes_nothing_leaves_no_trace(
        self, world: World, now: datetime
    ) -> None:
        number, people = uuid4(), [world.row("contacts.participant")]
        row = log(world, now, number, result="итог\nв две строки", participants=people)
        values = {
            "result": " итог\r\nв две строки",
            "participants": people,
            "submission": uuid4(),
        }
        changed = services.update_visit(
            actor=world.users["anna"], visit=row, values=values, now=now, version=row.version
        )
        assert (changed.version, changed.submission) == (row.version, number)
        assert AuditEntry.objects.filter(subject=reference(row)).count() == 1
        values["participants"] = []
        changed = services.update_visit(
            actor=world.users["anna"], visit=row, values=values, now=now, version=row.version
        )
        assert changed.version == row.version + 1
