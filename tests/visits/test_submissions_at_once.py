"""One form sent twice at the same moment, by connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from tests.conftest import MOMENT
from tests.personas import World
from tests.visits.test_submissions import log
from visits.models import Agreement, Visit


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_one_row(world: World) -> None:
    number, gate = uuid4(), Barrier(4)

    def send(_: int) -> int:
        try:
            gate.wait(10)
            return log(world, MOMENT, number).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(send, range(4)))
    assert found == {Visit.objects.get(submission=number).pk}
    assert Agreement.objects.filter(visit__submission=number).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_k2_at_the_same_moment_have_one_first(world: World) -> None:
    Visit.objects.filter(client=world.clients["own"], level="K2").delete()
    gate = Barrier(2)

    def send(_: int) -> int:
        try:
            gate.wait(10)
            return log(world, MOMENT, uuid4(), "galina", level="K2").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(send, range(2)))
    firsts = Visit.objects.filter(pk__in=written, marks__criterion__code="first")
    assert firsts.count() == 1
