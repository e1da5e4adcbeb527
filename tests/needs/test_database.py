"""Every illegal move is refused by the database too, whoever writes it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from needs.models import Confirmation, Need, NeedStage
from tests import factories
from tests.needs.raw import insert, rule_of, stage, take
from tests.personas import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def need(world: World) -> Need:
    """A need of Анна's client whose effect is recorded: one step from confirmed."""
    row = factories.need(world.clients["own"])
    factories.need_step(row, "04")
    return row


@pytest.fixture
def step(world: World, now: datetime, need: Need) -> dict[str, Any]:
    """A legal confirmation by the head, as columns."""
    return {
        "need": need,
        "stage": stage("06"),
        "on": date(2026, 9, 16),
        "author": world.staff["galina"],
        "participant": world.row("contacts.participant"),
        "evidence": "письмо",
        "recorded_at": now,
    }


def test_a_legal_step_is_taken(step: dict[str, Any]) -> None:
    take(**step)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"evidence": " \n"}, "need_step_has_evidence"),
        ({"on": date(2026, 9, 5)}, "need_step_in_order"),  # before the step before
        ({"on": date(2026, 9, 17)}, "need_step_in_order"),  # not come yet
        ({"participant": None}, "need_step_names_participant"),
        ({"stage": "05"}, "need_step_stage_is_on"),
        ({"stage": "04"}, "need_step_none_skipped"),
        ({"stage": "01"}, "need_step_none_skipped"),
        ({"author": "anna"}, "need_step_second_person"),
        ({"participant": "colleague"}, "need_step_of_the_scheme"),
    ],
)
def test_an_illegal_step_is_refused(
    world: World, step: dict[str, Any], change: dict[str, Any], rule: str
) -> None:
    meant = {
        "anna": world.staff["anna"],
        "colleague": world.row("contacts.participant", "colleague"),
    } | {code: stage(code) for code in ("01", "04", "05")}
    changed = {
        name: meant.get(value, value) if name != "evidence" else value
        for name, value in change.items()
    }
    assert rule_of(lambda: insert(**step | changed)) == rule


def test_no_stage_in_use_is_skipped(world: World, step: dict[str, Any]) -> None:
    fresh = factories.need(world.clients["own"], key_need="к", difficulties="т", solution="р")
    columns = step | {"need": fresh, "author": world.staff["anna"], "participant": None}
    skipping = columns | {"stage": stage("03")}
    assert rule_of(lambda: insert(**skipping)) == "need_step_none_skipped"
    NeedStage.objects.filter(code="01").update(is_on=False)
    take(**skipping)


def test_before_the_client_was_connected(world: World, step: dict[str, Any]) -> None:
    fresh = factories.need(world.clients["own"], key_need="к", difficulties="т")
    early = step | {"need": fresh, "stage": stage("01"), "participant": None}
    early["on"] = fresh.client.connected_on - DAY
    assert rule_of(lambda: insert(**early)) == "need_step_in_order"


def test_the_card_lacks_what_the_stage_requires(world: World, step: dict[str, Any]) -> None:
    bare = factories.need(world.clients["own"], key_need="к", difficulties=" ")
    columns = step | {"need": bare, "stage": stage("01"), "participant": None}
    assert rule_of(lambda: insert(**columns)) == "need_step_card_is_filled"
    NeedStage.objects.filter(code="01").update(requires=["department"])
    assert rule_of(lambda: insert(**columns)) == "need_step_card_is_filled"


def test_a_dropped_need_goes_nowhere(need: Need, step: dict[str, Any]) -> None:
    Need.objects.filter(pk=need.pk).update(status="dropped")
    assert rule_of(lambda: insert(**step)) == "need_step_of_open_need"


def test_who_has_left_the_scheme_confirms_nothing(
    world: World, step: dict[str, Any], today: date
) -> None:
    for given in ({"ends_on": today}, {"starts_on": today + DAY}):
        gone = factories.participant(world.clients["own"], **given)
        assert rule_of(lambda p=gone: insert(**step | {"participant": p})) == (
            "need_step_of_the_scheme"
        )


