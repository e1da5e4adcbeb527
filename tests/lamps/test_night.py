"""The night: one result per day however it was reached, and a history that says what it was."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import FeedCode, Segment
from accounts.models import Client, Feed, GndRecord, Usage
from lamps import selectors, services
from lamps.enums import Colour
from lamps.models import Lamp, LampPeriod, LampRefresh, Night, PoolDay
from tests import factories
from tests.lamps import builders
from tests.lamps.builders import ON
from visits.models import Visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEY = ("scheme_id", "specialist_id", "unit_id", "segment", "colour", "total", "points",
       "expiring")  # fmt: skip


@pytest.fixture
def unit(db):
    return factories.unit()


@pytest.fixture
def employee(unit):
    return builders.pool(unit)


@pytest.fixture(autouse=True)
def fresh(db):
    builders.write_feeds(dict.fromkeys(FeedCode.values, ON + 30 * DAY))


@pytest.fixture
def talk(unit, employee):
    """Ромашка, Василек and Лютик in one pool."""
    rows = builders.clients(3)
    builders.assign(rows, employee, unit)
    named = dict(zip(builders.TALK, rows, strict=True))
    builders.write_facts({c: builders.talk_client(n) for n, c in named.items()}, employee)
    return named


def says(row) -> tuple:
    return tuple(getattr(row, name) for name in KEY)


def wipe() -> None:
    for model in (Lamp, LampPeriod, PoolDay, Night, LampRefresh):
        model.objects.all().delete()


def undisturbed(first: date, last: date) -> str:
    """The digest of a history computed day by day from the facts as they are now."""
    wipe()
    for n in range((last - first).days + 1):
        services.compute_night(first + n * DAY)
    return services.digest()


# --- what a night writes ---------------------------------------------------------------------


def test_the_talks_lamps_from_the_night(talk, unit, employee):
    counters = services.compute_night(ON)
    assert counters == {"days": 1, "clients": 3, "periods": 3, "lamps": 3, "pools": 1}
    for name, (values, points, total, colour, expiring) in builders.TALK.items():
        lamp = Lamp.objects.get(client=talk[name])
        assert (lamp.raw, lamp.points) == (list(values), points)
        assert (lamp.total, lamp.colour, lamp.expiring) == (total, colour, expiring)
        assert (lamp.since, lamp.sort_key) == (ON, talk[name].sort_key)
        assert (lamp.specialist, lamp.unit) == (employee, unit)
        period = selectors.as_of(talk[name], ON)
        assert (says(period), period.raw, period.ends_on) == (says(lamp), lamp.raw, None)
    romashka = Lamp.objects.get(client=talk["Ромашка"])
    assert romashka.expires_on == ON + 20 * DAY
    assert (romashka.until[1], romashka.until[6]) == (ON + 30 * DAY, ON + 20 * DAY)
    pool = PoolDay.objects.get()
    assert (pool.red, pool.yellow, pool.green, pool.none) == (1, 1, 1, 0)


def test_a_night_without_change_adds_only_its_pools(talk):
    # The window of a К1У is wide enough and nothing expires between these days.
    services.compute_night(ON)
    counters = services.compute_night(ON + DAY)
    assert counters["periods"] == 0
    assert LampPeriod.objects.count() == 3
    assert PoolDay.objects.count() == 2


def test_raw_alone_moves_the_lamp_but_not_the_history(talk):
    services.compute_night(ON)
    Usage.objects.create(client=talk["Ромашка"], service_id=1, day=ON + DAY, quantity=21)
    assert services.compute_night(ON + DAY)["lamps"] == 1
    assert Lamp.objects.get(client=talk["Ромашка"]).raw[0] == 1800
    assert selectors.as_of(talk["Ромашка"], ON + DAY).raw[0] == 1779
    assert LampPeriod.objects.count() == 3


def test_a_change_of_points_begins_a_period_and_keeps_the_day_of_the_colour(talk):
    services.compute_night(ON)
    GndRecord.objects.filter(client=talk["Василек"]).update(closed_on=ON + DAY)
    services.compute_night(ON + DAY)
    before, after = LampPeriod.objects.filter(client=talk["Василек"]).order_by("starts_on")
    assert (before.ends_on, before.total) == (ON + DAY, 50)
    assert (after.starts_on, after.total, after.since) == (ON + DAY, 60, ON)
    assert Lamp.objects.get(client=talk["Василек"]).since == ON


def test_a_change_of_colour_begins_a_new_day_of_the_colour(talk):
    services.compute_night(ON)
    Usage.objects.create(client=talk["Лютик"], service_id=1, day=ON, quantity=50)
    services.compute_night(ON + DAY)
    lamp = Lamp.objects.get(client=talk["Лютик"])
    assert (lamp.total, lamp.colour, lamp.since) == (70, Colour.YELLOW, ON + DAY)


def test_a_disconnected_client_loses_its_lamp_and_a_returned_one_begins_anew(talk):
    services.compute_night(ON)
    gone = talk["Ромашка"]
    Client.objects.filter(pk=gone.pk).update(disconnected_on=ON + DAY)
    services.compute_night(ON + DAY)
    assert not Lamp.objects.filter(client=gone).exists()
    assert selectors.as_of(gone, ON + DAY) is None
    assert selectors.as_of(gone, ON).colour == Colour.GREEN
    Client.objects.filter(pk=gone.pk).update(disconnected_on=None)
    services.compute_night(ON + 2 * DAY)
    assert Lamp.objects.get(client=gone).since == ON + 2 * DAY
    assert LampPeriod.objects.filter(client=gone).count() == 2


def test_a_transfer_begins_a_period_in_the_new_pool(talk, unit):
    services.compute_night(ON)
    other = builders.pool(unit)
    builders.assign([talk["Лютик"]], other, unit, since=ON + DAY)
    services.compute_night(ON + DAY)
    assert selectors.as_of(talk["Лютик"], ON).specialist != other
    assert selectors.as_of(talk["Лютик"], ON + DAY).specialist == other
    assert PoolDay.objects.get(on=ON + DAY, specialist=other).red == 1


def test_clients_of_a_segment_without_a_scheme_have_no_lamp(talk):
    services.compute_night(ON)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lamps_lampscheme DISABLE TRIGGER USER")
        cursor.execute("UPDATE lamps_lampscheme SET segment = 'network'")
        cursor.execute("ALTER TABLE lamps_lampscheme ENABLE TRIGGER USER")
    assert services.compute_night(ON + DAY)["clients"] == 0
    assert not Lamp.objects.exists()


def test_a_stale_feed_makes_lamps_grey_by_policy(talk):
    Feed.objects.filter(code=FeedCode.USAGE).update(fresh_through=ON - 8 * DAY)
    services.compute_night(ON)
    assert set(Lamp.objects.values_list("colour", "total")) == {(Colour.NONE, None)}
    assert PoolDay.objects.get().none == 3
    Feed.objects.filter(code=FeedCode.USAGE).update(fresh_through=ON - 7 * DAY)
    services.compute_night(ON)
    assert not Lamp.objects.filter(colour=Colour.NONE).exists()


def test_progress_is_told_and_the_lease_is_asked_last(talk):
    told = []
    services.compute_night(ON, lambda *step: told.append(step), lambda: told.append("hold"))
    assert told[-1] == "hold"
    percents = [percent for _, percent in told[:-1]]
    assert percents == sorted(percents)
    assert percents[0] == 0
    assert percents[-1] < 100


def test_a_lost_lease_leaves_nothing(talk):
    services.compute_night(ON)
    before = services.digest()
    Visit.objects.all().delete()

    def lost():
        raise RuntimeError("taken over")

    with pytest.raises(RuntimeError):
        services.compute_night(ON + DAY, hold=lost)
    assert services.digest() == before
    assert selectors.newest_night() == ON


def test_the_number_of_statements_does_not_depend_on_clients(talk, unit, employee):
    from django.test.utils import CaptureQueriesContext

    def statements(on):
        with CaptureQueriesContext(connection) as queries:
            services.compute_night(on)
        return len(queries)

    few = statements(ON)
    builders.assign(builders.clients(300), employee, unit)
    assert statements(ON + DAY) == few
    assert Lamp.objects.count() == 303


# --- again, missed and late ------------------------------------------------------------------


def test_the_same_night_again_changes_nothing(talk):
    services.compute_night(ON)
    once = services.digest()
    for _ in range(3):
        services.compute_night(ON)
        assert services.digest() == once


def test_the_same_night_with_other_facts_replaces_the_day(talk):
    services.compute_night(ON - DAY)
    services.compute_night(ON)
    Usage.objects.create(client=talk["Лютик"], service_id=1, day=ON, quantity=50)
    services.compute_night(ON)
    assert [p.total for p in selectors.history(talk["Лютик"])] == [70, 10]
    Usage.objects.filter(client=talk["Лютик"]).delete()
    Visit.objects.filter(client=talk["Лютик"], held_on=ON).delete()
    services.compute_night(ON)
    # The day is again as the day before, so its period has gone and no empty one is left.
    (period,) = selectors.history(talk["Лютик"])
    assert (period.starts_on, period.ends_on) == (ON - DAY, None)


def test_missed_nights_are_computed_on_the_way(talk):
    services.compute_night(ON - 5 * DAY)
    counters = services.compute_night(ON)
    assert counters["days"] == 5
    disturbed = services.digest()
    assert disturbed == undisturbed(ON - 5 * DAY, ON)


def test_a_late_fact_moves_every_later_day_when_recomputed(talk, employee):
    first, last = ON - 10 * DAY, ON + 3 * DAY
    undisturbed(first, last)
    builders.k1(talk["Лютик"], employee, ON - 20 * DAY).save()
    Usage.objects.create(client=talk["Лютик"], service_id=1, day=ON - 6 * DAY, quantity=60)
    services.recompute_since(ON - 6 * DAY)
    partly = services.digest()
    services.recompute_since(first)
    whole = services.digest()
    assert whole == undisturbed(first, last)
    assert partly != whole  # the late К1У counted before the day from which it was recomputed
    services.compute_night(ON - 4 * DAY)  # an old night again is the same as everything since
    assert services.digest() == whole


def test_a_day_before_the_first_night_can_be_added(talk):
    services.compute_night(ON)
    services.recompute_since(ON - 3 * DAY)
    assert Night.objects.count() == 4
    added = services.digest()
    assert added == undisturbed(ON - 3 * DAY, ON)


def test_recomputing_before_any_night_computes_that_day(talk):
    assert services.recompute_since(ON)["days"] == 1
    assert selectors.newest_night() == ON


def test_the_digest_sees_every_table(talk):
    services.compute_night(ON)
    seen = {services.digest()}
    Lamp.objects.filter(client=talk["Лютик"]).update(raw=[9] * 7)
    seen.add(services.digest())
    LampPeriod.objects.filter(client=talk["Лютик"]).update(since=ON - DAY)
    seen.add(services.digest())
    PoolDay.objects.update(none=7)
    seen.add(services.digest())
    Night.objects.create(on=ON - DAY, computed_at="2026-01-01T00:00Z")
    seen.add(services.digest())
    Night.objects.update(computed_at="2027-01-01T00:00Z")  # a moment is no result
    seen.add(services.digest())
    assert len(seen) == 5


# --- any sequence of days --------------------------------------------------------------------

DAYS, CLIENTS = 6, 6


class Life:
    """Random changes of facts, assignments and connection of a few clients."""

    def __init__(self, seed: int, unit, people) -> None:
        self.random, self.unit, self.people = Random(seed), unit, people
        self.clients = builders.clients(CLIENTS)
        builders.assign(self.clients, people[0], unit)

    def change(self, on: date) -> set[int]:
        """A few changes known on a day, about days around it; the clients concerned."""
        touched = set()
        for _ in range(self.random.randrange(5)):
            client = self.random.choice(self.clients)
            touched.add(client.pk)
            getattr(self, self.random.choice(
                ["visit", "use", "open_gnd", "close_gnd", "transfer", "leave", "come", "segment"]
            ))(client, on)  # fmt: skip
        return touched

    def near(self, on: date) -> date:
        return on - self.random.choice([0, 0, 0, 1, 2, 28, 29, 30]) * DAY

    def visit(self, client, on):
        builders.k1(client, self.people[0], self.near(on)).save()

    def use(self, client, on):
        Usage.objects.update_or_create(
            client=client,
            service_id=self.random.choice([1, 2, 3]),
            day=self.near(on),
            defaults={"quantity": self.random.choice([0, 1, 49, 50])},
        )

    def open_gnd(self, client, on):
        GndRecord.objects.create(client=client, opened_on=self.near(on))

    def close_gnd(self, client, on):
        GndRecord.objects.filter(client=client, closed_on=None, opened_on__lte=on).update(
            closed_on=on
        )

    def transfer(self, client, on):
        if not client.assignments.filter(starts_on__gte=on).exists():
            builders.assign([client], self.random.choice(self.people), self.unit, since=on)

    def leave(self, client, on):
        Client.objects.filter(pk=client.pk).update(disconnected_on=on)

    def come(self, client, on):
        Client.objects.filter(pk=client.pk).update(disconnected_on=None)

    def segment(self, client, on):
        Client.objects.filter(pk=client.pk).update(segment=self.random.choice(Segment.values))


def check_history(first: date, last: date) -> None:
    """Pools are what a count of as-of lamps gives; periods are canonical."""
    for n in range((last - first).days + 1):
        on = first + n * DAY
        periods = [p for c in Client.objects.all() if (p := selectors.as_of(c, on))]
        counted = Counter((p.unit_id, p.specialist_id, p.segment, p.colour) for p in periods)
        stored = Counter()
        for row in PoolDay.objects.filter(on=on):
            for colour in Colour.values:
                stored[row.unit_id, row.specialist_id, row.segment, colour] += getattr(row, colour)
        assert +stored == counted, on
    for client in Client.objects.all():
        periods = list(LampPeriod.objects.filter(client=client).order_by("starts_on"))
        for before, after in pairwise(periods):
            assert before.ends_on is not None
            assert before.ends_on <= after.starts_on
            joined = before.ends_on == after.starts_on
            assert not (joined and says(before) == says(after)), "a period that changes nothing"
            same = joined and before.colour == after.colour
            assert after.since == (before.since if same else after.starts_on)
        lamp = Lamp.objects.filter(client=client).first()
        latest = periods[-1] if periods and periods[-1].ends_on is None else None
        assert (lamp and says(lamp)) == (latest and says(latest))


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_any_sequence_of_days_and_changes(unit, seed):
    Client.objects.all().delete()
    wipe()
    people = [builders.pool(unit) for _ in range(2)]
    life, random = Life(seed, unit, people), Random(seed + 1)
    stored: dict[tuple, tuple] = {}
    first = ON
    for n in range(DAYS):
        on = first + n * DAY
        life.change(on)
        services.compute_night(on)
        if random.random() < 0.5:
            touched = life.change(on)
            services.refresh_clients(touched)
            refreshed = services.digest()
            services.compute_night(on)
            assert services.digest() == refreshed, "the refresh differs from the night"
        for client in life.clients:
            lamp = Lamp.objects.filter(client=client).first()
            stored[client, on] = says(lamp) if lamp else None
            reading = selectors.explain(Client.objects.get(pk=client.pk), on)
            assert (lamp and (lamp.raw, lamp.points)) == (reading and (reading.raw, reading.points))
    last = first + (DAYS - 1) * DAY
    for (client, on), said in stored.items():
        period = selectors.as_of(client, on)
        assert (says(period) if period else None) == said
    check_history(first, last)
    services.recompute_since(first)
    recomputed = services.digest()
    check_history(first, last)
    middle = first + random.randrange(DAYS) * DAY
    services.recompute_since(middle)
    assert services.digest() == recomputed
    assert undisturbed(first, last) == recomputed
