"""Steps in the life of a report: edited, sent, approved, returned, presented, redone."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from contacts.models import Participant
from contacts.views import crumbs_of
from core import clock
from core.policy import policy_for
from core.views import FormPage, RowAction
from reports import services
from reports.forms import PresentForm, ReturnForm, SectionsForm
from reports.models import CooperationReport
from reports.selectors.reports import k2_visits, sections_of


class ReportForms(FormPage):
    """What forms of one report have in common."""

    model = CooperationReport
    action = "change"

    @property
    def report(self) -> CooperationReport:
        if not hasattr(self, "_report"):
            self._report = self.seen(CooperationReport, self.kwargs["pk"])
            policy_for(CooperationReport).check(self.request.user, self.action, self._report)
        return self._report

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.report.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            report=self.report,
            crumbs=[
                *crumbs_of(self.report.client, "Отчёты", "reports"),
                (str(self.report), self.back_url()),
            ],
            subheading=self.report.client.name,
            **kwargs,
        )

    def done_url(self, obj: Any) -> str:
        return self.back_url()

    def back_url(self) -> str:
        return reverse("report", args=[self.report.pk])

    def participants(self) -> Any:
        """People of the client's scheme today."""
        rows = self.visible(Participant).filter(client=self.report.client_id)
        return rows.select_related("person").current_on(clock.today())


class EditSections(ReportForms):
    """Sections switched, put in order, given words of one's own."""

    form_class = SectionsForm
    template_name = "reports/edit.html"
    title = "Разделы отчёта"

    def draft_key(self) -> str:
        return f"report-{self.report.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        found = sections_of(self.report) if self.report.is_built else ()
        return super().get_form_kwargs() | {"sections": found}

    def save(self, form: Any) -> Any:
        return services.save_sections(
            actor=self.request.user,
            report=self.report,
            sections=form.sections(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Сохранено.")
        return super().done_url(obj)


class GiveBack(ReportForms):
    action = "approve"
    form_class = ReturnForm
    title = "Вернуть на доработку"
    submit_label = "Вернуть"

    def save(self, form: Any) -> Any:
        return services.give_back(actor=self.request.user, report=self.report, **form.cleaned_data)


class Present(ReportForms):
    action = "present"
    form_class = PresentForm
    title = "Отчёт представлен"
    submit_label = "Записать"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"on": clock.today()}

    def get_form_kwargs(self) -> dict[str, Any]:
        visits = k2_visits(self.request.user, self.report, clock.today())
        return super().get_form_kwargs() | {"participants": self.participants(), "visits": visits}

    def save(self, form: Any) -> Any:
        return services.present(
            actor=self.request.user, report=self.report, now=clock.now(), **form.cleaned_data
        )

    def done_url(self, obj: Any) -> str:
        words = "Записано."
        if obj.visit_id:
            words = "Записано, критерий К2У «отчёт о сотрудничестве» отмечен."
        messages.success(self.request, words)
        return super().done_url(obj)


class Step(RowAction):
    """A button of the card; a refusal, or that somebody was quicker, is said there."""

    model = CooperationReport
    action = "change"
    moved_on = "Отчёт уже изменили: посмотрите его и решите снова."

    def page_of(self, row: CooperationReport) -> str:
        return reverse("report", args=[row.pk])


class BuildAgain(Step):
    done = "Показатели собираются заново."

    def act(self, row: CooperationReport, version: int | None) -> None:
        services.build_again(actor=self.request.user, report=row, now=clock.now(), version=version)


class Print(Step):
    def act(self, row: CooperationReport, version: int | None) -> str:
        services.request_print(actor=self.request.user, report=row)
        return reverse("report_printing", args=[row.pk])


class Submit(Step):
    done = "Отправлено на утверждение начальнику."

    def act(self, row: CooperationReport, version: int | None) -> None:
        services.submit(actor=self.request.user, report=row, version=version)


class Approve(Step):
    action = "approve"
    done = "Утверждено: показатели и текст больше не меняются."

    def act(self, row: CooperationReport, version: int | None) -> None:
        services.approve(actor=self.request.user, report=row, now=clock.now(), version=version)


class NewEdition(Step):
    done = "Новая редакция собирается; прежняя осталась как была."

    def act(self, row: CooperationReport, version: int | None) -> str:
        fresh = services.request_edition(actor=self.request.user, report=row, now=clock.now())
        return self.page_of(fresh)
