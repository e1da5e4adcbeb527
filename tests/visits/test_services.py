"""Writes of contacts: every rule and refusal, the audit row, the signal."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core.audit import reference
from core.errors import Conflict, Refused
from core.models import AuditEntry
from tests import factories
from tests.personas import World
from visits import selectors, services
from visits.models import Visit
from visits.signals import visit_changed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """The clients announced by the signal."""
    found: list[int] = []

    def listen(client_ids: list[int], **kwargs: Any) -> None:
        found.extend(client_ids)

    visit_changed.connect(listen)
    yield found
    visit_changed.disconnect(listen)


def plan(world: World, now: datetime, who: str = "anna", whose: str = "own", **values: Any) -> Any:
    return services.plan_visit(
        actor=world.users[who],
        client=world.clients[whose],
        values={"level": "K1", "planned_for": date(2026, 9, 20)} | values,
        now=now,
    )


def log(world: World, now: datetime, who: str = "anna", whose: str = "own", **values: Any) -> Any:
    return services.log_visit(
        actor=world.users[who],
        client=world.clients[whose],
        values={"level": "K1", "started_at": now - HOUR} | values,
        now=now,
    )


def errors(call: Any, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict


class TestPlan:
    def test_own_employee_and_announcement(
        self, world: World, now: datetime, heard: list[int]
    ) -> None:
        participant = world.row("contacts.participant")
        row = plan(world, now, plan="план", goal="цель", participants=[participant])
        assert row.employee == world.staff["anna"]
        assert row.status == "planned"
        assert row.prepared_at == now
        assert row.is_prepared
        assert list(row.participants.all()) == [participant]
        assert heard == [world.clients["own"].pk]
        entry = AuditEntry.objects.get(subject=reference(row))
        assert entry.actor == world.users["anna"]
        assert entry.about == reference(world.clients["own"])
        assert entry.after["participants"] == [participant.pk]

    def test_without_words_nothing_is_prepared(self, world: World, now: datetime) -> None:
        row = plan(world, now, plan=" \u200b ")
        assert row.prepared_at is None
        assert row.plan == ""

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"planned_for": None}, "planned_for"),
            ({"planned_for": date(2026, 9, 15)}, "planned_for"),
            ({"planned_for": date(2028, 1, 1)}, "planned_for"),
            ({"started_at": datetime.fromisoformat("2026-09-16T09:00+03:00")}, "started_at"),
            ({"level": ""}, "level"),
            ({"goal_kind": "nonsense"}, "goal_kind"),
            ({"plan": "а" * 20_001}, "plan"),
        ],
    )
    def test_bad_values(
        self, world: World, now: datetime, heard: list[int], values: dict, field: str
    ) -> None:
        before = Visit.objects.count()
        assert list(errors(plan, world, now, **values)) == [field]
        assert Visit.objects.count() == before
        assert heard == []

    def test_unknown_field_is_a_mistake_of_the_caller(self, world: World, now: datetime) -> None:
        with pytest.raises(ValueError, match="prepared_at"):
            plan(world, now, prepared_at=now)

    def test_foreign_client_and_administrator(self, world: World, now: datetime) -> None:
        for who, whose in (("anna", "foreign"), ("zhanna", "own"), ("dmitry", "own")):
            with pytest.raises(Refused):
                plan(world, now, who, whose)


class TestLevel:
    def test_specialists_record_k1_only(self, world: World, now: datetime) -> None:
        with pytest.raises(Refused, match="К2У записывает начальник"):
            plan(world, now, level="K2")
        with pytest.raises(Refused):
            services.update_visit(
                actor=world.users["anna"],
                visit=plan(world, now),
                values={"level": "K2"},
                now=now,
            )

    def test_heads_managers_and_integrations_record_both(self, world: World, now: datetime) -> None:
        assert plan(world, now, "galina", level="K2").level == "K2"
        assert plan(world, now, "elena", level="K2").level == "K2"
        written = plan(world, now, "writer", level="K2", employee=world.staff["galina"])
        assert written.level == "K2"

    def test_a_specialist_does_not_change_a_k2(self, world: World, now: datetime) -> None:
        with pytest.raises(Refused):
            services.update_visit(
                actor=world.users["anna"],
                visit=world.row("k2"),
                values={"result": "x"},
                now=now,
            )


class TestPeople:
    @pytest.mark.parametrize(
        ("who", "employee", "allowed"),
        [
            ("anna", "anna", True),
            ("anna", "boris", False),
            ("zoya", "zoya", True),
            ("zoya", "anna", True),  # substitutes
            ("zoya", "boris", False),
            ("galina", "galina", True),
            ("galina", "anna", True),
            ("galina", "vera", False),
            ("elena", "vera", True),
            ("writer", "vera", True),
        ],
    )
    def test_in_whose_name(
        self, world: World, now: datetime, who: str, employee: str, allowed: bool
    ) -> None:
        chosen = world.staff[employee]
        if allowed:
            assert plan(world, now, who, employee=chosen).employee == chosen
        else:
            assert list(errors(plan, world, now, who, employee=chosen)) == ["employee"]

    def test_an_account_without_an_employee_must_name_one(
        self, world: World, now: datetime
    ) -> None:
        assert errors(plan, world, now, "writer") == {
            "employee": ["Укажите, кто проводит контакт."]
        }

    def test_an_employee_who_left_later_counts_on_the_day(
        self, world: World, now: datetime, today: date
    ) -> None:
        boris = world.staff["boris"]
        boris.left_on = today - timedelta(days=1)
        boris.save()
        long_ago = now - timedelta(days=3)
        row = log(world, now, "galina", "colleague", employee=boris, started_at=long_ago)
        assert row.employee == boris
        assert list(errors(log, world, now, "galina", "colleague", employee=boris)) == ["employee"]

    def test_companions(self, world: World, now: datetime) -> None:
        row = plan(world, now, companions=[world.staff["galina"]])
        assert list(row.companions.all()) == [world.staff["galina"]]
        assert list(errors(plan, world, now, companions=[world.staff["vera"]])) == ["companions"]
        assert errors(plan, world, now, companions=[world.staff["anna"]]) == {
            "companions": ["Тот, кто проводит контакт, уже указан."]
        }

    def test_a_companion_chosen_before_may_stay(self, world: World, now: datetime) -> None:
        row = world.row("planned")
        row.companions.set([world.staff["vera"]])
        changed = services.update_visit(
            actor=world.users["anna"],
            visit=row,
            values={"companions": [world.staff["vera"], world.staff["boris"]]},
            now=now,
        )
        assert changed.companions.count() == 2

    def test_participants_of_this_client_on_this_day(
        self, world: World, now: datetime, today: date
    ) -> None:
        other = world.row("contacts.participant", "colleague")
        assert errors(plan, world, now, participants=[other]) == {
            "participants": ["Здесь участник другого клиента."]
        }
        left = factories.participant(world.clients["own"], ends_on=today)
        assert list(errors(log, world, now, participants=[left])) == ["participants"]
        yesterday = now - timedelta(days=1)
        row = log(world, now, participants=[left], started_at=yesterday)
        assert row.participants.count() == 1
        new = factories.participant(world.clients["own"], starts_on=today)
        assert list(errors(log, world, now, participants=[new], started_at=yesterday)) == [
            "participants"
        ]

    def test_moving_a_contact_asks_about_its_participants_again(
        self, world: World, now: datetime, today: date
    ) -> None:
        new = factories.participant(world.clients["own"], starts_on=today)
        row = log(world, now, participants=[new])
        found = errors(
            services.update_visit,
            actor=world.users["anna"],
            visit=row,
            values={"started_at": now - timedelta(days=2)},
            now=now,
        )
        assert list(found) == ["participants"]


class TestLog:
    def test_done_at_once(self, world: World, now: datetime, heard: list[int]) -> None:
        row = log(world, now, materials=2, result="сделали", satisfaction=10)
        row.refresh_from_db()
        assert row.status == "done"
        assert row.held_on == date(2026, 9, 16)
        assert heard == [world.clients["own"].pk]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"started_at": None}, "started_at"),
            ({"satisfaction": 11}, "satisfaction"),
            ({"materials": -1}, "materials"),
        ],
    )
    def test_bad_values(self, world: World, now: datetime, values: dict, field: str) -> None:
        assert list(errors(log, world, now, **values)) == [field]

    def test_not_in_the_future_nor_backwards(self, world: World, now: datetime) -> None:
        assert list(errors(log, world, now, started_at=now + HOUR)) == ["started_at"]
        assert list(errors(log, world, now, ended_at=now - 2 * HOUR)) == ["ended_at"]

    def test_a_plan_written_afterwards_does_not_count(self, world: World, now: datetime) -> None:
        row = log(world, now, plan="план задним числом", goal="цель")
        assert row.prepared_at == now
        assert not row.is_prepared


class TestComplete:
    def complete(self, world: World, row: Visit, now: datetime, **values: Any) -> Visit:
        return services.complete_visit(
            actor=world.users["anna"],
            visit=row,
            values={"started_at": now - HOUR} | values,
            now=now,
            version=row.version,
        )

    def test_prepared_before(self, world: World, now: datetime, heard: list[int]) -> None:
        row = plan(world, now, plan="план")
        later = now + timedelta(days=4)
        heard.clear()
        done = self.complete(world, row, later, result="итог")
        assert (done.status, done.result) == ("done", "итог")
        assert done.prepared_at == now
        assert done.is_prepared
        assert heard == [world.clients["own"].pk]

    def test_plan_changed_while_completing(self, world: World, now: datetime) -> None:
        row = plan(world, now, plan="план")
        done = self.complete(world, row, now + timedelta(days=4), plan="лучший план")
        assert not done.is_prepared

    def test_plan_written_after_the_start(self, world: World, now: datetime) -> None:
        row = plan(world, now, plan="план")
        assert not self.complete(world, row, now + timedelta(minutes=30)).is_prepared

    def test_moving_the_start_later_does_not_help(self, world: World, now: datetime) -> None:
        done = self.complete(world, plan(world, now, plan="план"), now + timedelta(minutes=30))
        later = now + timedelta(days=1)
        moved = services.update_visit(
            actor=world.users["anna"],
            visit=done,
            values={"started_at": later - HOUR},
            now=later,
        )
        assert not moved.is_prepared

    def test_once(self, world: World, now: datetime) -> None:
        row = self.complete(world, plan(world, now), now)
        with pytest.raises(ValidationError, match="уже записан"):
            self.complete(world, row, now)

    def test_conflict(self, world: World, now: datetime) -> None:
        row = plan(world, now)
        services.update_visit(
            actor=world.users["zoya"], visit=row, values={"goal": "новая"}, now=now
        )
        with pytest.raises(Conflict) as caught:
            self.complete(world, row, now)
        assert caught.value.current.goal == "новая"


class TestUpdate:
    def test_values_and_audit(self, world: World, now: datetime, heard: list[int]) -> None:
        row = world.row("visits.visit")
        changed = services.update_visit(
            actor=world.users["anna"],
            visit=row,
            values={"materials": 5},
            now=now,
            version=row.version,
        )
        assert changed.materials == 5
        assert changed.version == row.version + 1
        entry = AuditEntry.objects.filter(subject=reference(row)).latest("pk")
        assert (entry.before["materials"], entry.after["materials"]) == (1, 5)
        assert heard == [row.client_id]

    def test_an_overdue_plan_may_be_changed_but_not_moved_into_the_past(
        self, world: World, now: datetime
    ) -> None:
        row = plan(world, now)
        later = now + timedelta(days=30)
        call = {"actor": world.users["anna"], "visit": row, "now": later}
        assert services.update_visit(**call, values={"goal": "цель"}).goal == "цель"
        found = errors(services.update_visit, **call, values={"planned_for": date(2026, 9, 21)})
        assert list(found) == ["planned_for"]

    def test_foreign(self, world: World, now: datetime) -> None:
        with pytest.raises(Refused):
            services.update_visit(
                actor=world.users["boris"],
                visit=world.row("visits.visit"),
                values={"result": "x"},
                now=now,
            )


class TestCancel:
    @pytest.mark.parametrize("which", ["planned", "visits.visit"])
    def test_with_a_reason(self, world: World, heard: list[int], which: str) -> None:
        row = world.row(which)
        done = services.cancel_visit(
            actor=world.users["anna"], visit=row, reason="клиент заболел", version=row.version
        )
        assert done.status == "cancelled"
        assert heard == [row.client_id]
        entry = AuditEntry.objects.filter(subject=reference(row)).latest("pk")
        assert entry.after == {"причина отмены": "клиент заболел"}
        with pytest.raises(ValidationError, match="отменён"):
            services.cancel_visit(actor=world.users["anna"], visit=row, reason="ещё раз")

    def test_without_a_reason(self, world: World, heard: list[int]) -> None:
        found = errors(
            services.cancel_visit, actor=world.users["anna"], visit=world.row("planned"), reason=" "
        )
        assert list(found) == ["reason"]
        assert heard == []


def test_due(world: World, now: datetime, today: date) -> None:
    late = factories.visit(
        world.clients["own"], status="planned", planned_for=today - timedelta(days=2)
    )
    due = factories.visit(world.clients["own"], status="planned", planned_for=today)
    assert selectors.due_visits(world.users["anna"], today) == ([late, due], 2)
    assert selectors.due_visits(world.users["anna"], today, limit=1) == ([late], 2)
    assert selectors.due_visits(world.users["boris"], today) == ([], 0)
