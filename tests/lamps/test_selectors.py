"""Reads: boards from counts, who crossed a colour, what ends soon; the same few queries always."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.enums import FeedCode, PositionKind, Role, Segment
from accounts.models import Client, GndRecord, Usage
from core import clock
from lamps import selectors, services
from lamps.enums import Colour
from lamps.health import Norm, Pool
from lamps.models import Night
from lamps.selectors.boards import board_lines
from tests import factories
from tests.lamps import builders

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Centre:
    """Two departments of one division; the first has two specialists, the second one."""

    def __init__(self, today: date) -> None:
        self.today = today
        builders.write_feeds(dict.fromkeys(FeedCode.values, today + 400 * DAY))
        self.division = factories.unit("Управление")
        self.first = factories.unit("НОИО 1", self.division)
        self.second = factories.unit("НОИО 2", self.division)
        self.users = {
            "manager": factories.user(role=Role.MANAGER),
            "head": factories.user(role=Role.HEAD),
            "specialist": factories.user(role=Role.SPECIALIST),
            "admin": factories.user(role=Role.ADMIN),
        }
        since = date(2020, 1, 1)
        factories.employee(self.first, PositionKind.HEAD, user=self.users["head"], since=since)
        self.anna = factories.employee(
            self.first, user=self.users["specialist"], since=since, last_name="Анна"
        )
        self.boris = builders.pool(self.first, "Борис")
        self.vera = builders.pool(self.second, "Вера")
        rows = builders.clients(7)
        self.of = {"anna": rows[:3], "boris": rows[3:4], "vera": rows[4:6], "nobody": rows[6:]}
        builders.assign(self.of["anna"], self.anna, self.first)
        builders.assign(self.of["boris"], self.boris, self.first)
        builders.assign(self.of["vera"], self.vera, self.second)

    def activate(self, client: Client, day: date) -> None:
        """Enough for yellow: 0,4 above the 0,2 that everybody has."""
        Usage.objects.create(client=client, service_id=1, day=day, quantity=50)


@pytest.fixture
def centre(today):
    return Centre(today)


@pytest.fixture
def nights(centre):
    """The month's start, yesterday and today; since yesterday one client of Анна is active."""
    first = centre.today.replace(day=1)
    for day in (first - DAY, first):
        services.compute_night(day)
    centre.activate(centre.of["anna"][0], centre.today)
    centre.activate(centre.of["vera"][0], first + DAY)
    services.compute_night(centre.today)
    return centre


def shape(found):
    return [(row.depth, row.label.split()[0], row.now.clients) for row in found.rows()]


# --- boards ----------------------------------------------------------------------------------


def test_the_board_of_a_manager_is_the_whole_tree(nights):
    found = selectors.board(nights.users["manager"], nights.today)
    assert shape(found) == [
        (0, "Управление", 6),
        (1, "НОИО", 4), (2, "Анна", 3), (2, "Борис", 1),
        (1, "НОИО", 2), (2, "Вера", 2),
        (0, "Без", 1), (1, "Без", 1),
    ]  # fmt: skip
    assert [row.label for row in found.rows()][-2:] == ["Без отдела", "Без специалиста"]
    assert found.total.now == Pool(red=5, yellow=2)
    first, yesterday = nights.today.replace(day=1), nights.today - DAY
    assert (found.on, found.month_start, found.before) == (nights.today, first, yesterday)
    anna = next(row for row in found.rows() if row.specialist == nights.anna)
    assert (anna.now, anna.start, anna.before) == (Pool(2, 1), Pool(3), Pool(3))
    assert not anna.standard.holds  # red fell, but yellow grew and green did not move
    vera = next(row for row in found.rows() if row.specialist == nights.vera)
    assert (vera.start, vera.before) == (Pool(2), Pool(1, 1))


def test_one_level_of_a_board_is_that_level_of_the_whole(nights):
    def level(found, unit=None):
        shown = board_lines(found, unit)
        return [(x.row.label, x.row.now, x.row.start) for x in (shown.head, *shown.lines)]

    for who in ("manager", "head", "specialist"):
        user = nights.users[who]
        whole = selectors.board(user, nights.today)
        assert level(selectors.board(user, nights.today, near=True)) == level(whole)
    manager = nights.users["manager"]
    whole = selectors.board(manager, nights.today)
    for unit in (nights.first, nights.second):
        near = selectors.board(manager, nights.today, near=unit)
        assert level(near, unit) == level(whole, unit)
        assert len(list(near.rows())) < len(list(whole.rows()))


def test_a_head_sees_the_department_and_a_specialist_the_own_pool(nights):
    assert shape(selectors.board(nights.users["head"], nights.today)) == [
        (0, "НОИО", 4), (1, "Анна", 3), (1, "Борис", 1),
    ]  # fmt: skip
    assert shape(selectors.board(nights.users["specialist"], nights.today)) == [(0, "Анна", 3)]
    assert shape(selectors.board(nights.users["admin"], nights.today)) == []


