"""The lamp table: a hundred thousand lamps sorted and filtered by anything."""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date

from core import clock
from core.views import ListPage
from lamps import selectors
from lamps.enums import Colour
from lamps.filters import LampTableFilter
from lamps.models import Lamp, PoolDay
from lamps.selectors import table as reads
from lamps.tables import LampTable
from lamps.tables.data import NAMES_UP_TO

# Filters by columns that lamps and pools share: the pools can answer how many.
POOL_FILTERS = frozenset({"colour", "unit", "own_unit", "specialist", "segment"})


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

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"length": self.length()}

    def length(self) -> int | None:
        """How many lamps there are, from the pools where the filters speak of pools only.

        Counting a hundred thousand rows on every page takes longer than finding the page. A
        short list is counted itself.
        """
        form = self.filterset.form
        if self.day is None or self.is_past or not form.is_valid():
            return None
        active = {name: v for name, v in form.cleaned_data.items() if v not in (None, "", [])}
        active.pop("on", None)
        if not set(active) <= POOL_FILTERS:
            return None
        pools = PoolDay.objects.visible_to(self.request.user).filter(on=self.day)
        colours = active.pop("colour", None) or Colour.values
        for name, value in active.items():
            pools = self.filterset.filters[name].filter(pools, value)
        found = reads.count_in_pools(pools, colours)
        return found if found > NAMES_UP_TO else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "day": self.day,
            "is_past": self.is_past,
            "is_late": not self.is_past and _is_late(self.day),
            "table_label": "Лампочки клиентов",
        }


def _is_late(day: date | None) -> bool:
    """Whether a night was missed."""
    return day is not None and (clock.today() - day).days > 1


def _date(typed: str) -> date | None:
    """The day in the address, read as the filter reads it; a wrong one is the filter's to name."""
    try:
        return parse_date(typed)
    except ValueError:
        return None
