"""A page whose address is the key: no log-in, and what that asks for.

A GET only shows: programs that follow links in letters answer and spend nothing. Whatever is
wrong with a link, the page tells nothing; to guess one of 2²⁵⁶ is hopeless, and throttled.
"""

from typing import Any, ClassVar

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

# What one network address may do in a minute: ask at all, and ask for links that do not exist.
ASKED, MISSED, SECONDS = 60, 10, 60


class SecretPage(View):
    """Throttled, kept out of caches and search engines, not for those who work here.

    `purpose` names the counters, `via` the writes in the audit log.
    """

    http_method_names = ["get", "head", "post"]
    purpose: ClassVar[str]
    via: ClassVar[str]
    slow_template: ClassVar[str]
    staff_template: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = self._throttled(request) or self._for_clients(request)
        return self._private(request, response or self._answered(request, *args, **kwargs))

    def _answered(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with structlog.contextvars.bound_contextvars(via=self.via):
            return super().dispatch(request, *args, **kwargs)

    def _private(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The address must not go on to anybody: not to a cache, a search engine, another site."""
        if response.status_code == 404:
            self._count(request, "missed")
        response["Cache-Control"] = "no-store"
        # The form's own page tells the site's name and no more: of a page that tells nothing the
        # browser sends the answer as from nowhere, which the check of forged requests refuses.
        takes_answer = response.status_code in (200, 422) and request.method != "HEAD"
        response["Referrer-Policy"] = "strict-origin" if takes_answer else "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def _for_clients(self, request: HttpRequest) -> HttpResponse | None:
        """Who works here does it in the program, under their own name."""
        if not request.user.is_authenticated:
            return None
        return render(request, self.staff_template, status=403)

    def _throttled(self, request: HttpRequest) -> HttpResponse | None:
        asked = self._count(request, "asked")
        missed = cache.get(self._name(request, "missed"), 0)
        if asked <= ASKED and missed < MISSED:
            return None
        response = render(request, self.slow_template, status=429)
        response["Retry-After"] = str(SECONDS)
        return response

    def _name(self, request: HttpRequest, what: str) -> str:
        return f"{self.purpose}-{what}:{get_adapter().get_client_ip(request)}"

    def _count(self, request: HttpRequest, what: str) -> int:
        """One more of it from this network address within the minute."""
        name = self._name(request, what)
        if cache.add(name, 1, SECONDS):
            return 1
        try:
            return cache.incr(name)
        except ValueError:  # it has run out between the two
            return 1