class TestAuthorBackedByTheParticipant:
    """The author's own step into 06 stands on the link's answer of that very moment."""

    def answered(self, step: dict[str, Any], **change: Any) -> Confirmation:
        return Confirmation.objects.create(
            **{
                "need": step["need"],
                "participant": step["participant"],
                "way": "link",
                "status": "confirmed",
                "on": step["on"],
                "requested_by": step["need"].author,
                "requested_at": step["recorded_at"] - DAY,
                "digest": "d" * 64,
                "expires_at": step["recorded_at"] + DAY,
                "answered_at": step["recorded_at"],
            }
            | change
        )

    def test_backed(self, step: dict[str, Any], need: Need) -> None:
        self.answered(step)
        take(**step | {"author": need.author})

    @pytest.mark.parametrize(
        "change",
        [
            {"status": "refused"},
            {"on": date(2026, 9, 15)},
            {"answered_at": datetime.fromisoformat("2026-09-16T07:29:00+00:00")},
        ],
    )
    def test_not_by_another_answer(
        self, step: dict[str, Any], need: Need, change: dict[str, Any]
    ) -> None:
        self.answered(step, **change)
        mine = step | {"author": need.author}
        assert rule_of(lambda: insert(**mine)) == "need_step_second_person"

    def test_not_by_a_colleagues_approval(
        self, world: World, step: dict[str, Any], need: Need
    ) -> None:
        approved = {"way": "person", "digest": None, "expires_at": None}
        self.answered(step, **approved, decided_by=world.staff["galina"])
        mine = step | {"author": need.author}
        assert rule_of(lambda: insert(**mine)) == "need_step_second_person"


class TestStepsStay:
    def test_only_the_newest_is_taken_back(self, need: Need) -> None:
        middle = need.steps.get(stage__code="03")
        assert rule_of(middle.delete) == "need_step_newest_goes_first"

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"stage": "06"}, "need_step_stays"),
            ({"on": date(2026, 9, 1)}, "need_step_in_order"),
            ({"on": date(2026, 9, 10)}, "need_step_in_order"),
            ({"evidence": ""}, "need_step_has_evidence"),
        ],
    )
    def test_a_step_is_not_rewritten_against_the_rules(
        self, need: Need, change: dict[str, Any], rule: str
    ) -> None:
        change = {n: stage(v) if n == "stage" else v for n, v in change.items()}
        middle = need.steps.filter(stage__code="03")
        assert rule_of(lambda: middle.update(**change)) == rule

    def test_the_day_of_the_stage_is_that_of_its_step(self, need: Need) -> None:
        moved = Need.objects.filter(pk=need.pk)
        assert rule_of(lambda: moved.update(stage_on=date(2026, 9, 7))) == (
            "need_stage_is_newest_step"
        )


class TestConfirmations:
    def test_answered_once(self, world: World, need: Need) -> None:
        row = world.row("needs.confirmation")
        again = Confirmation.objects.filter(pk=row.pk)
        assert rule_of(lambda: again.update(status="confirmed")) == "confirmation_answered_once"
        assert rule_of(lambda: again.update(answer="иное")) == "confirmation_answered_once"

    def test_of_this_scheme(self, world: World, need: Need) -> None:
        other = world.row("contacts.participant", "colleague")
        asked = lambda: factories.confirmation(need, other, need.author)  # noqa: E731
        assert rule_of(asked) == "confirmation_of_the_scheme"

    def test_not_after_its_term(self, world: World, now: datetime, need: Need) -> None:
        row = factories.confirmation(
            need, world.row("contacts.participant"), need.author,
            way="link", digest="e" * 64, expires_at=now,
        )  # fmt: skip
        late = Confirmation.objects.filter(pk=row.pk)
        answer = {"status": "confirmed", "on": now.date(), "answered_at": now + DAY}
        assert rule_of(lambda: late.update(**answer)) == "confirmation_within_term"
        late.update(status="withdrawn", answered_at=now + DAY)

    def test_not_by_the_author_and_on_a_day(self, world: World, now: datetime, need: Need) -> None:
        asker = world.staff["boris"]
        row = factories.confirmation(need, world.row("contacts.participant"), asker)
        waiting = Confirmation.objects.filter(pk=row.pk)
        yes = {"status": "confirmed", "answered_at": now}
        for by in (None, need.author):
            assert rule_of(lambda who=by: waiting.update(**yes, decided_by=who)) == (
                "confirmation_not_by_author"
            )
        assert rule_of(lambda: waiting.update(**yes, decided_by=asker)) == (
            "confirmation_two_people"
        )
        head = world.staff["galina"]
        assert rule_of(lambda: waiting.update(**yes, decided_by=head, on=None)) == (
            "confirmation_has_day"
        )
        waiting.update(**yes, decided_by=head)
