"""The client's card: its head and the tabs of this app."""

from typing import Any

from django.apps import apps
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import selectors
from accounts.models import Client, Contract
from accounts.selectors import contracts, facts
from core import charts, clock
from core.columns import columns_of
from core.history import with_names
from core.policy import policy_for
from core.tabs import all_actions, all_tabs
from core.views import CardPage, Fragment


class ClientCard(CardPage):
    model = Client
    action = "view"
    template_name = "accounts/client.html"
    context_object_name = "client"

    def get_queryset(self) -> Any:
        return selectors.clients_for(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client: Client = self.object
        user = self.request.user
        may = policy_for(Client)
        wanted = self.request.GET.get("tab", "")
        tabs = [
            {
                "code": tab.code,
                "label": tab.label,
                "url": f"{reverse('client', args=[client.pk])}?tab={tab.code}",
                "fragment": reverse(tab.url_name, args=[client.pk]),
            }
            for tab in all_tabs()
            if policy_for(apps.get_model(tab.model)).can(user, "view")
        ]
        codes = [tab["code"] for tab in tabs]
        signs = [
            (column.label, column.html(value))
            for column in columns_of("client")
            if (value := column.load([client.pk]).get(client.pk)) is not None
        ]
        return super().get_context_data(**kwargs) | {
            "tabs": tabs,
            "current": wanted if wanted in codes else (codes[0] if codes else ""),
            "signs": signs,
            "steps": [
                (action, reverse(action.url_name, args=[client.pk]))
                for action in all_actions()
                if policy_for(apps.get_model(action.model)).can(user, action.action)
            ]
            if client.is_active
            else [],
            "substitution": selectors.substitution_of(client, clock.today()),
            "churn": None if client.is_active else selectors.last_churn(client),
            "may_change": may.can(user, "change"),
            "may_assign": may.can(user, "assign") and client.is_active,
            "may_disconnect": may.can(user, "disconnect"),
        }


class ClientTab(Fragment):
    """A tab of the card; by its own address, a page."""

    model = Client
    action = "view"
    label = ""

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            rows = selectors.clients_for(self.request.user)
            self._client = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._client

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = reverse("client", args=[self.client.pk])
        return super().get_context_data(**kwargs) | {
            "client": self.client,
            "label": self.label,
            "crumbs": [("Клиенты", reverse("clients")), (self.client.name, card)],
            **self.facts(),
        }

    def facts(self) -> dict[str, Any]:
        """What the tab shows."""
        raise NotImplementedError


class MoneyTab(ClientTab):
    model = Client
    action = "view"
    label = "Деньги"
    template_name = "accounts/tabs/money.html"

    def facts(self) -> dict[str, Any]:
        on = clock.today()
        money = facts.money_of(self.client, on)
        months = [m.month for m in money.months]
        chart = charts.line_chart(
            months,
            [
                charts.Series("Выставлено, ₽", [m.billed for m in money.months]),
                charts.Series("Оплачено, ₽", [m.paid for m in money.months]),
            ],
            title="Счета и оплаты по месяцам",
            width=1100,
        )
        return {
            "money": money,
            "chart": chart if money.invoices else "",
            "on": on,
            "payments": facts.payments_of(self.client, months[0]),
            "contracts": contracts.contracts_of(self.client, on),
            "may_add_contract": policy_for(Contract).can(self.request.user, "add"),
        }


class UsageTab(ClientTab):
    model = Client
    action = "view"
    label = "Использование"
    template_name = "accounts/tabs/usage.html"

    def facts(self) -> dict[str, Any]:
        on = clock.today()
        weeks, series = facts.usage_of(self.client, on)
        return {
            "on": on,
            "charts": [
                (
                    one,
                    charts.column_chart(weeks, one.values, title=f"{one.service}, по неделям")
                    if one.total
                    else "",
                )
                for one in series
            ],
            "rights": facts.rights_of(self.client, on),
            "trainings": facts.trainings_of(self.client),
            "gnd": facts.gnd_of(self.client),
            "feeds": {f.code: f for f in facts.feed_states(on)},
        }


HISTORY_PAGE = 50


class HistoryTab(ClientTab):
    model = Client
    action = "view"
    label = "История"
    template_name = "accounts/tabs/history.html"

    def facts(self) -> dict[str, Any]:
        typed = self.request.GET.get("before", "")
        before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
        rows = selectors.history_of(self.client, before=before, limit=HISTORY_PAGE)
        more = len(rows) > HISTORY_PAGE
        entries = rows[:HISTORY_PAGE]
        address = reverse("client_history", args=[self.client.pk])
        return {
            "entries": with_names(entries),
            "more_url": f"{address}?before={entries[-1].pk}" if more else "",
            "assignments": [] if before else selectors.assignments_of(self.client),
            "first_page": before is None,
        }
