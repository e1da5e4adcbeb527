"""Every resource of the API × every caller × whose row, and rows named in bodies and filters."""

import pytest

from tests.access.walk import walk_all
from tests.personas import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("part", "cells"), [("api", 12000), ("references", 120)])
def test_nobody_sees_or_does_more_than_is_written_down(
    standing_world: World, part: str, cells: int
) -> None:
    walk_all(standing_world, part, cells)
