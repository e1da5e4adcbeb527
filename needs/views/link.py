"""The page behind a link of confirmation: no log-in, the address itself is the key.

A GET only shows: programs that follow links in letters confirm nothing. Whatever is wrong with
a link, the page tells nothing of the client; to guess one of 2²⁵⁶ is hopeless, and throttled.
"""

from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from core import clock
from core.views import add_errors
from needs.enums import LinkAnswer, LinkState
from needs.forms import LinkForm
from needs.models import Confirmation
from needs.selectors.confirmations import by_secret, link_state
from needs.services import LinkClosed, answer_link

# What one network address may do in a minute: ask at all, and ask for links that do not exist.
ASKED, MISSED, SECONDS = 60, 10, 60
_STATUS = {LinkState.OPEN: 200, LinkState.UNKNOWN: 404}
_GONE = 410


class ConfirmLink(View):
    """Shows the effect in plain words and takes one answer."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = self._throttled(request) or self._for_clients(request)
        return self._private(request, response or self._answered(request, *args, **kwargs))

    def _answered(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with structlog.contextvars.bound_contextvars(via="ссылка клиенту"):
            return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def _private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The address must not go on to anybody: not to a cache, a search engine, another site."""
        if response.status_code == 404:
            _count(request, "missed")
        response["Cache-Control"] = "no-store"
        # The form's own page tells the site's name and no more: of a page that tells nothing the
        # browser sends the answer as from nowhere, which the check of forged requests refuses.
        takes_answer = response.status_code in (200, 422) and request.method != "HEAD"
        response["Referrer-Policy"] = "strict-origin" if takes_answer else "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        row = by_secret(secret)
        state = link_state(row, clock.now())
        return self._page(request, state, row, LinkForm())

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        form = LinkForm(request.POST)
        if not form.is_valid():
            row = by_secret(secret)
            return self._page(request, link_state(row, clock.now()), row, form)
        try:
            row = answer_link(
                secret=secret,
                answer=form.cleaned_data["answer"],
                said=form.cleaned_data["said"],
                now=clock.now(),
            )
        except LinkClosed as closed:
            return self._page(request, closed.state, None, form)
        except ValidationError as error:
            add_errors(form, error)
            return self._page(request, LinkState.OPEN, by_secret(secret), form)
        said_yes = form.cleaned_data["answer"] == LinkAnswer.YES
        return render(request, "needs/confirm/thanks.html", {"said_yes": said_yes})

    @staticmethod
    def _page(
        request: HttpRequest, state: LinkState, row: Confirmation | None, form: LinkForm
    ) -> HttpResponse:
        if state == LinkState.OPEN and row is not None:
            status = 422 if form.errors else 200
            context = {"form": form, "need": row.need, "asked_by": row.requested_by}
            return render(request, "needs/confirm/ask.html", context, status=status)
        status = _STATUS.get(state, _GONE)
        return render(request, "needs/confirm/closed.html", {"state": state}, status=status)

    @staticmethod
    def _for_clients(request: HttpRequest) -> HttpResponse | None:
        """Who works here confirms in the program, under their own name."""
        if not request.user.is_authenticated:
            return None
        return render(request, "needs/confirm/staff.html", status=403)

    @staticmethod
    def _throttled(request: HttpRequest) -> HttpResponse | None:
        asked = _count(request, "asked")
        if asked <= ASKED and _counted(request, "missed") < MISSED:
            return None
        response = render(request, "needs/confirm/slow.html", status=429)
        response["Retry-After"] = str(SECONDS)
        return response


def _name(request: HttpRequest, what: str) -> str:
    return f"confirm-{what}:{get_adapter().get_client_ip(request)}"


def _counted(request: HttpRequest, what: str) -> int:
    return cache.get(_name(request, what), 0)


def _count(request: HttpRequest, what: str) -> int:
    """One more of it from this network address within the minute."""
    name = _name(request, what)
    if cache.add(name, 1, SECONDS):
        return 1
    try:
        return cache.incr(name)
    except ValueError:  # it has run out between the two
        return 1
