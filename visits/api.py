"""REST of contacts."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers

from core import clock
from core.api import Serializer, WriteViewSet
from visits import selectors, services
from visits.enums import VisitStatus
from visits.filters import VisitFilter
from visits.models import Visit


class VisitSerializer(Serializer):
    """`client` is given once, on creation. `employee` is the caller's own unless given."""

    is_prepared = serializers.BooleanField(read_only=True)
    reason = serializers.CharField(
        write_only=True, required=False, max_length=500, help_text="Почему контакт отменён"
    )

    class Meta:
        model = Visit
        fields = [
            "id",
            "version",
            "client",
            "level",
            "status",
            "reason",
            "channel",
            "employee",
            "companions",
            "participants",
            "planned_for",
            "started_at",
            "ended_at",
            "held_on",
            "goal",
            "goal_kind",
            "plan",
            "prepared_at",
            "is_prepared",
            "materials",
            "result",
            "feedback",
            "satisfaction",
            "external_id",
        ]
        read_only_fields = ["held_on", "prepared_at"]
        extra_kwargs = {
            "employee": {"required": False},
            "satisfaction": {"min_value": 1, "max_value": 10},
        }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Visit):
            fields["client"].read_only = True
        return fields


class Visits(WriteViewSet):
    """Contacts of the first and second level.

    Created as `planned` (the default) or `done`. Later `status` moves a planned contact to
    `done`, or any to `cancelled` with a `reason` in the same request.
    """

    model = Visit
    queryset = Visit.objects.all()
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    ordering_fields = ["id"]

    def get_queryset(self) -> Any:
        return selectors.with_people(super().get_queryset())

    def perform_add(self, data: dict[str, Any]) -> Any:
        data.pop("reason", None)
        status = data.pop("status", VisitStatus.PLANNED)
        if status == VisitStatus.CANCELLED:
            raise ValidationError({"status": "Новый контакт — запланированный или состоявшийся."})
        write = services.log_visit if status == VisitStatus.DONE else services.plan_visit
        return write(
            actor=self.request.user, client=data.pop("client"), values=data, now=clock.now()
        )

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        status = data.pop("status", obj.status)
        reason = data.pop("reason", "")
        if status == obj.status:
            write: Any = services.update_visit
        elif status == VisitStatus.DONE:
            write = services.complete_visit
        elif status == VisitStatus.CANCELLED:
            return self._cancel(obj, data, reason, version)
        else:
            raise ValidationError({"status": "Состоявшийся контакт не становится планом."})
        return write(
            actor=self.request.user, visit=obj, values=data, now=clock.now(), version=version
        )

    def _cancel(self, obj: Any, data: dict[str, Any], reason: str, version: int | None) -> Any:
        if data:
            raise ValidationError({name: "При отмене не меняется." for name in data})
        return services.cancel_visit(
            actor=self.request.user, visit=obj, reason=reason, version=version
        )


routes = [("visits", Visits)]
