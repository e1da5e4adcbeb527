"""Every change of a row through the API wants the version that was read."""

from typing import Any

import pytest
from django.db import transaction

from tests.access.expectations import API, scope
from tests.access.walk import Pattern, address, patterns
from tests.conftest import api_of
from tests.personas import World

pytestmark = pytest.mark.django_db
WRITES = ("patch", "put", "post", "delete")


def changes() -> list[tuple[str, str, str, Pattern]]:
    """Every route that changes one row: (prefix, method, action, route)."""
    found = []
    for pattern in patterns():
        prefix = pattern.name.removeprefix("api-").rpartition("-")[0]
        if prefix in API and "<pk>" in pattern.template:
            found += [
                (prefix, method, action, pattern)
                for method, action in pattern.actions.items()
                if method in WRITES
            ]
    return found


CHANGES = changes()
# A job is asked for: nothing that somebody wrote is overwritten.
ASKED = {
    ("reports", "rebuild"), ("reports", "edition"), ("reports", "print_pdf"),
    ("report-batches", "cancel"), ("report-batches", "retry"), ("report-batches", "pack"),
}  # fmt: skip


def who(world: World, prefix: str, action: str) -> tuple[Any, Any]:
    """Somebody who may do it, and a row of theirs."""
    of = API[prefix].of
    for persona in ("elena", "galina", "anna", "writer", "zhanna"):
        if persona not in API[prefix].actions[action]:
            continue
        for whose in ("own", "office", "colleague"):
            if of in world.rows[whose] and whose in scope(of, persona):
                return api_of(world, persona), world.rows[whose][of]
    raise LookupError(f"nobody may {action} {prefix}")


@pytest.mark.parametrize(
    ("prefix", "method", "action", "pattern"),
    CHANGES,
    ids=[f"{prefix}-{action}" for prefix, _, action, _ in CHANGES],
)
def test_a_change_without_the_version_is_not_made(
    standing_world: World, prefix: str, method: str, action: str, pattern: Pattern
) -> None:
    api, row = who(standing_world, prefix, action)
    path = address(pattern.template, {"pk": row.pk}, row.pk)
    asked = {}
    for told, headers in (("none", {}), ("stale", {"HTTP_IF_MATCH": 'W/"98765"'})):
        with transaction.atomic():
            answer = getattr(api, method)(path, {}, format="json", **headers)
            asked[told] = answer.status_code
            transaction.set_rollback(True)
    if not hasattr(row, "version") or (prefix, action) in ASKED:
        assert 428 not in asked.values()
        return
    assert asked["none"] == 428
    assert asked["stale"] in (400, 412), "an empty body may be refused first"


def test_the_routes_that_change_a_row_are_known() -> None:
    """Were the walk to find none, the test above would say nothing."""
    assert len(CHANGES) > 50
    assert {"patch", "post", "delete"} == {method for _, method, _, _ in CHANGES}
