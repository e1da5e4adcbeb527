"""schemathesis over every operation: no server error, nothing outside the schema.

Cases are drawn from the schema, valid and broken, by a fixed seed; half of them name rows that
exist and their true version. LAMPA_FUZZ_EXAMPLES raises how many are drawn for each operation.
"""

import logging
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests import factories
from tests.access.expectations import API
from tests.personas import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
KEPT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
EXAMPLES = int(os.environ.get("LAMPA_FUZZ_EXAMPLES", "5"))
load_all_checks()
WANTED = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]


@pytest.fixture(scope="module")
def schema() -> Any:
    loaded = schemathesis.openapi.from_dict(yaml.safe_load(KEPT.read_text()))
    loaded.app = get_wsgi_application()
    return loaded


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """No log of meant refusals; requests leave the test's own connection open."""
    logging.disable(logging.CRITICAL)
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)
    logging.disable(logging.NOTSET)


def rows(world: World, path: str) -> list[Any]:
    """Rows that the address of an operation may name."""
    prefix = path.removeprefix("/api/v1/").split("/")[0]
    route = API.get(prefix)
    whose = ("own", "office", "foreign")
    return [world.rows[w][route.of] for w in whose if route and route.of in world.rows[w]]


def draw(operation: Any, mode: GenerationMode) -> list[Any]:
    """The cases of one operation; none where the schema leaves nothing to break."""
    drawn: list[Any] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def keep(case: Any) -> None:
        if len(drawn) % 4 and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"fuzz-{operation.path}-{mode}-{len(drawn)}"
        drawn.append(case)

    try:
        keep()
    except Exception as error:
        if "Unsatisfiable" not in type(error).__name__ and "negat" not in str(error).lower():
            raise
    return drawn


@pytest.fixture(scope="module")
def cases(schema: Any) -> list[tuple[int, Any]]:
    """Every case and its number in its operation, drawn once for all roles: asking is cheaper.

    Drawing takes minutes: it is done before a transaction is open, which would be ended as idle.
    """
    return [
        numbered
        for result in schema.get_all_operations()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for numbered in enumerate(draw(result.ok(), mode))
    ]


def name_a_row(world: World, number: int, case: Any) -> None:
    """Let every second case name a row that exists and its true version."""
    known = rows(world, case.path)
    name = next((n for n in ("id", "pk", "client", "code") if n in case.path_parameters), "")
    if known and name and number % 2 == 0:
        row = known[number // 2 % len(known)]
        case.path_parameters[name] = row.pk
        if case.method.upper() in {"PATCH", "DELETE"} or "If-Match" in case.headers:
            case.headers["If-Match"] = f'W/"{getattr(row, "version", 1)}"'


def ask(case: Any, key: str) -> tuple[int, str]:
    """The status of the answer, and what was wrong with it, if anything."""
    with transaction.atomic():
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        transaction.set_rollback(True)
    try:
        case.validate_response(response, checks=WANTED)
    except BaseException as failure:  # a group of failures is no Exception
        told = f"{case.method} {case.path} {response.status_code}"
        return response.status_code, f"{told}: {str(failure)[:1500]}"
    return response.status_code, ""


@pytest.mark.parametrize("who", ["elena", "galina", "anna", "zhanna", "writer"])
def test_every_operation_keeps_to_its_schema(
    cases: list[tuple[int, Any]],
    standing_world: World,
    who: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = standing_world.keys.get(who)
    if key is None:
        key, _ = factories.api_token(standing_world.users[who], writes=True)
    answers = []
    for number, case in cases:
        name_a_row(standing_world, number, case)
        answers.append(ask(case, key))
    wrong = [said for _, said in answers if said]
    with capsys.disabled():
        print(f"\nschemathesis as {who}: {len(cases)} cases", end=" ")
        print(dict(sorted(Counter(status for status, _ in answers).items())))
    assert not wrong, f"{len(wrong)} answers:\n" + "\n\n".join(wrong[:12])
    assert len(cases) > 100
