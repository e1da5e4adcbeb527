"""Reports of many clients: ordered, watched, stopped, tried again, packed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.generic import View

from core import clock
from core.enums import JobStatus
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, ListPage, PolicyMixin, ProgressPart
from reports import services
from reports.filters import BatchFilter
from reports.forms import BatchForm
from reports.forms.reports import usual_period
from reports.models import CooperationReport, ReportBatch
from reports.selectors.batches import (
    Choice,
    clients_of,
    pack_path,
    pack_run,
    progress_of,
    reports_of,
    zip_for,
)
from reports.selectors.reports import runs_of, with_people
from reports.tables import BatchTable
from reports.views.reports import told


class Batches(ListPage):
    """The orders that the user gave."""

    model = ReportBatch
    action = "view"
    table_class = BatchTable
    filterset_class = BatchFilter
    title = "Пакеты отчётов"
    add_url_name = "report_batch_new"
    add_label = "Отчёты для многих клиентов"

    def get_queryset(self) -> Any:
        return super().get_queryset().annotate(reports_count=Count("reports"))


class NewBatch(FormPage):
    model = ReportBatch
    action = "add"
    form_class = BatchForm
    title = "Отчёты для многих клиентов"
    submit_label = "Собрать черновики"

    def get_initial(self) -> dict[str, Any]:
        since, until = usual_period(clock.today())
        return {"since": since, "until": until}

    def save(self, form: Any) -> Any:
        typed = dict(form.cleaned_data)
        since, until = typed.pop("since"), typed.pop("until")
        choice = Choice(**typed)
        return services.request_batch(
            actor=self.request.user,
            clients=clients_of(self.request.user, choice),
            title=choice.title,
            since=since,
            until=until,
            now=clock.now(),
        )

    def done_url(self, obj: Any) -> str:
        return reverse("report_batch", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("report_batches")


class BatchCard(CardPage):
    """An order: how far it is, what failed, every report."""

    model = ReportBatch
    template_name = "reports/batch.html"
    context_object_name = "batch"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch: ReportBatch = self.object  # type: ignore[attr-defined]
        rows = policy_for(CooperationReport).visible_to(self.request.user, reports_of(batch))
        reports = list(with_people(rows))
        runs = runs_of(services.BUILD, reports)
        for report in reports:
            report.run = runs.get(report.pk)
        return super().get_context_data(reports=reports, **of_batch(batch), **kwargs)


class BatchProgress(ProgressPart):
    """How far it is, asked for each second while anything waits."""

    model = ReportBatch
    template_name = "reports/batch_progress.html"
    page_url_name = "report_batch"
    context_object_name = "batch"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch: ReportBatch = self.object  # type: ignore[attr-defined]
        return super().get_context_data(**of_batch(batch), **kwargs)

    def is_over(self, context: dict[str, Any]) -> bool:
        return context["progress"].is_ended and not context["pack_waits"]


def of_batch(batch: ReportBatch) -> dict[str, Any]:
    """What both say of a batch: progress, the run of its zip, whether the zip is there."""
    pack = pack_run(batch, services.PACK)
    return {
        "progress": progress_of(batch, services.BUILD),
        "pack": pack,
        "pack_waits": pack is not None and pack.status not in JobStatus.ended(),
        "has_zip": pack_path(batch.pk).exists(),
    }


class BatchStep(ActionPage):
    """A button of the card."""

    model = ReportBatch
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        batch = self.seen(ReportBatch, kwargs["pk"])
        try:
            messages.success(request, self.step(batch))
        except ValidationError as error:
            told(request, error)
        return reverse("report_batch", args=[batch.pk])

    def step(self, batch: ReportBatch) -> str:
        """Call the service; what to say then."""
        raise NotImplementedError


class CancelBatch(BatchStep):
    def step(self, batch: ReportBatch) -> str:
        count = services.cancel_batch(actor=self.request.user, batch=batch)
        return f"Остановлено отчётов: {count}. Собранные остались."


class RetryBatch(BatchStep):
    def step(self, batch: ReportBatch) -> str:
        count = services.retry_batch(actor=self.request.user, batch=batch)
        return f"Поставлено в очередь снова: {count}."


class PackBatch(BatchStep):
    def step(self, batch: ReportBatch) -> str:
        services.request_pack(actor=self.request.user, batch=batch)
        return "Архив собирается."


class BatchZip(PolicyMixin, View):
    """The zip; only while every report of it lies within the user's scope."""

    model = ReportBatch
    action = "view"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        batch = self.seen(ReportBatch, pk)
        return zip_response(request.user, batch)


def zip_response(user: Any, batch: ReportBatch) -> FileResponse:
    """The zip as it goes out, never kept by a cache; 404 where it is not there for the user."""
    path = zip_for(user, batch)
    if path is None:
        raise Http404
    name = f"Отчёты {batch.requested_at:%Y-%m-%d}.zip"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response
