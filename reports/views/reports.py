"""A report: listed, asked for, seen as a page and as a file."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from accounts.models import Client
from contacts.views import card_url, crumbs_of
from core import clock, export, pdf
from core.enums import JobStatus
from core.policy import policy_for
from core.views import CardPage, FormPage, Fragment, ListPage, PolicyMixin, ProgressPart
from reports import printing, services
from reports.enums import ReportStatus
from reports.filters import ReportFilter
from reports.forms import RequestForm
from reports.forms.reports import usual_period
from reports.models import CooperationReport, ReportBatch, ReportLink
from reports.selectors import links
from reports.selectors.reports import (
    editions_of,
    is_intact,
    letterhead_in_force,
    runs_of,
    sections_of,
    waiting_for,
    with_people,
)
from reports.tables import ReportTable

_SHOWN = 10


class Reports(ListPage):
    """Every report of the user's clients."""

    model = CooperationReport
    action = "view"
    table_class = ReportTable
    filterset_class = ReportFilter
    template_name = "reports/reports.html"
    title = "Отчёты о сотрудничестве"
    page_key = "reports"

    def get_queryset(self) -> Any:
        return with_people(super().get_queryset())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            may_order=policy_for(ReportBatch).can(self.request.user, "add"), **kwargs
        )


class WaitingReports(Fragment):
    """Panel of the home page: what waits for this very person's approval."""

    model = CooperationReport
    template_name = "reports/waiting.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = waiting_for(self.request.user)
        return super().get_context_data(rows=rows[:_SHOWN], count=rows.count(), **kwargs)


class ClientReports(Fragment):
    """The reports of a client: a tab of its card."""

    model = CooperationReport
    template_name = "reports/client_reports.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, self.kwargs["pk"])
        return super().get_context_data(
            client=client,
            crumbs=crumbs_of(client),
            reports=list(with_people(self.visible().filter(client=client))),
            may_add=policy_for(CooperationReport).can(self.request.user, "add"),
            **kwargs,
        )


class RequestReport(FormPage):
    """Ask for the draft of a client's report."""

    model = CooperationReport
    action = "add"
    form_class = RequestForm
    title = "Новый отчёт о сотрудничестве"
    submit_label = "Собрать черновик"

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            self._client = self.seen(Client, self.kwargs["pk"])
        return self._client

    def get_initial(self) -> dict[str, Any]:
        since, until = usual_period(clock.today())
        return {"since": since, "until": until}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=crumbs_of(self.client, "Отчёты", "reports"),
            subheading=self.client.name,
            **kwargs,
        )

    def save(self, form: Any) -> Any:
        return services.request_report(
            actor=self.request.user, client=self.client, now=clock.now(), **form.cleaned_data
        )

    def done_url(self, obj: Any) -> str:
        return reverse("report", args=[obj.pk])

    def back_url(self) -> str:
        return card_url(self.client.pk, "reports")


