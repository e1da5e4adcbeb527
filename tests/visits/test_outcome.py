"""Marks of a К2У, agreements, early diagnosis and risks: written with the contact, kept true."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Client
from core.audit import reference
from core.enums import AuditAction
from core.errors import Conflict, Refused
from core.models import AuditEntry, Setting
from tests import factories
from tests.personas import World
from visits import selectors, services
from visits.models import Agreement, Risk, Visit, VisitCriterion, VisitMark
from visits.services import Outcome, Sign

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def log(
    world: World, now: datetime, who: str = "galina", outcome: Outcome | None = None, **values: Any
) -> Visit:
    return services.log_visit(
        actor=world.users[who],
        client=values.pop("client", world.clients["own"]),
        values={"level": "K2", "started_at": now - HOUR} | values,
        now=now,
        outcome=outcome or Outcome(),
    )


def change(world: World, row: Visit, now: datetime, who: str = "galina", **given: Any) -> Visit:
    outcome = given.pop("outcome", Outcome())
    return services.update_visit(
        actor=world.users[who], visit=row, values=given, now=now, outcome=outcome
    )


def plan(world: World, now: datetime, **values: Any) -> Visit:
    return services.plan_visit(
        actor=world.users["galina"],
        client=world.clients["own"],
        values={"level": "K2", "planned_for": date(2026, 9, 16)} | values,
        now=now,
    )


def complete(world: World, row: Visit, now: datetime, **values: Any) -> Visit:
    return services.complete_visit(
        actor=world.users["galina"], visit=row, values=values, now=now, version=row.version
    )


def codes(row: Visit) -> set[str]:
    return set(VisitMark.objects.filter(visit=row).values_list("criterion__code", flat=True))


def errors(call: Any, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict


class TestRuledMarks:
    @pytest.mark.parametrize(("seconds", "met"), [(1, True), (0, False), (-1, False)])
    def test_a_goal_saved_around_the_start(
        self, world: World, now: datetime, seconds: int, met: bool
    ) -> None:
        row = plan(world, now, goal="цель")
        start = now + timedelta(seconds=seconds)
        done = complete(world, row, now + HOUR, started_at=start)
        assert ("0" in codes(done)) is met

    def test_a_goal_rewritten_after_the_start_does_not_count(
        self, world: World, now: datetime
    ) -> None:
        row = complete(world, plan(world, now, goal="цель"), now + 2 * HOUR, started_at=now + HOUR)
        assert "0" in codes(row)
        change(world, row, now + 3 * HOUR, goal="другая цель")
        assert "0" not in codes(row)

    def test_a_start_moved_before_the_goal_takes_the_mark(
        self, world: World, now: datetime
    ) -> None:
        row = complete(world, plan(world, now, goal="цель"), now + 2 * HOUR, started_at=now + HOUR)
        change(world, row, now + 2 * HOUR, started_at=now - HOUR)
        assert "0" not in codes(row)
        mark_gone = AuditEntry.objects.filter(
            action=AuditAction.DELETE, subject__startswith="visits.visitmark"
        )
        assert mark_gone.count() == 1
        assert mark_gone.get().about == reference(row.client)

    def test_a_participant_and_an_agreement(self, world: World, now: datetime) -> None:
        row = log(world, now)
        assert codes(row) == set()
        change(world, row, now, participants=[world.row("contacts.participant")])
        assert codes(row) == {"01"}
        services.add_agreement(
            actor=world.users["galina"], visit=row, values={"what": "Прислать"}, today=now.date()
        )
        assert codes(row) == {"01", "05"}
        change(world, row, now, participants=[])
        assert codes(row) == {"05"}

    def test_only_a_k2_that_took_place_has_marks(self, world: World, now: datetime) -> None:
        people = [world.row("contacts.participant")]
        assert codes(log(world, now, "anna", level="K1", participants=people)) == set()
        assert codes(plan(world, now, goal="цель", participants=people)) == set()
        row = log(world, now, participants=people, outcome=Outcome(marks={"02": "есть"}))
        assert codes(row) == {"01", "02"}
        change(world, row, now, level="K1")
        assert codes(row) == set()

    def test_a_criterion_switched_off_is_not_marked_and_keeps_its_past(
        self, world: World, now: datetime
    ) -> None:
        people = [world.row("contacts.participant")]
        old = log(world, now, participants=people)
        VisitCriterion.objects.filter(code="01").update(is_on=False)
        assert codes(log(world, now, participants=people)) == set()
        change(world, old, now, result="итог")
        assert codes(old) == {"01"}


class TestFirst:
    @pytest.fixture
    def bare(self, world: World) -> Client:
        return factories.client(world.staff["anna"], world.noio1)

    def test_only_the_earliest(self, world: World, now: datetime, bare: Client) -> None:
        first, second = log(world, now, client=bare), log(world, now, client=bare)
        assert (codes(first), codes(second)) == ({"first"}, set())

    def test_one_recorded_later_but_held_earlier_takes_it_over(
        self, world: World, now: datetime, bare: Client
    ) -> None:
        row = log(world, now, client=bare)
        earlier = log(world, now, client=bare, started_at=now - timedelta(days=3))
        assert (codes(earlier), codes(row)) == ({"first"}, set())
        change(world, earlier, now, started_at=now - timedelta(minutes=1))
        assert (codes(earlier), codes(row)) == (set(), {"first"})

    def test_a_withdrawn_one_hands_it_on(self, world: World, now: datetime, bare: Client) -> None:
        first, second = log(world, now, client=bare), log(world, now, client=bare)
        services.cancel_visit(actor=world.users["galina"], visit=first, reason="не тот клиент")
        assert (codes(first), codes(second)) == (set(), {"first"})


class TestMarksByHand:
    def test_set_kept_and_taken_off(self, world: World, now: datetime) -> None:
        row = log(world, now, outcome=Outcome(marks={"02": " Субсидия\u200b ", "04": "Показали"}))
        assert codes(row) == {"02", "04"}
        assert row.marks.get(criterion__code="02").evidence == "Субсидия"
        change(world, row, now, result="итог")
        assert codes(row) == {"02", "04"}
        change(world, row, now, outcome=Outcome(marks={"02": "Другая"}))
        assert codes(row) == {"02"}
        assert row.marks.get().evidence == "Другая"
        entry = AuditEntry.objects.filter(subject=reference(row.marks.get())).latest("pk")
        assert (entry.before, entry.after) == ({"evidence": "Субсидия"}, {"evidence": "Другая"})

    @pytest.mark.parametrize(
        ("code", "words", "said"),
        [
            ("02", " \u200b ", "Напишите, чем это подтверждается."),
            ("02", "а\u202eб", "направление"),
            ("02", "а" * 2001, "2000"),
            ("0", "была цель", "ставит сама программа"),
            ("99", "что-то", "Такого критерия нет."),
        ],
    )
    def test_refused(self, world: World, now: datetime, code: str, words: str, said: str) -> None:
        count = Visit.objects.count()
        found = errors(log, world, now, outcome=Outcome(marks={code: words}))
        assert list(found) == [f"marks.{code}"]
        assert said in found[f"marks.{code}"][0]
        assert Visit.objects.count() == count

    def test_not_for_a_k1(self, world: World, now: datetime) -> None:
        found = errors(log, world, now, "anna", Outcome(marks={"02": "есть"}), level="K1")
        assert list(found) == ["marks"]


class TestAgreements:
    def test_in_the_transaction_of_the_contact(self, world: World, now: datetime) -> None:
        agreed = [{"what": "Прислать подборку"}, {"what": "Позвонить", "due_on": date(2026, 9, 30)}]
        row = log(world, now, outcome=Outcome(agreements=agreed))
        rows = Agreement.objects.filter(visit=row).order_by("pk")
        # Three working days from a Wednesday: the next Monday.
        assert [(a.what, a.due_on) for a in rows] == [
            ("Прислать подборку", date(2026, 9, 21)),
            ("Позвонить", date(2026, 9, 30)),
        ]
        assert rows[0].agreed_on == date(2026, 9, 16)

    def test_one_that_is_refused_leaves_nothing(self, world: World, now: datetime) -> None:
        count = Visit.objects.count()
        agreed = [{"what": "Прислать"}, {"what": "Когда-то", "due_on": date(2076, 1, 1)}]
        found = errors(log, world, now, outcome=Outcome(agreements=agreed))
        assert list(found) == ["agreements.1.due_on"]
        assert Visit.objects.count() == count
        assert not Agreement.objects.filter(what="Прислать").exists()


class TestDiagnosis:
    def test_is_the_evidence_updates_the_card_and_raises_a_risk(
        self, world: World, now: datetime
    ) -> None:
        signs = [
            Sign("scheme", "Новый директор"),
            Sign("competitor", "Показывали Гарант", is_risk=True),
        ]
        row = log(world, now, outcome=Outcome(signs=signs))
        evidence = row.marks.get(criterion__code="03").evidence
        assert evidence == "Изменения в СПР: Новый директор\nКонкурент: Показывали Гарант"
        client = Client.objects.get(pk=row.client_id)
        assert client.competitor == "Показывали Гарант"
        risk = Risk.objects.get(visit=row)
        assert (risk.kind, risk.text) == ("competitor", "Показывали Гарант")
        assert (risk.raised_on, risk.raised_by) == (now.date(), world.staff["galina"])

    def test_is_added_to_what_stood_there(self, world: World, now: datetime) -> None:
        row = log(world, now, outcome=Outcome(marks={"03": "Спокойно", "02": "есть"}))
        change(world, row, now, outcome=Outcome(signs=[Sign("cooperation", "На три года")]))
        assert codes(row) == {"02", "03"}
        evidence = row.marks.get(criterion__code="03").evidence
        assert evidence == "Спокойно\nДолгосрочное сотрудничество: На три года"

    def test_a_competitor_too_long_for_the_card_is_told_at_its_line(
        self, world: World, now: datetime
    ) -> None:
        signs = [Sign("competitor", "а" * 201)]
        assert list(errors(log, world, now, outcome=Outcome(signs=signs))) == ["signs.competitor"]

    def test_not_for_a_k1(self, world: World, now: datetime) -> None:
        signs = Outcome(signs=[Sign("scheme", "Новый директор")])
        assert list(errors(log, world, now, "anna", signs, level="K1")) == ["signs"]


class TestRisks:
    def test_raised_and_closed_with_words(self, world: World, now: datetime) -> None:
        anna, client = world.users["anna"], world.clients["own"]
        values = {"kind": "other", "text": "Сокращают штат"}
        risk = services.raise_risk(actor=anna, client=client, values=values, on=now.date())
        assert risk in selectors.open_risks(anna, client)
        assert list(
            errors(services.close_risk, actor=anna, risk=risk, outcome=" \u200b", on=now.date())
        ) == ["outcome"]
        closed = services.close_risk(
            actor=anna, risk=risk, outcome="Обошлось", on=now.date(), version=risk.version
        )
        assert (closed.closed_on, closed.outcome) == (now.date(), "Обошлось")
        assert risk not in selectors.open_risks(anna, client)
        with pytest.raises(ValidationError, match="уже снят"):
            services.close_risk(actor=anna, risk=risk, outcome="ещё", on=now.date())

    def test_refused(self, world: World, now: datetime) -> None:
        anna, risk = world.users["anna"], world.row("visits.risk")
        call = {"values": {"kind": "other", "text": "т"}, "on": now.date()}
        with pytest.raises(Refused):
            services.raise_risk(actor=anna, client=world.clients["foreign"], **call)
        with pytest.raises(Refused):
            services.close_risk(actor=world.users["boris"], risk=risk, outcome="т", on=now.date())
        with pytest.raises(Conflict):
            services.close_risk(actor=anna, risk=risk, outcome="т", on=now.date(), version=9)
        foreign = world.row("visits.visit", "colleague")
        own = world.clients["own"]
        found = errors(services.raise_risk, actor=anna, client=own, visit=foreign, **call)
        assert list(found) == ["visit"]
        call["values"] = {"kind": "", "text": " "}
        assert set(errors(services.raise_risk, actor=anna, client=own, **call)) == {"kind", "text"}


class TestScore:
    def test_the_scale_of_the_day_stays_with_the_score(self, world: World, now: datetime) -> None:
        Setting.objects.create(code="visits.satisfaction_scale", value=5)
        row = log(world, now, satisfaction=5)
        assert row.satisfaction_scale == 5
        assert list(errors(log, world, now, satisfaction=6)) == ["satisfaction"]
        assert list(errors(log, world, now, satisfaction=0)) == ["satisfaction"]
        Setting.objects.update(value=10)
        change(world, row, now, result="итог", satisfaction=5)
        row.refresh_from_db()
        assert (row.satisfaction, row.satisfaction_scale) == (5, 5)
        change(world, row, now, satisfaction=9)
        row.refresh_from_db()
        assert (row.satisfaction, row.satisfaction_scale) == (9, 10)


class TestReading:
    def test_quality_and_why_not(self, world: World, now: datetime) -> None:
        row = log(world, now, outcome=Outcome(marks={"02": "есть", "advantages": "показали"}))
        marks = selectors.marks_of(row)
        assert marks.quality == (1, 6)
        why = {reading.criterion.code: reading.why for reading in marks.readings}
        assert (why["0"], why["02"]) == ("Цели нет.", "есть")

    def test_as_last_time_takes_whoever_is_still_there(self, world: World, now: datetime) -> None:
        client, here = world.clients["own"], world.row("contacts.participant")
        gone = factories.participant(client)
        service = factories.Service.objects.first()
        row = factories.visit(client, participants=[here, gone], materials=3, channel="call")
        row.services.set([service])
        gone.ends_on = now.date()
        gone.save()
        assert selectors.as_last_time(client) == {
            "channel": "call", "materials": 3, "participants": [here.pk], "services": [service.pk],
        }  # fmt: skip
        assert selectors.as_last_time(factories.client()) == {}
