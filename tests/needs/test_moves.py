"""From every stage to every other: what is illegal is refused by page, API and database alike."""

from datetime import date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from django.urls import reverse

from needs.models import Need, NeedStage
from tests import factories
from tests.conftest import api_of, browser_of
from tests.needs.raw import insert, judged_at_commit, rule_of, take
from tests.personas import World

pytestmark = pytest.mark.django_db
# In use: 01, 03, 04, 06. None: opened, nothing identified yet.
STAGES = (None, "01", "02", "03", "04", "05", "06")
STANDS = (None, "01", "03", "04", "06")
AHEAD = dict(pairwise(STANDS))
BACK = {code: before for before, code in AHEAD.items()}
PAIRS = list(product(STANDS, STAGES))
ON = date(2026, 9, 16)
CARD = {
    "key_need": "к", "difficulties": "т", "solution": "р", "effect": "э",
}  # fmt: skip


def standing(world: World, code: str | None) -> Need:
    """A need of Анна's client at a stage, whose card lacks nothing."""
    row = factories.need(world.clients["own"], **CARD)
    if code is not None:
        given: dict[str, Any] = {}
        if code == "06":
            factories.need_step(row, "04")
            given = {
                "author": world.staff["galina"],
                "participant": world.row("contacts.participant"),
                "on": ON - timedelta(days=1),
            }
        factories.need_step(row, code, **given)
    return row


def stage_of(need: Need) -> str | None:
    need.refresh_from_db()
    return need.stage.code if need.stage else None


@pytest.mark.parametrize(("at", "into"), PAIRS)
def test_by_the_page(world: World, now: datetime, at: str | None, into: str | None) -> None:
    """The form leads one step ahead and the other one back; naming a stage leads nowhere else."""
    need, browser = standing(world, at), browser_of(world, "galina")
    sent = CARD | {
        "on": "2026-09-16", "evidence": "письмо", "version": need.version,
        "participant": world.row("contacts.participant").pk,
    }  # fmt: skip
    named = {name: into or "" for name in ("stage", "into", "code")}
    back = {"reason": "ошиблись", "version": need.version}
    if into is None or (at is not None and into <= at):
        answer = browser.post(reverse("need_back", args=[need.pk]), back | named)
        lands = BACK.get(at)
    else:
        answer = browser.post(reverse("need_advance", args=[need.pk]), sent | named)
        lands = AHEAD.get(at, at)
    assert answer.status_code in (302, 422)
    assert stage_of(need) == lands
    if answer.status_code == 422:
        assert at is None  # nothing to go back from, said above the form
        assert "не прошла ни одного этапа" in answer.content.decode()


@pytest.mark.parametrize(("at", "into"), PAIRS)
def test_by_the_api(world: World, now: datetime, at: str | None, into: str | None) -> None:
    need, api = standing(world, at), api_of(world, "galina")
    path = f"/api/v1/needs/{need.pk}/"
    sent = {
        "stage": into, "on": "2026-09-16", "evidence": "письмо",
        "participant": world.row("contacts.participant").pk,
    }  # fmt: skip
    tag = {"HTTP_IF_MATCH": api.get(path)["ETag"]}
    answer = api.post(f"{path}advance/", sent, format="json", **tag)
    if into is not None and into == AHEAD.get(at):
        assert (answer.status_code, stage_of(need)) == (200, into)
        return
    assert answer.status_code == 400
    assert stage_of(need) == at
    # And the stage is no field that could be written.
    tag = {"HTTP_IF_MATCH": api.get(path)["ETag"]}
    for method in (api.patch, api.put):
        method(path, {"stage": into, "stage_on": "2026-09-16"}, format="json", **tag)
        assert stage_of(need) == at


@pytest.mark.parametrize(("at", "into"), [pair for pair in PAIRS if pair[1] is not None])
def test_by_a_step_written_as_sql(world: World, now: datetime, at: str | None, into: str) -> None:
    need = standing(world, at)
    columns = {
        "need": need,
        "stage": NeedStage.objects.get(code=into),
        "on": ON,
        "author": world.staff["galina"],
        "participant": world.row("contacts.participant"),
        "evidence": "письмо",
        "recorded_at": now,
    }
    if into == AHEAD.get(at):
        take(**columns)
        assert stage_of(need) == into
        return
    is_on = into in STANDS
    refused = "need_step_none_skipped" if is_on else "need_step_stage_is_on"
    assert rule_of(lambda: insert(**columns)) == refused
    assert stage_of(need) == at


@pytest.mark.parametrize(("at", "into"), [pair for pair in PAIRS if pair[0] != pair[1]])
def test_by_the_column_written_as_sql(world: World, at: str | None, into: str | None) -> None:
    """Without a step nothing moves, ahead or back."""
    need = standing(world, at)
    stage = NeedStage.objects.get(code=into) if into else None

    def write() -> None:
        Need.objects.filter(pk=need.pk).update(stage=stage, stage_on=ON if stage else None)

    assert rule_of(write) == "need_stage_is_newest_step"
    assert stage_of(need) == at


@pytest.mark.parametrize("at", STANDS[1:])
def test_back_as_sql_only_with_the_step_taken_away(world: World, at: str) -> None:
    need = standing(world, at)
    newest = need.steps.get(stage__code=at)
    before = need.steps.exclude(pk=newest.pk).order_by("-stage__code").first()
    assert rule_of(newest.delete) == "need_stage_is_newest_step"
    need.steps.filter(stage__code=at).delete()
    Need.objects.filter(pk=need.pk).update(
        stage=before.stage if before else None, stage_on=before.on if before else None
    )
    judged_at_commit()
    assert stage_of(need) == BACK[at]
