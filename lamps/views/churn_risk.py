"""Signals of churn: the list of clients that show them, and the tab of one client's card."""

from typing import Any

from accounts.models import Client
from core import clock
from core.models import Setting
from core.policy import policy_for
from core.views import Fragment, ListPage
from lamps.churn_risk import BEFORE_DAYS, total
from lamps.filters import ChurnRiskFilter, churn_risk_of
from lamps.models import Lamp
from lamps.selectors.churn_risk import signals_of
from lamps.tables.churn_risk import ChurnRiskTable


class ChurnRiskPage(ListPage):
    """Clients served with the signals they show, the heaviest first."""

    model = Client
    action = "view"
    table_class = ChurnRiskTable
    filterset_class = ChurnRiskFilter
    template_name = "lamps/churn_risk.html"
    title = "Риск отключения"
    page_key = "churn_risk"

    def get_queryset(self) -> Any:
        return churn_risk_of(self.request).at_risk().select_related("specialist", "unit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        whole = not self.request.htmx  # the part that filters refresh does not show it
        return super().get_context_data(**kwargs) | {
            "check": churn_risk_of(self.request).check() if whole else None,
            "before_days": BEFORE_DAYS,
            "may_set": policy_for(Setting).can(self.request.user, "change"),
            "table_label": "Клиенты с сигналами",
        }


class ClientRisk(Fragment):
    """What one client shows, in words."""

    model = Lamp
    template_name = "lamps/client_risk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, kwargs["pk"])
        signals = signals_of([client.pk], clock.today()).get(client.pk, [])
        return super().get_context_data(**kwargs) | {
            "client": client,
            "title": client.name,
            "signals": signals,
            "total": total(signals),
        }
