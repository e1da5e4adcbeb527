"""Accounts of people and integrations, and the keys of the latter."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import tokens
from accounts.enums import Role
from accounts.models import ApiToken, Employee, User
from core import audit, clock
from core.enums import AuditAction
from core.policy import policy_for
from core.services import create, update

_UNCHANGED: Any = object()
OVERLAP_DAYS = 90  # how long a key may live beside its successor


@transaction.atomic
def create_user(
    *,
    actor: Any,
    values: dict[str, Any],
    password: str = "",
    employee: Employee | None = None,
) -> User:
    """Create an account. An integration has no password: it acts by its keys alone."""
    policy_for(User).check(actor, "add")
    user = User(**values)
    _check_name(user)
    if user.role == Role.INTEGRATOR:
        if employee is not None:
            raise ValidationError({"employee": "Интеграция — не сотрудник."})
        user.set_unusable_password()
    else:
        _set_password(user, password)
    user.is_staff = user.role == Role.ADMIN
    created = create(user, actor=actor)
    if employee is not None:
        _link(created, employee, actor)
    return created


@transaction.atomic
def update_user(
    *,
    actor: Any,
    user: User,
    values: dict[str, Any],
    version: int | None = None,
    password: str = "",
    employee: Employee | None = _UNCHANGED,
) -> User:
    """Change an account; a new password or a deactivation ends its sessions at once.

    The last active administrator stays one, and nobody locks themselves out.
    """
    policy_for(User).check(actor, "change", user)
    # Two administrators who deactivate each other at once must not both succeed.
    admins = list(
        User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk")
    )
    role = values.get("role", user.role)
    active = values.get("is_active", user.is_active)
    if user in admins and not (active and role == Role.ADMIN):
        if user.pk == actor.pk:
            raise ValidationError("Свою учётную запись администратора отключает другой.")
        if len(admins) == 1:
            raise ValidationError("Это последний администратор.")
    if "username" in values:
        _check_name(User(pk=user.pk, username=values["username"]))
    if role == Role.INTEGRATOR and role != user.role:
        raise ValidationError({"role": "Для интеграции заведите отдельную учётную запись."})
    if user.role == Role.INTEGRATOR and role != user.role:
        raise ValidationError({"role": "Интеграция не становится человеком."})
    changed = update(user, values | {"is_staff": role == Role.ADMIN}, actor=actor, version=version)
    if password:
        _set_password(changed, password)
        changed.save(update_fields=["password"])
        audit.record(
            actor=actor,
            action=AuditAction.EVENT,
            subject=changed,
            after={"password": "задан новый пароль"},
        )
    if not changed.is_active or password:
        for session in UserSession.objects.filter(user=changed):
            session.end()
    if employee is not _UNCHANGED:
        _link(changed, employee, actor)
    return changed


def _check_name(user: User) -> None:
    same = User.objects.filter(username__iexact=user.username).values_list("pk", flat=True)
    if any(pk != user.pk for pk in same):
        raise ValidationError({"username": "Такое имя уже занято."})


def _set_password(user: User, password: str) -> None:
    if not password:
        raise ValidationError({"password": "Задайте пароль."})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    user.set_password(password)


def _link(user: User, employee: Employee | None, actor: Any) -> None:
    """Make an employee, and nobody else, the owner of an account."""
    for other in Employee.objects.filter(user=user):
        if other != employee:
            update(other, {"user": None}, actor=actor)
    if employee is None or employee.user_id == user.pk:
        return
    if employee.user_id is not None:
        raise ValidationError({"employee": "У сотрудника уже есть учётная запись."})
    update(employee, {"user": user}, actor=actor)


@transaction.atomic
def issue_token(
    *, actor: Any, user: User, scopes: Iterable[str], **values: Any
) -> tuple[ApiToken, str]:
    """Issue a key to an integration; the key itself is returned here and never again.

    `values` may hold `name`, `networks`, `per_minute`, `expires_at`.
    """
    policy_for(ApiToken).check(actor, "add")
    if user.role != Role.INTEGRATOR or not user.is_active:
        raise ValidationError({"user": "Ключ выдаётся действующей учётной записи интеграции."})
    now = clock.now()
    _check_expiry(values, now)
    return _issue(actor, ApiToken(user=user, scopes=_rights(scopes), created_at=now, **values))


def _issue(actor: Any, token: ApiToken) -> tuple[ApiToken, str]:
    key = tokens.generate()
    token.prefix, token.digest = key[:12], tokens.digest(key, settings.TOKEN_PEPPER)
    return create(token, actor=actor), key


def _rights(scopes: Iterable[str]) -> list[str]:
    found = sorted(set(scopes))
    if not found:
        raise ValidationError({"scopes": "Отметьте, что ключ читает или записывает."})
    if wrong := [one for one in found if not tokens.is_scope(one)]:
        raise ValidationError({"scopes": f"Право «{wrong[0]}» не такое: ресурс:read или :write."})
    return found


def _check_expiry(values: dict[str, Any], now: datetime) -> None:
    expires_at = values.get("expires_at")
    if expires_at is not None and expires_at <= now:
        raise ValidationError({"expires_at": "Срок уже истёк."})


@transaction.atomic
def update_token(
    *, actor: Any, token: ApiToken, values: dict[str, Any], version: int | None = None
) -> ApiToken:
    """Change what a key may, from where and until when; the key itself stays the same."""
    fresh = _live(actor, token, "change")
    _check_expiry(values, clock.now())
    if "scopes" in values:
        values = values | {"scopes": _rights(values["scopes"])}
    return update(fresh, values, actor=actor, version=version)


@transaction.atomic
def rotate_token(*, actor: Any, token: ApiToken, until: datetime) -> tuple[ApiToken, str]:
    """Issue a new key in place of one, which stays good until a moment: time to swap them.

    The new key has the old one's rights and no end of its own but the one the old had.
    """
    fresh = _live(actor, token, "add")
    now = clock.now()
    if until < now:
        raise ValidationError({"until": "Это время уже прошло."})
    if until > now + timedelta(days=OVERLAP_DAYS):
        raise ValidationError({"until": f"Не дольше {OVERLAP_DAYS} дней."})
    kept = {n: getattr(fresh, n) for n in ("user", "name", "scopes", "networks", "per_minute")}
    ends = fresh.expires_at
    successor = ApiToken(**kept, expires_at=ends, created_at=now, follows=fresh)
    update(fresh, {"expires_at": min(until, ends) if ends else until}, actor=actor)
    return _issue(actor, successor)


def _live(actor: Any, token: ApiToken, action: str) -> ApiToken:
    """The key under lock, allowed to the actor and not ended."""
    policy_for(ApiToken).check(actor, action, token)
    fresh = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if fresh.revoked_at or (fresh.expires_at and fresh.expires_at <= clock.now()):
        raise ValidationError("Ключ уже не действует: выдайте новый.")
    return fresh


@transaction.atomic
def revoke_token(*, actor: Any, token: ApiToken) -> ApiToken:
    """End a key at once; a second time changes nothing."""
    policy_for(ApiToken).check(actor, "revoke", token)
    fresh = ApiToken.objects.select_for_update().get(pk=token.pk)
    if fresh.revoked_at is not None:
        return fresh
    return update(fresh, {"revoked_at": clock.now()}, actor=actor)
