"""Periods, shares and the rule of preparation as values."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from visits.figures import CriterionCell, Period, PeriodKind, Plan, Share, quality
from visits.figures.periods import period_asked
from visits.models import Visit
from visits.preparation import Preparation
from visits.selectors.figures import PREPARED

DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))
TODAY = date(2026, 9, 16)


@given(DAYS, st.sampled_from(PeriodKind))
def test_a_calendar_period_holds_its_day_and_knows_its_kind(day: date, kind: PeriodKind) -> None:
    period = Period.of(kind, day)
    assert period.since <= day <= period.until
    assert period.kind == kind
    after = period.shifted(1)
    assert after is not None
    assert after.since == period.until + timedelta(days=1)
    assert after.shifted(-1) == period


@given(DAYS, st.integers(0, 500))
def test_any_days_move_by_their_length(day: date, more: int) -> None:
    period = Period(day, day + timedelta(days=more))
    after = period.shifted(1)
    if after is not None:
        assert after.since == period.until + timedelta(days=1)


@pytest.mark.parametrize(
    ("since", "until", "label", "months"),
    [
        ((2026, 11, 1), (2026, 11, 30), "Ноябрь 2026", 1),
        ((2024, 2, 1), (2024, 2, 29), "Февраль 2024", 1),
        ((2026, 10, 1), (2026, 12, 31), "IV квартал 2026", 3),
        ((2026, 7, 1), (2026, 12, 31), "2-е полугодие 2026", 6),
        ((2026, 1, 1), (2026, 12, 31), "2026 год", 12),
        ((2026, 2, 1), (2026, 3, 31), "01.02.2026 – 31.03.2026", 2),
        ((2026, 11, 1), (2026, 11, 29), "01.11.2026 – 29.11.2026", 0),
        ((2026, 11, 5), (2026, 11, 5), "05.11.2026", 0),
    ],
)
def test_periods_in_words(since: tuple, until: tuple, label: str, months: int) -> None:
    period = Period(date(*since), date(*until))
    assert period.label == label
    assert len(period.months()) == months


def test_the_pool_is_that_of_the_last_day_or_of_today() -> None:
    august = Period.of(PeriodKind.MONTH, date(2026, 8, 3))
    september = Period.of(PeriodKind.MONTH, TODAY)
    assert august.pool_day(TODAY) == date(2026, 8, 31)
    assert september.pool_day(TODAY) == TODAY


def test_the_calendar_of_the_program_has_ends() -> None:
    assert Period.of(PeriodKind.YEAR, date(2099, 5, 5)).shifted(1) is None
    assert Period.of(PeriodKind.MONTH, date(2000, 1, 5)).shifted(-1) is None


@pytest.mark.parametrize(
    ("kind", "since", "until", "found"),
    [
        (None, None, None, Period(date(2026, 9, 1), date(2026, 9, 30))),
        (PeriodKind.HALF, None, None, Period(date(2026, 7, 1), date(2026, 12, 31))),
        (PeriodKind.MONTH, date(2026, 2, 9), None, Period(date(2026, 2, 1), date(2026, 2, 28))),
        (None, date(2026, 2, 9), date(2026, 2, 9), Period(date(2026, 2, 9), date(2026, 2, 9))),
        (None, date(2026, 2, 9), None, "until"),
        (None, None, date(2026, 2, 9), "since"),
        (None, date(2026, 2, 9), date(2026, 2, 8), "until"),
        (None, date(1999, 12, 31), date(2026, 2, 8), "since"),
        (PeriodKind.YEAR, date(2100, 1, 1), None, "since"),
    ],
)
def test_what_was_asked(kind: object, since: object, until: object, found: object) -> None:
    period, problems = period_asked(kind, since, until, TODAY)
    assert (period or next(iter(problems))) == found


def test_shares_round_half_up_and_nothing_has_none() -> None:
    assert Share(1, 8).percent == Decimal("12.5")
    assert Share(1, 16).percent == Decimal("6.3")
    assert Share(1, 200).whole_percent == 1
    assert Share(0, 5).percent == Decimal("0.0")
    assert Share(0, 0).percent is None
    assert Share(0, 0).meets(85) is None


def test_a_norm_is_compared_before_rounding() -> None:
    assert Share(8496, 10_000).percent == Decimal("85.0")
    assert Share(8496, 10_000).meets(85) is False
    assert Share(85, 100).meets(85) is True
    assert Share(20, 100).meets(20, at_most=True) is True
    assert Share(201, 1000).meets(20, at_most=True) is False
    assert Share(1, 1).meets(None) is None


def test_quality_is_the_mean_of_counts() -> None:
    head = quality([512, 493, 293, 426, 256, 481], 578)
    assert head.whole_percent == 71
    assert quality([], 5).percent is None


def test_cells_as_the_talk_prints_them() -> None:
    assert CriterionCell(512, 578, 458).words == "512/89% — 458"
    assert CriterionCell(0, 54, 0).words == "0 — 0"
    assert CriterionCell(0, 0, 0).percent is None


def test_a_plan_and_its_fact() -> None:
    assert Plan(held=3, target=Decimal(8)).percent == Decimal("37.5")
    assert Plan(held=8, target=Decimal(8)).is_met is True
    assert Plan(held=8, target=Decimal(0)).percent is None
    assert Plan(held=8, target=Decimal(8), is_whole=False).percent is None
    assert Plan(held=8).is_met is None
    assert Plan(planned=3, kept=2).kept_percent == Decimal("66.7")


@pytest.mark.django_db
def test_preparation_is_one_rule_as_value_and_as_condition(today: date) -> None:
    """Every combination of plan and moments, a microsecond either side of the start."""
    start = datetime(2026, 8, 5, 7, tzinfo=UTC)
    client = factories.client()
    employee = factories.employee()
    moments = [None, start, start - timedelta(microseconds=1), start + timedelta(microseconds=1)]
    for plan in ("", "план"):
        for goal in ("", "цель"):
            for written in moments:
                for begun in (start, None):
                    row = factories.visit(
                        client, employee, plan=plan, goal=goal, prepared_at=written,
                        started_at=begun, status="done" if begun else "cancelled",
                    )  # fmt: skip
                    rule = Preparation(goal, plan, written, begun).is_prepared
                    found = Visit.objects.filter(PREPARED, pk=row.pk).exists()
                    assert found == rule == row.is_prepared, (plan, goal, written, begun)
