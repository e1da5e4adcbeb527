"""Pages of contacts."""

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Client
from contacts.views import ClientPicker, card_url, crumbs_of
from core import clock
from core.policy import policy_for
from core.views import CardPage, FormPage, Fragment, ListPage
from visits import agenda, selectors, services
from visits.dates import day_of, planned_problems
from visits.enums import VisitLevel, VisitStatus
from visits.filters.visits import VisitFilter
from visits.forms.plan import PlanForm
from visits.forms.visits import CancelForm
from visits.models import Risk, Visit
from visits.tables.visits import VisitTable


class Visits(ListPage):
    """Every contact with the user's clients, planned and past."""

    model = Visit
    action = "view"
    table_class = VisitTable
    filterset_class = VisitFilter
    title = "Контакты"
    page_key = "visits"
    add_url_name = "visit_new"
    add_label = "Записать или запланировать"

    def get_queryset(self) -> Any:
        return selectors.with_people(super().get_queryset())


class NewVisit(ClientPicker):
    """With whom: the first step of a contact that was not begun on a client's card."""

    model = Visit
    action = "add"
    title = "Новый контакт"
    choices = [("Записать", "visit_log"), ("Запланировать", "visit_plan")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A day chosen in the calendar goes along to the plan, which then stands first."""
        found = super().get_context_data(**kwargs)
        on = day_of(self.request.GET.get("on", ""))
        if on is not None:
            found["carried"] = on.isoformat()
            found["rows"] = [
                (row, [(label, f"{address}?on={on}") for label, address in reversed(buttons)])
                for row, buttons in found["rows"]
            ]
        return found


class ClientVisits(Fragment):
    """The contacts of a client: a tab of its card."""

    model = Visit
    template_name = "visits/client_visits.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, self.kwargs["pk"])
        planned, past = selectors.visits_of(client)
        return super().get_context_data(
            client=client,
            crumbs=crumbs_of(client),
            planned=planned,
            past=past,
            today=clock.today(),
            may_add=policy_for(Visit).can(self.request.user, "add"),
            risks=selectors.open_risks(self.request.user, client),
            may_close=policy_for(Risk).can(self.request.user, "change"),
            **kwargs,
        )


class DueVisits(Fragment):
    """Panel of the home page: what is planned for today and what is overdue."""

    model = Visit
    template_name = "visits/due.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        rows, count = selectors.due_visits(self.request.user, today)
        return super().get_context_data(rows=rows, count=count, today=today, **kwargs)


class VisitCard(CardPage):
    model = Visit
    action = "view"
    template_name = "visits/visit.html"

    def get_queryset(self) -> Any:
        return selectors.with_outcome(selectors.with_people(super().get_queryset()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        is_live = row.status != VisitStatus.CANCELLED
        is_k2 = row.level == VisitLevel.K2 and row.status == VisitStatus.DONE
        return super().get_context_data(
            crumbs=crumbs_of(row.client, "Контакты", "visits"),
            is_planned=row.status == VisitStatus.PLANNED,
            is_done=row.status == VisitStatus.DONE,
            marks=selectors.marks_of(row) if is_k2 else None,
            agenda=agenda.taken_to(row.pk),
            may_close=policy_for(Risk).can(self.request.user, "change"),
            today=clock.today(),
            may_change=is_live and policy_for(Visit).can(self.request.user, "change", row),
            **kwargs,
        )


class VisitFormPage(FormPage):
    """A form of one client's contact."""

    model = Visit
    action = "add"
    template_name = "visits/form.html"

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            self._client = self.seen(Client, self.kwargs["pk"])
        return self._client

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"client": self.client, "on": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            client=self.client,
            crumbs=crumbs_of(self.client, "Контакты", "visits"),
            subheading=self.client.name,
            no_participants=not self.client.participants.filter(ends_on=None).exists(),
            **kwargs,
        )

    def done_url(self, obj: Any) -> str:
        return reverse("visit", args=[obj.pk])

    def back_url(self) -> str:
        return card_url(self.client.pk, "visits")


class AddVisit(VisitFormPage):
    """A new contact; it is the user's own unless another holds it."""

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {"employee": selectors.own_employee(self.request.user)}
        return found | {"level": self.level()}

    def level(self) -> str:
        """The level asked for in the address, else the highest that the user records."""
        levels = policy_for(Visit).levels(self.request.user)  # type: ignore[attr-defined]
        asked = self.request.GET.get("level", "")
        return asked if asked in levels else levels[-1]


class PlanVisit(AddVisit):
    form_class = PlanForm
    title = "Запланировать контакт"
    submit_label = "Запланировать"

    def get_initial(self) -> dict[str, Any]:
        today = clock.today()
        asked = day_of(self.request.GET.get("on", ""))
        is_free = asked is not None and not planned_problems(asked, None, today)
        return super().get_initial() | {"planned_for": asked if is_free else today}

    def draft_key(self) -> str:
        return f"visit-plan-{self.client.pk}"

    def save(self, form: Any) -> Any:
        try:
            return services.plan_visit(
                actor=self.request.user,
                client=self.client,
                values=form.values(),
                agenda=form.agenda(),
                now=clock.now(),
            )
        except ValidationError as error:
            raise form.spread(error) from error


class ChangeVisit(VisitFormPage):
    """What forms of one existing contact have in common."""

    action = "change"

    @property
    def visit(self) -> Visit:
        if not hasattr(self, "_visit"):
            self._visit = self.seen(Visit, self.kwargs["pk"])
            policy_for(Visit).check(self.request.user, "change", self._visit)
        return self._visit

    @property
    def client(self) -> Client:
        return self.visit.client

    def get_form_kwargs(self) -> dict[str, Any]:
        # A row of its own: the form writes what was typed into it.
        return super().get_form_kwargs() | {"instance": self.seen(Visit, self.visit.pk)}

    def back_url(self) -> str:
        return reverse("visit", args=[self.visit.pk])


class CancelVisit(ChangeVisit):
    form_class = CancelForm
    template_name = "core/form.html"
    submit_label = "Отменить контакт"

    def get_title(self) -> str:
        return f"Отменить: {self.visit}"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.visit.version}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        for name in ("instance", "client", "on"):
            kwargs.pop(name)
        return kwargs

    def save(self, form: Any) -> Any:
        return services.cancel_visit(
            actor=self.request.user,
            visit=self.visit,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
