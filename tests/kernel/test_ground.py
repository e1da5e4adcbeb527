"""The ground that tests stand on: the little centre is what `tests.personas` says."""

import pytest

from accounts.models import Client
from accounts.policy import access_of
from tests.personas import PERSONAS, SEES, World


@pytest.mark.django_db
def test_each_persona_sees_the_clients_written_down(world: World) -> None:
    for persona in PERSONAS:
        if persona == "anonymous":
            continue
        seen = Client.objects.visible_to(world.users[persona])
        names = {whose for whose, client in world.clients.items() if client in seen}
        assert names == SEES[persona], persona


@pytest.mark.django_db
def test_dictionaries_are_there(world: World) -> None:
    from lamps.models import Indicator

    assert list(Indicator.objects.values_list("code", flat=True)) == [
        "activity",
        "cok",
        "co",
        "k1",
        "gnd",
        "overhang",
        "training",
    ]
    assert access_of(world.users["elena"]).everything


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [1, 2])
def test_dictionaries_survive_tests_that_empty_the_tables(world: World, again: int) -> None:
    assert world.row("lamps.lamp").raw[0] is not None


@pytest.mark.django_db
def test_queries_are_counted(world: World, count_queries) -> None:
    with count_queries() as queries:
        list(Client.objects.all())
    assert len(queries) == 1
