"""The base of every page: a declared policy, lists by declaration, forms that lose nothing."""

import logging
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import DetailView, FormView, TemplateView, View
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from core import busy, export, panels, readiness
from core.errors import Conflict, Refused
from core.forms import SavedFilterForm
from core.models import SavedFilter
from core.policy import policy_for
from core.services import create, delete

log = logging.getLogger(__name__)


class PolicyMixin(LoginRequiredMixin):
    """A page of a model: nobody enters without the declared action of its policy."""

    model: Any  # a model class; Django's own card views let it vary, so no ClassVar
    action: ClassVar[str]
    request: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in cls.__dict__:
            policy_for(cls.model)
            if not getattr(cls, "action", None):
                raise TypeError(f"{cls.__name__} declares no policy action")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not policy_for(self.model).can(request.user, self.action):
            raise PermissionDenied
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as error:
            raise PermissionDenied(str(error)) from error

    def visible(self, model: type[models.Model] | None = None) -> Any:
        """The rows of a model that the user may see."""
        return policy_for(model or self.model).visible_to(self.request.user)

    def seen(self, model: type[models.Model], pk: Any) -> Any:
        """One row that the user may see, or 404."""
        return get_object_or_404(self.visible(model), pk=pk)


class ListPage(PolicyMixin, SingleTableMixin, FilterView):
    """A list by declaration: `model`, `table_class`, `filterset_class`, `title`.

    `?format=xlsx` or `csv` gives the same rows as a file. Saved filters belong to `page_key`.
    """

    action = "view"
    template_name = "core/list.html"
    # By the table alone: paginating the view as well would count every list twice.
    table_pagination: ClassVar[dict[str, Any]] = {"per_page": 50}
    title: ClassVar[str] = ""
    page_key: ClassVar[str] = ""
    add_url_name: ClassVar[str] = ""
    add_label: ClassVar[str] = "Добавить"
    strict = False

    def get_queryset(self) -> Any:
        return self.visible()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        may_add = self.add_url_name and policy_for(self.model).can(self.request.user, "add")
        context.update(
            title=self.title,
            export_url=self.request.path,
            add_url=reverse(self.add_url_name) if may_add else "",
            add_label=self.add_label,
            page_key=self.page_key,
            saved_filters=SavedFilter.objects.filter(user=self.request.user, page=self.page_key)
            if self.page_key
            else [],
        )
        return context

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        wanted = self.request.GET.get("format")
        if wanted not in export.FORMATS:
            return super().render_to_response(context, **kwargs)
        if not context["filter"].form.is_valid():
            # A filter that is not understood narrows nothing: no file of more than was asked for.
            return super().render_to_response(context, status=400, **kwargs)
        table = self.get_table_class()(
            context["filter"].qs, request=self.request, **self.get_table_kwargs()
        )
        order = self.request.GET.getlist(table.prefixed_order_by_field)
        if order:
            table.order_by = order
        return export.response(table, context["title"], wanted)


class CardPage(PolicyMixin, DetailView):
    """One row that the user may see."""

    action = "view"

    def get_queryset(self) -> Any:
        return self.visible()


class FormPage(PolicyMixin, FormView):
    """A form whose `save` calls a service.

    A refusal stands at its field; a conflict shows what is stored beside what was typed, and a
    second save is then a conscious one; rows that somebody holds are told of above the form.
    What was typed stays in the form in every case.
    """

    template_name = "core/form.html"
    title: ClassVar[str] = ""
    submit_label: ClassVar[str] = "Сохранить"

    def save(self, form: Any) -> Any:
        """Call the service; return the row written."""
        raise NotImplementedError

    def done_url(self, obj: Any) -> str:
        """Where to go after a save."""
        raise NotImplementedError

    def back_url(self) -> str:
        """Where «Отмена» leads."""
        return reverse("home")

    def get_title(self) -> str:
        return self.title

    def draft_key(self) -> str:
        """The name under which the browser keeps what is typed; empty, it keeps nothing."""
        return ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.get_title(),
            submit_label=self.submit_label,
            back_url=self.back_url(),
            draft_key=self.draft_key(),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                saved = self.save(form)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        except Conflict as conflict:
            return self._conflict(form, conflict)
        except OperationalError as error:
            form.add_error(None, busy.told(error))
            return self.render_to_response(self.get_context_data(form=form), status=503)
        address = self.done_url(saved)
        if self.request.headers.get("X-Draft"):
            # Sent by the script that keeps drafts: told in so many words, it drops the draft
            # and opens the page itself.
            return HttpResponse(status=204, headers={"X-Location": address})
        return HttpResponseRedirect(address)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _conflict(self, form: Any, conflict: Conflict) -> HttpResponse:
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = conflict.current.version
        rows = []
        for name in form.changed_data:
            if name in form.fields and hasattr(conflict.current, name):
                stored = conflict.current
                display = getattr(stored, f"get_{name}_display", None)
                value = display() if display else getattr(stored, name)
                if isinstance(value, models.Manager):
                    value = ", ".join(map(str, value.all()))
                rows.append({"label": form.fields[name].label or name, "stored": value})
        context = self.get_context_data(form=form, conflict=rows)
        return self.render_to_response(context, status=409)


