"""The stages as a table: every legal step, every refusal, every border."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from needs.pipeline import (
    Stage,
    Standing,
    Step,
    emptied,
    missing_for,
    next_stage,
    refusals,
)

TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)
FOUND = Stage("01", "выявлена", ("key_need", "difficulties"))
DONE = Stage("03", "внедрена", ("solution",))
CONFIRMED = Stage("06", "подтверждена", ("effect",), True, True)
TABLE = [FOUND, DONE, CONFIRMED]
FULL = {"key_need": "к", "difficulties": "т", "solution": "р", "effect": "э"}
AUTHOR, ANOTHER = 1, 2

OPENED = Standing(code=None, last_on=None, connected_on=TODAY - 100 * DAY, author=AUTHOR)
STEP = Step(on=TODAY, author=AUTHOR, evidence="слова клиента")
BEFORE_LAST = replace(OPENED, code="03", last_on=TODAY - 10 * DAY)
CONFIRMATION = Step(on=TODAY, author=ANOTHER, evidence="письмо", participant_fits=True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(None, FOUND), ("01", DONE), ("02", DONE), ("03", CONFIRMED), ("05", CONFIRMED), ("06", None)],
)
def test_next_stage(code: str | None, expected: Stage | None) -> None:
    assert next_stage(TABLE, code) is expected
    assert next_stage([], code) is None


@pytest.mark.parametrize("empty", [None, "", "  \n"])
def test_missing(empty: str | None) -> None:
    assert missing_for(FOUND, {"key_need": empty, "difficulties": "есть"}) == ["key_need"]
    assert missing_for(FOUND, {"key_need": "есть"}) == ["difficulties"]
    assert missing_for(FOUND, {"key_need": 0, "difficulties": False}) == []
    assert missing_for(Stage("09"), {}) == []


@pytest.mark.parametrize(
    ("code", "values", "fields"),
    [
        (None, {}, []),
        ("01", FULL, []),
        ("01", FULL | {"solution": ""}, []),
        ("03", FULL | {"solution": "", "difficulties": None}, ["difficulties", "solution"]),
    ],
)
def test_what_a_passed_stage_stands_on_stays(code, values, fields) -> None:
    found = emptied(TABLE, code, values)
    assert list(found) == fields
    assert all("уже прошла этап" in said for said in found.values())


@pytest.mark.parametrize(
    ("standing", "step"),
    [
        (OPENED, STEP),
        (OPENED, replace(STEP, into="01", on=TODAY - 100 * DAY)),
        (replace(OPENED, code="01", last_on=TODAY), STEP),
        (BEFORE_LAST, CONFIRMATION),
        (replace(BEFORE_LAST, code="01"), replace(STEP, participant_fits=True)),
    ],
)
def test_legal_steps(standing: Standing, step: Step) -> None:
    assert refusals(TABLE, standing, step, FULL, TODAY) == {}


@pytest.mark.parametrize(
    ("standing", "step", "values", "field", "said"),
    [
        (replace(OPENED, is_open=False), STEP, FULL, "__all__", "снята"),
        (replace(OPENED, code="06"), STEP, FULL, "__all__", "на последнем этапе"),
        (OPENED, replace(STEP, into="03"), FULL, "stage", "Этапы не пропускают"),
        (OPENED, replace(STEP, on=None), FULL, "on", "Укажите дату"),
        (OPENED, replace(STEP, on=TODAY + DAY), FULL, "on", "ещё не наступила"),
        (OPENED, replace(STEP, on=TODAY - 101 * DAY), FULL, "on", "Раньше подключения клиента"),
        (BEFORE_LAST, replace(CONFIRMATION, on=TODAY - 11 * DAY), FULL, "on", "Раньше предыдущего"),
        (OPENED, replace(STEP, evidence=" \n"), FULL, "evidence", "чем подтверждается"),
        (OPENED, STEP, FULL | {"key_need": ""}, "key_need", "без него нет этапа «01 выявлена»"),
        (OPENED, replace(STEP, participant_fits=False), FULL, "participant", "нет в схеме"),
        (BEFORE_LAST, replace(CONFIRMATION, participant_fits=None), FULL, "participant", "кто у"),
        (BEFORE_LAST, replace(CONFIRMATION, participant_fits=False), FULL, "participant", "нет в"),
        (BEFORE_LAST, replace(CONFIRMATION, author=AUTHOR), FULL, "__all__", "не автор"),
    ],
)
def test_refusals(standing, step, values, field: str, said: str) -> None:
    found = refusals(TABLE, standing, step, values, TODAY)
    assert list(found) == [field]
    assert said in found[field]


def test_everything_wrong_is_said_at_once() -> None:
    step = Step(on=None, author=AUTHOR, evidence="", into="01")
    found = refusals(TABLE, BEFORE_LAST, step, {}, TODAY)
    assert set(found) == {"stage", "on", "evidence", "effect", "participant", "__all__"}
