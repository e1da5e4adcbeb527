"""The first tab of the client's card: what is next, and what every app knows of the client."""

from typing import Any

from accounts.models import Client
from accounts.selectors.facts import feed_states
from accounts.views.card import ClientTab
from contacts.views import card_url
from core import clock
from core.policy import policy_for
from visits import sections, selectors


class ClientOverview(ClientTab):
    model = Client
    action = "view"
    label = "Обзор"
    template_name = "visits/overview.html"

    def facts(self) -> dict[str, Any]:
        user, today = self.request.user, clock.today()
        return {
            "next": selectors.next_planned(self.client, user),
            "today": today,
            "sections": [
                (one, card_url(self.client.pk, one.section.tab) if one.section.tab else "")
                for one in sections.load_all(self.client, user, today)
            ],
            "feeds": feed_states(today),
            "may_change": policy_for(Client).can(user, "change"),
        }
