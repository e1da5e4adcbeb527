"""The lamp table: a hundred thousand lamps sorted and filtered by anything."""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date

from core import clock
from core.views import ListPage
from lamps import selectors
from lamps.filters import LampTableFilter
from lamps.models import Lamp
from lamps.selectors import table as reads
from lamps.tables import LampTable


class LampsPage(ListPage):
    """The present lamps, or those of a past day from the history."""

    model = Lamp
    table_class = LampTable
    filterset_class = LampTableFilter
    template_name = "lamps/lamps.html"
    title = "Лампочки"
    page_key = "lamps"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.day: date | None = None
        self.is_past = False

    def get_queryset(self) -> Any:
        newest = selectors.newest_night()
        self.day = newest
        typed = _date(self.request.GET.get("on", ""))
        if typed and newest and typed < newest:
            self.day = selectors.computed_on(typed)
            self.is_past = True
            if self.day is None:
                return self.visible().none()
            return reads.lamps_on(self.request.user, self.day)
        return self.visible()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "day": self.day,
            "is_past": self.is_past,
            "is_late": bool(self.day) and not self.is_past and (clock.today() - self.day).days > 1,
            "table_label": "Лампочки клиентов",
        }


def _date(typed: str) -> date | None:
    """The day in the address, read as the filter reads it; a wrong one is the filter's to name."""
    try:
        return parse_date(typed)
    except ValueError:
        return None
