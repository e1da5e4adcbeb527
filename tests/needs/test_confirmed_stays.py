"""What somebody confirmed stays in the database itself (decision 0014): raw SQL is refused too."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from needs import services
from needs.models import Confirmation, Need
from tests import factories
from tests.needs.raw import insert, judged_at_commit, rule_of, run, stage, take
from tests.personas import World

pytestmark = pytest.mark.django_db
EFFECT = [("effect", "другое"), ("effect_hours", 999), ("effect_roubles", 1_000_000)]


@pytest.fixture
def asked(world: World, now: datetime) -> Confirmation:
    """Анна asks the head to confirm the effect of her client's need."""
    row = factories.need(world.clients["own"], effect="сберегли", effect_hours=12)
    factories.need_step(row, "04")
    return services.ask_person(
        actor=world.users["anna"],
        need=row,
        participant=world.row("contacts.participant"),
        on=now.date(),
        evidence="письмо",
        now=now,
    )


@pytest.fixture
def answer(world: World, now: datetime, asked: Confirmation) -> Confirmation:
    """The head has confirmed it."""
    return services.decide_confirmation(
        actor=world.users["galina"], confirmation=asked, approve=True, reason="", now=now
    )


@pytest.fixture
def need(answer: Confirmation) -> Need:
    """The need whose effect is confirmed."""
    return Need.objects.get(pk=answer.need_id)


def change(need: Need, column: str, value: Any) -> None:
    run(f"UPDATE needs_need SET {column} = %s WHERE id = %s", value, need.pk)


class TestEffect:
    @pytest.mark.parametrize(("column", "value"), EFFECT)
    def test_confirmed(self, need: Need, column: str, value: Any) -> None:
        assert rule_of(lambda: change(need, column, value)) == "need_effect_is_confirmed"

    @pytest.mark.parametrize(("column", "value"), EFFECT)
    def test_asked_about(self, asked: Confirmation, column: str, value: Any) -> None:
        assert rule_of(lambda: change(asked.need, column, value)) == "need_effect_is_asked"

    def test_emptied(self, need: Need) -> None:
        assert rule_of(lambda: change(need, "effect_hours", None)) == "need_effect_is_confirmed"

    def test_of_every_need_at_once(self, need: Need) -> None:
        everything = "UPDATE needs_need SET effect_roubles = 1"
        Confirmation.objects.filter(status="waiting").update(
            status="withdrawn", answered_at=timezone.now()
        )
        assert rule_of(lambda: run(everything)) == "need_effect_is_confirmed"

    def test_not_by_a_detour_over_the_stage(self, need: Need) -> None:
        """Off the stage, changed and back again before anything is judged."""

        def detour() -> None:
            Need.objects.filter(pk=need.pk).update(stage=None, stage_on=None)
            change(need, "effect_hours", 999)
            Need.objects.filter(pk=need.pk).update(stage=stage("06"), stage_on=need.stage_on)

        assert rule_of(detour) == "need_effect_is_confirmed"

    @pytest.mark.parametrize(
        "column", ["title", "works", "solution", "effect_risk", "effect_formula", "client_asset"]
    )
    def test_what_only_explains_may_change(self, need: Need, column: str) -> None:
        change(need, column, "иначе")
        judged_at_commit()

    def test_the_same_value_is_no_change(self, need: Need) -> None:
        run("UPDATE needs_need SET effect = effect, effect_hours = 12.0 WHERE id = %s", need.pk)

    def test_open_again_after_a_step_back(self, world: World, now: datetime, need: Need) -> None:
        services.step_back(actor=world.users["anna"], need=need, reason="ошиблись", now=now)
        change(need, "effect_hours", 999)
        judged_at_commit()

    def test_open_again_after_the_request_was_withdrawn(
        self, world: World, now: datetime, asked: Confirmation
    ) -> None:
        services.withdraw_confirmation(actor=world.users["anna"], confirmation=asked, now=now)
        change(asked.need, "effect_hours", 999)

    def test_before_anybody_is_asked_it_is_open(self, world: World) -> None:
        row = factories.need(world.clients["own"])
        factories.need_step(row, "04")
        change(row, "effect_hours", 999)

    def test_a_stage_that_is_off_confirms_nothing(self, need: Need) -> None:
        run("UPDATE needs_needstage SET is_on = false WHERE code = '06'")
        change(need, "effect_hours", 999)


