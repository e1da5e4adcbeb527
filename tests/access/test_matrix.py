"""Every page × every persona × own, a colleague's, another's and a missing row."""

import pytest

from tests.access.walk import undeclared, walk_all
from tests.personas import World

pytestmark = pytest.mark.django_db


def test_every_route_has_a_declared_expectation() -> None:
    assert not undeclared(), "\n".join(undeclared())


@pytest.mark.parametrize(("part", "cells"), [("pages", 15800), ("open_routes", 950)])
def test_nobody_sees_or_does_more_than_is_written_down(
    standing_world: World, part: str, cells: int
) -> None:
    walk_all(standing_world, part, cells)
