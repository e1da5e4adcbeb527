"""Preparation of a contact: all that is known of the client, and the plan written beside it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from contacts.views import card_url, crumbs_of
from core import clock
from core.russian import daytime
from visits import sections, services
from visits.enums import VisitStatus
from visits.forms.plan import PlanForm
from visits.models import Visit
from visits.selectors.preparation import participant_notes
from visits.views.visits import ChangeVisit, PlanVisit


def written_words(visit: Visit) -> str:
    """«План записан 14:05, до начала»: with the day where it is not today's."""
    moment = visit.prepared_at
    if moment is None or not visit.is_prepared:
        return ""
    local = moment.astimezone(clock.MOSCOW)
    today = clock.business_date(moment) == clock.today()
    return f"План записан {f'{local:%H:%M}' if today else daytime(moment)}, до начала"


class PreparePage:
    """The page around the form of a plan: the sections that apps registered."""

    submit_label = "Сохранить план"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        client = self.client  # type: ignore[attr-defined]
        shown = sections.load_all(client, self.request.user, clock.today())  # type: ignore[attr-defined]
        for one in shown:
            if one.section.code == "scheme":
                found["form"].note(participant_notes(one.data))
        return found | {
            "crumbs": crumbs_of(client, "Контакты", "visits"),
            "sections": [
                (one, card_url(client.pk, one.section.tab) if one.section.tab else "")
                for one in shown
            ],
        }

    def done_url(self, obj: Visit) -> str:
        """Stay on the page, which now says when the plan was written."""
        words = written_words(obj)
        messages.success(self.request, f"{words}." if words else "Сохранено.")  # type: ignore[attr-defined]
        return reverse("visit_prepare", args=[obj.pk])


class PrepareVisit(PreparePage, ChangeVisit):
    """Before a planned contact; once it took place the card is shown instead."""

    form_class = PlanForm
    template_name = "visits/prepare.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.visit.status != VisitStatus.PLANNED:
            return HttpResponseRedirect(reverse("visit", args=[self.visit.pk]))
        return super().get(request, *args, **kwargs)

    def get_title(self) -> str:
        return f"Подготовка: {self.visit}"

    def draft_key(self) -> str:
        return f"visit-prepare-{self.visit.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_planned = self.visit.status == VisitStatus.PLANNED
        start = reverse("visit_complete", args=[self.visit.pk]) if is_planned else ""
        return super().get_context_data(
            visit=self.visit,
            start_url=start,
            written=written_words(self.visit),
            **kwargs,
        )

    def save(self, form: Any) -> Visit:
        try:
            return services.update_visit(
                actor=self.request.user,
                visit=self.visit,
                values=form.values(),
                agenda=form.agenda(),
                now=clock.now(),
                version=form.seen_version,
            )
        except ValidationError as error:
            raise form.spread(error) from error


class PrepareClient(PreparePage, PlanVisit):
    """A contact that is not planned yet: saving plans it."""

    template_name = "visits/prepare.html"
    title = "Подготовка контакта"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        start = reverse("visit_log", args=[self.client.pk])
        return super().get_context_data(visit=None, start_url=start, written="", **kwargs)

    def draft_key(self) -> str:
        return f"visit-prepare-client-{self.client.pk}"
