"""REST of needs and their steps."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Employee
from contacts.models import Participant
from core import clock
from core.api import Serializer, WriteViewSet
from needs import selectors, services
from needs.filters import NeedFilter
from needs.models import Need, NeedStep


class NeedStepSerializer(Serializer):
    stage = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = NeedStep
        fields = ["id", "stage", "on", "author", "participant", "evidence", "recorded_at"]
        read_only_fields = fields


class NeedSerializer(Serializer):
    """`client` is given once, on creation; the stage moves by `advance` only.

    `author` is the caller; an integration, which is nobody's account, names an employee.
    """

    author = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), required=False)
    stage = serializers.SlugRelatedField("code", read_only=True, allow_null=True)
    steps = NeedStepSerializer(many=True, read_only=True)

    class Meta:
        model = Need
        fields = [
            "id",
            "version",
            "client",
            "title",
            "level",
            "is_key",
            "priority",
            "department",
            "participant",
            "context",
            "difficulties",
            "works",
            "key_need",
            "solution",
            "tools",
            "advantages",
            "folder",
            "effect",
            "effect_hours",
            "effect_roubles",
            "effect_risk",
            "effect_formula",
            "client_asset",
            "stage",
            "stage_on",
            "status",
            "steps",
            "author",
            "opened_on",
            "external_id",
        ]
        read_only_fields = ["status", "opened_on", "stage_on"]
        extra_kwargs = {"effect_hours": {"min_value": 0}, "effect_roubles": {"min_value": 0}}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Need):
            fields["client"].read_only = fields["author"].read_only = True
        return fields


class AdvanceSerializer(Serializer):
    """A step: the code of the stage, its date and evidence."""

    stage = serializers.CharField(max_length=2, required=False, help_text="Ожидаемый этап")
    author = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), required=False)
    participant = serializers.PrimaryKeyRelatedField(
        queryset=Participant.objects.all(), required=False, allow_null=True
    )

    class Meta:
        model = NeedStep
        fields = ["stage", "on", "evidence", "participant", "author"]


class Needs(WriteViewSet):
    """Needs of clients with their steps."""

    model = Need
    queryset = Need.objects.all()
    serializer_class = NeedSerializer
    filterset_class = NeedFilter
    ordering_fields = ["id", "opened_on", "priority"]
    policy_actions = WriteViewSet.policy_actions | {"advance": "advance"}
    versioned_actions = ("advance",)

    def get_queryset(self) -> Any:
        return selectors.with_steps(super().get_queryset())

    def perform_add(self, data: dict[str, Any]) -> Any:
        return services.open_need(
            actor=self.request.user,
            client=data.pop("client"),
            author=data.pop("author", None),
            values=data,
            now=clock.now(),
        )

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return services.update_need(actor=self.request.user, need=obj, values=data, version=version)

    @extend_schema(request=AdvanceSerializer, responses=NeedSerializer)
    @action(detail=True, methods=["post"])
    def advance(self, request: Request, pk: str) -> Response:
        """Make the next step of a need."""
        need = self.get_object()
        version = self.expected_version(need)
        serializer = AdvanceSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        with transaction.atomic():
            moved = services.advance_need(
                actor=request.user,
                need=need,
                into=data.pop("stage", None),
                now=clock.now(),
                version=version,
                **data,
            )
            return self.answer(self._again(moved))
