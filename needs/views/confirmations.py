"""Confirmation of an effect: asked, listed, decided, withdrawn."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from contacts.views import crumbs_of
from core import clock
from core.errors import Conflict
from core.policy import policy_for
from core.views import ActionPage, FormPage, Fragment, ListPage, add_errors
from needs import selectors, services
from needs.filters import ConfirmationFilter
from needs.forms import AskByLinkForm, AskPersonForm, DecideForm
from needs.models import Confirmation
from needs.selectors.confirmations import waiting_for, with_people
from needs.tables import ConfirmationTable
from needs.views.base import NeedForms
from visits.selectors import own_employee

_SHOWN = 10
_LETTER = (
    "Здравствуйте!\n\nПодтвердите, пожалуйста, результат нашей работы: {title}.\n{address}\n\n"
    "Ссылка одноразовая и действует до {until}.\n{who}"
)


class Confirmations(ListPage):
    """Every request to confirm an effect, of the user's clients."""

    model = Confirmation
    action = "view"
    table_class = ConfirmationTable
    filterset_class = ConfirmationFilter
    title = "Подтверждения эффекта"
    page_key = "confirmations"

    def get_queryset(self) -> Any:
        return with_people(super().get_queryset())


class WaitingConfirmations(Fragment):
    """Panel of the home page: what waits for this very person."""

    model = Confirmation
    template_name = "needs/waiting.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = waiting_for(self.request.user, own_employee(self.request.user))
        return super().get_context_data(rows=rows[:_SHOWN], count=rows.count(), **kwargs)


class AskPages(NeedForms):
    """What both ways to ask have in common."""

    action = "advance"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.need.version, "participant": self.need.participant_id}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"need": self.need}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            link_url=reverse("need_ask_link", args=[self.need.pk]),
            person_url=reverse("need_ask_person", args=[self.need.pk]),
            **kwargs,
        )


class AskPerson(AskPages):
    form_class = AskPersonForm
    template_name = "needs/ask_person.html"
    title = "Запросить подтверждение у коллеги"
    submit_label = "Запросить"

    def draft_key(self) -> str:
        return f"need-ask-{self.need.pk}"

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"on": clock.today()}

    def save(self, form: Any) -> Any:
        return services.ask_person(
            actor=self.request.user, need=self.need, now=clock.now(), **form.cleaned_data
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Запрошено. Решит начальник отдела или коллега.")
        return super().done_url(obj)


class AskByLink(AskPages):
    """Gives the link in the very answer: no address leads to it again."""

    form_class = AskByLinkForm
    template_name = "needs/ask_link.html"
    title = "Ссылка для подтверждения"
    submit_label = "Создать ссылку"

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                row, secret = services.ask_by_link(
                    actor=self.request.user, need=self.need, now=clock.now(), **form.cleaned_data
                )
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        except Conflict as conflict:
            return self._conflict(form, conflict)
        return self._shown(row, secret)

    def _shown(self, row: Confirmation, secret: str) -> HttpResponse:
        address = self.request.build_absolute_uri(reverse("confirm_link", args=[secret]))
        until = clock.business_date(row.expires_at) if row.expires_at else None
        letter = _LETTER.format(
            title=self.need.title,
            address=address,
            until=f"{until:%d.%m.%Y}",
            who=row.requested_by.short_name,
        )
        to, subject = quote(row.participant.person.email), quote("Подтвердите, пожалуйста")
        context = {
            "address": address,
            "confirmation": row,
            "mail_url": f"mailto:{to}?subject={subject}&body={quote(letter)}",
            "crumbs": crumbs_of(self.need.client, "Потребности", "needs"),
            "back_url": self.back_url(),
        }
        response = render(self.request, "needs/link_made.html", context)
        response["Referrer-Policy"] = "strict-origin"
        return response


class DecideConfirmation(FormPage):
    """A second person approves or refuses."""

    model = Confirmation
    action = "decide"
    form_class = DecideForm
    template_name = "needs/decide.html"
    title = "Подтверждение эффекта"
    submit_label = "Записать решение"

    @property
    def confirmation(self) -> Confirmation:
        if not hasattr(self, "_confirmation"):
            self._confirmation = self.seen(Confirmation, self.kwargs["pk"])
        return self._confirmation

    def draft_key(self) -> str:
        return f"confirmation-{self.confirmation.pk}"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.confirmation.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.confirmation, self.request.user
        own = own_employee(user)
        mine = own is not None and own.pk in (row.requested_by_id, row.need.author_id)
        return super().get_context_data(
            confirmation=row,
            need=row.need,
            crumbs=[
                *crumbs_of(row.need.client, "Потребности", "needs"),
                (row.need.title, self.back_url()),
            ],
            may_decide=not mine and row.may_be_decided,
            is_mine=mine,
            may_withdraw=policy_for(Confirmation).can(user, "withdraw", row),
            **kwargs,
        )

    def save(self, form: Any) -> Any:
        return services.decide_confirmation(
            actor=self.request.user,
            confirmation=self.confirmation,
            approve=form.is_approved,
            reason=form.cleaned_data["reason"],
            now=clock.now(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"Записано: {obj.get_status_display().lower()}.")
        return self.back_url()

    def back_url(self) -> str:
        return reverse("need", args=[self.confirmation.need_id])


class WithdrawConfirmation(ActionPage):
    model = Confirmation
    action = "withdraw"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Confirmation, kwargs["pk"])
        try:
            services.withdraw_confirmation(actor=request.user, confirmation=row, now=clock.now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "Запрос отозван.")
        return reverse("need", args=[row.need_id])


def confirmation_of_card(user: Any, need: Any) -> dict[str, Any]:
    """What the card says of confirmations."""
    rows = selectors.confirmations_of(need)
    waiting = next((row for row in rows if row.is_waiting), None)
    return {
        "confirmations": rows,
        "waiting": waiting,
        "may_ask": waiting is None
        and selectors.confirming_stage(need) is not None
        and policy_for(Confirmation).can(user, "add"),
        "may_withdraw": policy_for(Confirmation).can(user, "withdraw"),
    }
