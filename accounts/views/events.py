"""The feed of events as people read it."""

from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.filters import EventFilter
from accounts.models import Client
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
        named = Client.objects.filter(pk=OuterRef("client_id")).values("name")
        return self.visible().annotate(client_name=Subquery(named))
