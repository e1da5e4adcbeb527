"""Which criteria of a К2У are met: every kind of evidence, with the edges of the goal's moment."""

from datetime import UTC, datetime, timedelta

import pytest

from visits.criteria import RULED, RULES, Contact, judge, quality
from visits.enums import CriterionEvidence

START = datetime(2026, 9, 16, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("goal", "prepared_at", "met"),
    [
        ("цель", START - SECOND, True),
        ("цель", START - timedelta(microseconds=1), True),
        ("цель", START, False),
        ("цель", START + SECOND, False),
        ("цель", None, False),
        ("", START - SECOND, False),
    ],
)
def test_a_goal_counts_when_written_before_the_start(
    goal: str, prepared_at: datetime | None, met: bool
) -> None:
    contact = Contact(started_at=START, goal=goal, prepared_at=prepared_at)
    assert judge("goal", contact).met is met


@pytest.mark.parametrize(
    ("evidence", "without", "with_it"),
    [
        ("participant", Contact(START), Contact(START, participants=1)),
        ("agreement", Contact(START), Contact(START, agreements=1)),
        ("first", Contact(START, earlier=1), Contact(START)),
    ],
)
def test_what_the_program_sees_itself(evidence: str, without: Contact, with_it: Contact) -> None:
    assert (judge(evidence, without).met, judge(evidence, with_it).met) == (False, True)


def test_the_rest_takes_words() -> None:
    assert judge("text", Contact(START), "").met is False
    assert judge("text", Contact(START), "Подписали отчёт").why == "Подписали отчёт"


def test_every_kind_of_evidence_has_a_rule_or_takes_words() -> None:
    assert set(CriterionEvidence.values) - {"text"} == set(RULED) == set(RULES)


def test_quality_counts_the_scored() -> None:
    assert quality([True, False, True, True]) == (3, 4)
    assert quality([]) == (0, 0)
