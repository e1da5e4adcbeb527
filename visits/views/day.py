"""My day: one page on which work starts, in a stated order."""

from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from accounts.policy import HEAD, SPECIALIST
from core import clock, preferences
from core.views import Fragment, PolicyMixin
from visits import day
from visits.models import Visit
from visits.selectors import my_employees

SHOWN = 10
_TABS = {day.UNIT: "Отдел", day.MINE: "Мои"}


def whose_day(user: Any, asked: str) -> str:
    """Whose work a user starts with: a specialist the pool, a head the unit unless they ask."""
    if user.role == SPECIALIST:
        return day.POOL
    if user.role == HEAD:
        return asked if asked in _TABS else day.UNIT
    return day.MINE


class DayPage:
    """What the page and the panel have in common."""

    request: Any
    shown = SHOWN

    def asker(self) -> day.Asker:
        """Who asks, for today."""
        user = self.request.user
        return day.Asker(
            user=user,
            on=clock.today(),
            whose=whose_day(user, self.request.GET.get("whose", "")),
            settings=preferences.read(),
            employees=my_employees(user),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asker = self.asker()
        return super().get_context_data(  # type: ignore[misc]
            asker=asker,
            groups=day.load_all(asker, self.shown),
            today=asker.on,
            **kwargs,
        )


class Day(DayPage, PolicyMixin, TemplateView):
    """What waits, group by group; each has the link to the whole list behind it."""

    model = Visit
    action = "view"
    template_name = "visits/day.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        user, whose = self.request.user, found["asker"].whose
        tabs = []
        if user.role == HEAD:
            tabs = [
                {"code": code, "label": label, "url": f"{reverse('day')}?whose={code}"}
                for code, label in _TABS.items()
            ]
        return found | {
            "whose": whose,
            "tabs": tabs,
            "order": [source.label for source in day.sources(whose)],
        }


class DayPanel(DayPage, Fragment):
    """Panel of the home page: how much of what waits."""

    model = Visit
    template_name = "visits/day_panel.html"
    shown = 1
