"""The talk's row of needs comes out of generated records cell for cell."""

from datetime import date

import pytest

from accounts.enums import PositionKind, Role
from accounts.models import User
from needs.selectors.funnel import Funnel, read_funnel
from tests import factories
from tests.need_figures import builders
from tests.need_figures.builders import PRINTED, WHOLE, YEAR
from visits.selectors.figures import reach_of

TODAY = date(2026, 9, 16)


@pytest.fixture
def director(db: None) -> User:
    user = factories.user("director", Role.MANAGER)
    unit = factories.unit("НОИО 1", factories.unit("Управление"))
    since = date(2023, 1, 1)
    head = factories.employee(unit, PositionKind.HEAD, since=since, last_name="А")
    builders.talk(head, unit, factories.employee(unit, since=since))
    return user


@pytest.fixture
def funnel(director: User) -> Funnel:
    return read_funnel(reach_of(director), YEAR, TODAY)


def test_every_cell_is_as_printed(funnel: Funnel) -> None:
    for row in funnel.rows():
        assert " ".join(rung.cell.words for rung in row.rungs) == PRINTED, row.label


def test_the_denominator_counts_needs_without_a_stage(funnel: Funnel) -> None:
    row = funnel.roots[0]
    assert row.counts.whole.needs == WHOLE
    assert WHOLE - row.rungs[0].cell.met == 132
    assert row.rungs[0].passed.whole == WHOLE


def test_conversion_is_from_the_stage_before(funnel: Funnel) -> None:
    passed = [str(rung.passed.percent) for rung in funnel.roots[0].rungs]
    assert passed == ["81.2", "76.1", "75.6", "57.3"]
    assert [rung.lost for rung in funnel.roots[0].rungs] == [132, 136, 106, 140]
