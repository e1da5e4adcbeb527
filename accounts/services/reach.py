"""What several services ask before they write."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from accounts.enums import Role
from accounts.models import Client, Employee, Unit
from accounts.policy import access_of
from accounts.selectors import staff
from accounts.signals import facts_changed
from core import clock
from core.errors import Refused
from core.policy import policy_for


def announce(*client_ids: int) -> None:
    """Tell the apps above that facts of these clients changed, inside the transaction."""
    if client_ids:
        facts_changed.send(sender=Client, client_ids=sorted(set(client_ids)))


def lock_clients(actor: Any, action: str, ids: Iterable[int]) -> list[Client]:
    """Lock clients in one order and make sure that the actor may do `action` to all of them."""
    wanted = set(ids)
    policy = policy_for(Client)
    policy.check(actor, action)
    rows = Client.objects.select_for_update(of=("self",)).order_by("pk")
    found = list(policy.visible_to(actor, rows.filter(pk__in=wanted)))
    if len(found) != len(wanted):
        raise Refused("Клиент вне вашей области.")
    return found


def lock_client(actor: Any, action: str, client: Client) -> Client:
    """Lock one client and make sure that the actor may do `action` to it."""
    return lock_clients(actor, action, [client.pk])[0]


def in_reach(actor: Any, unit: Unit) -> bool:
    """Whether a unit lies in the part of the tree that the actor commands."""
    if actor.role == Role.HEAD:
        return any(unit.path.startswith(path) for path in access_of(actor).unit_paths)
    return actor.role in {Role.MANAGER, Role.INTEGRATOR, Role.ADMIN}


def unit_of(actor: Any, specialist: Employee, on: date) -> Unit:
    """The unit in which an employee serves clients from a day on.

    Raises ValidationError where there is no such position, Refused where a head reaches for
    another's people.
    """
    position = staff.position_on(specialist, on)
    if position is None or specialist.left_on is not None:
        raise ValidationError({"specialist": "На эту дату у сотрудника нет должности."})
    if not in_reach(actor, position.unit):
        raise Refused("Сотрудник не из вашего подразделения.")
    return position.unit


def not_future(field: str, on: date) -> None:
    """Refuse a day that has not come yet."""
    if on > clock.today():
        raise ValidationError({field: "Дата ещё не наступила."})
