"""A letter about a new price: listed, seen before and after it is made, as a page and a file."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import View

from accounts.models import IndexationOffer
from core import clock, export, pdf
from core.views import Fragment, ListPage, PolicyMixin, RowAction
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
            return redirect("offer", pk=pk)
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
            return redirect("offer", pk=row.offer_id)
        return letter_response(row, content, attached=False)


class MakeLetter(RowAction):
    """Write the letter of an offer; the same one is found again."""

    model = PriceLetter
    action = "add"

    def find(self) -> IndexationOffer:
        return self.seen(IndexationOffer, self.kwargs["pk"])

    def page_of(self, row: IndexationOffer) -> str:
        return reverse("offer", args=[row.pk])

    def act(self, row: IndexationOffer, version: int | None) -> str:
        letter = services.write_letter(actor=self.request.user, offer=row, now=clock.now())
        return reverse("price_letter", args=[letter.pk])


def letter_response(row: PriceLetter, content: bytes, *, attached: bool) -> HttpResponse:
    """A letter as it goes out."""
    name = f"О цене обслуживания {row.snapshot['client'][:60]} {row.made_on:%Y-%m-%d}"
    return export.pdf_file(name, content, attached=attached)


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
