"""Pages of jobs: which ran for which day, how far one is, asking for another."""

from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from core import clock, jobs
from core.enums import JobStatus
from core.filters import FilterSet
from core.forms_jobs import RunForm
from core.models import JobRun
from core.tables_jobs import JobRunTable, counter_words, duration
from core.views import ActionPage, CardPage, FormPage, ListPage


class JobRunFilter(FilterSet):
    """Filters of the list of runs."""

    kind = django_filters.ChoiceFilter(
        label="Задание", choices=lambda: [(j.kind, j.label) for j in jobs.all_jobs()]
    )
    status = django_filters.ChoiceFilter(label="Состояние", choices=JobStatus.choices)
    business_date = django_filters.DateFromToRangeFilter(label="За дату")

    class Meta:
        model = JobRun
        fields: ClassVar[list[str]] = []


class JobsPage(ListPage):
    """Every run, the newest day first."""

    model = JobRun
    table_class = JobRunTable
    filterset_class = JobRunFilter
    template_name = "core/jobs.html"
    title = "Задания"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("requested_by")


class JobRunPage(CardPage):
    """One run; htmx asks for its progress each second while it lasts."""

    model = JobRun
    template_name = "core/job_run.html"
    context_object_name = "job"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("requested_by")

    def get_template_names(self) -> list[str]:
        return ["core/job_progress.html"] if self.request.htmx else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object  # type: ignore[attr-defined]
        return super().get_context_data(
            **kwargs,
            title=jobs.label_of(run.kind),
            poll_url=reverse("job_run", args=[run.pk]),
            counters=counter_words(run.counters),
            duration=duration(run),
            has_ended=run.status in JobStatus.ended(),
        )


class JobRequest(FormPage):
    """Ask for a run for a day; the page of the run shows how it goes."""

    model = JobRun
    action = "run"
    form_class = RunForm
    title = "Рассчитать за дату"
    submit_label = "Рассчитать"

    def get_initial(self) -> dict[str, Any]:
        return {"business_date": clock.today()}

    def save(self, form: Any) -> JobRun:
        typed = form.cleaned_data
        return jobs.request(typed["kind"], typed["business_date"], actor=self.request.user)

    def done_url(self, obj: JobRun) -> str:
        return reverse("job_run", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("jobs")


class JobRerun(ActionPage):
    """Ask for the same day once more."""

    model = JobRun
    action = "run"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        run = self.seen(JobRun, kwargs["pk"])
        again = jobs.request(run.kind, run.business_date, key=run.key, actor=request.user)
        if again.status == JobStatus.QUEUED:
            messages.success(request, "Задание поставлено в очередь.")
        return reverse("job_run", args=[run.pk])