def test_a_substitute_sees_the_absent_ones_pool_beside_the_own(nights):
    zoya = factories.user(role=Role.SPECIALIST)
    substitute = factories.employee(nights.second, user=zoya, since=date(2020, 1, 1))
    factories.substitution(nights.anna, substitute)
    assert shape(selectors.board(zoya, nights.today)) == [(0, "Анна", 3)]


def test_the_board_of_a_segment_counts_its_clients_alone(centre):
    Client.objects.filter(pk=centre.of["anna"][0].pk).update(segment=Segment.NETWORK)
    services.compute_night(centre.today)
    found = selectors.board(centre.users["manager"], centre.today, Segment.NETWORK)
    assert found.total.now.clients == 1


def test_a_board_of_a_past_day_and_of_no_day(nights):
    manager = nights.users["manager"]
    past = selectors.board(manager, nights.today.replace(day=1))
    assert (past.on, past.month_start) == (nights.today.replace(day=1),) * 2
    assert past.total.now == past.total.start == Pool(7)
    never = selectors.board(manager, date(2001, 1, 1))
    assert (never.on, list(never.rows()), never.total.now) == (None, [], Pool())


def test_where_computing_began_within_the_month_its_first_day_is_the_start(centre):
    began = centre.today - 3 * DAY
    services.compute_night(began)
    services.compute_night(centre.today)
    found = selectors.board(centre.users["manager"], centre.today)
    assert found.month_start == began


def test_a_board_on_the_first_day_of_all_has_no_movement(centre):
    services.compute_night(centre.today)
    found = selectors.board(centre.users["manager"], centre.today)
    assert (found.before, found.total.before) == (None, None)


def test_the_norm_of_the_board_is_the_schemes(nights):
    assert selectors.board(nights.users["manager"], nights.today).norm == Norm()


def test_trend_by_months(centre):
    first = centre.today.replace(day=1)
    services.compute_night(first - 40 * DAY)
    centre.activate(centre.of["anna"][0], centre.today)
    services.compute_night(centre.today)
    manager = centre.users["manager"]
    points = selectors.trend(manager, centre.today)
    assert [p.on for p in points] == [
        *sorted({max(d for d in Night.objects.values_list("on", flat=True)
                     if (d.year, d.month) == (m.year, m.month))
                 for m in (first - 40 * DAY, first - DAY, first)})
    ]  # fmt: skip
    assert points[-1].pool == Pool(6, 1)
    assert len(selectors.trend(manager, centre.today, months=1)) == 1
    of_anna = selectors.trend(manager, centre.today, specialist=centre.anna)
    assert of_anna[-1].pool == Pool(2, 1)
    of_second = selectors.trend(manager, centre.today, unit=centre.second, segment="retail")
    assert of_second[-1].pool == Pool(2)
    assert selectors.trend(centre.users["specialist"], centre.today)[-1].pool == Pool(2, 1)


def test_pools_as_of_a_day(nights):
    assert selectors.pool_as_of(nights.today) == Pool(5, 2)
    assert selectors.pool_as_of(nights.today + 9 * DAY, unit=nights.first) == Pool(3, 1)
    yesterday = nights.today - DAY
    assert selectors.pool_as_of(yesterday, specialist=nights.anna) == Pool(3)
    assert selectors.pool_as_of(yesterday, user=nights.users["specialist"]) == Pool(3)
    assert selectors.pool_as_of(yesterday, segment=Segment.NETWORK) == Pool()
    assert selectors.pool_as_of(date(2001, 1, 1)) is None


# --- clients ---------------------------------------------------------------------------------


def test_who_crossed_a_colour_since_yesterday_and_why(nights):
    (found,) = selectors.crossings(nights.users["manager"], nights.today)
    assert found.client == nights.of["anna"][0]
    assert (found.before.colour, found.after.colour) == (Colour.RED, Colour.YELLOW)
    (change,) = found.changes
    assert (change.label, change.before, change.after, change.raw) == ("Активность К+", 0, 40, 50)
    assert found.is_better
    assert not found.scheme_changed
    assert selectors.crossings(nights.users["head"], nights.today, unit=nights.first)
    assert not selectors.crossings(nights.users["head"], nights.today, unit=nights.second)
    assert not selectors.crossings(nights.users["manager"], nights.today, segment="network")
    assert not selectors.crossings(nights.users["manager"], nights.today, specialist=nights.vera)
    (past,) = selectors.crossings(nights.users["manager"], nights.today.replace(day=2))
    assert past.client == nights.of["vera"][0]
    assert selectors.crossings(nights.users["manager"], date(2001, 1, 1)) == []


