"""Every route × every persona × own, a colleague's, another's and a missing row."""

import logging

import pytest

from tests.access.walk import Walk, undeclared
from tests.personas import World

pytestmark = pytest.mark.django_db
_cells: dict[str, int] = {}


def test_every_route_has_a_declared_expectation() -> None:
    assert not undeclared(), "\n".join(undeclared())


@pytest.mark.parametrize("part", ["pages", "api", "references", "open_routes"])
def test_nobody_sees_or_does_more_than_is_written_down(
    standing_world: World, part: str, record_property
) -> None:
    walk = Walk(standing_world)
    logging.disable(logging.CRITICAL)  # thousands of refusals are meant
    try:
        getattr(walk, part)()
    finally:
        logging.disable(logging.NOTSET)
    _cells[part] = walk.verdict.cells
    record_property("cells", walk.verdict.cells)
    shown = "\n".join(walk.verdict.wrong[:300])
    assert not walk.verdict.wrong, f"{len(walk.verdict.wrong)} of {walk.verdict.cells}:\n{shown}"


def test_the_matrix_is_as_large_as_promised(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        told = ", ".join(f"{part} {count}" for part, count in _cells.items())
        print(f"\nof the access matrix: {sum(_cells.values())} cells ({told})")
    if len(_cells) == 4:
        assert sum(_cells.values()) >= 4000
