"""The page behind a link to a report: one button, one file, once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import clock, pdf
from core.views_secret import SecretPage
from reports.enums import LinkState
from reports.selectors.links import by_secret, link_state
from reports.services import LinkClosed, pdf_of, use_link
from reports.views.reports import pdf_response

_STATUS = {LinkState.OPEN: 200, LinkState.UNKNOWN: 404}
_GONE = 410


class Download(SecretPage):
    """A GET shows the button and spends nothing; the POST gives the file."""

    purpose = "report"
    via = "ссылка на отчёт"
    slow_template = "reports/link/slow.html"
    staff_template = "reports/link/staff.html"

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        row = by_secret(secret)
        return self._page(request, link_state(row, clock.now()))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        row = by_secret(secret)
        state = link_state(row, clock.now())
        if row is None or state != LinkState.OPEN:
            return self._page(request, state)
        try:
            # Printed before the link is spent: a file that is not made costs nobody the link.
            content = pdf_of(row.report)
            report = use_link(secret=secret, now=clock.now())
        except LinkClosed as closed:
            return self._page(request, closed.state)
        except pdf.Unprintable:
            return render(request, "reports/link/failed.html", status=503)
        return pdf_response(report, content, attached=True)

    @staticmethod
    def _page(request: HttpRequest, state: LinkState) -> HttpResponse:
        template = (
            "reports/link/open.html" if state == LinkState.OPEN else "reports/link/closed.html"
        )
        return render(request, template, {"state": state}, status=_STATUS.get(state, _GONE))
