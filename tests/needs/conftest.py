"""The centre is built once for a module; each test has a copy of its own in a savepoint."""

from copy import deepcopy
from datetime import datetime

import pytest

from tests.personas import World


@pytest.fixture
def world(standing_world: World, db: None, now: datetime) -> World:
    """The centre as each test finds it: rows that a test changed in memory are its own."""
    return deepcopy(standing_world)
