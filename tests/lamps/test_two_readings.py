"""One definition, two readings: the compiled SQL and the Python reading agree to the last digit."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import FeedCode, Segment
from accounts.models import Service
from lamps import expressions, score, selectors
from lamps.enums import Direction, MissingPolicy, Source
from lamps.score import Facts, IndicatorRule, Scheme, Tier
from tests import factories
from tests.lamps import builders
from tests.lamps.builders import ON

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EXAMPLES, CLIENTS = 50, 70
BIG = 2**31 - 1


@pytest.fixture
def employee(db):
    return builders.pool(factories.unit())


def lamps(scheme: Scheme, fresh: dict, ids=None, segments=tuple(Segment.values)) -> dict[int, dict]:
    """What the compiled query gives, by client."""
    sql, params = expressions.select_lamps(scheme, fresh, ON, segments, ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = [dict(zip(expressions.COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    assert len({row["client_id"] for row in found}) == len(found)
    return {row["client_id"]: row for row in found}


def agree(reading: score.LampReading, row: dict) -> None:
    """Every stored value equals what Python reads."""
    ends = [day for day in reading.until if day]
    assert (row["raw"], row["points"]) == (reading.raw, reading.points)
    assert (row["total"], row["colour"]) == (reading.total, reading.colour)
    assert (row["expiring"], row["until"]) == (reading.expiring, reading.until)
    assert row["expires_on"] == min(ends, default=None)
    assert row["scheme_id"] == reading.scheme.id


# --- any scheme, any facts -------------------------------------------------------------------

services = st.sampled_from([1, 2, 3])


@st.composite
def rules(draw: Any, slot: int) -> IndicatorRule:
    source = draw(st.sampled_from(list(Source)))
    small = (
        st.integers(-1, 6)
        if source != Source.USAGE
        else st.sampled_from([-1, 0, 1, 2, 3, 5, 49, 50, 51, 100, BIG])
    )
    thresholds = draw(st.lists(small, min_size=1, max_size=4, unique=True))
    windowed = source in score.WINDOWED
    return IndicatorRule(
        code=f"i{slot}",
        label=f"Показатель {slot}",
        slot=slot,
        source=source,
        direction=draw(st.sampled_from(list(Direction))),
        tiers=tuple(Tier(t, draw(st.sampled_from([0, 5, 10, 40, 1000]))) for t in thresholds),
        service_id=draw(services) if source == Source.USAGE else None,
        window_days=draw(st.sampled_from([1, 2, 30, 366])) if windowed else None,
        missing_policy=draw(st.sampled_from(list(MissingPolicy))),
        stale_after_days=draw(st.sampled_from([0, 1, 7])),
        warning_days=draw(st.sampled_from([None, 0, 1, 60])),
    )


@st.composite
def schemes(draw: Any) -> Scheme:
    # Slots come in any order and may leave gaps: a scheme need not use every indicator.
    slots = draw(st.lists(st.integers(0, 9), min_size=1, max_size=7, unique=True))
    yellow = draw(st.sampled_from([1, 10, 40]))
    return builders.scheme(
        *[draw(rules(slot)) for slot in slots],
        yellow_from=yellow,
        green_from=yellow + draw(st.sampled_from([1, 10, 40])),
    )


feeds = st.dictionaries(
    st.sampled_from(list(FeedCode)), st.sampled_from([-3, 0, 1, 7, 8]).map(lambda n: ON - n * DAY)
)


class AnyFacts:
    """Facts of a client around every edge that a scheme has, drawn from a seeded generator."""

    def __init__(self, random: Random, scheme: Scheme) -> None:
        self.random = random
        edges = {0, 1, 400}
        for rule in scheme.indicators:
            edges |= {rule.window_days or 0, (rule.window_days or 0) - 1}
            edges |= {-(rule.warning_days or 0) - n for n in (-1, 0, 1, 2)}
        self.edges = sorted(edges)
        amounts = {t.threshold for r in scheme.indicators for t in r.tiers if t.threshold >= 0}
        self.amounts = sorted({0, 1, BIG} | {max(a + d, 0) for a in amounts for d in (-1, 0)})

    def day(self):
        return ON - (self.random.choice(self.edges) + self.random.choice((0, 0, 1, -1))) * DAY

    def days(self, most: int) -> list:
        return [self.day() for _ in range(self.random.randrange(most))]

    def ending(self, day, closed: bool) -> Any:
        """A later day, or nothing."""
        if self.random.random() < 0.4 and not closed:
            return None
        return max(day, self.day())

    def draw(self) -> Facts:
        random = self.random
        used = {
            s: [(d, random.choice(self.amounts)) for d in sorted(set(self.days(6)))]
            for s in (1, 2, 3)
        }
        rights = {
            s: [(d, self.ending(d, closed=True)) for d in sorted(set(self.days(4)))]
            for s in (1, 2, 3)
        }
        return Facts(
            usage=used,
            visits=self.days(7),
            gnd=[(d, self.ending(d, closed=False)) for d in self.days(4)],
            invoices=[(d, self.ending(d, closed=False)) for d in self.days(5)],
            trainings=[(d, self.ending(d, closed=True)) for d in self.days(4)],
            entitlements=rights,
        )


seen = {"cases": 0}


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(scheme=schemes(), fresh=feeds, seed=st.integers(0, 2**32))
def test_sql_and_python_agree_on_any_facts_and_schemes(employee, scheme, fresh, seed):
    source = AnyFacts(Random(seed), scheme)
    with transaction.atomic():
        rows = builders.clients(CLIENTS)
        drawn = {client: source.draw() for client in rows}
        builders.write_facts(drawn, employee)
        found = lamps(scheme, fresh)
        for client, facts in drawn.items():
            known = Facts(**{**vars(facts), "fresh_through": fresh})
            agree(score.read(scheme, known, ON), found.pop(client.pk))
        assert not found
        seen["cases"] += len(drawn)
        transaction.set_rollback(True)


def test_thousands_of_cases_were_compared():
    """The property above is worth its name only by number; run after it, in file order."""
    assert seen["cases"] >= 3000 or seen["cases"] == 0, seen
    print(f"\n{seen['cases']} cases: SQL = Python")


# --- the talk, through the tables ------------------------------------------------------------


def test_the_talks_rows_from_the_database(employee):
    builders.write_feeds(builders.FRESH)
    rows = dict(zip(builders.TALK, builders.clients(3), strict=True))
    builders.write_facts({c: builders.talk_client(n) for n, c in rows.items()}, employee)
    scheme = selectors.schemes_on(ON)[Segment.RETAIL]
    assert _essence(scheme) == _essence(builders.talk_scheme())
    found = lamps(scheme, builders.FRESH)
    for name, (values, points, total, colour, expiring) in builders.TALK.items():
        row = found[rows[name].pk]
        assert (row["raw"], row["points"]) == (list(values), points)
        assert (row["total"], row["colour"], row["expiring"]) == (total, colour, expiring)
        reading = selectors.explain(rows[name], ON)
        agree(reading, row)


def _essence(scheme: Scheme) -> list[tuple]:
    """What a scheme says, apart from how old its feeds may be."""
    return [
        (r.code, r.label, r.slot, r.source, r.direction, r.tiers, r.window_days, r.warning_days)
        for r in scheme.indicators
    ]


def test_the_services_of_the_builders_are_those_of_the_dictionary():
    codes = dict(Service.objects.values_list("pk", "code"))
    assert [codes[pk] for pk in (builders.KPLUS, builders.COK, builders.CO)] == [
        "kplus", "cok", "co",
    ]  # fmt: skip


# --- who is counted --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connected", "disconnected", "served"),
    [(0, None, True), (-1, None, False), (9, 0, False), (9, -1, True), (9, 1, False)],
)
def test_only_clients_served_on_the_day_have_a_lamp(connected, disconnected, served):
    gone = None if disconnected is None else ON - disconnected * DAY
    (client,) = builders.clients(1, connected_on=ON - connected * DAY, disconnected_on=gone)
    assert (client.pk in lamps(builders.talk_scheme(), builders.FRESH)) is served
    builders.write_feeds(builders.FRESH)
    assert (selectors.explain(client, ON) is not None) is served


def test_narrowing_to_segments_and_clients():
    retail, network = builders.clients(2), builders.clients(2, segment=Segment.NETWORK)
    scheme = builders.talk_scheme()
    assert set(lamps(scheme, {}, segments=["network"])) == {c.pk for c in network}
    assert set(lamps(scheme, {}, ids=[retail[0].pk])) == {retail[0].pk}
    assert set(lamps(scheme, {}, ids=[retail[0].pk], segments=["network"])) == set()


def test_specialist_and_unit_are_those_of_the_day(employee):
    unit = factories.unit()
    other = builders.pool(unit)
    first, second, nobody = builders.clients(3)
    builders.assign([first, second], employee, unit)
    builders.assign([second], other, unit, since=ON + DAY)
    found = lamps(builders.talk_scheme(), {})
    assert found[first.pk]["specialist_id"] == employee.pk
    assert found[second.pk]["specialist_id"] == employee.pk
    assert found[second.pk]["unit_id"] == unit.pk
    assert found[nobody.pk]["specialist_id"] is None
    builders.assign([first], other, unit, since=ON)
    assert lamps(builders.talk_scheme(), {})[first.pk]["specialist_id"] == other.pk


def test_visits_of_another_level_planned_or_cancelled_do_not_count(employee):
    (client,) = builders.clients(1)
    for more in (
        {"level": "K2"},
        {"status": "cancelled"},
        {"status": "planned", "planned_for": ON},
    ):
        builders.k1(client, employee, ON, **more).save()
    builders.k1(client, employee, ON).save()
    assert lamps(builders.talk_scheme(), {})[client.pk]["raw"][3] == 1
    assert selectors.facts_of(client, builders.talk_scheme(), ON).visits == [ON]


def test_one_statement_for_any_number_of_clients(django_assert_num_queries):
    builders.clients(5)
    with django_assert_num_queries(1):
        lamps(builders.talk_scheme(), builders.FRESH)


def test_clients_are_read_once_each(employee):
    """The fence holds: a raw value with four tiers is counted once, not once for every tier."""
    tiers = tuple(Tier(n, 10 * n) for n in range(1, 5))
    sql, params = expressions.select_lamps(
        builders.scheme(builders.rule(tiers=tiers)), {}, ON, ["retail"]
    )
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("visits_visit ") == 1, plan
