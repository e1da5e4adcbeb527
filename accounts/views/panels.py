"""Panels of the home page that this app has."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts import selectors
from accounts.models import Churn, Client, Feed, Substitution, User
from accounts.selectors import facts, staff
from core import clock
from core.views import Fragment

SHOWN = 8


class NewClientsPanel(Fragment):
    """Clients connected within the last month."""

    model = Client
    action = "view"
    template_name = "accounts/panels/new_clients.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        since = clock.today() - timedelta(days=30)
        rows = selectors.new_clients(self.request.user, since)
        return super().get_context_data(**kwargs) | {
            "clients": list(rows[:SHOWN]),
            "count": rows.count(),
            "more_url": f"{reverse('clients')}?connected_on_after={since:%Y-%m-%d}",
        }


class SubstitutionsPanel(Fragment):
    """Who stands in for whom today."""

    model = Substitution
    action = "view"
    template_name = "accounts/panels/substitutions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = staff.substitutions_for(self.request.user).current_on(clock.today())
        return super().get_context_data(**kwargs) | {
            "rows": list(rows[: SHOWN * 2]),
            "employee": getattr(self.request.user, "employee", None),
        }


class ChurnPanel(Fragment):
    """Disconnections of the month, and the revenue gone with them."""

    model = Churn
    action = "view"
    template_name = "accounts/panels/churn.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        on = clock.today()
        rows = list(selectors.churns_of_month(self.request.user, on))
        return super().get_context_data(**kwargs) | {
            "rows": rows[:SHOWN],
            "count": len(rows),
            "lost": sum((r.lost_monthly for r in rows if r.lost_monthly), Decimal(0)),
            "more_url": f"{reverse('churns')}?on_after={on.replace(day=1):%Y-%m-%d}",
        }


class FeedsPanel(Fragment):
    """How fresh the facts are."""

    model = Feed
    action = "change"
    template_name = "accounts/panels/feeds.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"feeds": facts.feed_states(clock.today())}


class SettingsPanel(Fragment):
    """Where an administrator goes."""

    model = User
    action = "view"
    template_name = "accounts/panels/settings.html"