class TestWhoAndWhen:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("evidence", "другое письмо"),
            ('"on"', "2026-09-15"),
            ("recorded_at", "2026-09-16T08:00:00Z"),
            ("author_id", "boris"),
            ("participant_id", "another"),
        ],
    )
    def test_of_the_step(self, world: World, need: Need, column: str, value: str) -> None:
        meant = {
            "boris": world.staff["boris"].pk,
            "another": factories.participant(world.clients["own"]).pk,
        }
        statement = f"UPDATE needs_needstep SET {column} = %s WHERE need_id = %s AND stage_id = %s"
        step = stage("06").pk
        refused = rule_of(lambda: run(statement, meant.get(value, value), need.pk, step))
        assert refused == "need_step_confirmed_stays"

    def test_a_merged_card_leads_step_and_answer_over(
        self, world: World, need: Need, answer: Confirmation
    ) -> None:
        into = factories.participant(world.clients["own"])
        gone = answer.participant
        run(
            "UPDATE contacts_participant SET merged_into_id = %s, ends_on = %s WHERE id = %s",
            into.pk, answer.on + timedelta(days=1), gone.pk,
        )  # fmt: skip
        for table in ("needs_needstep", "needs_confirmation"):
            run(
                f"UPDATE {table} SET participant_id = %s WHERE need_id = %s"
                " AND participant_id = %s",
                into.pk, need.pk, gone.pk,
            )  # fmt: skip
        judged_at_commit()

    def test_of_the_answer(self, world: World, answer: Confirmation) -> None:
        other = factories.participant(world.clients["own"])
        rows = Confirmation.objects.filter(pk=answer.pk)
        for values in ({"participant": other}, {"answer": "иное"}, {"status": "refused"}):
            assert rule_of(lambda v=values: rows.update(**v)) == "confirmation_answered_once"


class TestDeletion:
    def test_of_the_answer_under_a_step(self, answer: Confirmation) -> None:
        away = Confirmation.objects.filter(pk=answer.pk)
        assert rule_of(away.delete) == "confirmation_is_kept"

    def test_of_the_answer_after_a_step_back(
        self, world: World, now: datetime, need: Need, answer: Confirmation
    ) -> None:
        services.step_back(actor=world.users["anna"], need=need, reason="ошиблись", now=now)
        Confirmation.objects.filter(pk=answer.pk).delete()
        judged_at_commit()

    def test_of_the_confirmed_need(self, need: Need) -> None:
        assert rule_of(Need.objects.filter(pk=need.pk).delete) == "need_confirmed_is_kept"

    def test_of_a_need_that_nobody_confirmed(self, world: World) -> None:
        row = factories.need(world.clients["own"])
        factories.need_step(row, "04")
        Need.objects.filter(pk=row.pk).delete()
        judged_at_commit()


def test_a_new_step_after_a_step_back_is_judged_anew(
    world: World, now: datetime, need: Need, answer: Confirmation
) -> None:
    """The old answer carries no changed effect: the author's own step is refused again."""
    services.step_back(actor=world.users["anna"], need=need, reason="ошиблись", now=now)
    change(need, "effect_hours", 999)
    columns = {
        "need": need,
        "stage": stage("06"),
        "on": answer.on,
        "author": need.author,
        "participant": answer.participant,
        "evidence": "письмо",
        "recorded_at": now,
    }
    assert rule_of(lambda: insert(**columns)) == "need_step_second_person"
    take(**columns | {"author": world.staff["galina"]})
