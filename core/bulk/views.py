"""Pages of imports: send a file, choose columns, look, confirm, follow, take back."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View
from django_tables2 import RequestConfig

from core import clock, export
from core.bulk import parse, reading, selectors, services
from core.bulk.enums import ImportStatus, Outcome
from core.bulk.filters import ImportFilter
from core.bulk.forms import ColumnsForm, ConfirmForm, UploadForm
from core.bulk.models import Import, refused_of
from core.bulk.resources import find
from core.bulk.tables import ImportTable, RowTable, messages_of
from core.enums import JobStatus
from core.errors import Conflict
from core.views import ActionPage, CardPage, FormPage, ListPage, PolicyMixin, ProgressPart

AT_WORK = (ImportStatus.CHECKING, ImportStatus.RUNNING, ImportStatus.UNDOING)


class ImportsPage(ListPage):
    """Every import, the newest first."""

    model = Import
    table_class = ImportTable
    filterset_class = ImportFilter
    title = "Загрузки файлов"
    add_url_name = "import_new"
    add_label = "Загрузить файл"

    def get_queryset(self) -> Any:
        return selectors.row_for_page(super().get_queryset())


class ImportNew(FormPage):
    """Send a file."""

    model = Import
    action = "add"
    form_class = UploadForm
    title = "Загрузить файл"
    submit_label = "Дальше"

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except services.SameFile as same:
            if not self.visible().filter(pk=same.found.pk).exists():
                form.add_error("file", "Этот файл уже загружали.")
                return self.form_invalid(form)
            messages.info(
                self.request,
                "Этот файл уже загружали: вот что из него вышло. Второй раз ничего не записано.",
            )
            return HttpResponseRedirect(reverse("import", args=[same.found.pk]))

    def save(self, form: Any) -> Import:
        typed = form.cleaned_data
        return services.upload(
            actor=self.request.user,
            resource=find(typed["resource"]),
            file=typed["file"],
            name=typed["file"].name,
            repeat=typed["repeat"],
            now=clock.now(),
        )

    def done_url(self, obj: Import) -> str:
        return reverse("import_columns", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("imports")


class ImportColumns(FormPage):
    """Which column of the file is which."""

    model = Import
    action = "change"
    form_class = ColumnsForm
    template_name = "imports/columns.html"
    submit_label = "Проверить файл"

    @property
    def found(self) -> Import:
        """The import of the address."""
        return self.seen(Import, self.kwargs["pk"])

    def get_title(self) -> str:
        return f"Колонки: {self.found}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"found": self.found}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.found
        return super().get_context_data(**kwargs) | {
            "found": found,
            "resource": find(found.resource),
            "required": [c.label for c in find(found.resource).columns if c.required],
        }

    def save(self, form: Any) -> Import:
        return services.choose_columns(
            actor=self.request.user,
            found=self.found,
            mapping=form.mapping(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Import) -> str:
        return reverse("import", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("import", args=[self.kwargs["pk"]])


class ImportPage(CardPage):
    """How an import stands: what the check found, how far the writing is, what came out."""

    model = Import
    template_name = "imports/import.html"
    context_object_name = "found"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: Import = self.object  # type: ignore[attr-defined]
        run = selectors.job_of(found)
        at_work = found.status in AT_WORK
        context = super().get_context_data(**kwargs) | {
            "resource": find(found.resource),
            "job": run,
            "is_at_work": at_work,
            "has_failed": at_work and run is not None and run.status == JobStatus.FAILED,
            "poll_url": reverse("import_progress", args=[found.pk]),
            "can_confirm": found.status == ImportStatus.CHECKED and self._writes(found),
            "can_go_on": found.status == ImportStatus.STOPPED,
            "can_undo": found.status in (ImportStatus.DONE, ImportStatus.STOPPED)
            and found.changes.exists(),
            "can_map": found.status in (ImportStatus.UPLOADED, ImportStatus.CHECKED)
            and bool(found.stored_as),
            "refused_url": reverse("import_refused", args=[found.pk]),
        }
        if not at_work and found.counts:
            context |= self._rows(found)
        return context

    @staticmethod
    def _writes(found: Import) -> bool:
        return any(found.counts.get(name) for name in (Outcome.CREATED, Outcome.UPDATED))

    def _rows(self, found: Import) -> dict[str, Any]:
        chosen = self.request.GET.get("outcome", "")
        rows = found.rows.all()
        if chosen in Outcome.values:
            rows = rows.filter(outcome=chosen)
        table = RowTable(rows, found=found, request=self.request)
        RequestConfig(self.request, paginate={"per_page": 50}).configure(table)
        tiles = [
            {
                "label": outcome.in_words(is_written=found.status != ImportStatus.CHECKED),
                "value": found.counts.get(outcome.value, 0),
                "code": outcome.value,
            }
            for outcome in Outcome
        ]
        return {"table": table, "tiles": tiles, "outcome": chosen}


class ImportProgress(ProgressPart):
    """How far the present step is."""

    model = Import
    template_name = "components/progress.html"
    page_url_name = "import"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: Import = self.object  # type: ignore[attr-defined]
        poll_url = reverse("import_progress", args=[found.pk])
        job = selectors.job_of(found)
        return super().get_context_data(**kwargs) | {"job": job, "poll_url": poll_url}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        if context["job"] is None:
            return HttpResponse(status=204)
        return super().render_to_response(context, **kwargs)

    def is_over(self, context: dict[str, Any]) -> bool:
        return context["job"].status in JobStatus.ended()


class ImportAction(ActionPage):
    """A decision about an import; a refusal is told on its page."""

    model = Import
    action = "change"

    def act(self, found: Import) -> None:
        """Call the service."""
        raise NotImplementedError

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        found = self.seen(Import, kwargs["pk"])
        try:
            self.act(found)
        except ValidationError as error:
            for told in error.messages:
                messages.error(request, told)
        except Conflict:
            messages.error(request, "Загрузка изменилась, пока вы смотрели: проверьте ещё раз.")
        return reverse("import", args=[found.pk])

    def seen_version(self) -> int | None:
        """The version that the page was drawn from."""
        typed = self.request.POST.get("version", "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


class ImportConfirm(ImportAction):
    def act(self, found: Import) -> None:
        form = ConfirmForm(self.request.POST, user=self.request.user)
        if not form.is_valid():
            raise ValidationError("Выберите, что загрузить.")
        services.confirm(
            actor=self.request.user,
            found=found,
            mode=form.cleaned_data["mode"],
            version=form.cleaned_data["version"],
        )


class ImportStop(ImportAction):
    def act(self, found: Import) -> None:
        services.stop(actor=self.request.user, found=found)
        messages.info(self.request, "Остановится на ближайшей границе: записанное не потеряется.")


class ImportAgain(ImportAction):
    def act(self, found: Import) -> None:
        services.again(actor=self.request.user, found=found)


class ImportUndo(ImportAction):
    def act(self, found: Import) -> None:
        services.take_back(actor=self.request.user, found=found, version=self.seen_version())


class ImportRefused(PolicyMixin, View):
    """The refused rows in the columns of their file, with the reasons: mend it and send it."""

    model = Import
    action = "view"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> Any:
        found = self.seen(Import, pk)
        title = f"Отказано — {found.file_name.rpartition('.')[0] or found.file_name}"
        return export.file_of(_refused_rows(found), title, "xlsx")


def _refused_rows(found: Import) -> Iterator[list[Any]]:
    resource = find(found.resource)
    width = len(found.headers)
    yield [*found.headers, "Строка файла", "Причина отказа"]
    for row in refused_of(found).iterator(chunk_size=1000):
        cells = [_as_cell(kept) for kept in row.cells[:width]]
        cells += [None] * (width - len(cells))
        yield [*cells, row.number, " ".join(messages_of(row, resource))]


def _as_cell(kept: Any) -> Any:
    cell = reading.cell(kept)
    return cell.shown if isinstance(cell, parse.Broken) else cell
