"""Bearer tokens of the API."""

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts import tokens
from accounts.models import ApiToken
from core import clock


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer lampa_…`; acts as the token's user, reads only unless it writes."""

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
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        structlog.contextvars.bind_contextvars(via=f"ключ {token.prefix}")
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
