"""The rules as values: every boundary exact, every policy, every reason a scheme is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accounts.enums import FeedCode
from lamps import score
from lamps.enums import Colour, Direction, MissingPolicy, Source
from lamps.health import Norm
from lamps.score import Facts, Tier
from tests.lamps import builders
from tests.lamps.builders import ON, rule, scheme, talk_scheme

DAY = timedelta(days=1)


@pytest.mark.parametrize("name", builders.TALK)
def test_the_talks_rows_digit_by_digit(name):
    values, points, total, colour, expiring = builders.TALK[name]
    reading = score.read(talk_scheme(), builders.talk_client(name), ON)
    assert reading.raw == list(values)
    assert reading.points == points
    assert (reading.total, reading.colour, reading.expiring) == (total, colour, expiring)
    assert reading.scheme.best == 110


@pytest.mark.parametrize(("value", "points"), [(0, 0), (49, 0), (50, 40), (51, 40)])
def test_threshold_of_activity_is_inclusive(value, points):
    assert score.earn(talk_scheme().indicators[0], value) == points


@pytest.mark.parametrize(("value", "points"), [(0, 10), (1, 0), (3, 0)])
def test_lower_is_better_until_the_threshold(value, points):
    assert score.earn(talk_scheme().indicators[4], value) == points


@pytest.mark.parametrize(
    ("direction", "tiers", "earned"),
    [
        (Direction.HIGHER, [(1, 10), (5, 20), (9, 40)], [0, 10, 10, 20, 20, 40, 40]),
        (Direction.LOWER, [(1, 40), (5, 20), (9, 10)], [40, 40, 20, 20, 10, 10, 0]),
    ],
)
def test_several_tiers_earn_the_best_reached(direction, tiers, earned):
    measured = rule(direction=direction, tiers=tuple(Tier(*t) for t in tiers))
    assert [score.earn(measured, v) for v in (0, 1, 4, 5, 8, 9, 10)] == earned


@pytest.mark.parametrize(
    ("total", "colour"),
    [
        (0, Colour.RED), (39, Colour.RED), (40, Colour.YELLOW), (79, Colour.YELLOW),
        (80, Colour.GREEN), (110, Colour.GREEN), (None, Colour.NONE),
    ],
)  # fmt: skip
def test_lower_bounds_of_colours_are_inclusive(total, colour):
    assert score.colour_of(talk_scheme(), total) == colour


def test_an_inactive_client_is_never_green():
    reading = score.read(talk_scheme(), builders.talk_facts(49, 9, 9, 9, 0, 0, 9), ON)
    assert (reading.total, reading.colour) == (70, Colour.YELLOW)


def _raw(measured: score.IndicatorRule, **facts) -> int | None:
    return score.read(scheme(measured), Facts(fresh_through=builders.FRESH, **facts), ON).raw[0]


@pytest.mark.parametrize(("ago", "counts"), [(-1, 0), (0, 1), (1, 1), (29, 1), (30, 0), (31, 0)])
def test_edges_of_a_window_of_thirty_days(ago, counts):
    day = ON - ago * DAY
    assert _raw(rule(), visits=[day]) == counts
    used = rule(source=Source.USAGE, service_id=7, window_days=30)
    assert _raw(used, usage={7: [(day, 1)], 8: [(ON, 100)]}) == counts


@pytest.mark.parametrize(
    ("opened", "closed", "counts"),
    [(0, None, 1), (-1, None, 0), (5, 0, 0), (5, -1, 1), (5, 1, 0), (0, 0, 0)],
)
def test_a_gnd_record_is_open_from_its_day_until_the_day_it_is_closed(opened, closed, counts):
    record = (ON - opened * DAY, None if closed is None else ON - closed * DAY)
    assert _raw(rule(source=Source.GND), gnd=[record]) == counts


@pytest.mark.parametrize(
    ("due", "settled", "counts"),
    [(0, None, 0), (1, None, 1), (1, 0, 0), (1, -1, 1), (-1, None, 0), (9, 9, 0)],
)
def test_an_invoice_hangs_from_the_day_after_it_is_due_until_it_is_settled(due, settled, counts):
    bill = (ON - due * DAY, None if settled is None else ON - settled * DAY)
    assert _raw(rule(source=Source.OVERHANG), invoices=[bill]) == counts


@pytest.mark.parametrize(
    ("held", "until", "counts"), [(0, 0, 1), (0, 9, 1), (9, 0, 1), (9, -1, 0), (-1, 9, 0)]
)
def test_a_training_counts_from_its_day_through_its_last(held, until, counts):
    training = (ON - held * DAY, ON + until * DAY)
    assert _raw(rule(source=Source.TRAINING), trainings=[training]) == counts


def test_a_sum_beyond_the_column_is_held_at_its_edge():
    used = rule(source=Source.USAGE, service_id=7)
    assert _raw(used, usage={7: [(ON, 2**31 - 1), (ON - DAY, 5)]}) == 2**31 - 1


# --- expiry ----------------------------------------------------------------------------------


def _expiring(measured: score.IndicatorRule, **facts) -> bool:
    reading = score.read(scheme(measured), Facts(fresh_through=builders.FRESH, **facts), ON)
    return reading.expiring == [0]


@pytest.mark.parametrize(
    ("left", "warned"), [(-1, False), (0, True), (1, True), (60, True), (61, False)]
)
def test_edges_of_the_warning_window(left, warned):
    training = rule(source=Source.TRAINING, warning_days=60)
    assert _expiring(training, trainings=[(ON - 9 * DAY, ON + left * DAY)]) is warned
    used = rule(source=Source.USAGE, service_id=7, warning_days=60)
    rights = {7: [(ON - 99 * DAY, ON + left * DAY)]}
    assert _expiring(used, entitlements=rights) is warned


@pytest.mark.parametrize(("begins", "warned"), [(1, False), (61, False), (62, True)])
def test_a_right_that_follows_silences_the_warning(begins, warned):
    used = rule(source=Source.USAGE, service_id=7, warning_days=60)
    following = (ON + begins * DAY, ON + 400 * DAY)
    assert _expiring(used, entitlements={7: [(ON - DAY, ON + 60 * DAY), following]}) is warned


def test_a_training_to_come_does_not_silence_the_warning():
    training = rule(source=Source.TRAINING, warning_days=60)
    rows = [(ON - 9 * DAY, ON + 5 * DAY), (ON + DAY, ON + 400 * DAY)]
    assert _expiring(training, trainings=rows)


def test_expiry_stands_in_the_order_of_the_table_whatever_the_weight():
    first = rule(slot=5, source=Source.TRAINING, warning_days=60, tiers=(Tier(9, 10),))
    second = rule(code="b", slot=2, source=Source.USAGE, service_id=7, warning_days=10)
    facts = Facts(
        trainings=[(ON, ON)], entitlements={7: [(ON, ON + DAY)]}, fresh_through=builders.FRESH
    )
    reading = score.read(scheme(first, second), facts, ON)
    assert reading.expiring == [5, 2]
    assert reading.until == [None, None, ON + DAY, None, None, ON]


def test_without_warning_days_nothing_expires():
    assert not _expiring(rule(source=Source.TRAINING), trainings=[(ON, ON)])


# --- missing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "missing"), [(-5, False), (0, False), (7, False), (8, True), (None, True)]
)
def test_a_feed_is_missing_when_older_than_it_may_be(age, missing):
    fresh = {} if age is None else {FeedCode.GND: ON - age * DAY}
    assert score.is_missing(rule(source=Source.GND), fresh, ON) is missing


def test_visits_are_ours_and_never_missing():
    assert not score.is_missing(rule(), {}, ON)


@pytest.mark.parametrize(
    ("policy", "raw", "points", "total", "colour"),
    [
        (MissingPolicy.GREY, None, None, None, Colour.NONE),
        (MissingPolicy.SKIP, None, None, 20, Colour.RED),
        (MissingPolicy.ZERO, None, 30, 50, Colour.YELLOW),
    ],
)
def test_what_a_missing_feed_makes_of_the_lamp(policy, raw, points, total, colour):
    gnd = rule(
        code="gnd", slot=1, source=Source.GND, direction=Direction.LOWER,
        tiers=(Tier(0, 30),), missing_policy=policy,
    )  # fmt: skip
    facts = Facts(visits=[ON, ON], gnd=[(ON, None)])
    reading = score.read(scheme(rule(), gnd), facts, ON)
    assert reading.raw == [2, raw]
    assert reading.points == [20, points]
    assert (reading.total, reading.colour) == (total, colour)
    assert reading.indicators[1].missing == policy


def test_where_no_indicator_takes_part_there_is_no_colour():
    gnd = rule(source=Source.GND, missing_policy=MissingPolicy.SKIP)
    reading = score.read(scheme(gnd), Facts(), ON)
    assert (reading.total, reading.colour) == (None, Colour.NONE)


# --- in words --------------------------------------------------------------------------------


def _words(reading) -> list[str]:
    return [line.replace("\u00a0", " ") for line in score.explain(reading)]


def test_the_reasons_of_romashka_in_words():
    assert _words(score.read(talk_scheme(), builders.talk_client("Ромашка"), ON)) == [
        "Активность К+: 1 779 за 30 дней (с 25.10.2026), порог 50 — 0,4",
        "ЦОК: 0 за 90 дней (с 26.08.2026), меньше порога 1 — 0; заканчивается 23.12.2026",
        "ЦО: 0 за 90 дней (с 26.08.2026), меньше порога 1 — 0",
        "К1У: 2 за 30 дней (с 25.10.2026), порог 2 — 0,2",
        "ГНД: 0 на 23.11.2026, порог не более 0 — 0,1",
        "Навес: 0 на 23.11.2026, порог не более 0 — 0,1",
        "Обученность: 1 на 23.11.2026, порог 1 — 0,1; заканчивается 13.12.2026",
        "Сумма 0,9 из 1,1 — зелёный (жёлтый от 0,4, зелёный от 0,8)",
    ]


def test_overhang_beyond_its_threshold_in_words():
    lines = _words(score.read(talk_scheme(), builders.talk_client("Лютик"), ON))
    assert lines[5] == "Навес: 3 на 23.11.2026, больше порога 0 — 0"


@pytest.mark.parametrize(
    ("policy", "fresh", "line"),
    [
        (MissingPolicy.GREY, {}, "нет данных (ни разу не поступали), лампочка серая"),
        (
            MissingPolicy.SKIP,
            {FeedCode.GND: date(2026, 11, 2)},
            "нет данных (последние за 02.11.2026, 21 день назад), показатель не участвует",
        ),
        (MissingPolicy.ZERO, {}, "нет данных (ни разу не поступали), считается нулём — 0"),
    ],
)
def test_missing_data_in_words(policy, fresh, line):
    gnd = rule(label="ГНД", source=Source.GND, missing_policy=policy)
    reading = score.read(scheme(gnd), Facts(fresh_through=fresh), ON)
    assert _words(reading)[0] == f"ГНД: {line}"


def test_no_data_has_no_sum_in_words():
    reading = score.read(talk_scheme(), Facts(), ON)
    assert _words(reading)[-1] == "Суммы нет: нет данных (жёлтый от 0,4, зелёный от 0,8)"


def test_an_indicator_of_a_draft_without_tiers_in_words():
    assert "ступеней нет" in _words(score.read(scheme(rule(tiers=())), Facts(), ON))[0]


def test_an_unknown_source_is_an_error():
    with pytest.raises((ValueError, KeyError)):
        score.read(scheme(replace(rule(), source="weather")), Facts(), ON)


# --- publishing ------------------------------------------------------------------------------


def test_the_talks_scheme_may_be_published_with_a_remark():
    assert score.problems(talk_scheme()) == []
    assert score.warnings(talk_scheme()) == [
        "Наибольшая сумма 1,1, а не 1: лампочка покажет, например, «0,9 из 1,1»."
    ]


def _only(measured: score.IndicatorRule, **given) -> list[str]:
    given.setdefault("yellow_from", 1)
    given.setdefault("green_from", 2)
    return score.problems(scheme(measured, **given))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"source": "weather"}, "неизвестно, что считать"),
        ({"source": Source.USAGE}, "не указан сервис"),
        ({"service_id": 3}, "сервис указывается только для использования"),
        ({"window_days": None}, "за сколько последних дней"),
        ({"source": Source.GND, "window_days": 30}, "считается на дату"),
        ({"warning_days": 10}, "срока окончания нет"),
        ({"tiers": ()}, "нет ни одной ступени"),
        ({"tiers": (Tier(1, 10), Tier(1, 20))}, "пороги повторяются"),
        ({"tiers": (Tier(1, -10), Tier(2, 20))}, "не может быть отрицательным"),
        ({"tiers": (Tier(1, 20), Tier(2, 20))}, "вес должен расти"),
        ({"tiers": (Tier(1, 20), Tier(2, 10))}, "вес должен расти"),
        ({"direction": Direction.LOWER, "tiers": (Tier(0, 10), Tier(2, 20))}, "вес должен расти"),
    ],
)
def test_an_indicator_that_cannot_be_computed_is_refused(changes, found):
    problems = _only(rule(**changes))
    assert any(found in text and text.startswith("К1У: ") for text in problems), problems


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"yellow_from": 80, "green_from": 80}, "Порог жёлтого должен быть ниже"),
        ({"yellow_from": 0}, "больше нуля"),
        ({"green_from": 21}, "Зелёной не станет ни одна лампочка: можно набрать 0,2"),
        ({"norm": Norm(green=101)}, "от 0 до 100 %"),
    ],
)
def test_limits_that_make_no_sense_are_refused(given, found):
    assert any(found in text for text in _only(rule(), **given))


def test_a_scheme_without_indicators_is_refused():
    assert score.problems(scheme()) == ["В схеме нет ни одного показателя."]
    assert score.warnings(scheme()) == []


def test_a_sum_that_no_column_holds_is_refused():
    many = [rule(code=str(n), slot=n, tiers=(Tier(1, 1000),)) for n in range(33)]
    assert "Сумма весов слишком велика." in score.problems(scheme(*many))


def test_green_at_the_very_maximum_may_be_published():
    assert _only(rule(), green_from=20) == []


def test_tiers_that_are_always_or_never_reached_deserve_a_look():
    always, never = (
        rule(tiers=(Tier(0, 100),)),
        rule(direction=Direction.LOWER, tiers=(Tier(-1, 0),)),
    )
    found = score.warnings(scheme(always, never))
    assert any("достигнут всегда" in t for t in found)
    assert any("недостижим" in t for t in found)
