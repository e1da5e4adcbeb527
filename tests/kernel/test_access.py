"""What a head reaches: the units of the positions held now, with all below them, in one query."""

from typing import Any

import pytest

from accounts.enums import PositionKind
from accounts.models import Client, User
from accounts.policy import access_of, pool_condition
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db


def hold(world: World, unit: Any) -> None:
    """Галина stands in for the head of another unit."""
    absent = factories.employee(unit, PositionKind.HEAD)
    factories.substitution(absent, world.staff["galina"])


def fresh(world: World) -> User:
    return User.objects.get(pk=world.users["galina"].pk)


def test_a_subtree_by_ids_and_by_its_top(world: World, count_queries: Any) -> None:
    group = factories.unit("Группа", world.noio1)
    hold(world, group)
    user = fresh(world)
    with count_queries() as asked:
        access = access_of(user)
    assert len(asked) == 3
    assert access.units == {world.noio1.pk, group.pk}
    assert access.unit_paths == (world.noio1.path,)


def test_two_tops_and_no_neighbour_with_a_longer_number(world: World) -> None:
    hold(world, world.noio2)
    beside = factories.unit("Рядом", world.division)
    beside.path = f"{world.noio1.path.rstrip('/')}0/"  # /1/20/ beside /1/2/
    beside.save(update_fields=["path"])
    access = access_of(fresh(world))
    assert access.units == {world.noio1.pk, world.noio2.pk}
    assert set(access.unit_paths) == {world.noio1.path, world.noio2.path}


def test_ids_reach_the_same_clients_as_paths(world: World) -> None:
    group = factories.unit("Группа", world.noio1)
    factories.client(world.staff["boris"], group)
    user = fresh(world)
    by_paths = set()
    for path in access_of(user).unit_paths:
        by_paths |= set(Client.objects.filter(unit__path__startswith=path))
    assert set(Client.objects.filter(pool_condition(user))) == by_paths
    assert len(by_paths) == 3
