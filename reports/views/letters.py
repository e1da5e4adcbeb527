"""A letter about a new price: listed, seen before and after it is made, as a page and a file."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.generic import View

from accounts.models import IndexationOffer
from core import clock, pdf
from core.views import ActionPage, Fragment, ListPage, PolicyMixin
from reports import letter as paper
from reports import services
from reports.filters_letters import LetterFilter
from reports.models import Letterhead, PriceLetter
from reports.selectors.letters import (
    draw,
    letter_of,
    letters_of_offer,
    look_of,
    offers_to_write,
    with_client,
)
from reports.selectors.reports import letterhead_in_force
from reports.tables_letters import LetterTable


class Letters(ListPage):
    """Every letter to the user's clients."""

    model = PriceLetter
    action = "view"
    table_class = LetterTable
    filterset_class = LetterFilter
    title = "Письма о новой цене"
    page_key = "price_letters"

    def get_queryset(self) -> Any:
        return with_client(super().get_queryset())


class OfferLetters(Fragment):
    """The letters of an offer: a part of its card."""

    model = PriceLetter
    template_name = "reports/letter/of_offer.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer = self.seen(IndexationOffer, self.kwargs["pk"])
        may = offers_to_write(self.request.user).filter(pk=offer.pk).exists()
        return super().get_context_data(
            offer=offer,
            letters=letters_of_offer(offer),
            may_write=may,
            crumbs=[(offer.client.name, reverse("offer", args=[offer.pk]))],
            **kwargs,
        )


class OfferLetter(PolicyMixin, View):
    """What the letter of an offer would say now."""

    model = PriceLetter
    action = "add"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        offer = self.seen(IndexationOffer, pk)
        today = clock.today()
        found = draw(offers_to_write(request.user).filter(pk=offer.pk), today)
        if offer.pk not in found:
            messages.error(request, services.NOT_OFFERED)
            return HttpResponse(status=302, headers={"Location": reverse("offer", args=[pk])})
        head = letterhead_in_force()
        context = paper.context_of(found[offer.pk], look_of(head), today)
        return _page(request, context, offer, head)


class LetterPage(PolicyMixin, View):
    """A letter that is made: the very HTML that is printed."""

    model = PriceLetter
    action = "view"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _whole(self.visible(), pk)
        look = look_of(row.letterhead)
        context = paper.context_of(letter_of(row), look, row.made_on, row.digest)
        return _page(request, context | {"letter_row": row}, row.offer, row.letterhead)


class LetterPdf(PolicyMixin, View):
    """The file."""

    model = PriceLetter
    action = "view"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _whole(self.visible(), pk)
        try:
            content = services.pdf_of_letter(row)
        except pdf.Unprintable as error:
            messages.error(request, str(error))
            address = reverse("offer", args=[row.offer_id])
            return HttpResponse(status=302, headers={"Location": address})
        return letter_response(row, content, attached=False)


class MakeLetter(ActionPage):
    """Write the letter of an offer; the same one is found again."""

    model = PriceLetter
    action = "add"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        offer = self.seen(IndexationOffer, kwargs["pk"])
        try:
            row = services.write_letter(actor=request.user, offer=offer, now=clock.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return reverse("offer", args=[offer.pk])
        return reverse("price_letter", args=[row.pk])


def letter_response(row: PriceLetter, content: bytes, *, attached: bool) -> HttpResponse:
    """A letter as it goes out: of its own type, never kept by a cache."""
    name = f"О цене обслуживания {row.snapshot['client'][:60]} {row.made_on:%Y-%m-%d}.pdf"
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(attached, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _whole(rows: Any, pk: int) -> PriceLetter:
    found = rows.select_related("letterhead", "offer", "made_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, context: dict[str, Any], offer: IndexationOffer, head: Letterhead
) -> HttpResponse:
    logo = reverse("report_logo", args=[head.pk]) if head.logo else ""
    shown = context | {"offer": offer, "letterhead": head, "logo_url": logo}
    return render(request, "reports/letter/page.html", shown)
