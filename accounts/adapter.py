"""How people log in: no self-registration, no password for integrations."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.shortcuts import render

from accounts.enums import Role

_LOG_IN = 7_265_002  # the space of advisory locks by user name


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """One guess at a time for each name: guesses sent together must not outrun the count."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
                    [_LOG_IN, str(credentials.get("username", ""))],
                )
                return super().authenticate(request, **credentials)
        except OperationalError:  # the queue for this name is too long: no guess was made
            return None

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        if user.role == Role.INTEGRATOR:
            raise ImmediateHttpResponse(render(request, "403.html", status=403))
        return super().pre_login(request, user, **kwargs)
