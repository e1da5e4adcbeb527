"""Units, employees, their positions and substitutions."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr

from accounts.enums import Role
from accounts.models import Client, Employee, Position, Service, Substitution, Unit, User
from accounts.selectors import staff
from accounts.services.reach import in_reach
from core.errors import Refused
from core.policy import policy_for
from core.services import create, update


@transaction.atomic
def save_unit(
    *,
    actor: Any,
    values: dict[str, Any],
    unit: Unit | None = None,
    version: int | None = None,
) -> Unit:
    """Create or change a unit, keeping `path` of its whole subtree. No unit is its own parent."""
    policy_for(Unit).check(actor, "change" if unit else "add", unit)
    # The tree is small and seldom written: whoever changes it holds all of it.
    tree = {row.pk: row for row in Unit.objects.select_for_update().order_by("pk")}
    before = tree.get(unit.pk) if unit else None
    parent_id = before.parent_id if before else None
    if "parent" in values:
        parent_id = values["parent"].pk if values["parent"] else None
    prefix = tree[parent_id].path if parent_id else "/"
    if before is None:
        created = create(Unit(**values), actor=actor)
        Unit.objects.filter(pk=created.pk).update(path=f"{prefix}{created.pk}/")
        created.refresh_from_db()
        return created
    if f"/{before.pk}/" in prefix:
        raise ValidationError({"parent": "Подразделение не может входить в само себя."})
    if values.get("is_active") is False and before.is_active:
        _refuse_if_used(before, tree)
    changed = update(before, values, actor=actor, version=version)
    path = f"{prefix}{changed.pk}/"
    if path != before.path:
        Unit.objects.filter(path__startswith=before.path).update(
            path=Concat(Value(path), Substr(F("path"), len(before.path) + 1))
        )
        changed.refresh_from_db()
    return changed


def _refuse_if_used(unit: Unit, tree: dict[int, Unit]) -> None:
    below = [row for row in tree.values() if row.path.startswith(unit.path)]
    if any(row.is_active and row.pk != unit.pk for row in below):
        raise ValidationError({"is_active": "Сначала закройте подразделения, которые входят сюда."})
    if Client.objects.filter(unit__in=below, disconnected_on=None).exists():
        raise ValidationError({"is_active": "Сначала передайте клиентов подразделения."})
    if Position.objects.filter(unit__in=below, ends_on=None).exists():
        raise ValidationError({"is_active": "Сначала переведите сотрудников подразделения."})


@transaction.atomic
def save_employee(
    *,
    actor: Any,
    values: dict[str, Any],
    employee: Employee | None = None,
    version: int | None = None,
) -> Employee:
    """Create or change an employee. Who leaves must have handed the pool over; the position ends.

    The account of an employee is linked by those who manage accounts.
    """
    policy_for(Employee).check(actor, "change" if employee else "add", employee)
    linked = employee.user if employee else None
    if "user" in values and values["user"] != linked:
        policy_for(User).check(actor, "change")
    if employee is None:
        return create(Employee(**values), actor=actor)
    left = values.get("left_on")
    if left and employee.left_on != left:
        pool = Client.objects.filter(specialist=employee, disconnected_on=None).count()
        if pool:
            raise ValidationError(
                {"left_on": f"За сотрудником клиенты: {pool}. Сначала передайте пул."}
            )
        for row in Position.objects.filter(employee=employee, ends_on=None):
            last = max(left, row.starts_on)
            update(row, {"ends_on": last + timedelta(days=1)}, actor=actor)
    return update(employee, values, actor=actor, version=version)


@transaction.atomic
def save_position(
    *,
    actor: Any,
    values: dict[str, Any],
    position: Position | None = None,
    version: int | None = None,
) -> Position:
    """Give an employee a position from a day on, closing the former; or correct one.

    A second position of the same day replaces the first. Who changes units hands the pool over
    first, for the pool stays with the unit.
    """
    policy_for(Position).check(actor, "change" if position else "add", position)
    employee = values.get("employee") or (position.employee if position else None)
    if employee is None:
        raise ValidationError({"employee": "Укажите сотрудника."})
    employee = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    policy_for(Employee).check(actor, "view", employee)
    if employee.left_on is not None:
        raise ValidationError({"employee": "Сотрудник уволен."})
    starts: Any = values.get("starts_on") or (position.starts_on if position else None)
    if starts is not None and starts < employee.hired_on:
        raise ValidationError({"starts_on": "Раньше даты приёма сотрудника."})
    unit = values.get("unit") or (position.unit if position else None)
    others = Position.objects.filter(employee=employee)
    if position is not None:
        ends = values.get("ends_on", position.ends_on)
        _refuse_overlap(others.exclude(pk=position.pk), starts, ends)
        if position.ends_on is None and (ends is not None or unit != position.unit):
            _refuse_with_pool(employee)
        return update(position, values, actor=actor, version=version)
    same_day = others.filter(starts_on=starts).first()
    former = others.filter(ends_on=None).first()
    if former is not None and unit != former.unit:
        _refuse_with_pool(employee)
    if same_day is not None:
        changed = {"unit": values["unit"], "kind": values["kind"], "ends_on": values.get("ends_on")}
        return update(same_day, changed, actor=actor)
    if former is not None and starts is not None and former.starts_on < starts:
        update(former, {"ends_on": starts}, actor=actor)
    _refuse_overlap(others, starts, values.get("ends_on"))
    return create(Position(**values), actor=actor)


def _refuse_overlap(others: Any, starts: Any, ends: Any) -> None:
    reach = Q(ends_on=None) | Q(ends_on__gt=starts)
    if ends is not None:
        reach &= Q(starts_on__lt=ends)
    if others.filter(reach).exists():
        raise ValidationError({"starts_on": "На эти дни у сотрудника уже есть должность."})


def _refuse_with_pool(employee: Employee) -> None:
    pool = Client.objects.filter(specialist=employee, disconnected_on=None).count()
    if pool:
        raise ValidationError({"unit": f"За сотрудником клиенты: {pool}. Сначала передайте пул."})


@transaction.atomic
def add_substitution(*, actor: Any, values: dict[str, Any]) -> Substitution:
    """Let one employee see and serve another's clients for some days."""
    policy_for(Substitution).check(actor, "add")
    _check_substitution(actor, values)
    return create(Substitution(**values), actor=actor)


