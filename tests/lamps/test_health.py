"""Pools against their norm: exact on counts, never on rounded shares."""

from decimal import Decimal

import pytest

from lamps.enums import Colour
from lamps.health import Norm, Pool, Standard, standard_3

NORM = Norm()
RED, YELLOW, GREEN = Colour.RED, Colour.YELLOW, Colour.GREEN
# The talk's table of departments: clients by colour and the printed percentages.
DEPARTMENTS = [
    (Pool(5, 27, 101), ("3.8", "20.3", "75.9")),
    (Pool(0, 19, 125), ("0.0", "13.2", "86.8")),
    (Pool(0, 14, 168), ("0.0", "7.7", "92.3")),
    (Pool(3, 23, 137), ("1.8", "14.1", "84.0")),
    (Pool(0, 12, 124), ("0.0", "8.8", "91.2")),
]


@pytest.mark.parametrize(("pool", "printed"), DEPARTMENTS)
def test_shares_of_the_talks_departments(pool, printed):
    assert [pool.share(c) for c in (RED, YELLOW, GREEN)] == [Decimal(p) for p in printed]


def test_totals_are_sums_of_counts():
    total = sum((pool for pool, _ in DEPARTMENTS), Pool())
    assert total == Pool(8, 95, 655)
    assert total.clients == 758
    assert [str(total.share(c)) for c in (RED, YELLOW, GREEN)] == ["1.1", "12.5", "86.4"]


def test_clients_without_data_stand_apart_from_shares():
    pool = Pool(1, 1, 2, none=96)
    assert (pool.coloured, pool.clients, pool.share(GREEN)) == (4, 100, Decimal("50.0"))
    assert pool.count(Colour.NONE) == 96


def test_an_empty_pool_has_no_share_and_no_verdict():
    empty = Pool(none=3)
    assert empty.share(RED) is None
    assert empty.deviation(RED, NORM) is None
    assert empty.in_norm(RED, NORM) is None
    assert standard_3(empty, Pool(1, 1, 1), NORM) == Standard(None)
    assert standard_3(empty, None, NORM).words == "нет данных"


def test_deviation_is_in_points_of_percent():
    pool = DEPARTMENTS[0][0]
    found = [str(pool.deviation(c, NORM)) for c in (RED, YELLOW, GREEN)]
    assert found == ["-1.2", "5.3", "-4.1"]


@pytest.mark.parametrize(
    ("pool", "colour", "kept"),
    [
        (Pool(5, 15, 80), RED, True), (Pool(6, 14, 80), RED, False),
        (Pool(5, 15, 80), YELLOW, True), (Pool(4, 16, 80), YELLOW, False),
        (Pool(5, 15, 80), GREEN, True), (Pool(5, 16, 79), GREEN, False),
        # 5.04 % rounds to 5,0 % and is out of norm all the same.
        (Pool(504, 1000, 8496), RED, False), (Pool(500, 1000, 8500), RED, True),
        (Pool(0, 0, 7), RED, True), (Pool(0, 0, 7), GREEN, True),
    ],
)  # fmt: skip
def test_the_bound_of_a_norm_belongs_to_it(pool, colour, kept):
    assert pool.in_norm(colour, NORM) is kept


@pytest.mark.parametrize(
    ("pool", "tolerance", "kept"),
    [
        (Pool(1, 0, 14), 0, False),
        (Pool(1, 0, 14), 1, True),
        (Pool(2, 0, 13), 1, False),
        (Pool(6, 0, 94), 1, False),  # no small pool: the norm itself allows five
    ],
)
def test_a_small_pool_may_have_a_tolerance_in_clients(pool, tolerance, kept):
    assert pool.in_norm(RED, Norm(tolerance=tolerance)) is kept


def test_tolerance_speaks_of_clients_that_are_not_green_too():
    assert Pool(1, 0, 3).in_norm(GREEN, Norm(tolerance=1))
    assert not Pool(1, 1, 2).in_norm(GREEN, Norm(tolerance=1))


@pytest.mark.parametrize(
    ("now", "start", "holds", "out", "stuck"),
    [
        (Pool(5, 15, 80), None, True, (), ()),
        (Pool(5, 15, 80), Pool(0, 0, 100), True, (), ()),  # worse than it was, but in norm
        (Pool(10, 15, 75), None, False, (RED, GREEN), (RED, GREEN)),
        (Pool(10, 15, 75), Pool(11, 15, 74), True, (RED, GREEN), ()),
        (Pool(10, 15, 75), Pool(10, 15, 75), False, (RED, GREEN), (RED, GREEN)),
        (Pool(10, 10, 80), Pool(11, 5, 84), True, (RED,), ()),  # green fell within its norm
        (Pool(10, 20, 70), Pool(11, 19, 70), False, (RED, YELLOW, GREEN), (YELLOW, GREEN)),
        (Pool(10, 20, 70), Pool(12, 21, 67), True, (RED, YELLOW, GREEN), ()),
        # The count grew with the pool, the share fell: that is a move towards the norm.
        (Pool(12, 0, 108), Pool(11, 0, 89), True, (RED,), ()),
        (Pool(10, 15, 75), Pool(none=9), False, (RED, GREEN), (RED, GREEN)),
    ],
)
def test_standard_3(now, start, holds, out, stuck):
    assert standard_3(now, start, NORM) == Standard(holds, out, stuck)


def test_standard_3_in_words():
    assert standard_3(Pool(0, 0, 5), None, NORM).words == "в норме"
    assert standard_3(Pool(2, 0, 5), None, NORM).words == "вне нормы"
    assert standard_3(Pool(2, 0, 5), Pool(3, 0, 4), NORM).words == "вне нормы, но улучшается"


@pytest.mark.parametrize(("colour", "way"), [(RED, 1), (YELLOW, 0), (GREEN, 1)])
def test_which_way_a_share_moved(colour, way):
    better, worse = Pool(1, 2, 4), Pool(2, 2, 3)
    assert better.moved(colour, worse) == way
    assert worse.moved(colour, better) == -way
    assert Pool().moved(colour, worse) is None
