"""REST of the days on which the centre's calendar differs from the country's."""

from typing import Any

from accounts.api.base import READ_DELETE, DeleteMixin
from accounts.filters import CalendarDayFilter
from core import clock
from core import services_settings as services
from core.api import Serializer, WriteViewSet
from core.models import CalendarDay


class CalendarDaySerializer(Serializer):
    class Meta:
        model = CalendarDay
        fields = ["id", "on", "is_working", "note", "version"]
        read_only_fields = ["version"]
        extra_kwargs = {"is_working": {"required": True}}


class CalendarDayViewSet(DeleteMixin, WriteViewSet):
    """The centre's own days; every other day is as the production calendar of Russia has it."""

    model = CalendarDay
    serializer_class = CalendarDaySerializer
    filterset_class = CalendarDayFilter
    ordering_fields = ["on", "id"]
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> CalendarDay:
        return services.save_calendar_day(actor=self.request.user, values=data, today=clock.today())

    def perform_change(
        self, obj: CalendarDay, data: dict[str, Any], version: int | None
    ) -> CalendarDay:
        return services.save_calendar_day(
            actor=self.request.user, values=data, today=clock.today(), day=obj, version=version
        )

    def perform_delete(self, obj: CalendarDay, version: int | None) -> None:
        services.delete_calendar_day(actor=self.request.user, day=obj, version=version)
