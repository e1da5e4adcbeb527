"""Offers of a campaign: the list with its totals, the card, what may be done with one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import services
from accounts.enums import CampaignStatus, OfferStage
from accounts.filters_money import OfferFilter
from accounts.forms_money import (
    AgreeForm,
    ExceptionForm,
    MakeOfferForm,
    MakeOffersForm,
    RefuseForm,
)
from accounts.indexation import may_move
from accounts.models import IndexationCampaign, IndexationOffer
from accounts.selectors import campaigns, history_of_row
from accounts.tables_money import OfferTable
from accounts.views.base import SavingPage
from core import clock
from core.history import with_names
from core.policy import policy_for
from core.views import CardPage, ListPage, RowAction

UNCLEAR = "Отбор непонятен, никому не предложено: вернитесь к списку и задайте его заново."


def with_campaign(request: Any) -> QueryDict:
    """What the address asks for; of the campaign that is running unless it names one."""
    data: QueryDict = request.GET
    if not data.get("campaign"):
        current = campaigns.current_campaign()
        if current is not None:
            data = data.copy()
            data["campaign"] = str(current.pk)
    return data


class OfferList(ListPage):
    """The offers of a campaign; above them, what exactly these rows come to."""

    model = IndexationOffer
    action = "view"
    table_class = OfferTable
    filterset_class = OfferFilter
    template_name = "accounts/offers.html"
    page_key = "offers"

    title = "Предложения индексации"

    def get_queryset(self) -> Any:
        return campaigns.offers_for(self.request.user)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        return super().get_filterset_kwargs(filterset_class) | {"data": with_campaign(self.request)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asked = context["filter"]
        valid = asked.form.is_valid()
        campaign = asked.form.cleaned_data.get("campaign") if valid else None
        is_running = campaign is not None and campaign.status == CampaignStatus.RUNNING
        may = policy_for(IndexationOffer).can(self.request.user, "change") and is_running
        summary = campaigns.summarise(asked.qs)
        crumbs = [("Индексация", reverse("campaigns"))]
        if campaign is not None:
            crumbs.append((str(campaign), reverse("campaign", args=[campaign.pk])))
        return context | {
            "summary": summary,
            "offer_all_url": f"{reverse('offers_make')}?{asked.data.urlencode()}"
            if may and summary.planned
            else "",
            "crumbs": crumbs,
        }


class OffersMake(SavingPage):
    """The plan offered to every planned row of the list that the address filters."""

    model = IndexationOffer
    action = "change"
    form_class = MakeOffersForm
    title = "Предложить плановый процент"
    submit_label = "Предложить"
    made = 0

    @property
    def campaign(self) -> IndexationCampaign:
        if not hasattr(self, "_campaign"):
            typed = with_campaign(self.request).get("campaign", "")
            number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
            self._campaign = self.seen(IndexationCampaign, number)
        return self._campaign

    def asked(self) -> OfferFilter:
        """The filter of the list that led here."""
        rows = campaigns.offers_for(self.request.user).filter(campaign=self.campaign)
        return OfferFilter(with_campaign(self.request), rows, request=self.request)

    def chosen(self) -> Any:
        """The planned rows of the list; none where its filter is not understood, which would
        otherwise narrow nothing."""
        asked = self.asked()
        rows = asked.qs if asked.is_valid() else asked.queryset.none()
        return rows.filter(stage=OfferStage.PLANNED)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"initial": {"offered_on": clock.today()}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = self.chosen().count()
        return super().get_context_data(**kwargs) | {
            "subheading": f"Договоров, которым ещё не предложено: {number}."
            if self.asked().is_valid()
            else UNCLEAR,
            "crumbs": [(str(self.campaign), reverse("campaign", args=[self.campaign.pk]))],
        }

    def save(self, form: Any) -> Any:
        if not self.asked().is_valid():
            raise ValidationError(UNCLEAR)
        self.made = services.make_offers(
            actor=self.request.user,
            campaign=self.campaign,
            offers=self.chosen(),
            on=form.cleaned_data["offered_on"],
        )
        return self.campaign

    def get_done_message(self) -> str:
        return f"Предложено договоров: {self.made}."

    def done_url(self, obj: Any) -> str:
        return f"{reverse('offers')}?campaign={self.campaign.pk}&stage=offered"

    def back_url(self) -> str:
        return f"{reverse('offers')}?campaign={self.campaign.pk}"


class OfferCard(CardPage):
    model = IndexationOffer
    action = "view"
    template_name = "accounts/offer.html"
    context_object_name = "offer"

    def get_queryset(self) -> Any:
        return campaigns.offers_for(self.request.user).select_related("asked_by", "approved_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer: IndexationOffer = self.object
        user = self.request.user
        policy = policy_for(IndexationOffer)
        running = offer.campaign.status == CampaignStatus.RUNNING
        may = running and policy.can(user, "change")
        waits = offer.stage == OfferStage.EXCEPTION
        return super().get_context_data(**kwargs) | {
            "may_offer": may and offer.stage in {OfferStage.PLANNED, OfferStage.OFFERED},
            "may_agree": may and offer.stage == OfferStage.OFFERED,
            "may_except": may and may_move(offer.stage, OfferStage.EXCEPTION),
            "may_refuse": may and may_move(offer.stage, OfferStage.REFUSED),
            "may_reopen": may
            and offer.offered_on is not None
            and (
                offer.stage == OfferStage.REFUSED
                or (
                    offer.stage == OfferStage.AGREED
                    and offer.effective_on is not None
                    and offer.effective_on > clock.today()
                )
            ),
            "may_approve": running and waits and policy.can(user, "approve")
            and offer.asked_by_id != user.pk,
            "waits": waits,
            "is_own": offer.asked_by_id == user.pk,
            "entries": with_names(history_of_row(offer)),
            "crumbs": [
                (str(offer.campaign), reverse("campaign", args=[offer.campaign_id])),
                ("Предложения", f"{reverse('offers')}?campaign={offer.campaign_id}"),
            ],
        }  # fmt: skip


class OfferForm(SavingPage):
    """A form about an offer, leading back to its card."""

    @property
    def offer(self) -> IndexationOffer:
        if not hasattr(self, "_offer"):
            rows = campaigns.offers_for(self.request.user)
            self._offer = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._offer

    def initials(self) -> dict[str, Any]:
        """What the form begins with."""
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "initial": {"version": self.offer.version} | self.initials()
        }

    def get_title(self) -> str:
        return f"{self.title}: {self.offer.client.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer = self.offer
        return super().get_context_data(**kwargs) | {
            "subheading": f"План {offer.planned_percent} %, без исключения можно"
            f" от {offer.floor} до {offer.ceiling} %.".replace(".00", "").replace(".", ",", 0),
            "crumbs": [
                (str(offer.campaign), reverse("campaign", args=[offer.campaign_id])),
                (offer.client.name, self.back_url()),
            ],
        }

    def values(self, form: Any) -> dict[str, Any]:
        """What was typed, as the service names it."""
        typed = form.cleaned_data
        return {
            "actor": self.request.user,
            "offer": self.offer,
            "version": typed["version"],
        }

    def back_url(self) -> str:
        return reverse("offer", args=[self.offer.pk])

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class OfferMake(OfferForm):
    model = IndexationOffer
    action = "change"
    form_class = MakeOfferForm
    title = "Предложение"

    def initials(self) -> dict[str, Any]:
        offered = self.offer.offered_percent
        return {
            "offered_percent": self.offer.planned_percent if offered is None else offered,
            "offered_on": self.offer.offered_on or clock.today(),
        }

    def save(self, form: Any) -> IndexationOffer:
        typed = form.cleaned_data
        return services.make_offer(
            percent=typed["offered_percent"], on=typed["offered_on"], **self.values(form)
        )


class OfferAgree(OfferForm):
    model = IndexationOffer
    action = "change"
    form_class = AgreeForm
    title = "Согласование"

    def initials(self) -> dict[str, Any]:
        return {"agreed_percent": self.offer.offered_percent, "agreed_on": clock.today()}

    def save(self, form: Any) -> IndexationOffer:
        typed = form.cleaned_data
        return services.agree(
            percent=typed["agreed_percent"], on=typed["agreed_on"], **self.values(form)
        )


class OfferException(OfferForm):
    model = IndexationOffer
    action = "change"
    form_class = ExceptionForm
    title = "Исключение"
    submit_label = "Запросить"
    done_message = "Исключение ждёт утверждения другого человека."

    def initials(self) -> dict[str, Any]:
        return {"agreed_on": clock.today()}

    def save(self, form: Any) -> IndexationOffer:
        typed = form.cleaned_data
        return services.ask_exception(
            percent=typed["agreed_percent"],
            on=typed["agreed_on"],
            reason=typed["exception_reason"],
            **self.values(form),
        )


class OfferRefuse(OfferForm):
    model = IndexationOffer
    action = "change"
    form_class = RefuseForm
    title = "Отказ"
    submit_label = "Записать отказ"

    def initials(self) -> dict[str, Any]:
        return {"refused_on": clock.today()}

    def save(self, form: Any) -> IndexationOffer:
        typed = form.cleaned_data
        return services.refuse(
            on=typed["refused_on"], reason=typed["refusal_reason"], **self.values(form)
        )


class OfferButton(RowAction):
    """A button on an offer, for the offer as the person saw it."""

    model = IndexationOffer
    action = "change"

    def page_of(self, row: IndexationOffer) -> str:
        return reverse("offer", args=[row.pk])


class OfferApprove(OfferButton):
    action = "approve"
    done = "Исключение утверждено."

    def act(self, row: IndexationOffer, version: int | None) -> None:
        services.approve_exception(actor=self.request.user, offer=row, version=version)


class OfferDecline(OfferButton):
    action = "approve"
    done = "Исключение отклонено."

    def act(self, row: IndexationOffer, version: int | None) -> None:
        services.decline_exception(actor=self.request.user, offer=row, version=version)


class OfferReopen(OfferButton):
    done = "Возвращено к предложению."

    def act(self, row: IndexationOffer, version: int | None) -> None:
        services.reopen(actor=self.request.user, offer=row, version=version)
