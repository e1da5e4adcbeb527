"""Gaps of a decision scheme: every rule and every border."""

from datetime import date

import pytest

from contacts.enums import GapCode
from contacts.gaps import Gap, Place, gaps, months_before

ON = date(2026, 9, 16)
BOSS = Place("Директор", frozenset({"decision_maker"}), "management", ON)
BOOKS = Place("Бухгалтер", frozenset({"key_user"}), "accounting", ON)
LAWYER = Place("Юрист", frozenset({"main_key_user"}), "legal", ON)


def codes(*places: Place, **how: bool) -> list[str]:
    return [gap.code.value for gap in gaps(places, ON, **how)]


def test_a_whole_scheme_has_no_gaps() -> None:
    assert codes(BOSS, BOOKS) == []
    assert codes(BOSS, LAWYER) == []
    assert codes(BOSS, BOOKS, LAWYER, each_of=True) == []


def test_an_empty_scheme_says_only_that() -> None:
    assert codes() == ["empty"]


def test_nobody_decides() -> None:
    assert codes(BOOKS, LAWYER) == ["no_decision_maker"]


def test_no_key_user_of_the_norm() -> None:
    hr = Place("Кадровик", frozenset({"key_user"}), "hr", ON)
    silent = Place("Бухгалтер без роли", frozenset(), "accounting", ON)
    assert codes(BOSS, hr, silent) == ["no_key_user"]


def test_each_department_may_be_asked_for() -> None:
    found = gaps([BOSS, BOOKS], ON, each_of=True)
    assert found == [Gap(GapCode.DEPARTMENT_WITHOUT_KEY_USER, ("legal",))]
    found = gaps([BOSS, BOOKS], ON, each_of=True, departments={"legal": "Юристы", "hr": "Кадры"})
    assert found[0].text == "Нет ГКлП или КлП в отделах: Юристы"


def test_one_contact() -> None:
    alone = Place("Один", frozenset({"decision_maker", "key_user"}), "accounting", ON)
    assert codes(alone) == ["one_contact"]


@pytest.mark.parametrize(
    ("known_on", "is_stale"),
    [(date(2026, 3, 15), True), (date(2026, 3, 16), False), (date(2026, 3, 17), False)],
)
def test_not_verified_for_half_a_year(known_on: date, is_stale: bool) -> None:
    old = Place("Старый", frozenset({"key_user"}), "accounting", known_on)
    found = gaps([BOSS, old], ON)
    assert found == ([Gap(GapCode.NOT_VERIFIED, ("Старый",), 6)] if is_stale else [])
    if is_stale:
        assert found[0].text == "Не проверяли больше 6\u00a0месяцев: Старый"


@pytest.mark.parametrize(
    ("months", "said"), [(1, "1\u00a0месяца"), (2, "2\u00a0месяцев"), (12, "12\u00a0месяцев")]
)
def test_the_sentence_names_the_months_of_the_setting(months: int, said: str) -> None:
    old = Place("Старый", frozenset({"key_user"}), "accounting", date(2025, 1, 1))
    assert gaps([BOSS, old], ON, months=months)[0].text == f"Не проверяли больше {said}: Старый"


def test_the_months_of_the_setting_decide() -> None:
    old = Place("Старый", frozenset({"key_user"}), "accounting", date(2026, 8, 1))
    assert gaps([BOSS, old], ON, months=2) == []
    assert [gap.names for gap in gaps([BOSS, old], ON, months=1)] == [("Старый",)]


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2024, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_before(on: date, months: int, expected: date) -> None:
    assert months_before(on, months) == expected


def test_a_gap_without_names_is_its_sentence() -> None:
    assert gaps([], ON)[0].text == "Схема пуста: ни одного участника"
