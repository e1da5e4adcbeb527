"""Pages on which two cards of one human being are found, compared and made one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from contacts import selectors, services
from contacts.enums import Likeness
from contacts.filters import DuplicateFilter
from contacts.forms import MergeForm
from contacts.models import Participant, Person
from contacts.tables import DuplicateTable
from contacts.views.scheme import ParticipantForms
from core import clock
from core.errors import Conflict, Refused
from core.views import ListPage


class Duplicates(ListPage):
    """Cards in the user's schemes that may be of one human being."""

    model = Person
    action = "view"
    template_name = "contacts/duplicates.html"
    table_class = DuplicateTable
    filterset_class = DuplicateFilter
    title = "Возможные дубли"
    page_key = "duplicates"

    def get_queryset(self) -> Any:
        user = self.request.user
        asked = [by for by in self.request.GET.getlist("by") if by in Likeness.values]
        rows = selectors.doubtful(user, asked or Likeness.values)
        return selectors.with_standing(rows, user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Участники СПР", reverse("participants"))]
        return super().get_context_data(crumbs=crumbs, **kwargs)


class MergeParticipant(ParticipantForms):
    """Choose the other card, compare the two, make them one: the card in the address lives on."""

    template_name = "contacts/merge.html"
    form_class = MergeForm
    submit_label = "Объединить"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.typed = request.GET.get("q", "")[:100]

    @property
    def other(self) -> Participant | None:
        """The place of the other card, within the user's scope."""
        if not hasattr(self, "_other"):
            chosen = self.request.GET.get("with", "")
            known = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
            rows = self.visible().exclude(person=self.participant.person)
            rows = rows.select_related("person", "client")
            self._other = rows.filter(pk=chosen).first() if known else None
        return self._other

    def get_title(self) -> str:
        return "Объединить две карточки" if self.other else f"Дубли: {self.participant}"

    def get_initial(self) -> dict[str, Any]:
        other = self.other
        if other is None:
            return {}
        return {"version": self.participant.version, "other_version": other.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, person = self.request.user, self.participant.person
        found: dict[str, Any]
        if self.other is not None:
            lines = selectors.comparison(user, person, self.other.person, clock.today())
            found = {"lines": lines}
        else:
            found = {
                "alike": selectors.alike_of(user, [person.pk]).get(person.pk, []),
                "named": selectors.people_named(user, self.typed, 10, Q(pk=person.pk)),
            }
        return super().get_context_data(
            participant=self.participant, other=self.other, typed=self.typed, **found, **kwargs
        )

    def save(self, form: Any) -> Any:
        if self.other is None:
            return self.participant
        try:
            return services.merge_people(
                actor=self.request.user,
                keep=self.participant.person,
                drop=self.other.person,
                today=clock.today(),
                seen={
                    self.participant.pk: form.cleaned_data["version"],
                    self.other.pk: form.cleaned_data["other_version"],
                },
            )
        except Refused as refusal:  # both cards are in sight, a client of the other one is not
            raise ValidationError(str(refusal)) from refusal

    def _conflict(self, form: Any, conflict: Conflict) -> HttpResponse:
        """Nothing was typed here: the comparison is shown afresh."""
        messages.warning(
            self.request, "Карточку только что изменил кто-то другой. Сравните ещё раз."
        )
        return HttpResponseRedirect(self.request.get_full_path())

    def done_url(self, obj: Any) -> str:
        if self.other is not None:
            messages.success(self.request, f"Карточки объединены: {obj}.")
        row = Participant.objects.visible_to(self.request.user).get(pk=self.participant.pk)
        return reverse("participant", args=[row.merged_into_id or row.pk])
