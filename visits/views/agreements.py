"""Pages of tasks: agreements with clients and decisions of control points."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Client
from accounts.policy import LEADING
from contacts.views import ClientPicker, card_url, crumbs_of
from core import clock
from core.policy import policy_for
from core.selectors import work_calendar
from core.views import ActionPage, CardPage, FormPage, Fragment, ListPage
from visits import selectors, services
from visits.enums import AgreementStatus
from visits.filters.agreements import AgreementFilter
from visits.forms.agreements import AgreementForm, CloseForm, DropForm
from visits.models import Agreement
from visits.selectors import agreements as tasks
from visits.tables.agreements import AgreementTable, executor_name


class Tasks(ListPage):
    """Every task in the user's scope, the earliest due first."""

    model = Agreement
    action = "view"
    table_class = AgreementTable
    filterset_class = AgreementFilter
    title = "Задачи"
    page_key = "tasks"
    add_url_name = "task_new"
    add_label = "Новая задача"

    def get_queryset(self) -> Any:
        return tasks.with_names(super().get_queryset())


class NewTask(ClientPicker):
    """About whom: the first step of a task that was not begun on a client's card."""

    model = Agreement
    action = "add"
    template_name = "visits/tasks/new.html"
    title = "Новая задача"
    choices = [("Записать задачу", "client_task_add")]


class ClientTasks(Fragment):
    """The agreements with a client: a tab of its card."""

    model = Agreement
    template_name = "visits/tasks/client.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, self.kwargs["pk"])
        waiting, closed = selectors.agreements_of(client)
        return super().get_context_data(
            client=client,
            crumbs=crumbs_of(client),
            waiting=waiting,
            closed=closed,
            today=clock.today(),
            may_add=policy_for(Agreement).can(self.request.user, "add"),
            **kwargs,
        )


class TasksPanel(Fragment):
    """Panel of the home page: one's own tasks, overdue and of today."""

    model = Agreement
    template_name = "visits/tasks/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, clock.today()
        found = selectors.tasks_for(
            selectors.my_employees(user), today, user=user, soon=False, limit=6
        )
        return super().get_context_data(
            found=found,
            rows=[*found.overdue, *found.today],
            in_sight=tasks.overdue_in_sight(user, today) if user.role in LEADING else 0,
            today=today,
            **kwargs,
        )


class TaskReminders(Fragment):
    """The bell of every page: how many of one's own tasks are due; it comes after the page."""

    model = Agreement
    template_name = "visits/tasks/bell.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = tasks.reminders(self.request.user, clock.today())
        return super().get_context_data(found=found, **kwargs)


