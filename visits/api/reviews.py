"""REST of control points and of the staff's training."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import DeleteMixin
from core import clock
from core.api import ReadViewSet, Serializer, WriteViewSet
from visits.filters.reviews import AttendanceFilter, ControlPointFilter, StaffTrainingFilter
from visits.models import Attendance, ControlPoint, ControlPointKind, StaffTraining
from visits.selectors import reviews as selectors
from visits.services import reviews as services
from visits.services import trainings

_BY = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "partial_update": "change",
}


class ControlPointKindSerializer(Serializer):
    class Meta:
        model = ControlPointKind
        fields = ["id", "code", "label", "long_label", "every_days", "is_personal", "is_on"]


class ControlPointKinds(ReadViewSet):
    """Kinds of control points with their rhythm: a dictionary."""

    model = ControlPointKind
    queryset = ControlPointKind.objects.all()
    serializer_class = ControlPointKindSerializer


class ControlPointSerializer(Serializer):
    """Kind, specialist and unit are given once. `figures` are kept when it is held."""

    figures = serializers.JSONField(read_only=True)

    class Meta:
        model = ControlPoint
        fields = [
            "id",
            "version",
            "kind",
            "unit",
            "specialist",
            "led_by",
            "since",
            "on",
            "notes",
            "figures",
            "held_at",
        ]
        read_only_fields = ["held_at"]
        extra_kwargs = {
            "unit": {"required": False},
            "led_by": {"required": False},
            "since": {"required": False},
        }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, ControlPoint):
            for name in ("kind", "unit", "specialist"):
                fields[name].read_only = True
        return fields


class HoldSerializer(serializers.Serializer):
    notes = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class ControlPoints(DeleteMixin, WriteViewSet):
    """Reviews of a pool. One that was held never changes; one that decided something stays."""

    model = ControlPoint
    queryset = ControlPoint.objects.all()
    serializer_class = ControlPointSerializer
    filterset_class = ControlPointFilter
    ordering_fields = ["on", "id"]
    policy_actions = _BY | {"destroy": "change", "hold": "change"}
    versioned_actions = ("hold",)

    def get_queryset(self) -> Any:
        return selectors.with_people(super().get_queryset())

    def perform_add(self, data: dict[str, Any]) -> Any:
        return services.plan_review(actor=self.request.user, values=data, today=clock.today())

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return services.update_review(
            actor=self.request.user,
            review=obj,
            values=data,
            today=clock.today(),
            version=version,
        )

    def perform_delete(self, obj: Any, version: int | None) -> None:
        services.drop_review(actor=self.request.user, review=obj, version=version)

    @extend_schema(request=HoldSerializer, responses=ControlPointSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str | None = None) -> Response:
        """It took place: the figures are filled in and kept."""
        obj = self.get_object()
        version = self.expected_version(obj)
        typed = HoldSerializer(data=request.data)
        typed.is_valid(raise_exception=True)
        held = services.hold_review(
            actor=request.user,
            review=obj,
            now=clock.now(),
            notes=typed.validated_data.get("notes"),
            version=version,
        )
        return self.answer(self._again(held))


class StaffTrainingSerializer(Serializer):
    class Meta:
        model = StaffTraining
        fields = [
            "id",
            "version",
            "programme",
            "title",
            "audience",
            "unit",
            "on",
            "led_by",
            "notes",
        ]


class StaffTrainings(WriteViewSet):
    """Lessons of training programmes for the staff."""

    model = StaffTraining
    queryset = StaffTraining.objects.all()
    serializer_class = StaffTrainingSerializer
    filterset_class = StaffTrainingFilter
    ordering_fields = ["on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Any:
        return trainings.save_staff_training(
            actor=self.request.user, values=data, today=clock.today()
        )

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return trainings.save_staff_training(
            actor=self.request.user,
            values=data,
            today=clock.today(),
            training=obj,
            version=version,
        )


class AttendanceSerializer(Serializer):
    """Lesson and employee are given once, by inviting."""

    class Meta:
        model = Attendance
        fields = ["id", "version", "training", "employee", "attended", "result"]

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Attendance):
            fields["training"].read_only = fields["employee"].read_only = True
        return fields


class Attendances(DeleteMixin, WriteViewSet):
    """Who was invited to a lesson, who came, with what result."""

    model = Attendance
    queryset = Attendance.objects.all()
    serializer_class = AttendanceSerializer
    filterset_class = AttendanceFilter
    ordering_fields = ["id"]
    policy_actions = _BY | {"destroy": "delete"}

    def perform_add(self, data: dict[str, Any]) -> Any:
        training, employee = data.pop("training"), data.pop("employee")
        made = trainings.invite(
            actor=self.request.user,
            training=training,
            employees=[employee],
            today=clock.today(),
        )
        if not made:
            raise ValidationError({"employee": "Сотрудник уже приглашён."})
        return self._mark(made[0], data, None) if data else made[0]

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return self._mark(obj, data, version)

    def perform_delete(self, obj: Any, version: int | None) -> None:
        trainings.uninvite(actor=self.request.user, attendance=obj, version=version)

    def _mark(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return trainings.update_attendance(
            actor=self.request.user,
            attendance=obj,
            values=data,
            today=clock.today(),
            version=version,
        )


routes = [
    ("control-point-kinds", ControlPointKinds),
    ("control-points", ControlPoints),
    ("staff-trainings", StaffTrainings),
    ("attendance", Attendances),
]
