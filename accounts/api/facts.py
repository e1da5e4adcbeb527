"""REST of facts: feeds, usage, rights, trainings, ГНД records."""

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import filters, selectors, services
from accounts.api.base import READ_DELETE, DeleteMixin
from accounts.enums import FeedCode
from accounts.models import Entitlement, Feed, GndRecord, Training, Usage
from accounts.selectors import facts
from core.api import Serializer, WriteViewSet


class FeedSerializer(Serializer):
    code = serializers.ChoiceField(choices=FeedCode.choices)

    class Meta:
        model = Feed
        fields = ["code", "fresh_through", "received_at"]
        read_only_fields = ["received_at"]


class FeedViewSet(WriteViewSet):
    """Through which day each feed is loaded; a POST sets it whether or not it was known."""

    model = Feed
    serializer_class = FeedSerializer
    filterset_class = filters.FeedFilter
    ordering_fields = ["fresh_through"]
    lookup_value_regex = "[a-z]{1,20}"
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {"list": "view", "retrieve": "view", "create": "change"}

    def perform_add(self, data: dict[str, Any]) -> Feed:
        return services.set_feed(actor=self.request.user, **data)


class UsageSerializer(Serializer):
    class Meta:
        model = Usage
        fields = ["id", "client", "service", "day", "quantity"]


class UsageRowSerializer(Serializer):
    """A row of a batch: ids are looked up together, not one by one."""

    client = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    service = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Usage
        fields = ["client", "service", "day", "quantity"]


class UsageBatchSerializer(serializers.Serializer):
    rows = serializers.ListField(
        child=UsageRowSerializer(), min_length=1, max_length=services.USAGE_LIMIT
    )

    def validate_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        clients = selectors.clients_by_id(
            self.context["request"].user, {row["client"] for row in rows}
        )
        known = facts.services_by_id({row["service"] for row in rows})
        errors: list[dict[str, list[str]]] = [{} for _ in rows]
        for error, row in zip(errors, rows, strict=True):
            for name, found in (("client", clients), ("service", known)):
                if row[name] not in found:
                    error[name] = [f"Нет записи с номером {row[name]}."]
                else:
                    row[name] = found[row[name]]
        if any(errors):
            raise serializers.ValidationError(errors)
        return rows


class UsageWrittenSerializer(serializers.Serializer):
    written = serializers.IntegerField(help_text="Сколько строк записано")


class UsageViewSet(WriteViewSet):
    """Usage by day. A POST replaces what was known of that client, service and day."""

    model = Usage
    serializer_class = UsageSerializer
    filterset_class = filters.UsageFilter
    ordering_fields = ["day", "id"]
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {"list": "view", "retrieve": "view", "create": "add", "batch": "add"}

    def perform_add(self, data: dict[str, Any]) -> Usage:
        services.record_usage(actor=self.request.user, rows=[data])
        return facts.usage_on(data["client"], data["service"], data["day"])

    @extend_schema(request=UsageBatchSerializer, responses={200: UsageWrittenSerializer})
    @action(detail=False, methods=["post"])
    def batch(self, request: Request) -> Response:
        """Many rows at once, all or none."""
        serializer = UsageBatchSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        written = services.record_usage(actor=request.user, rows=serializer.validated_data["rows"])
        return Response({"written": written})


class EntitlementSerializer(Serializer):
    class Meta:
        model = Entitlement
        fields = ["id", "client", "service", "starts_on", "valid_until", "quota", "version"]
        read_only_fields = ["version"]


class FactViewSet(DeleteMixin, WriteViewSet):
    """Facts that may be deleted when entered by mistake."""

    policy_actions = READ_DELETE

    def perform_delete(self, obj: models.Model, version: int | None) -> None:
        services.delete_fact(actor=self.request.user, row=obj, version=version)


class EntitlementViewSet(FactViewSet):
    model = Entitlement
    serializer_class = EntitlementSerializer
    filterset_class = filters.EntitlementFilter
    ordering_fields = ["valid_until", "id"]

    def perform_add(self, data: dict[str, Any]) -> Entitlement:
        return services.add_entitlement(actor=self.request.user, values=data)

    def perform_change(
        self, obj: Entitlement, data: dict[str, Any], version: int | None
    ) -> Entitlement:
        return services.update_entitlement(
            actor=self.request.user, entitlement=obj, values=data, version=version
        )


class TrainingSerializer(Serializer):
    class Meta:
        model = Training
        fields = ["id", "client", "topic", "held_on", "valid_until", "people", "version"]
        read_only_fields = ["version"]


class TrainingViewSet(FactViewSet):
    model = Training
    serializer_class = TrainingSerializer
    filterset_class = filters.TrainingFilter
    ordering_fields = ["held_on", "valid_until", "id"]

    def perform_add(self, data: dict[str, Any]) -> Training:
        return services.add_training(actor=self.request.user, values=data)

    def perform_change(self, obj: Training, data: dict[str, Any], version: int | None) -> Training:
        return services.update_training(
            actor=self.request.user, training=obj, values=data, version=version
        )


class GndRecordSerializer(Serializer):
    class Meta:
        model = GndRecord
        fields = ["id", "client", "opened_on", "closed_on", "note", "external_id", "version"]
        read_only_fields = ["version"]


class GndRecordViewSet(FactViewSet):
    model = GndRecord
    serializer_class = GndRecordSerializer
    filterset_class = filters.GndRecordFilter
    ordering_fields = ["opened_on", "id"]

    def perform_add(self, data: dict[str, Any]) -> GndRecord:
        return services.add_gnd_record(actor=self.request.user, values=data)

    def perform_change(
        self, obj: GndRecord, data: dict[str, Any], version: int | None
    ) -> GndRecord:
        return services.update_gnd_record(
            actor=self.request.user, record=obj, values=data, version=version
        )
