"""Pages of needs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts.models import Client
from contacts.views import ClientPicker, card_url, crumbs_of
from core import clock
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, Fragment, ListPage
from needs import selectors, services
from needs.enums import NeedStatus
from needs.filters import NeedFilter
from needs.forms import AdvanceForm, NeedForm, ReasonForm
from needs.models import Need, NeedStage
from needs.pipeline import next_stage
from needs.tables import NeedTable
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
        return super().get_context_data(
            rows=rows, count=count, stage=stage, own_id=own.pk if own else None, **kwargs
        )


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


class NeedForms(FormPage):
    """What forms of one need have in common."""

    model = Need
    action = "change"

    @property
    def need(self) -> Need:
        if not hasattr(self, "_need"):
            self._need = self.seen(Need, self.kwargs["pk"])
            policy_for(Need).check(self.request.user, self.action, self._need)
        return self._need

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=[
                *crumbs_of(self.need.client, "Потребности", "needs"),
                (self.need.title, self.back_url()),
            ],
            subheading=f"{self.need.title}, {self.need.client.name}",
            **kwargs,
        )

    def done_url(self, obj: Any) -> str:
        return self.back_url()

    def back_url(self) -> str:
        return reverse("need", args=[self.need.pk])


class EditNeed(NeedForms):
    form_class = NeedForm
    template_name = "needs/form.html"
    title = "Изменить потребность"

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


class AdvanceNeed(NeedForms):
    """The next step; where there is none, back to the card."""

    action = "advance"
    form_class = AdvanceForm
    submit_label = "Записать шаг"

    @property
    def stage(self) -> NeedStage | None:
        if not hasattr(self, "_stage"):
            code = self.need.stage.code if self.need.stage else None
            coming = next_stage(selectors.stages(), code)
            self._stage = NeedStage.objects.get(code=coming.code) if coming else None
        return self._stage

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._without_next() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._without_next() or super().post(request, *args, **kwargs)

    def _without_next(self) -> HttpResponseRedirect | None:
        if self.stage is None:
            messages.info(self.request, "Потребность уже на последнем этапе.")
            return HttpResponseRedirect(self.back_url())
        return None

    def get_title(self) -> str:
        return f"Этап «{self.stage}»"

    def get_initial(self) -> dict[str, Any]:
        return {"on": clock.today(), "version": self.need.version}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"need": self.need, "stage": self.stage}

    def save(self, form: Any) -> Any:
        return services.advance_need(
            actor=self.request.user,
            need=self.need,
            on=form.cleaned_data["on"],
            evidence=form.cleaned_data["evidence"],
            participant=form.cleaned_data.get("participant"),
            values=form.card_values(),
            into=self.stage.code if self.stage else None,
            now=clock.now(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"Пройден этап «{obj.stage}».")
        return super().done_url(obj)


class ReasonPage(NeedForms):
    """A step that asks for a reason."""

    form_class = ReasonForm

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.need.version}

    def save(self, form: Any) -> Any:
        return self.verb(
            actor=self.request.user,
            need=self.need,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )

    def verb(self, **kwargs: Any) -> Need:
        """The service."""
        raise NotImplementedError


class StepBack(ReasonPage):
    action = "advance"
    submit_label = "Вернуть на этап назад"

    def get_title(self) -> str:
        return f"Отменить этап «{self.need.stage}»"

    def verb(self, **kwargs: Any) -> Need:
        return services.step_back(**kwargs)


class DropNeed(ReasonPage):
    title = "Снять потребность"
    submit_label = "Снять"

    def verb(self, **kwargs: Any) -> Need:
        return services.drop_need(**kwargs)


class ReopenNeed(ActionPage):
    model = Need
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Need, kwargs["pk"])
        services.reopen_need(actor=request.user, need=row)
        return reverse("need", args=[row.pk])