class TaskCard(CardPage):
    model = Agreement
    action = "view"
    template_name = "visits/tasks/task.html"

    def get_queryset(self) -> Any:
        rows = tasks.with_names(super().get_queryset())
        return rows.select_related("control_point__kind", "visit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Agreement = self.object  # type: ignore[assignment]
        held = row.control_point is not None and row.control_point.held_at is not None
        may_change = policy_for(Agreement).can(self.request.user, "change", row)
        return super().get_context_data(
            crumbs=crumbs_for(row.client),
            executor=executor_name(row),
            is_open=row.status == AgreementStatus.OPEN,
            is_day_off=not work_calendar().is_working(row.due_on),
            may_change=may_change,
            may_edit=may_change and not held,
            entries=tasks.history_of(row),
            today=clock.today(),
            **kwargs,
        )


def crumbs_for(client: Client | None) -> list[tuple[str, str]]:
    """The way to a task: through its client, or through all tasks."""
    if client is None:
        return [("Задачи", reverse("tasks"))]
    return crumbs_of(client, "Задачи", "tasks")


class TaskForm(FormPage):
    """A task of a client or of nobody's client, new or present."""

    model = Agreement
    action = "add"
    form_class = AgreementForm
    title = "Новая задача"

    @property
    def client(self) -> Client | None:
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        today = clock.today()
        return super().get_form_kwargs() | {
            "client": self.client,
            "on": today,
            "usual": tasks.usual_due(today),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=crumbs_for(self.client),
            subheading=self.client.name if self.client else "Без клиента",
            **kwargs,
        )

    def done_url(self, obj: Agreement) -> str:
        if not work_calendar().is_working(obj.due_on):
            messages.warning(self.request, f"Срок {day_word(obj.due_on)} — выходной день.")
        else:
            messages.success(self.request, f"Задача записана, срок {day_word(obj.due_on)}.")
        return self.back_url()

    def back_url(self) -> str:
        return card_url(self.client.pk, "tasks") if self.client else reverse("tasks")


def day_word(on: date) -> str:
    """A day in a message."""
    return f"{on:%d.%m.%Y}"


class AddTask(TaskForm):
    """A task that concerns no client: of oneself or of one's people."""

    model = Agreement
    action = "add"

    def get_initial(self) -> dict[str, Any]:
        return {"responsible": selectors.own_employee(self.request.user)}

    def save(self, form: Any) -> Agreement:
        return services.add_agreement(
            actor=self.request.user,
            client=self.client,
            values=form.values(),
            today=clock.today(),
        )


class AddClientTask(AddTask):
    model = Agreement
    action = "add"

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            self._client: Client = self.seen(Client, self.kwargs["pk"])
        return self._client

    def get_initial(self) -> dict[str, Any]:
        return {}


class ChangeTask(FormPage):
    """What forms of one existing task have in common."""

    model = Agreement
    action = "change"

    @property
    def task(self) -> Agreement:
        if not hasattr(self, "_task"):
            self._task: Agreement = self.seen(Agreement, self.kwargs["pk"])
            policy_for(Agreement).check(self.request.user, "change", self._task)
        return self._task

    @property
    def client(self) -> Client | None:
        return self.task.client

    def back_url(self) -> str:
        return reverse("task", args=[self.task.pk])

    def done_url(self, obj: Agreement) -> str:
        return self.back_url()


class EditTask(ChangeTask, TaskForm):
    model = Agreement
    action = "change"
    title = "Изменить задачу"

    def get_form_kwargs(self) -> dict[str, Any]:
        # A row of its own: the form writes what was typed into it.
        return super().get_form_kwargs() | {"instance": self.seen(Agreement, self.task.pk)}

    def save(self, form: Any) -> Agreement:
        return services.update_agreement(
            actor=self.request.user,
            agreement=self.task,
            values=form.values(),
            today=clock.today(),
            version=form.seen_version,
        )


class EndTask(ChangeTask):
    """A task is closed with a word on how it ended."""

    model = Agreement
    action = "change"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.task.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=crumbs_for(self.client), subheading=self.task.what, **kwargs
        )


class CloseTask(EndTask):
    model = Agreement
    action = "change"
    form_class = CloseForm
    title = "Задача выполнена"
    submit_label = "Выполнена"

    def save(self, form: Any) -> Agreement:
        return services.close_agreement(
            actor=self.request.user,
            agreement=self.task,
            outcome=form.cleaned_data["outcome"],
            today=clock.today(),
            version=form.cleaned_data["version"],
        )


class DropTask(EndTask):
    model = Agreement
    action = "change"
    form_class = DropForm
    title = "Снять задачу"
    submit_label = "Снять"

    def save(self, form: Any) -> Agreement:
        return services.drop_agreement(
            actor=self.request.user,
            agreement=self.task,
            reason=form.cleaned_data["outcome"],
            today=clock.today(),
            version=form.cleaned_data["version"],
        )


class ReopenTask(ActionPage):
    """A closed task returns to work."""

    model = Agreement
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Agreement, kwargs["pk"])
        if row.status == AgreementStatus.OPEN:
            messages.info(request, "Задача и так в работе.")
        else:
            services.reopen_agreement(actor=request.user, agreement=row)
        return reverse("task", args=[row.pk])