class ReportCard(CardPage):
    """Where a report stands, what can be done now, its editions and links."""

    model = CooperationReport
    template_name = "reports/report.html"
    context_object_name = "report"

    def get_queryset(self) -> Any:
        rows = super().get_queryset().select_related("client", "author", "approved_by", "batch")
        return rows.select_related("presented_to__person", "letterhead", "visit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report: CooperationReport = self.object  # type: ignore[attr-defined]
        user, policy = self.request.user, policy_for(CooperationReport)
        is_open = report.is_built and not report.is_closed
        is_ready = is_open and report.status != ReportStatus.REQUESTED
        editions = editions_of(report)
        may_change = policy.can(user, "change", report)
        return super().get_context_data(
            crumbs=crumbs_of(report.client, "Отчёты", "reports"),
            run=run_of(report),
            sections=sections_of(report) if report.is_built else (),
            editions=editions if len(editions) > 1 else [],
            links=links.links_of(report) if policy_for(ReportLink).can(user, "view") else [],
            now=clock.now(),
            is_intact=is_intact(report) if report.is_closed else None,
            mail_is_on=settings.MAIL_IS_ON,
            may_edit=is_ready and may_change,
            may_build=may_change and not report.is_closed,
            may_submit=report.status == ReportStatus.DRAFT and may_change,
            may_approve=is_ready and policy.can(user, "approve", report),
            may_return=report.status == ReportStatus.REVIEW and policy.can(user, "approve", report),
            is_own=is_ready and report.author_id == user.pk and policy.can(user, "approve"),
            may_present=report.status == ReportStatus.FINAL and policy.can(user, "present", report),
            may_share=report.is_closed and policy.can(user, "share", report),
            may_renew=report.is_closed and may_change and editions[:1] == [report],
            **kwargs,
        )


def run_of(report: CooperationReport) -> Any:
    """The run that builds a report not built yet."""
    if report.status != ReportStatus.REQUESTED:
        return None
    return runs_of(services.BUILD, [report]).get(report.pk)


class ReportProgress(ProgressPart):
    """How far the building is; built, it opens the card."""

    model = CooperationReport
    template_name = "reports/progress.html"
    page_url_name = "report"
    context_object_name = "report"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report: CooperationReport = self.object  # type: ignore[attr-defined]
        return super().get_context_data(run=run_of(report), **kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        response = super().render_to_response(context, **kwargs)
        if context["report"].status != ReportStatus.REQUESTED:
            response["HX-Redirect"] = reverse("report", args=[context["report"].pk])
        return response


class Built(PolicyMixin, View):
    """What is shown of a report that is built."""

    model = CooperationReport
    action = "view"
    http_method_names = ["get", "head"]

    def built(self, pk: int) -> CooperationReport:
        report = self.seen(CooperationReport, pk)
        if not report.is_built:
            raise Http404
        return report


class Preview(Built):
    """The very HTML that is printed; while it is a draft each figure leads to its rows."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.built(pk)
        sheet = services.sheet_of(report)
        head = report.letterhead or letterhead_in_force()
        found = {} if report.is_closed else links_to_rows(report)
        context = printing.context_of(sheet, found) | {
            "report": report,
            "letterhead": head,
            "logo_url": reverse("report_logo", args=[head.pk]) if head.logo else "",
        }
        return render(request, "reports/preview.html", context)


def links_to_rows(report: CooperationReport) -> dict[str, str]:
    """Where the rows behind each figure are shown."""
    client = report.client_id
    return {
        "usage": card_url(client, "usage"),
        "money": card_url(client, "money"),
        "groups": card_url(client, "scheme"),
        "contacts": f"{reverse('visits')}?client={client}",
        "needs": f"{reverse('needs')}?client={client}",
        "need": reverse("needs"),
    }


class ReportPdf(Built):
    """The file; of a long document that is not printed yet, the page that waits for it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = self.built(pk)
        try:
            content = services.pdf_at_once(report)
        except pdf.Unprintable as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("report", args=[pk]))
        if content is None:
            return HttpResponseRedirect(reverse("report_printing", args=[pk]))
        return pdf_response(report, content, attached=False)


class Printing(CardPage):
    """A long document being printed: asked for each second, it gives way to the file."""

    model = CooperationReport
    template_name = "reports/printing.html"
    context_object_name = "report"

    def get_queryset(self) -> Any:
        rows = super().get_queryset().exclude(snapshot=None)
        return rows.select_related("client", "letterhead", "approved_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report: CooperationReport = self.object  # type: ignore[attr-defined]
        run = runs_of(services.PRINT, [report]).get(report.pk)
        return super().get_context_data(
            crumbs=[
                *crumbs_of(report.client, "Отчёты", "reports"),
                (str(report), reverse("report", args=[report.pk])),
            ],
            run=run,
            is_ready=services.kept_file(report) is not None,
            waits=run is not None and run.status not in JobStatus.ended(),
            may_print=policy_for(CooperationReport).can(self.request.user, "change", report),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        response = super().render_to_response(context, **kwargs)
        if context["is_ready"] and self.request.headers.get("HX-Request"):
            response["HX-Redirect"] = reverse("report_pdf", args=[context["report"].pk])
        return response


def pdf_response(report: CooperationReport, content: bytes, *, attached: bool) -> HttpResponse:
    """A report as it goes out."""
    name = f"Отчёт о сотрудничестве {report.client.name[:60]} {report.until:%Y-%m}"
    return export.pdf_file(name, content, attached=attached)


def told(request: HttpRequest, error: ValidationError) -> None:
    """Say a service's refusal above the page it leads back to."""
    messages.error(request, " ".join(error.messages))
