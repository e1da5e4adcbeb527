"""Bearer tokens of the API."""

from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Case, F, Q, Value, When
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled

from accounts import tokens
from accounts.models import ApiToken
from core import clock

_TOO_MANY = "Ключ исчерпал вызовы этой минуты."


def caller_address(request: Any) -> str:
    """The caller's address; behind a proxy, the one that the proxy saw.

    What stands further left in X-Forwarded-For was written by the caller and proves nothing.
    """
    if settings.BEHIND_PROXY:
        seen = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        if seen:
            return str(seen)
    return str(request.META.get("REMOTE_ADDR", ""))


def count_call(token: ApiToken, now: datetime) -> None:
    """Count a call of this minute. Raises Throttled where the key has had all of them."""
    minute = int(now.timestamp()) // 60
    within = Q(minute=minute, calls__gte=F("per_minute"))
    counted = (
        ApiToken.objects.filter(pk=token.pk)
        .exclude(within)
        .update(
            calls=Case(When(minute=minute, then=F("calls") + 1), default=Value(1)),
            minute=minute,
            last_used_at=now,
        )
    )
    if not counted:
        raise Throttled(wait=60 - int(now.timestamp()) % 60, detail=_TOO_MANY)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer lampa_…`; acts as the token's user within the token's rights.

    A call is counted in the one statement that finds the key still good, so that no number of
    processes lets through more than the key is allowed a minute.
    """

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("Заголовок Authorization: Bearer <ключ>.")
        key = parts[1].decode("ascii", errors="replace")
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=tokens.digest(key, settings.TOKEN_PEPPER), revoked_at=None)
            .first()
        )
        now = clock.now()
        if (
            token is None
            or not token.user.is_active
            or (token.expires_at is not None and token.expires_at <= now)
        ):
            raise AuthenticationFailed("Ключ не найден, отозван или истёк.")
        if not tokens.is_within(caller_address(request), token.networks):
            raise AuthenticationFailed("С этого адреса ключ не действует.")
        count_call(token, now)
        structlog.contextvars.bind_contextvars(via=f"ключ {token.prefix}")
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
