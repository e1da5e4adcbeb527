"""Pages of the decision scheme."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from accounts.models import Client
from contacts import selectors, services
from contacts.filters import ParticipantFilter
from contacts.forms import CloseForm, ParticipantEditForm, ParticipantForm
from contacts.models import Participant, Person
from contacts.tables import ParticipantTable
from core import clock
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, Fragment, ListPage, PolicyMixin


def card_url(client_id: int, tab: str) -> str:
    """The client's card, open at a tab."""
    return f"{reverse('client', args=[client_id])}?tab={tab}"


def crumbs_of(client: Client, label: str = "", tab: str = "") -> list[tuple[str, str]]:
    """The way to a page that hangs on a client: the clients, the client, its tab."""
    found = [
        ("Клиенты", reverse("clients")),
        (client.name, reverse("client", args=[client.pk])),
    ]
    return [*found, (label, card_url(client.pk, tab))] if tab else found


class Participants(ListPage):
    """Everybody in the schemes of the user's clients."""

    model = Participant
    action = "view"
    table_class = ParticipantTable
    filterset_class = ParticipantFilter
    title = "Участники СПР"
    template_name = "contacts/participants.html"
    page_key = "participants"

    def get_queryset(self) -> Any:
        return selectors.with_scheme(super().get_queryset().filter(ends_on=None), clock.today())


class ClientScheme(Fragment):
    """The decision scheme of a client: a tab of its card."""

    model = Participant
    template_name = "contacts/scheme.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, self.kwargs["pk"])
        policy = policy_for(Participant)
        scheme = selectors.scheme(client, clock.today())
        return super().get_context_data(
            client=client,
            crumbs=crumbs_of(client),
            scheme=scheme,
            drawing=selectors.drawing(scheme),
            today=clock.today(),
            may_add=policy.can(self.request.user, "add"),
            may_change=policy.can(self.request.user, "change"),
            **kwargs,
        )


class SchemePicture(Fragment):
    """The picture of a scheme on a sheet of its own, to be printed."""

    model = Participant
    template_name = "contacts/scheme_picture.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, self.kwargs["pk"])
        scheme = selectors.scheme(client, clock.today())
        return super().get_context_data(
            client=client,
            crumbs=crumbs_of(client, "СПР", "scheme"),
            scheme=scheme,
            drawing=selectors.drawing(scheme, on_sheet=True),
            today=clock.today(),
            **kwargs,
        )


class ParticipantCard(CardPage):
    """One participant: contacts, roles by date, other schemes of the same person."""

    model = Participant
    action = "view"
    template_name = "contacts/participant.html"

    def get_queryset(self) -> Any:
        return selectors.with_scheme(super().get_queryset(), clock.today())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.object, self.request.user
        elsewhere = self.visible().filter(person=row.person).exclude(pk=row.pk).unmerged()
        alike = selectors.alike_of(user, [row.person_id]).get(row.person_id, [])
        return super().get_context_data(
            crumbs=crumbs_of(row.client, "СПР", "scheme"),
            periods=list(row.roles.all()),
            subordinates=list(row.subordinates.filter(ends_on=None).select_related("person")),
            elsewhere=list(selectors.with_scheme(elsewhere, clock.today())),
            alike=alike,
            may_merge=row.merged_into_id is None and policy_for(Participant).can(user, "change"),
            may_change=row.ends_on is None and policy_for(Participant).can(user, "change", row),
            **kwargs,
        )


