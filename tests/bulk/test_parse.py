"""What may stand in a cell: read, read and told, or refused with the reason. A table."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.bulk import parse
from core.bulk.parse import Broken, Wrong

NUMBERS: list[tuple[Any, Decimal]] = [
    ("0", Decimal(0)), ("12", Decimal(12)), (" 12 ", Decimal(12)), ("12,5", Decimal("12.5")),
    ("12.50", Decimal("12.50")), ("1 234,56", Decimal("1234.56")),
    ("1\u00a0234\u00a0567,8", Decimal("1234567.8")), ("1\u202f234", Decimal(1234)),
    ("-3", Decimal(-3)), ("\u22123", Decimal(-3)), ("+3", Decimal(3)), (12, Decimal(12)),
    (12.5, Decimal("12.5")), (0.1, Decimal("0.1")),
    ("12345678901234", Decimal(12345678901234)),
]  # fmt: skip
NO_NUMBERS: list[Any] = [
    "", "NaN", "nan", "inf", "-Infinity", "1e400", "1e3", "1_000", "١٢", "１２", "12 руб.", "5%",
    "=cmd()", "=1+1", "@SUM(1)", "1,234.56", "1.234,56", "12 34", "1 2345", "--1", "0x10", "½",
    "1" * 41, "9" * 16, "0,001", 0.001, float("nan"), float("inf"), True, date(2026, 1, 1),
    Broken("#ДЕЛ/0!"), Broken("=A1"), [1], {"a": 1}, 10**4301, "<script>", "1;2", "\t=1",
]  # fmt: skip
DAYS: list[tuple[Any, date]] = [
    ("16.09.2026", date(2026, 9, 16)), ("1.9.2026", date(2026, 9, 1)),
    ("2026-09-16", date(2026, 9, 16)), (" 16.09.2026\u00a0", date(2026, 9, 16)),
    (date(2026, 9, 16), date(2026, 9, 16)), (datetime(2026, 9, 16), date(2026, 9, 16)),
    (46281, date(2026, 9, 16)), (46281.0, date(2026, 9, 16)), ("29.02.2024", date(2024, 2, 29)),
    ("31.12.9999", date(9999, 12, 31)),
]  # fmt: skip
NO_DAYS: list[Any] = [
    "31.02.2026", "29.02.1900", "01/02/2024", "16.09.26", "2026-9-16", "2026-13-01", "вчера", "",
    "٠١.٠٢.٢٠٢٦", "16.09.2026 10:00", "20260916", 60, 0, -1, 10**9, 46281.5, float("nan"), True,
    datetime(2026, 9, 16, 10, 0), Broken("#Н/Д"), "=TODAY()", "00.00.0000",
]  # fmt: skip


@pytest.mark.parametrize(("cell", "value"), NUMBERS)
def test_numbers(cell: Any, value: Decimal) -> None:
    read = parse.number(cell)
    assert read.value == value
    plain = str(cell).replace("+", "")
    assert bool(read.note) == (isinstance(cell, str) and plain != str(value))


@pytest.mark.parametrize("cell", NO_NUMBERS, ids=range(len(NO_NUMBERS)))
def test_no_numbers(cell: Any) -> None:
    with pytest.raises(Wrong) as told:
        parse.number(cell)
    assert any("а" <= letter.casefold() <= "я" for letter in str(told.value))


def test_what_is_refused_says_how_to_write_it() -> None:
    for cell, words in [
        ("1,234.56", "тысячи отделяют пробелом"),
        ("12 руб.", "без единиц измерения"),
        ("0,001", "больше знаков, чем 2"),
    ]:
        with pytest.raises(Wrong, match=words):
            parse.number(cell)
    with pytest.raises(Wrong, match="целое число"):
        parse.whole("1,5")


@pytest.mark.parametrize(("cell", "value"), DAYS)
def test_days(cell: Any, value: date) -> None:
    assert parse.day(cell).value == value


@pytest.mark.parametrize("cell", NO_DAYS, ids=lambda cell: repr(cell)[:20])
def test_no_days(cell: Any) -> None:
    with pytest.raises(Wrong):
        parse.day(cell)


def test_serials_of_excel_are_told_and_count_from_the_book_s_own_year() -> None:
    assert parse.day(46281).note == "число Excel 46281 прочитано как 16.09.2026"
    assert parse.day(46281 - 1462, is_1904=True).value == date(2026, 9, 16)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("09.2026", date(2026, 9, 1)), ("2026-09", date(2026, 9, 1)),
        ("Сентябрь 2026", date(2026, 9, 1)), ("01.09.2026", date(2026, 9, 1)),
        (date(2026, 9, 1), date(2026, 9, 1)),
    ],
)  # fmt: skip
def test_months(cell: Any, value: date) -> None:
    assert parse.month(cell).value == value


@pytest.mark.parametrize("cell", ["13.2026", "02.09.2026", "сентябрь", "2026", "00.2026"])
def test_no_months(cell: Any) -> None:
    with pytest.raises(Wrong):
        parse.month(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("16.09.2026 10:30", datetime(2026, 9, 16, 7, 30, tzinfo=UTC)),
        ("2026-09-16T10:30:00+03:00", datetime(2026, 9, 16, 7, 30, tzinfo=UTC)),
        ("2026-09-16T07:30Z", datetime(2026, 9, 16, 7, 30, tzinfo=UTC)),
        (datetime(2026, 9, 16, 10, 30), datetime(2026, 9, 16, 7, 30, tzinfo=UTC)),
        ("26.10.2014 00:30", datetime(2014, 10, 25, 20, 30, tzinfo=UTC)),
    ],
)
def test_moments(cell: Any, value: datetime) -> None:
    assert parse.moment(cell).value == value


@pytest.mark.parametrize(
    "cell",
    ["27.03.2011 02:30", "26.10.2014 01:30", "16.09.2026", "16.09.2026 25:00", 46281, "10:30"],
)
def test_no_moments(cell: Any) -> None:
    with pytest.raises(Wrong):
        parse.moment(cell)


@pytest.mark.parametrize(
    ("cell", "value", "is_told"),
    [
        ("7707083893", "7707083893", False), ("77 0708 3893", "7707083893", True),
        ("7707083893\n", "7707083893", True), (7707083893, "7707083893", False),
        (7707083893.0, "7707083893", False), ("7707083893.0", "7707083893", True),
        ("K-17/б", "K-17/б", False), ("0012", "0012", False),
    ],
)  # fmt: skip
def test_codes(cell: Any, value: str, is_told: bool) -> None:
    read = parse.code(cell)
    assert (read.value, bool(read.note)) == (value, is_told)


@pytest.mark.parametrize(
    "cell", ["7.70708E+09", "7,7E9", 7.5, True, date(2026, 1, 1), Broken("#Н/Д")]
)
def test_no_codes(cell: Any) -> None:
    with pytest.raises(Wrong):
        parse.code(cell)


def test_yes_and_choices() -> None:
    assert [parse.yes_or_no(c).value for c in ("Да", "нет", 1, 0, True, "ИСТИНА")] == [
        True, False, True, False, True, True,
    ]  # fmt: skip
    with pytest.raises(Wrong):
        parse.yes_or_no("может быть")
    words = {"retail": "Розница", "network": "Сети"}
    assert [parse.choice(c, words).value for c in ("розница", "NETWORK", chr(0x43) + "ети")] == [
        "retail", "network", "network",
    ]  # fmt: skip
    with pytest.raises(Wrong, match="можно Розница, Сети"):
        parse.choice("опт", words)
    with pytest.raises(Wrong, match="Длиннее 5 знаков: 40000"):
        parse.text("ж" * 40_000, longest=5)
