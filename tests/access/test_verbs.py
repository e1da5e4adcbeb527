"""Another's row is as unknown as no row at all, whatever the verb: those that the matrix leaves
out too, and the actions of a row."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests import canaries
from tests.access.expectations import API, PAGES, scope
from tests.access.walk import Pattern, Walk, address, patterns
from tests.personas import World

pytestmark = pytest.mark.django_db
VERBS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
# A row that is looked for and not found; a verb or power that nobody has on this route.
NOT_HERE, REFUSED = {404}, {403, 405}


def routes(*, api: bool) -> Iterator[tuple[Pattern, str]]:
    """Every route whose address names one row, and the label of that row."""
    for pattern in patterns():
        if "<pk>" not in pattern.template and "<int:pk>" not in pattern.template:
            continue
        if pattern.actions and api:
            prefix = pattern.name.removeprefix("api-").rpartition("-")[0]
            yield pattern, API[prefix].of
        elif not pattern.actions and not api:
            of = next((p.of for k, p in PAGES.items() if k.partition("#")[0] == pattern.name), "")
            yield pattern, of


@pytest.fixture
def walk(standing_world: World) -> Iterator[Walk]:
    logging.disable(logging.CRITICAL)  # thousands of refusals are meant
    yield Walk(standing_world, ("anna", "galina"))
    logging.disable(logging.NOTSET)


def answers(walk: Walk, persona: str, path: str, verb: str, pks: list[Any], *, api: bool) -> Any:
    caller = (walk.apis if api else walk.browsers)[persona]
    with transaction.atomic():
        headers = {"HTTP_IF_MATCH": 'W/"1"'}
        if not api or verb in ("get", "head", "trace"):
            response = (
                getattr(caller, verb)(path, **headers)
                if verb != "trace"
                else (caller.generic("TRACE", path))
            )
        else:
            response = getattr(caller, verb)(path, {}, format="json", **headers)
        told = canaries.text_of(response)
        for pk in pks:  # of both rows: «"3"» may stand in a page that has nothing to do with it
            told = walk.settled(response, told, pk)
        transaction.set_rollback(True)
    return response.status_code, told


@pytest.mark.parametrize("api", [True, False], ids=["routes", "pages"])
def test_anothers_row_is_missing_whatever_the_verb(walk: Walk, api: bool) -> None:
    wrong, asked, missing = [], 0, 0
    for pattern, of in routes(api=api):
        label = walk.label(of)
        for persona in ("anna", "galina"):
            hidden = walk.world.rows["foreign"].get(of)
            if hidden is None or "foreign" in scope(label, persona):
                continue
            pks = [hidden.pk, walk.pk_of(of, "missing")]
            for verb in VERBS:
                seen = [
                    answers(
                        walk, persona, address(pattern.template, {"pk": pk}, pk), verb, pks, api=api
                    )
                    for pk in pks
                ]
                asked += 1
                status = seen[0][0]
                missing += status in NOT_HERE
                told = f"{verb.upper()} {pattern.name} as {persona}: {seen[0][0]} {seen[1][0]}"
                if seen[0] != seen[1]:
                    wrong.append(f"{told}: another's is not like a missing one")
                elif verb != "options" and status not in NOT_HERE | REFUSED:
                    wrong.append(f"{told}: neither missing nor refused")
    assert wrong == []
    assert missing > 150 and asked > 800, (missing, asked)