class AddParticipant(FormPage):
    """A new participant; a person known from another scheme is found by name, not typed twice."""

    model = Participant
    action = "add"
    template_name = "contacts/participant_add.html"
    form_class = ParticipantForm
    title = "Новый участник СПР"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.typed = request.GET.get("q", "")[:100]

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            self._client = self.seen(Client, self.kwargs["pk"])
        return self._client

    @property
    def person(self) -> Person | None:
        """The known person chosen in the address, within the user's scope."""
        if not hasattr(self, "_person"):
            chosen = self.request.GET.get("person", "")
            known = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
            self._person = self.visible(Person).filter(pk=chosen).first() if known else None
        return self._person

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "client": self.client,
            "person": self.person,
            "initial": {"starts_on": clock.today()},
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            client=self.client,
            crumbs=crumbs_of(self.client, "СПР", "scheme"),
            subheading=self.client.name,
            person=self.person,
            typed=self.typed,
            found=selectors.known_people(self.request.user, self.client, self.typed),
            **kwargs,
        )

    def save(self, form: Any) -> Any:
        values = form.values()
        return services.add_participant(
            actor=self.request.user,
            client=self.client,
            person=self.person,
            roles=values.pop("roles"),
            values=values,
            today=clock.today(),
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"Добавлено в схему: {obj}.")
        return self.back_url()

    def back_url(self) -> str:
        return card_url(self.client.pk, "scheme")


class ParticipantForms(FormPage):
    """What forms of one participant have in common."""

    model = Participant
    action = "change"

    @property
    def participant(self) -> Participant:
        if not hasattr(self, "_participant"):
            self._participant = self.seen(Participant, self.kwargs["pk"])
            policy_for(Participant).check(self.request.user, "change", self._participant)
        return self._participant

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.participant.client
        return super().get_context_data(
            crumbs=crumbs_of(client, "СПР", "scheme"), subheading=client.name, **kwargs
        )

    def done_url(self, obj: Any) -> str:
        return self.back_url()

    def back_url(self) -> str:
        return reverse("participant", args=[self.participant.pk])


class EditParticipant(ParticipantForms):
    form_class = ParticipantEditForm
    template_name = "contacts/participant_edit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.participant
        elsewhere = self.visible().filter(person=row.person, ends_on=None).exclude(pk=row.pk)
        return super().get_context_data(
            elsewhere=list(elsewhere.select_related("client")), **kwargs
        )

    def get_title(self) -> str:
        return str(self.participant)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "client": self.participant.client,
            # A row of its own: the form writes what was typed into it.
            "instance": self.seen(Participant, self.participant.pk),
        }

    def save(self, form: Any) -> Any:
        values = form.values()
        return services.update_participant(
            actor=self.request.user,
            participant=self.participant,
            roles=values.pop("roles"),
            roles_on=values.pop("roles_on"),
            values=values,
            today=clock.today(),
            version=form.seen_version,
        )


class CloseParticipant(ParticipantForms):
    form_class = CloseForm
    submit_label = "Убрать из схемы"

    def get_title(self) -> str:
        return f"Убрать из схемы: {self.participant}"

    def get_initial(self) -> dict[str, Any]:
        return {"ends_on": clock.today(), "version": self.participant.version}

    def save(self, form: Any) -> Any:
        return services.close_participant(
            actor=self.request.user,
            participant=self.participant,
            on=form.cleaned_data["ends_on"],
            today=clock.today(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"{obj}: больше не в схеме.")
        return card_url(obj.client_id, "scheme")


class VerifyParticipant(ActionPage):
    """«Проверено сегодня»."""

    model = Participant
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Participant, kwargs["pk"])
        try:
            services.verify_participant(actor=request.user, participant=row, on=clock.today())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return reverse("client_scheme", args=[row.client_id])


class ClientPicker(PolicyMixin, TemplateView):
    """Choose the client first: what is to be written hangs on one.

    A subclass gives `choices`, pairs of a button's label and the url name it leads to.
    """

    template_name = "contacts/client_picker.html"
    title: ClassVar[str] = ""
    choices: ClassVar[list[tuple[str, str]]] = []
    limit = 20

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = self.request.GET.get("q", "")[:100]
        rows = self.visible(Client).active_on(clock.today()).matching(typed)
        rows = list(rows.select_related("specialist")[: self.limit + 1])
        return super().get_context_data(
            title=self.title,
            typed=typed,
            rows=[
                (row, [(label, reverse(name, args=[row.pk])) for label, name in self.choices])
                for row in rows[: self.limit]
            ],
            is_cut=len(rows) > self.limit,
            **kwargs,
        )
