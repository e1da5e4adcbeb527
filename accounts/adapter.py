"""How people log in: no self-registration, no password for integrations."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest
from django.shortcuts import render

from accounts.enums import Role


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        if user.role == Role.INTEGRATOR:
            raise ImmediateHttpResponse(render(request, "403.html", status=403))
        return super().pre_login(request, user, **kwargs)
