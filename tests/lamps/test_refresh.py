"""After a change: marks are never lost, and the refresh gives what the night would."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.enums import FeedCode
from accounts.models import Usage
from accounts.signals import facts_changed
from core import jobs
from lamps import selectors, services, tasks
from lamps.models import Lamp, LampRefresh, PoolDay
from tests import factories
from tests.lamps import builders
from tests.lamps.builders import ON
from visits.signals import visit_changed

DAY = timedelta(days=1)


def little_centre():
    unit = factories.unit()
    people = [builders.pool(unit) for _ in range(2)]
    rows = builders.clients(4)
    builders.assign(rows[:2], people[0], unit)
    builders.assign(rows[2:3], people[1], unit)
    builders.write_feeds(dict.fromkeys(FeedCode.values, ON + DAY))
    return unit, people, rows


@pytest.fixture
def centre(db):
    return little_centre()


def become_active(client) -> None:
    Usage.objects.create(client=client, service_id=1, day=ON, quantity=50)


@pytest.mark.django_db
class TestRefresh:
    @pytest.mark.parametrize("number", [0, 3])
    def test_it_equals_the_night(self, centre, number):
        """Of a client with a specialist, and of one that nobody serves."""
        _, _, rows = centre
        services.compute_night(ON)
        become_active(rows[number])
        assert services.refresh_clients([rows[number].pk]) == 1
        refreshed = services.digest()
        services.compute_night(ON)
        assert services.digest() == refreshed
        assert Lamp.objects.get(client=rows[number]).total == 60

    def test_a_transfer_moves_the_client_between_pools(self, centre):
        unit, people, rows = centre
        services.compute_night(ON)
        builders.assign(rows[:1], people[1], unit, since=ON)
        services.refresh_clients([rows[0].pk])
        sizes = dict(PoolDay.objects.values_list("specialist_id", "red"))
        assert sizes == {people[0].pk: 1, people[1].pk: 2, None: 1}

    def test_a_pool_that_became_empty_has_no_row(self, centre):
        unit, people, rows = centre
        services.compute_night(ON)
        builders.assign(rows[2:3], people[0], unit, since=ON)
        services.refresh_clients([rows[2].pk])
        assert not PoolDay.objects.filter(specialist=people[1]).exists()

    def test_other_clients_are_left_alone(self, centre):
        _, _, rows = centre
        services.compute_night(ON)
        for client in rows[:2]:
            become_active(client)
        services.refresh_clients([rows[0].pk])
        assert Lamp.objects.get(client=rows[1]).total == 20

    def test_before_the_first_night_there_is_nothing_to_refresh(self, centre):
        _, _, rows = centre
        assert services.refresh_clients([rows[0].pk]) == 0
        assert not Lamp.objects.exists()

    def test_it_shows_the_newest_night_until_the_next(self, centre):
        """A fact of a day whose night has not run counts from that night on."""
        _, people, rows = centre
        services.compute_night(ON)
        for _ in range(2):
            builders.k1(rows[0], people[0], ON + DAY).save()
        services.refresh_clients([rows[0].pk])
        assert Lamp.objects.get(client=rows[0]).raw[3] == 0
        services.compute_night(ON + DAY)
        assert Lamp.objects.get(client=rows[0]).raw[3] == 2

    def test_statements_do_not_grow_with_clients(self, centre, count_queries):
        services.compute_night(ON)
        with count_queries() as few:
            services.refresh_clients([centre[2][0].pk])
        more = builders.clients(60)
        services.compute_night(ON)
        with count_queries() as many:
            services.refresh_clients([c.pk for c in more])
        assert len(many) == len(few)


@pytest.mark.django_db
class TestMarks:
    def test_a_mark_brings_one_refresh(self, centre):
        _, _, rows = centre
        services.compute_night(ON)
        become_active(rows[0])
        services.mark_stale([rows[0].pk, rows[0].pk])
        services.mark_stale([rows[0].pk])
        assert tasks.refresh() == 1
        assert Lamp.objects.get(client=rows[0]).total == 60
        assert tasks.refresh() == 0

    def test_many_marks_are_taken_in_batches(self, centre, monkeypatch):
        monkeypatch.setattr("lamps.services.night._REFRESH_AT_ONCE", 3)
        services.compute_night(ON)
        services.mark_stale([c.pk for c in builders.clients(8)])
        assert services.refresh_marked() == 8
        assert not LampRefresh.objects.exists()

    def test_a_killed_refresh_keeps_its_marks(self, centre, monkeypatch):
        _, _, rows = centre
        services.compute_night(ON)
        services.mark_stale([rows[0].pk])

        def die(*args):
            raise KeyboardInterrupt

        monkeypatch.setattr("lamps.services.night._write_lamps", die)
        before = services.digest()
        with pytest.raises(KeyboardInterrupt):
            services.refresh_marked()
        assert LampRefresh.objects.count() == 1
        assert services.digest() == before

    def test_the_night_answers_the_marks_it_saw(self, centre):
        services.mark_stale([c.pk for c in centre[2]])
        services.compute_night(ON)
        assert not LampRefresh.objects.exists()

    @pytest.mark.parametrize("signal", [facts_changed, visit_changed])
    def test_signals_leave_marks_and_ring_after_the_commit(
        self, centre, signal, monkeypatch, django_capture_on_commit_callbacks
    ):
        rung = []
        monkeypatch.setattr(jobs, "ring", lambda: rung.append(1))
        with django_capture_on_commit_callbacks(execute=True):
            signal.send(sender=None, client_ids=[centre[2][0].pk])
            assert not rung
        assert rung
        assert LampRefresh.objects.get().client_id == centre[2][0].pk

    def test_a_write_undone_leaves_no_mark(self, centre):
        with pytest.raises(RuntimeError), transaction.atomic():
            facts_changed.send(sender=None, client_ids=[centre[2][0].pk])
            raise RuntimeError
        assert not LampRefresh.objects.exists()

    def test_the_job_passes_its_lease_on(self, centre):
        class Run:
            def __init__(self):
                self.told = []

            def step(self, text, percent):
                self.told.append(percent)

            def hold(self):
                self.told.append("hold")

        run = Run()
        assert tasks.night(run, ON)["clients"] == 4
        assert run.told[-1] == "hold"


def elsewhere(body) -> threading.Thread:
    """Run in a thread with a connection of its own."""

    def run():
        try:
            body()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_while_the_night_runs_the_marks_wait(self):
        _, _, rows = little_centre()
        services.compute_night(ON)
        become_active(rows[0])
        running, taken = threading.Event(), threading.Event()
        found = []

        def in_mid_night():
            # Written after the night has counted: the mark must outlive the night.
            def write():
                services.mark_stale([rows[0].pk])
                found.append(services.refresh_marked())

            elsewhere(write).join()
            running.set()
            taken.set()

        services.compute_night(ON, hold=in_mid_night)
        assert running.is_set()
        assert found == [0]
        assert LampRefresh.objects.count() == 1
        assert services.refresh_marked() == 1
        assert Lamp.objects.get(client=rows[0]).total == 60

    def test_two_nights_at_once_are_one_after_the_other(self):
        little_centre()
        services.compute_night(ON)
        once = services.digest()
        errors = []

        def again():
            try:
                services.compute_night(ON)
            except Exception as error:
                errors.append(error)

        for thread in [elsewhere(again) for _ in range(4)]:
            thread.join()
        assert errors == []
        assert services.digest() == once

    def test_whoever_writes_a_fact_does_not_wait_for_the_refresh(self):
        _, _, rows = little_centre()
        services.compute_night(ON)
        services.mark_stale([rows[0].pk])
        written = threading.Event()

        def during(*args):
            thread = elsewhere(lambda: (services.mark_stale([rows[0].pk]), written.set()))
            thread.join(timeout=10)

        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(7265001)")
            assert services.night._take_marks() == [rows[0].pk]
            during()
            assert written.is_set()
        # The mark that was taken is gone, the one written meanwhile waits.
        assert LampRefresh.objects.count() == 1

    def test_a_night_that_dies_in_the_middle_leaves_the_day_before(self):
        _, _, rows = little_centre()
        services.compute_night(ON)
        before = services.digest()
        become_active(rows[0])

        def die():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(Exception, match=r"terminat|closed"):
            services.compute_night(ON + DAY, hold=die)
        connection.close()
        assert services.digest() == before
        assert selectors.newest_night() == ON
        services.compute_night(ON + DAY)
        assert Lamp.objects.get(client=rows[0]).total == 60
