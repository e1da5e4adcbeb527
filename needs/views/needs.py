"""Pages of needs: the list, the tab of a client, the card and its form."""

from typing import Any

from django.urls import reverse

from accounts.models import Client
from contacts.views import ClientPicker, card_url, crumbs_of
from core import clock
from core.policy import policy_for
from core.views import CardPage, FormPage, Fragment, ListPage
from needs import selectors, services
from needs.enums import NeedStatus
from needs.filters import NeedFilter
from needs.forms import NeedForm
from needs.models import Need
from needs.next_action import next_action
from needs.pipeline import next_stage
from needs.selectors.waits import wait_of
from needs.tables import NeedTable
from needs.views.base import NeedForms
from needs.views.confirmations import confirmation_of_card
from visits.selectors import own_employee


class Needs(ListPage):
    """Every need of the user's clients."""

    model = Need
    action = "view"
    table_class = NeedTable
    filterset_class = NeedFilter
    title = "Потребности"
    page_key = "needs"
    add_url_name = "need_new"
    add_label = "Открыть потребность"
    template_name = "needs/needs.html"

    def get_queryset(self) -> Any:
        return selectors.with_names(super().get_queryset())


class NewNeed(ClientPicker):
    """Whose: the first step of a need that was not begun on a client's card."""

    model = Need
    action = "add"
    title = "Новая потребность"
    choices = [("Открыть потребность", "need_add")]


class ClientNeeds(Fragment):
    """The needs of a client: a tab of its card."""

    model = Need
    template_name = "needs/client_needs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, self.kwargs["pk"])
        return super().get_context_data(
            client=client,
            crumbs=crumbs_of(client),
            needs=selectors.needs_of(client),
            may_add=policy_for(Need).can(self.request.user, "add"),
            **kwargs,
        )


class AlmostConfirmed(Fragment):
    """Panel of the home page: what is one step from a confirmed effect."""

    model = Need
    template_name = "needs/almost.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, count, stage = selectors.almost_confirmed(self.request.user)
        own = own_employee(self.request.user)
        own_ids = [own.pk] if own else []
        coming = next_stage(selectors.stages(), stage.code) if stage else None
        for row in rows:
            row.does = next_action(row.author_id, coming, own_ids, is_asked=row.is_asked)  # type: ignore[attr-defined]
        return super().get_context_data(rows=rows, count=count, stage=stage, **kwargs)


class NeedCard(CardPage):
    model = Need
    action = "view"
    template_name = "needs/need.html"

    def get_queryset(self) -> Any:
        return selectors.with_steps(super().get_queryset())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        line = selectors.line_of(row)
        coming = next((stop.stage for stop in line if stop.is_next), None)
        policy, user = policy_for(Need), self.request.user
        own = own_employee(user)
        needs_another = (
            coming is not None
            and coming.needs_second_person
            and own is not None
            and own.pk == row.author_id
        )
        is_open = row.status == NeedStatus.OPEN
        return super().get_context_data(
            crumbs=crumbs_of(row.client, "Потребности", "needs"),
            line=line,
            coming=coming,
            needs_another=needs_another,
            is_open=is_open,
            may_change=policy.can(user, "change", row),
            may_advance=is_open and policy.can(user, "advance", row),
            entries=selectors.history_of(row),
            files=selectors.files_of(row),
            wait=wait_of(row, clock.today()),
            **confirmation_of_card(user, row),
            **kwargs,
        )


class AddNeed(FormPage):
    model = Need
    action = "add"
    form_class = NeedForm
    template_name = "needs/form.html"
    title = "Новая потребность"
    submit_label = "Открыть потребность"

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            self._client = self.seen(Client, self.kwargs["pk"])
        return self._client

    def draft_key(self) -> str:
        return f"need-new-{self.client.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"client": self.client}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=crumbs_of(self.client, "Потребности", "needs"),
            subheading=self.client.name,
            **kwargs,
        )

    def save(self, form: Any) -> Any:
        return services.open_need(
            actor=self.request.user, client=self.client, values=form.values(), now=clock.now()
        )

    def done_url(self, obj: Any) -> str:
        return reverse("need", args=[obj.pk])

    def back_url(self) -> str:
        return card_url(self.client.pk, "needs")


class EditNeed(NeedForms):
    form_class = NeedForm
    template_name = "needs/form.html"
    title = "Изменить потребность"

    def draft_key(self) -> str:
        return f"need-edit-{self.need.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "client": self.need.client,
            # A row of its own: the form writes what was typed into it.
            "instance": self.seen(Need, self.need.pk),
        }

    def save(self, form: Any) -> Any:
        return services.update_need(
            actor=self.request.user,
            need=self.need,
            values=form.values(),
            version=form.seen_version,
        )
