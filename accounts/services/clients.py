"""Clients: created, changed, handed over, disconnected, connected again."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import Role
from accounts.models import Assignment, Churn, ChurnCause, Client, Contract, Employee, Unit
from accounts.selectors import contracts
from accounts.services.reach import announce, lock_client, lock_clients, not_future, unit_of
from core import events
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, delete, update

# What whoever serves a client may write; the rest are its requisites.
OWN_FIELDS = frozenset({"portrait", "specifics", "competitor"})
POOL_LIMIT = 1000  # clients handed over at once


@transaction.atomic
def create_client(
    *, actor: Any, values: dict[str, Any], on: date, specialist: Employee | None = None
) -> Client:
    """Create a client and, where a specialist is given, assign it from `on`.

    A head must name a specialist of their own, or the client would be nobody's to them.
    """
    policy_for(Client).check(actor, "add")
    if specialist is None and actor.role == Role.HEAD:
        raise ValidationError({"specialist": "Укажите, кто будет вести клиента."})
    client = create(Client(**values), actor=actor)
    if specialist is not None:
        unit = unit_of(actor, specialist, on)
        # A client that begins next week is already somebody's.
        client = _open(client, specialist, unit, max(on, client.connected_on), actor)
    announce(client.pk)
    return client


@transaction.atomic
def update_client(
    *, actor: Any, client: Client, values: dict[str, Any], version: int | None = None
) -> Client:
    """Change a client. Requisites need the right `change_requisites`."""
    policy = policy_for(Client)
    fresh = lock_client(actor, "change", client)
    requisites = set(values) - OWN_FIELDS
    if requisites:
        policy.check(actor, "change_requisites", fresh)
    changed = update(fresh, values, actor=actor, version=version)
    if requisites:
        announce(client.pk)
    return changed


@transaction.atomic
def assign_client(
    *, actor: Any, client: Client, specialist: Employee, on: date, version: int | None = None
) -> Client:
    """Hand one client to a specialist from a day on."""
    if version is not None:
        fresh = lock_client(actor, "assign", client)
        if fresh.version != version:
            raise Conflict(current=fresh, typed={"specialist": specialist})
    assign_clients(actor=actor, client_ids=[client.pk], specialist=specialist, on=on)
    return Client.objects.get(pk=client.pk)


@transaction.atomic
def assign_clients(*, actor: Any, client_ids: Iterable[int], specialist: Employee, on: date) -> int:
    """Hand clients to a specialist from a day on; how many changed hands.

    The open assignment is closed on that day and a new one opened; a second one of the same
    day replaces the first. All or nothing.
    """
    ids = set(client_ids)
    if not ids:
        raise ValidationError({"clients": "Выберите хотя бы одного клиента."})
    if len(ids) > POOL_LIMIT:
        raise ValidationError({"clients": f"За один раз — не больше {POOL_LIMIT} клиентов."})
    clients = lock_clients(actor, "assign", ids)
    not_future("on", on)
    unit = unit_of(actor, specialist, on)
    moved = []
    for client in clients:
        if not client.is_active:
            raise ValidationError({"clients": f"«{client}» отключён: сначала подключите его."})
        if client.specialist_id == specialist.pk and client.unit_id == unit.pk:
            continue
        _open(client, specialist, unit, on, actor)
        moved.append(client.pk)
    announce(*moved)
    return len(moved)


def _open(client: Client, specialist: Employee, unit: Unit, on: date, actor: Any) -> Client:
    """Close what is open on a day and open the new assignment; the client repeats it."""
    if on < client.connected_on:
        raise ValidationError({"on": f"«{client}» — клиент с {client.connected_on:%d.%m.%Y}."})
    later = Assignment.objects.filter(client=client, starts_on__gt=on).order_by("starts_on")
    if first := later.first():
        raise ValidationError(
            {"on": f"«{client}» уже закреплён заново с {first.starts_on:%d.%m.%Y}."}
        )
    current = Assignment.objects.current_on(on).filter(client=client).first()
    if current is not None and current.starts_on == on:
        update(current, {"specialist": specialist, "unit": unit, "ends_on": None}, actor=actor)
    else:
        if current is not None:
            update(current, {"ends_on": on}, actor=actor)
        create(
            Assignment(client=client, specialist=specialist, unit=unit, starts_on=on), actor=actor
        )
    return update(client, {"specialist": specialist, "unit": unit}, actor=actor)


@transaction.atomic
def disconnect_client(
    *, actor: Any, client: Client, values: dict[str, Any], version: int | None = None
) -> Churn:
    """Record that a client left: `on`, `cause`, `reason`, `competitor`, `lost_monthly`.

    Where the loss is not told, it is what the contracts cost a month on that day; they end with
    it. Its assignment ends that day, while the client keeps the specialist and unit that lost it:
    they still see its card, and the loss counts as theirs.
    """
    fresh = lock_client(actor, "disconnect", client)
    on: date = values["on"]
    not_future("on", on)
    if not fresh.is_active:
        raise ValidationError("Клиент уже отключён.")
    if on < fresh.connected_on:
        raise ValidationError({"on": "Дата отключения раньше даты подключения."})
    if back := Churn.objects.filter(client=fresh, returned_on__gt=on).first():
        raise ValidationError({"on": f"Клиент подключён снова {back.returned_on:%d.%m.%Y}."})
    # The client first: whoever wrote since the form was opened must come out as a conflict.
    update(fresh, {"disconnected_on": on}, actor=actor, version=version)
    if values.get("lost_monthly") is None:
        values = values | {"lost_monthly": contracts.contracts_of(fresh, on).monthly}
    churn = create(Churn(client=fresh, **values), actor=actor)
    for contract in Contract.objects.current_on(on).filter(client=fresh, starts_on__lt=on):
        update(contract, {"ends_on": on}, actor=actor)
    for row in Assignment.objects.filter(client=fresh).order_by("starts_on"):
        if row.starts_on >= on:
            delete(row, actor=actor)
        elif row.ends_on is None or row.ends_on > on:
            update(row, {"ends_on": on}, actor=actor)
    announce(fresh.pk)
    told = {"on": on, "reason": churn.reason, "lost_monthly": churn.lost_monthly}
    events.publish("client.churned", subject=churn, client=fresh, data=told)
    return churn


@transaction.atomic
def reconnect_client(
    *,
    actor: Any,
    client: Client,
    on: date,
    specialist: Employee | None = None,
    version: int | None = None,
) -> Client:
    """Connect a client again from a day on, to its last specialist unless told otherwise.

    On the very day of the disconnection this undoes a mistake: the loss is taken back.
    """
    fresh = lock_client(actor, "disconnect", client)
    not_future("on", on)
    if fresh.disconnected_on is None:
        raise ValidationError("Клиент подключён.")
    if on < fresh.disconnected_on:
        raise ValidationError({"on": "Дата раньше дня отключения."})
    servant = specialist or fresh.specialist
    if servant is None:
        raise ValidationError({"specialist": "Укажите, кто будет вести клиента."})
    unit = unit_of(actor, servant, on)
    same_day = on == fresh.disconnected_on
    for churn in Churn.objects.filter(client=fresh, on=fresh.disconnected_on):
        if same_day:
            delete(churn, actor=actor)
        else:
            update(churn, {"returned_on": on}, actor=actor)
    if same_day:
        for contract in Contract.objects.filter(client=fresh, ends_on=on):
            update(contract, {"ends_on": None}, actor=actor)
    fresh = update(fresh, {"disconnected_on": None}, actor=actor, version=version)
    changed = _open(fresh, servant, unit, on, actor)
    announce(fresh.pk)
    return changed


@transaction.atomic
def update_churn(
    *, actor: Any, churn: Churn, values: dict[str, Any], version: int | None = None
) -> Churn:
    """Change the reason, competitor or amount of a loss; its day is not changed."""
    policy_for(Churn).check(actor, "change", churn)
    if "on" in values and values["on"] != churn.on:
        raise ValidationError(
            {"on": "День отключения не меняется: подключите клиента и отключите заново."}
        )
    return update(churn, values, actor=actor, version=version)


@transaction.atomic
def save_cause(
    *,
    actor: Any,
    values: dict[str, Any],
    cause: ChurnCause | None = None,
    version: int | None = None,
) -> ChurnCause:
    """Add a kind of reason for which clients leave, or change one."""
    policy_for(ChurnCause).check(actor, "change" if cause else "add", cause)
    if cause is None:
        return create(ChurnCause(**values), actor=actor)
    return update(cause, values, actor=actor, version=version)