@transaction.atomic
def update_substitution(
    *,
    actor: Any,
    substitution: Substitution,
    values: dict[str, Any],
    version: int | None = None,
) -> Substitution:
    """Change the days, the person or the reason of a substitution."""
    policy_for(Substitution).check(actor, "change", substitution)
    names = ("absent", "substitute", "starts_on", "ends_on")
    whole = {n: values.get(n, getattr(substitution, n)) for n in names}
    _check_substitution(actor, whole, substitution)
    return update(substitution, values, actor=actor, version=version)


def _check_substitution(
    actor: Any, values: dict[str, Any], present: Substitution | None = None
) -> None:
    absent, substitute = values["absent"], values["substitute"]
    starts, ends = values["starts_on"], values["ends_on"]
    if ends <= starts:
        raise ValidationError({"ends_on": "Конец раньше начала."})
    for name, employee in (("absent", absent), ("substitute", substitute)):
        policy_for(Employee).check(actor, "view", employee)
        if employee.left_on is not None:
            raise ValidationError({name: "Сотрудник уволен."})
    # Seeing a colleague is not commanding one: a substitution opens the colleague's clients.
    if actor.role == Role.HEAD:
        position = staff.position_on(absent, starts)
        if position is None or not in_reach(actor, position.unit):
            raise Refused("Сотрудник не из вашего подразделения.")
    Employee.objects.select_for_update(of=("self",)).get(pk=absent.pk)
    taken = Substitution.objects.filter(absent=absent, starts_on__lt=ends, ends_on__gt=starts)
    if present is not None:
        taken = taken.exclude(pk=present.pk)
    if taken.exists():
        raise ValidationError({"starts_on": "На эти дни замещение уже назначено."})


@transaction.atomic
def save_service(
    *,
    actor: Any,
    values: dict[str, Any],
    service: Service | None = None,
    version: int | None = None,
) -> Service:
    """Create or change a row of the dictionary of services. A code once given stays."""
    policy_for(Service).check(actor, "change" if service else "add", service)
    if service is None:
        return create(Service(**values), actor=actor)
    if values.get("code", service.code) != service.code:
        raise ValidationError({"code": "Код не меняется: на него опираются правила лампочек."})
    return update(service, values, actor=actor, version=version)
