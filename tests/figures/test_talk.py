"""The К2У table of the talk comes out of generated contacts cell for cell."""

from datetime import date

import pytest

from tests.figures import builders
from tests.figures.builders import HALF, PRINTED, TALK, TalkCentre
from visits.selectors.figures import FigureRow, Figures, reach_of, read_figures

TODAY = date(2026, 9, 16)


@pytest.fixture
def centre(db: None) -> TalkCentre:
    return builders.talk()


@pytest.fixture
def figures(centre: TalkCentre) -> Figures:
    return read_figures(reach_of(centre.director), HALF, TODAY)


def printed(row: FigureRow, figures: Figures) -> str:
    """The row as the talk prints it: the seven criteria of its slide."""
    scored = [c for c in figures.criteria if c.code in builders.CODES]
    cells = [row.criterion(c).words for c in scored]
    return " ".join([str(row.counts["k2", "held"]), *cells])


def rows(figures: Figures, centre: TalkCentre) -> dict[str, FigureRow]:
    """The six rows of the slide: head A is the division, the others are people in units."""
    found = {"A": figures.roots[0]}
    for row in figures.rows():
        for key, unit in centre.units.items():
            if row.unit == unit and row.employee == centre.staff[key[0]]:
                found[key] = row
    return found


def test_every_cell_is_as_printed(figures: Figures, centre: TalkCentre) -> None:
    found = {key: printed(row, figures) for key, row in rows(figures, centre).items()}
    assert found == PRINTED


def test_the_heads_row_is_the_sum_of_its_subtree(figures: Figures, centre: TalkCentre) -> None:
    six = rows(figures, centre)
    head, others = six.pop("A"), list(six.values())
    assert len(others) == len(TALK)
    for criterion in figures.criteria:
        cells = [row.criterion(criterion) for row in others]
        whole = head.criterion(criterion)
        assert whole.met == sum(cell.met for cell in cells)
        assert whole.clients == sum(cell.clients for cell in cells)
    assert head.counts["k2", "held"] == sum(row.counts["k2", "held"] for row in others)


def test_quality_of_the_heads_row(figures: Figures) -> None:
    assert figures.roots[0].quality.whole_percent == 71
    assert figures.roots[0].quality.percent is not None


def test_the_head_stands_beside_the_unit(figures: Figures) -> None:
    assert figures.roots[0].head == "А\u00a0А."


def test_one_person_in_two_units_is_two_rows(figures: Figures, centre: TalkCentre) -> None:
    d = [row for row in figures.rows() if row.employee == centre.staff["D"]]
    assert sorted(row.counts["k2", "held"] for row in d) == [95, 260]
