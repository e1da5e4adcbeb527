"""A plan counts only when it stood before the start: every order of moments."""

from datetime import UTC, datetime, timedelta

import pytest

from visits.preparation import Preparation, written_at

START = datetime(2026, 9, 16, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EARLY, LATE = START - HOUR, START + HOUR


@pytest.mark.parametrize(
    ("plan", "prepared_at", "started_at", "counts"),
    [
        ("план", EARLY, START, True),
        ("план", START - timedelta(microseconds=1), START, True),
        ("план", START, START, False),
        ("план", LATE, START, False),
        ("план", EARLY, None, True),
        ("план", None, START, False),
        ("", EARLY, START, False),
    ],
)
def test_is_prepared(plan: str, prepared_at: datetime, started_at: datetime, counts: bool) -> None:
    assert Preparation("цель", plan, prepared_at, started_at).is_prepared is counts


class TestWrittenAt:
    def test_nothing_written(self) -> None:
        assert written_at(Preparation(), "", "", None, START) is None
        assert written_at(Preparation("г", "п", EARLY), "", "", None, START) is None

    def test_first_word(self) -> None:
        assert written_at(Preparation(), "", "план", None, EARLY) == EARLY
        assert written_at(Preparation(), "цель", "", None, EARLY) == EARLY

    def test_unchanged_keeps_its_moment(self) -> None:
        before = Preparation("г", "п", EARLY)
        assert written_at(before, "г", "п", None, LATE) == EARLY
        assert written_at(before, "г", "п", START, LATE) == EARLY

    @pytest.mark.parametrize(("goal", "plan"), [("другая", "п"), ("г", "другой"), ("г", "")])
    def test_any_change_moves_it(self, goal: str, plan: str) -> None:
        assert written_at(Preparation("г", "п", EARLY, START), goal, plan, START, LATE) == LATE

    def test_a_plan_of_unknown_age_is_of_now(self) -> None:
        assert written_at(Preparation("г", "п", None), "г", "п", None, LATE) == LATE

    def test_moving_the_start_later_does_not_prepare(self) -> None:
        late_plan = Preparation("г", "п", LATE, START)
        moved = LATE + HOUR
        now = moved + HOUR
        stamp = written_at(late_plan, "г", "п", moved, now)
        assert stamp == now
        assert not Preparation("г", "п", stamp, moved).is_prepared

    def test_moving_the_start_earlier_leaves_the_moment(self) -> None:
        late_plan = Preparation("г", "п", LATE, START)
        assert written_at(late_plan, "г", "п", EARLY, LATE + HOUR) == LATE
        assert written_at(late_plan, "г", "п", None, LATE + HOUR) == LATE

    def test_a_prepared_contact_may_move_its_start(self) -> None:
        before = Preparation("г", "п", EARLY, START)
        assert written_at(before, "г", "п", LATE, LATE + HOUR) == EARLY

    def test_a_changed_agenda_is_a_change_of_the_plan(self) -> None:
        before = Preparation("г", "п", EARLY, START)
        stamp = written_at(before, "г", "п", START, LATE, agenda=True, agenda_changed=True)
        assert stamp == LATE
        assert written_at(before, "г", "п", START, LATE, agenda=True) == EARLY

    def test_an_agenda_alone_has_its_moment(self) -> None:
        assert written_at(Preparation(), "", "", None, EARLY, agenda=True) == EARLY
        assert written_at(Preparation("", "", EARLY), "", "", None, LATE) is None
