"""Writes of needs: each step, each refusal, the audit row; the database's own guard."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from core.audit import reference
from core.errors import Conflict, Refused
from core.models import AuditEntry
from needs import selectors, services
from needs.models import Need, NeedStage, NeedStep, Tool
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
CARD = {"title": "Субсидия", "key_need": "получить", "difficulties": "сроки"}


def open_(world: World, now: datetime, who: str = "anna", whose: str = "own", **values: Any) -> Any:
    author = values.pop("author", None)
    return services.open_need(
        actor=world.users[who],
        client=world.clients[whose],
        values=CARD | values,
        now=now,
        author=author,
    )


def advance(world: World, need: Need, now: datetime, who: str = "anna", **more: Any) -> Need:
    call = {"on": date(2026, 9, 16), "evidence": "слова клиента"} | more
    return services.advance_need(actor=world.users[who], need=need, now=now, **call)


def errors(call: Any, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict


@pytest.fixture
def recorded(world: World, now: datetime) -> Need:
    """A need whose effect is recorded: one step from confirmed."""
    need = open_(world, now, solution="папка", effect="не справились бы")
    for _ in range(3):
        need = advance(world, need, now)
    return need


class TestOpen:
    def test_opened_without_a_stage(self, world: World, now: datetime, today: date) -> None:
        tool = Tool.objects.first()
        need = open_(world, now, tools=[tool], participant=world.row("contacts.participant"))
        assert (need.stage, need.status, need.opened_on) == (None, "open", today)
        assert need.author == world.staff["anna"]
        assert list(need.tools.all()) == [tool]
        entry = AuditEntry.objects.get(subject=reference(need))
        assert entry.about == reference(world.clients["own"])
        assert entry.after["tools"] == [tool.pk]

    def test_refused(self, world: World, now: datetime) -> None:
        for who, whose in (("anna", "foreign"), ("zhanna", "own")):
            with pytest.raises(Refused):
                open_(world, now, who, whose)
        other = world.row("contacts.participant", "colleague")
        assert list(errors(open_, world, now, participant=other)) == ["participant"]
        assert list(errors(open_, world, now, title="\u200b")) == ["title"]

    def test_the_author_is_oneself(self, world: World, now: datetime) -> None:
        assert list(errors(open_, world, now, author=world.staff["boris"])) == ["author"]
        assert list(errors(open_, world, now, "writer")) == ["author"]
        need = open_(world, now, "writer", author=world.staff["boris"])
        assert need.author == world.staff["boris"]


class TestUpdate:
    def test_values_and_conflict(self, world: World, now: datetime) -> None:
        need = open_(world, now)
        call = {"actor": world.users["anna"], "need": need}
        changed = services.update_need(**call, values={"solution": "папка"}, version=1)
        assert (changed.solution, changed.version) == ("папка", 2)
        with pytest.raises(Conflict) as caught:
            services.update_need(**call, values={"solution": "иное"}, version=1)
        assert caught.value.current.solution == "папка"

    def test_a_passed_stage_keeps_its_ground(self, world: World, now: datetime) -> None:
        need = advance(world, open_(world, now), now)
        found = errors(
            services.update_need,
            actor=world.users["anna"],
            need=need,
            values={"key_need": "", "title": "Иное"},
        )
        assert list(found) == ["key_need"]
        need.refresh_from_db()
        assert need.title == "Субсидия"

    def test_participant(self, world: World, now: datetime) -> None:
        need = open_(world, now)
        call = {"actor": world.users["galina"], "need": need}
        other = world.row("contacts.participant", "colleague")
        assert list(errors(services.update_need, **call, values={"participant": other})) == [
            "participant"
        ]
        own = world.row("contacts.participant")
        assert services.update_need(**call, values={"participant": own}).participant == own
        assert services.update_need(**call, values={"participant": None}).participant is None

    def test_foreign(self, world: World) -> None:
        with pytest.raises(Refused):
            services.update_need(
                actor=world.users["boris"], need=world.row("needs.need"), values={"title": "x"}
            )


class TestAdvance:
    def test_a_step_is_written_with_its_evidence(
        self, world: World, now: datetime, today: date
    ) -> None:
        need = advance(world, open_(world, now), now, on=today - timedelta(days=5), into="01")
        assert need.stage.code == "01"
        step = need.steps.get()
        assert (step.on, step.author, step.evidence, step.recorded_at) == (
            today - timedelta(days=5),
            world.staff["anna"],
            "слова клиента",
            now,
        )
        written = AuditEntry.objects.filter(about=reference(need.client)).order_by("-pk")[:2]
        assert [entry.subject.split(":")[0] for entry in written] == [
            "needs.need",
            "needs.needstep",
        ]

    def test_the_card_may_be_filled_in_with_the_step(self, world: World, now: datetime) -> None:
        need = advance(world, open_(world, now), now)
        assert list(errors(advance, world, need, now)) == ["solution"]
        need = advance(world, need, now, values={"solution": "папка"})
        assert (need.stage.code, need.solution) == ("03", "папка")

    def test_a_refused_step_changes_nothing(self, world: World, now: datetime) -> None:
        need = open_(world, now)
        found = errors(
            advance, world, need, now, values={"solution": "папка"}, evidence=" ", into="03"
        )
        assert set(found) == {"evidence", "stage"}
        need.refresh_from_db()
        assert (need.solution, need.stage, need.steps.count()) == ("", None, 0)

    def test_dates(self, world: World, now: datetime, today: date) -> None:
        need = open_(world, now)
        before = need.client.connected_on - timedelta(days=1)
        for on in (None, today + timedelta(days=1), before):
            assert list(errors(advance, world, need, now, on=on)) == ["on"]
        need = advance(world, need, now, on=today - timedelta(days=3), values={"solution": "п"})
        late = today - timedelta(days=4)
        assert list(errors(advance, world, need, now, on=late)) == ["on"]

    def test_confirmation(self, world: World, now: datetime, recorded: Need) -> None:
        participant = world.row("contacts.participant")
        assert set(errors(advance, world, recorded, now, "galina")) == {"participant"}
        assert list(errors(advance, world, recorded, now, participant=participant)) == ["__all__"]
        done = advance(world, recorded, now, "galina", participant=participant)
        assert done.stage.code == "06"
        assert done.steps.get(stage__code="06").participant == participant
        with pytest.raises(ValidationError, match="на последнем этапе"):
            advance(world, done, now, "galina", participant=participant)

    def test_who_confirms_stands_in_this_scheme_that_day(
        self, world: World, now: datetime, today: date, recorded: Need
    ) -> None:
        other = world.row("contacts.participant", "colleague")
        left = factories.participant(world.clients["own"], ends_on=today)
        for wrong in (other, left):
            found = errors(advance, world, recorded, now, "galina", participant=wrong)
            assert list(found) == ["participant"]
        found = errors(advance, world, recorded, now, "galina", participant=left, on=None)
        assert list(found) == ["on"]

    def test_an_integration_names_the_employee_but_not_the_author(
        self, world: World, now: datetime, recorded: Need
    ) -> None:
        call: dict[str, Any] = {"participant": world.row("contacts.participant")}
        assert list(errors(advance, world, recorded, now, "writer", **call)) == ["author"]
        own = world.staff["anna"]
        assert list(errors(advance, world, recorded, now, "writer", author=own, **call)) == [
            "__all__"
        ]
        done = advance(world, recorded, now, "writer", author=world.staff["galina"], **call)
        assert done.stage.code == "06"

    def test_two_at_once_one_wins(self, world: World, now: datetime) -> None:
        need = open_(world, now)
        advance(world, need, now, version=1)
        with pytest.raises(Conflict):
            advance(world, need, now, version=1)
        assert need.steps.count() == 1

    def test_foreign(self, world: World, now: datetime) -> None:
        with pytest.raises(Refused):
            advance(world, world.row("needs.need"), now, "boris")

    def test_stages_switched_off_are_stepped_over_and_on_again_not_back_into(
        self, world: World, now: datetime
    ) -> None:
        NeedStage.objects.filter(code="03").update(is_on=False)
        need = open_(world, now, effect="эффект")
        need = advance(world, advance(world, need, now), now)
        assert need.stage.code == "04"
        NeedStage.objects.filter(code="03").update(is_on=True)
        line = selectors.line_of(Need.objects.get(pk=need.pk))
        assert [(stop.stage.code, bool(stop.step), stop.is_next) for stop in line] == [
            ("01", True, False),
            ("03", False, False),
            ("04", True, False),
            ("06", False, True),
        ]


class TestBackDropReopen:
    def test_back(self, world: World, now: datetime, recorded: Need) -> None:
        row = services.step_back(
            actor=world.users["anna"],
            need=recorded,
            reason="эффекта нет",
            version=recorded.version,
            now=now,
        )
        assert row.stage.code == "03"
        assert list(row.steps.values_list("stage__code", flat=True)) == ["01", "03"]
        said = AuditEntry.objects.filter(subject=reference(row)).latest("pk")
        assert said.after == {"причина возврата на этап": "эффекта нет"}
        kept = AuditEntry.objects.get(action="delete")
        assert kept.before["evidence"] == "слова клиента"
        for _ in range(2):
            row = services.step_back(actor=world.users["anna"], need=row, reason="и это", now=now)
        assert row.stage is None
        with pytest.raises(ValidationError, match="ни одного этапа"):
            services.step_back(actor=world.users["anna"], need=row, reason="ещё", now=now)

    def test_reasons_are_asked(self, world: World, now: datetime, recorded: Need) -> None:
        for verb in (services.step_back, services.drop_need):
            found = errors(
                verb, actor=world.users["anna"], need=recorded, reason=" \u200b", now=now
            )
            assert list(found) == ["reason"]

    def test_drop_and_reopen(self, world: World, now: datetime, recorded: Need) -> None:
        call = {"actor": world.users["anna"], "need": recorded}
        row = services.drop_need(**call, reason="клиент передумал", now=now)
        assert row.status == "dropped"
        for act in (
            lambda: services.update_need(**call, values={"title": "x"}),
            lambda: services.step_back(**call, reason="x", now=now),
            lambda: services.drop_need(**call, reason="x", now=now),
            lambda: advance(world, recorded, now),
        ):
            with pytest.raises(ValidationError, match="снята"):
                act()
        row = services.reopen_need(**call)
        assert (row.status, row.stage.code) == ("open", "04")

    def test_foreign(self, world: World, now: datetime, recorded: Need) -> None:
        for act in (services.step_back, services.drop_need):
            with pytest.raises(Refused):
                act(actor=world.users["boris"], need=recorded, reason="x", now=now)
        with pytest.raises(Refused):
            services.reopen_need(actor=world.users["boris"], need=recorded)


class TestDatabase:
    """The stage is that of the newest step, whoever writes."""

    def check(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def test_a_stage_without_its_step(self, recorded: Need) -> None:
        with pytest.raises(IntegrityError, match="newest step"), transaction.atomic():
            Need.objects.filter(pk=recorded.pk).update(stage=NeedStage.objects.get(code="06"))
            self.check()

    def test_a_step_without_its_stage(self, world: World, recorded: Need) -> None:
        with pytest.raises(IntegrityError, match="newest step"), transaction.atomic():
            NeedStep.objects.filter(need=recorded, stage__code="04").delete()
            self.check()

    def test_one_step_for_a_stage(self, recorded: Need) -> None:
        step = recorded.steps.first()
        step.pk = None
        with pytest.raises(IntegrityError, match="one by one"), transaction.atomic():
            step.save(force_insert=True)

    def test_a_client_may_go_with_all_its_needs(self, world: World, recorded: Need) -> None:
        recorded.steps.all().delete()
        recorded.delete()
        self.check()


def test_almost_confirmed(world: World, recorded: Need) -> None:
    rows, count, stage = selectors.almost_confirmed(world.users["anna"])
    assert (rows, count, stage.code) == ([recorded], 1, "04")
    assert rows[0].reached[0].stage_id == stage.pk
    assert selectors.almost_confirmed(world.users["boris"])[:2] == ([], 0)
    NeedStage.objects.exclude(code="01").update(is_on=False)
    assert selectors.almost_confirmed(world.users["anna"]) == ([], 0, None)


def test_line_of_a_dropped_need_has_no_next(world: World, now: datetime, recorded: Need) -> None:
    services.drop_need(actor=world.users["anna"], need=recorded, reason="x", now=now)
    line = selectors.line_of(Need.objects.get(pk=recorded.pk))
    assert not any(stop.is_next for stop in line)
    NeedStage.objects.filter(code="03").update(is_on=False)
    line = selectors.line_of(Need.objects.get(pk=recorded.pk))
    assert [stop.stage.code for stop in line] == ["01", "03", "04", "06"]