def test_a_change_within_a_colour_or_a_new_client_is_no_crossing(nights):
    GndRecord.objects.create(client=nights.of["boris"][0], opened_on=nights.today + DAY)
    builders.clients(1, connected_on=nights.today + DAY)
    services.compute_night(nights.today + DAY)
    assert selectors.crossings(nights.users["manager"], nights.today + DAY) == []


def test_crossing_into_no_data_is_neither_better_nor_worse(nights):
    builders.write_feeds({})
    services.compute_night(nights.today + DAY)
    found = selectors.crossings(nights.users["manager"], nights.today + DAY, limit=2)
    assert [c.is_better for c in found] == [None, None]


def test_what_ends_soon_nearest_first(centre):
    later, sooner = centre.of["anna"][0], centre.of["boris"][0]
    factories.training(later, held_on=centre.today, valid_until=centre.today + 9 * DAY)
    factories.entitlement(later, valid_until=centre.today + 20 * DAY)
    factories.entitlement(sooner, valid_until=centre.today + 5 * DAY)
    services.compute_night(centre.today)
    found = selectors.expiring_soon(centre.users["manager"])
    assert [(e.lamp.client, e.items) for e in found] == [
        (sooner, (("ЦОК", centre.today + 5 * DAY),)),
        (later, (("ЦОК", centre.today + 20 * DAY), ("Обученность", centre.today + 9 * DAY))),
    ]
    assert len(selectors.expiring_soon(centre.users["specialist"])) == 1
    assert len(selectors.expiring_soon(centre.users["head"], limit=1)) == 1
    assert selectors.expiring_soon(centre.users["head"], segment="network") == []


def test_explaining_takes_the_newest_night(nights):
    client = nights.of["anna"][0]
    reading = selectors.explain(client)
    assert (reading.on, reading.total) == (nights.today, 60)
    assert selectors.explain(client, nights.today - DAY).total == 20


def test_explaining_before_any_night(centre):
    assert selectors.explain(centre.of["anna"][0]) is None
    assert selectors.as_of(centre.of["anna"][0], centre.today) is None


# --- how many queries ------------------------------------------------------------------------


def reads(centre):
    users, today = centre.users, centre.today
    client = Client.objects.get(pk=centre.of["anna"][0].pk)
    fresh = lambda name: type(users[name]).objects.get(pk=users[name].pk)  # noqa: E731
    return {
        "board": lambda: selectors.board(fresh("manager"), today),
        "board of a head": lambda: selectors.board(fresh("head"), today),
        "trend": lambda: selectors.trend(fresh("manager"), today),
        "crossings": lambda: [str(c.after.specialist) for c in selectors.crossings(
            fresh("manager"), today)],
        "expiring": lambda: [str(e.lamp.unit) for e in selectors.expiring_soon(fresh("head"))],
        "explain": lambda: selectors.explain(client, today),
        "pool": lambda: selectors.pool_as_of(today, unit=centre.first),
    }  # fmt: skip


def test_queries_are_the_same_at_3_and_300_clients(nights, count_queries):
    def counts():
        found = {}
        for name, read in reads(nights).items():
            with count_queries() as queries:
                read()
            found[name] = len(queries)
        return found

    few = counts()
    more = builders.clients(300)
    builders.assign(more[:150], nights.anna, nights.first)
    people = [builders.pool(nights.second) for _ in range(10)]
    for person, row in zip(people * 15, more[150:], strict=True):
        builders.assign([row], person, nights.second)
    services.compute_night(nights.today)
    for row in more:
        nights.activate(row, nights.today)
        factories.training(row, held_on=nights.today, valid_until=nights.today + 9 * DAY)
    services.compute_night(nights.today + DAY)
    nights.today += DAY
    assert counts() == few
    assert max(few.values()) <= 12, few


def test_the_board_reads_no_client(nights, count_queries):
    with count_queries() as queries:
        selectors.board(nights.users["manager"], nights.today)
    tables = ('lamps_lamp"', "lamps_lampperiod", "accounts_client")
    assert not [q["sql"] for q in queries if any(t in q["sql"] for t in tables)]


# --- commands --------------------------------------------------------------------------------


def test_the_night_by_hand(centre, capsys):
    yesterday = clock.today() - DAY
    call_command("night", "--on", f"{yesterday:%d.%m.%Y}")
    call_command("night")
    assert "Готово: дней 1, клиентов 7" in capsys.readouterr().out
    call_command("lamps_digest")
    once = capsys.readouterr().out
    call_command("night", "--since", yesterday.isoformat())
    assert "Готово: дней 2" in capsys.readouterr().out
    call_command("lamps_digest")
    assert capsys.readouterr().out == once
    assert len(once.strip()) == 64


def test_a_date_that_is_none_or_to_come_is_refused(centre):
    with pytest.raises(CommandError, match="не понята"):
        call_command("night", "--on", "завтра")
    with pytest.raises(CommandError, match="ещё не наступила"):
        call_command("night", "--on", (clock.today() + DAY).isoformat())
