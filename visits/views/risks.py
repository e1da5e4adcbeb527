"""Pages of risks: noted early, listed, closed with words."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from accounts.models import Client
from contacts.views import card_url, crumbs_of
from core import clock
from core.policy import policy_for
from core.views import FormPage, ListPage
from visits import selectors, services
from visits.filters.risks import RiskFilter
from visits.forms.risks import CloseRiskForm, RiskForm
from visits.models import Risk
from visits.tables.risks import RiskTable


class Risks(ListPage):
    """Every risk of the user's clients."""

    model = Risk
    action = "view"
    table_class = RiskTable
    filterset_class = RiskFilter
    title = "Риски"
    page_key = "risks"

    def get_queryset(self) -> Any:
        return selectors.with_risk_names(super().get_queryset())


class RaiseRisk(FormPage):
    """A risk noted outside a contact."""

    model = Risk
    action = "add"
    form_class = RiskForm
    title = "Записать риск"
    submit_label = "Записать"

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            self._client = self.seen(Client, self.kwargs["pk"])
        return self._client

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=crumbs_of(self.client, "Контакты", "visits"),
            subheading=self.client.name,
            **kwargs,
        )

    def save(self, form: Any) -> Any:
        return services.raise_risk(
            actor=self.request.user, client=self.client, values=form.values(), on=clock.today()
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Риск записан.")
        return self.back_url()

    def back_url(self) -> str:
        return card_url(self.client.pk, "visits")


class CloseRisk(FormPage):
    """Close a risk, saying what became of it."""

    model = Risk
    action = "change"
    form_class = CloseRiskForm
    title = "Снять риск"
    submit_label = "Снять"

    @property
    def risk(self) -> Risk:
        if not hasattr(self, "_risk"):
            self._risk = self.seen(Risk, self.kwargs["pk"])
            policy_for(Risk).check(self.request.user, "change", self._risk)
        return self._risk

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.risk.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=[*crumbs_of(self.risk.client), ("Риски", reverse("risks"))],
            subheading=str(self.risk),
            **kwargs,
        )

    def save(self, form: Any) -> Any:
        return services.close_risk(
            actor=self.request.user,
            risk=self.risk,
            outcome=form.cleaned_data["outcome"],
            on=clock.today(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Риск снят.")
        return self.back_url()

    def back_url(self) -> str:
        return card_url(self.risk.client_id, "visits")
