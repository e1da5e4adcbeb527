"""What tests of bulk writes share."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.personas import World


@pytest.fixture
def load(api_as: Callable[[str], Any]) -> Callable[..., Any]:
    """`load("usage", rows, dry_run=True)`: the answer of a bulk call, by the writing key."""

    def call(
        resource: str, rows: list[dict[str, Any]], persona: str = "writer", **body: Any
    ) -> Any:
        return api_as(persona).post(
            f"/api/v1/bulk/{resource}/", {"rows": rows, **body}, format="json"
        )

    return call


@pytest.fixture
def company(world: World) -> dict[str, Any]:
    """A row of a client that is not here yet."""
    return {
        "external_id": "K-1",
        "name": "ООО Новая",
        "inn": factories.inn(500),
        "kpp": "770101001",
        "segment": "Розница",
        "connected_on": "01.09.2026",
    }
