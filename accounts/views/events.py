"""The feed of events as people read it."""

from typing import Any

from accounts import selectors
from accounts.filters import EventFilter
from accounts.tables import EventTable
from core.models import Event
from core.views import ListPage


class EventList(ListPage):
    """What other systems are told, of the clients that the reader sees."""

    model = Event
    table_class = EventTable
    filterset_class = EventFilter
    title = "События"

    def get_queryset(self) -> Any:
        return selectors.with_client_names(self.visible())
