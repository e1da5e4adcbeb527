"""How reports look, and the texts that sections begin with."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import View

from core import clock
from core.views import FormPage, ListPage, PolicyMixin
from reports import services
from reports.filters import BlockFilter
from reports.forms import BlockForm, LetterheadForm
from reports.models import Letterhead, TextBlock
from reports.selectors.reports import letterhead_in_force
from reports.tables import BlockTable


class EditLetterhead(FormPage):
    model = Letterhead
    action = "add"
    form_class = LetterheadForm
    template_name = "reports/letterhead.html"
    title = "Оформление отчётов"

    def get_initial(self) -> dict[str, Any]:
        head = letterhead_in_force()
        return {"name": head.name, "requisites": head.requisites, "colour": head.colour}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(letterhead=letterhead_in_force(), **kwargs)

    def save(self, form: Any) -> Any:
        typed = dict(form.cleaned_data)
        logo, drop = typed.pop("logo"), typed.pop("drop_logo")
        return services.save_letterhead(
            actor=self.request.user,
            values=typed,
            logo=logo.read() if logo else None,
            drop_logo=drop,
            now=clock.now(),
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Сохранено. Утверждённые отчёты остались как были.")
        return reverse("report_letterhead")

    def back_url(self) -> str:
        return reverse("settings")


class OfLetterhead(PolicyMixin, View):
    """What a page shows of a letterhead."""

    model = Letterhead
    action = "view"
    http_method_names = ["get", "head"]


class Logo(OfLetterhead):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        head = self.seen(Letterhead, pk)
        if not head.logo:
            raise Http404
        response = HttpResponse(bytes(head.logo), content_type=head.logo_kind)
        response["X-Content-Type-Options"] = "nosniff"
        return response


class Colour(OfLetterhead):
    """The colour as a style sheet: a page has no inline styles."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        colour = self.seen(Letterhead, pk).colour
        return HttpResponse(f":root {{ --brand: {colour}; }}\n", content_type="text/css")


class Blocks(ListPage):
    """The texts with which sections begin, by segment."""

    model = TextBlock
    action = "view"
    table_class = BlockTable
    filterset_class = BlockFilter
    title = "Тексты разделов отчёта"


class EditBlock(FormPage):
    model = TextBlock
    action = "change"
    form_class = BlockForm
    title = "Текст раздела"

    @property
    def block(self) -> TextBlock:
        if not hasattr(self, "_block"):
            self._block = self.seen(TextBlock, self.kwargs["pk"])
        return self._block

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.block}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(subheading=str(self.block), **kwargs)

    def save(self, form: Any) -> Any:
        return services.save_block(
            actor=self.request.user,
            block=self.block,
            text=form.cleaned_data["text"],
            version=form.seen_version,
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Сохранено. Новые отчёты начнутся с этого текста.")
        return self.back_url()

    def back_url(self) -> str:
        return reverse("report_blocks")
