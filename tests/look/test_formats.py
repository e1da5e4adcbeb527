"""Russian numbers, dates, plurals: exact strings, with the space that does not break."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Engine
from django.utils import formats, translation

from core.templatetags import lampa

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234, "1\u00a0234"),
        (1234567.5, "1\u00a0234\u00a0567,5"),
        (Decimal("-1234.50"), "\u22121\u00a0234,5"),
        (0, "0"),
        (999, "999"),
        ("12", "12"),
        (None, "–"),
        ("", "–"),
        ("нет", "–"),
        (Decimal("NaN"), "–"),
        (True, "–"),
    ],
)
def test_number(value, text):
    assert lampa.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (90, "0,9"),
        (85, "0,85"),
        (100, "1"),
        (110, "1,1"),
        (0, "0"),
        (5, "0,05"),
        (None, "–"),
        (-10, "\u22120,1"),
    ],
)
def test_hundredths(value, text):
    assert lampa.hundredths(value) == text


def test_points_and_shares():
    assert lampa.points(90) == "0,9"
    assert lampa.points(90, 110) == f"0,9{NBSP}из{NBSP}1,1"
    assert lampa.share(38, 1000) == f"3,8{NBSP}%"
    assert lampa.share(8, 758) == f"1,1{NBSP}%"
    assert lampa.share(95, 758) == f"12,5{NBSP}%"
    assert lampa.share(655, 758) == f"86,4{NBSP}%"
    assert lampa.share(1, 0) == "–"
    assert lampa.share(None, 5) == "–"


def test_rounding_is_half_up():
    assert lampa.decimal1(Decimal("0.25")) == "0,3"
    assert lampa.decimal1(Decimal("0.35")) == "0,4"
    assert lampa.decimal1(71) == "71,0"
    assert lampa.percent(Decimal("3.85")) == f"3,9{NBSP}%"
    assert lampa.roubles(Decimal("2.005")) == f"2,01{NBSP}₽"


def test_roubles_and_signs():
    assert lampa.roubles(Decimal("1234.5")) == f"1{NBSP}234,50{NBSP}₽"
    assert lampa.signed(5) == "+5"
    assert lampa.signed(-5) == "\u22125"
    assert lampa.signed(0) == "0"
    assert lampa.signed(Decimal("1.25"), 1) == "+1,3"


def test_dates_are_local():
    moment = datetime(2026, 11, 22, 22, 5, tzinfo=UTC)
    assert lampa.day(date(2026, 1, 9)) == "09.01.2026"
    assert lampa.day(moment) == "23.11.2026"
    assert lampa.daytime(moment) == f"23.11.2026{NBSP}01:05"
    assert lampa.day(None) == "–"
    assert lampa.minutes(timedelta(seconds=61)) == 2


@pytest.mark.parametrize(
    ("count", "word"),
    [
        (0, "дней"),
        (1, "день"),
        (2, "дня"),
        (4, "дня"),
        (5, "дней"),
        (11, "дней"),
        (12, "дней"),
        (14, "дней"),
        (21, "день"),
        (22, "дня"),
        (25, "дней"),
        (101, "день"),
        (111, "дней"),
        (1001, "день"),
        (-3, "дня"),
        (Decimal("1.5"), "дня"),
        (None, "дней"),
    ],
)
def test_plurals(count, word):
    assert lampa.plural(count, "день,дня,дней") == word


def test_counted():
    assert lampa.age_days(3) == f"3{NBSP}дня"
    assert lampa.counted(1758, "клиент,клиента,клиентов") == f"1{NBSP}758{NBSP}клиентов"


def test_django_formats():
    with translation.override("ru"):
        assert formats.number_format(Decimal("1234.5")) == f"1{NBSP}234,5"
        assert formats.date_format(date(2026, 11, 3)) == "03.11.2026"
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
        assert formats.get_format("DATE_INPUT_FORMATS")[:2] == ["%d.%m.%Y", "%Y-%m-%d"]


def render(text, **context):
    engine = Engine(builtins=["core.templatetags.lampa"])
    return engine.from_string(text).render(Context(context))


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("green", "Зелёный"),
        ("yellow", "Жёлтый"),
        ("red", "Красный"),
        ("none", "Нет данных"),
        (None, "Нет данных"),
        ("<b>", "Нет данных"),
    ],
)
def test_a_lamp_always_has_its_word(code, word):
    shown = render("{% lamp c %}", c=code)
    quiet = render("{% lamp c label=False %}", c=code)
    assert f'<span class="lamp-word">{word}</span>' in shown
    assert f'<span class="visually-hidden">{word}</span>' in quiet
    assert "<b>" not in shown


def test_lamps_differ_by_shape():
    import re

    shapes = {c: re.sub(r"#\w+", "", lampa.SIGNS[c]) for c in lampa.LAMPS}
    assert len(set(shapes.values())) == 4


def test_pool_is_judged_on_counts():
    pool = lampa.pool_parts(5, 27, 101)
    by_code = {p["code"]: p for p in pool["parts"]}
    assert [by_code[c]["share"] for c in ("red", "yellow", "green")] == [
        f"3,8{NBSP}%",
        f"20,3{NBSP}%",
        f"75,9{NBSP}%",
    ]
    assert [by_code[c]["beyond"] for c in ("red", "yellow", "green")] == [False, True, True]
    # 5.004 % rounds to 5.0 % and is still beyond the norm.
    assert lampa.pool_parts(5004, 0, 94996)["parts"][0]["beyond"]
    assert not lampa.pool_parts(5, 15, 80)["parts"][2]["beyond"]
    assert lampa.pool_parts(0, 0, 0)["words"] == "Клиентов нет."
    assert sum(float(p["width"]) for p in lampa.pool_parts(1, 1, 1, 4)["parts"]) == pytest.approx(
        1000, abs=0.05
    )
