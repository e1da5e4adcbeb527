"""Pages on which a contact is recorded: logged at once, completed, changed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError

from core import clock, preferences
from core.policy import policy_for
from core.selectors import work_calendar
from visits import selectors, services
from visits.enums import VisitStatus
from visits.forms.log import DoneForm, LogForm
from visits.forms.plan import PlanForm
from visits.models import Visit
from visits.preferences import AGREEMENT_DAYS
from visits.views.visits import AddVisit, ChangeVisit, VisitFormPage


class LogPage(VisitFormPage):
    """What forms of a contact that took place have in common."""

    template_name = "visits/log.html"

    def level(self) -> str:
        """The level for which the form is drawn."""
        raise NotImplementedError

    @property
    def is_held(self) -> bool:
        """Whether the form is that of a contact that took place."""
        return True

    def get_form_kwargs(self) -> dict[str, Any]:
        if not self.is_held:
            return super().get_form_kwargs()
        settings = preferences.read()
        due_on = work_calendar().after(clock.today(), settings[AGREEMENT_DAYS])
        return super().get_form_kwargs() | {
            "settings": settings,
            "level": self.level(),
            "due_on": due_on,
        }

    def get_initial(self) -> dict[str, Any]:
        """`?like=last` takes over people, channel, services and folders; nothing is written."""
        found = super().get_initial()
        if self.is_like_last:
            found |= selectors.as_last_time(self.client)
        return found

    @property
    def is_like_last(self) -> bool:
        return self.request.GET.get("like") == "last"

    def save(self, form: Any) -> Any:
        try:
            return self.write(form)
        except ValidationError as error:
            raise form.spread(error) from error

    def write(self, form: Any) -> Visit:
        """Call the service."""
        raise NotImplementedError


class LogVisit(LogPage, AddVisit):
    form_class = LogForm
    title = "Записать контакт"
    submit_label = "Записать"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"started_at": clock.now().replace(second=0, microsecond=0)}

    def level(self) -> str:
        return AddVisit.level(self)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        last = None if self.is_like_last else selectors.last_contact(self.client)
        return super().get_context_data(last=last, is_like_last=self.is_like_last, **kwargs)

    def draft_key(self) -> str:
        return f"visit-log-{self.client.pk}"

    def write(self, form: Any) -> Visit:
        return services.log_visit(
            actor=self.request.user,
            client=self.client,
            values=form.values(),
            now=clock.now(),
            outcome=form.outcome(),
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"Записано: {obj}, {self.client}.")
        return super().done_url(obj)


class HeldVisit(LogPage, ChangeVisit):
    """A form of an existing contact as held."""

    def level(self) -> str:
        levels = policy_for(Visit).levels(self.request.user)  # type: ignore[attr-defined]
        asked = self.request.GET.get("level", "")
        return asked if asked in levels else self.visit.level

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"level": self.level()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("is_like_last", self.is_like_last)
        return {"last": None} | super().get_context_data(**kwargs)


class EditVisit(HeldVisit):
    """Before a contact its plan is changed, after it the whole."""

    @property
    def is_held(self) -> bool:
        return self.visit.status != VisitStatus.PLANNED

    def get_title(self) -> str:
        return f"Изменить: {self.visit}"

    def get_form_class(self) -> Any:
        return DoneForm if self.is_held else PlanForm

    def get_template_names(self) -> list[str]:
        return ["visits/log.html" if self.is_held else "visits/form.html"]

    def draft_key(self) -> str:
        return f"visit-edit-{self.visit.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        agreed = self.visit.agreements.select_related("participant__person", "responsible")
        return super().get_context_data(agreed=agreed, **kwargs)

    def write(self, form: Any) -> Visit:
        more = {"outcome": form.outcome()} if self.is_held else {"agenda": form.agenda()}
        return services.update_visit(
            actor=self.request.user,
            visit=self.visit,
            values=form.values(),
            now=clock.now(),
            version=form.seen_version,
            **more,
        )


class CompleteVisit(HeldVisit):
    """A planned contact took place."""

    form_class = LogForm
    submit_label = "Записать"

    def get_title(self) -> str:
        return f"Записать: {self.visit}"

    def get_initial(self) -> dict[str, Any]:
        now = clock.now().replace(second=0, microsecond=0)
        return super().get_initial() | {"started_at": now}

    def draft_key(self) -> str:
        return f"visit-complete-{self.visit.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = [("Цель", self.visit.goal), ("План работ", self.visit.plan)]
        last = None if self.is_like_last else selectors.last_contact(self.client)
        return super().get_context_data(
            visit_plan=plan if self.visit.plan or self.visit.goal else [], last=last, **kwargs
        )

    def write(self, form: Any) -> Visit:
        return services.complete_visit(
            actor=self.request.user,
            visit=self.visit,
            values=form.values(),
            now=clock.now(),
            version=form.seen_version,
            outcome=form.outcome(),
        )
