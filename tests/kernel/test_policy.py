"""Powers: nothing is open by default, and the scope narrows every question."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.test.utils import isolate_apps
from django.views.generic import View

from accounts.models import Client
from core.api import ReadViewSet
from core.errors import Refused
from core.models import JobRun
from core.policy import Policy, policy_for
from core.views import PolicyMixin
from tests.personas import World

pytestmark = pytest.mark.django_db


def test_a_stranger_may_nothing(world: World) -> None:
    policy = policy_for(Client)
    for user in (AnonymousUser(), world.users["igor"]):
        assert not policy.can(user, "view")
        assert not policy.visible_to(user).exists()
        with pytest.raises(Refused):
            policy.check(user, "view")


def test_an_undeclared_action_is_nobodys(world: World) -> None:
    policy = policy_for(Client)
    assert not any(policy.can(user, "vaporise") for user in world.users.values())


def test_an_object_out_of_scope_may_not_be_touched(world: World) -> None:
    policy, anna = policy_for(Client), world.users["anna"]
    assert policy.can(anna, "change", world.clients["own"])
    assert not policy.can(anna, "change", world.clients["foreign"])
    assert not policy.can(world.users["galina"], "change", world.clients["foreign"])


def test_visible_to_narrows_a_given_queryset(world: World) -> None:
    two = Client.objects.filter(pk__in=[world.clients["own"].pk, world.clients["foreign"].pk])
    assert list(two.visible_to(world.users["anna"])) == [world.clients["own"]]


def test_a_page_cannot_be_defined_without_a_policy_or_an_action() -> None:
    with isolate_apps("core"):

        class Orphan(models.Model):  # noqa: DJ008
            class Meta:
                app_label = "core"
                managed = False

    with pytest.raises(KeyError):
        type("OrphanPage", (PolicyMixin, View), {"model": Orphan, "action": "view"})
    with pytest.raises(KeyError):
        type("OrphanViewSet", (ReadViewSet,), {"model": Orphan})
    with pytest.raises(TypeError):
        type("Undecided", (PolicyMixin, View), {"model": JobRun})


def test_a_policy_must_say_its_scope(world: World) -> None:
    class Unsaid(Policy):
        grants = {"view": frozenset({"manager"})}

    policy = Unsaid()
    policy.model = Client  # type: ignore[misc]
    with pytest.raises(NotImplementedError):
        policy.visible_to(world.users["elena"])
