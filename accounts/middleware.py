"""Roles that answer for the whole centre do not work without a second factor."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve

# Of log-in itself, and what opens by a secret address without any.
_OPEN = ("account_", "mfa_", "calendar_file", "confirm_link")

Handler = Callable[[HttpRequest], HttpResponse]


def second_factor(get_response: Handler) -> Handler:
    """Lead a manager or administrator without a second factor to setting one up."""

    def handle(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            user.is_authenticated
            and user.role in settings.SECOND_FACTOR_ROLES
            and not request.path.startswith((settings.STATIC_URL, "/healthz", "/readyz"))
            and not (resolve(request.path_info).url_name or "").startswith(_OPEN)
            and not is_mfa_enabled(user)
        ):
            return redirect("mfa_activate_totp")
        return get_response(request)

    return handle