def add_errors(form: Any, error: ValidationError) -> None:
    """Put a service's refusal at the fields it names; the rest above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class ActionPage(PolicyMixin, View):
    """A button: POST does `perform` and leads back; a refusal is said where it was pressed."""

    http_method_names = ["post"]

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        """Do it; return the address to go to."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return HttpResponseRedirect(self.perform(request, **kwargs))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(_inside(request, request.headers.get("Referer", "")))


class RowAction(ActionPage):
    """A button on the page of a row; a refusal, or that the row moved on, is said there."""

    done: ClassVar[str] = ""
    moved_on: ClassVar[str] = "Запись изменили, пока вы смотрели: проверьте её ещё раз."

    def find(self) -> Any:
        """The row of the address."""
        return self.seen(self.model, self.kwargs["pk"])

    def page_of(self, row: Any) -> str:
        """The address of the page on which the button stands."""
        raise NotImplementedError

    def act(self, row: Any, version: int | None) -> str | None:
        """Call the service; the address to go to, where it is another one."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.find()
        back = self.page_of(row)
        typed = request.POST.get("version", "")
        version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
        try:
            with transaction.atomic():
                address = self.act(row, version)
        except ValidationError as error:
            for text in error.messages:
                messages.error(request, text)
        except Conflict:
            messages.error(request, self.moved_on)
        else:
            if self.done:
                messages.success(request, self.done)
            return address or back
        return back


class RowsFormPage(FormPage):
    """A form together with its rows (a formset): both keep what was typed until both are right."""

    def formset(self) -> Any:
        """The rows as typed, or as stored."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("formset", self.formset())
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.rows = self.formset()
        form = self.get_form()
        # Both are asked, so that both say what is wrong with them.
        if all([form.is_valid(), self.rows.is_valid()]):
            return self.form_valid(form)
        return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        context = self.get_context_data(form=form, formset=self.rows)
        return self.render_to_response(context, status=422)


class Fragment(PolicyMixin, TemplateView):
    """A part of a page that htmx fetches; also a page of its own by its address.

    Its template extends `layout` (`core.context`); a panel is called as it was registered.
    """

    action = "view"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        match = self.request.resolver_match
        return super().get_context_data(**{"title": panels.label_of(match.url_name)} | kwargs)


class TableFile:
    """A page whose table is written by hand and leaves as a file too: `?format=xlsx` or `csv`."""

    file_title: ClassVar[str]

    def file_rows(self) -> Iterator[list[Any]]:
        """The headers, then every row of the page, uncut."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        wanted = request.GET.get("format", "")
        if wanted in export.FORMATS:
            return export.file_of(self.file_rows(), self.file_title, wanted)
        return super().get(request, *args, **kwargs)  # type: ignore[misc]


class ProgressPart(CardPage):
    """What a page asks again and again until it ends; by its own address it leads to that page.

    Once it is over the whole page is asked for anew: what the page lists has changed too.
    """

    page_url_name: ClassVar[str]  # called with the same id

    def is_over(self, context: dict[str, Any]) -> bool:
        """Whether nothing is left to wait for."""
        return False

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if self.is_over(context):
            response["HX-Refresh"] = "true"
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request, "htmx", False):
            row = self.get_object()
            return HttpResponseRedirect(reverse(self.page_url_name, args=[row.pk]))
        return super().get(request, *args, **kwargs)


class SaveFilter(ActionPage):
    """Keep the filters of a list under a name."""

    model = SavedFilter
    action = "add"

    def perform(self, request: Any, **kwargs: Any) -> str:
        back = _inside(request, request.POST.get("next", ""))
        form = SavedFilterForm(request.POST)
        if form.is_valid():
            same = SavedFilter.objects.filter(
                user=request.user, page=form.cleaned_data["page"], name=form.cleaned_data["name"]
            )
            same.delete()
            create(SavedFilter(user=request.user, **form.cleaned_data), actor=request.user)
        return back


class DropFilter(ActionPage):
    """Forget a saved filter."""

    model = SavedFilter
    action = "delete"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        delete(self.seen(SavedFilter, kwargs["pk"]), actor=request.user)
        return _inside(request, request.POST.get("next", ""))


def _inside(request: HttpRequest, address: str) -> str:
    """The address if it leads to this site, else the home page."""
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if address and safe else reverse("home")


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """What the work needs is there; a stranger is not told what is not (docs/operations.md)."""
    needed, helpful = readiness.missing()
    status = "unavailable" if needed else "degraded" if helpful else "ok"
    if needed or helpful:
        log.warning("not_ready: needs %s, slower without %s", needed, helpful)
    return JsonResponse({"status": status}, status=503 if needed else 200)
