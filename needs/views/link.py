"""The page behind a link of confirmation: shows the effect, takes one answer."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import clock
from core.views import add_errors
from core.views_secret import SecretPage
from needs.enums import LinkAnswer, LinkState
from needs.forms import LinkForm
from needs.models import Confirmation
from needs.selectors.confirmations import by_secret, link_state
from needs.services import LinkClosed, answer_link

_STATUS = {LinkState.OPEN: 200, LinkState.UNKNOWN: 404}
_GONE = 410


class ConfirmLink(SecretPage):
    """Shows the effect in plain words and takes one answer."""

    purpose = "confirm"
    via = "ссылка клиенту"
    slow_template = "needs/confirm/slow.html"
    staff_template = "needs/confirm/staff.html"

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
