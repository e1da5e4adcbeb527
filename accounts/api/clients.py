"""REST of clients, of who serves them, of those lost."""

from typing import Any

from rest_framework import serializers

from accounts import filters, services
from accounts.models import Assignment, Churn, Client, Employee
from core import clock
from core.api import ReadViewSet, Serializer, WriteViewSet


class ClientSerializer(Serializer):
    specialist = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(),
        required=False,
        help_text="Кто ведёт клиента; новое значение передаёт клиента с сегодняшнего дня.",
    )

    class Meta:
        model = Client
        fields = [
            "id",
            "name",
            "inn",
            "kpp",
            "ogrn",
            "segment",
            "is_key",
            "portrait",
            "specifics",
            "competitor",
            "connected_on",
            "disconnected_on",
            "specialist",
            "unit",
            "external_id",
            "version",
        ]
        read_only_fields = ["disconnected_on", "unit", "version"]


class ClientViewSet(WriteViewSet):
    model = Client
    serializer_class = ClientSerializer
    filterset_class = filters.ClientFilter
    ordering_fields = ["sort_key", "connected_on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Client:
        specialist = data.pop("specialist", None)
        return services.create_client(
            actor=self.request.user, values=data, specialist=specialist, on=clock.today()
        )

    def perform_change(self, obj: Client, data: dict[str, Any], version: int | None) -> Client:
        specialist = data.pop("specialist", None)
        if data or specialist is None:
            obj = services.update_client(
                actor=self.request.user, client=obj, values=data, version=version
            )
            version = None
        if specialist is not None:
            obj = services.assign_client(
                actor=self.request.user,
                client=obj,
                specialist=specialist,
                on=clock.today(),
                version=version,
            )
        return obj


class AssignmentSerializer(Serializer):
    class Meta:
        model = Assignment
        fields = ["id", "client", "specialist", "unit", "starts_on", "ends_on"]
        read_only_fields = fields


class AssignmentViewSet(ReadViewSet):
    model = Assignment
    serializer_class = AssignmentSerializer
    filterset_class = filters.AssignmentFilter
    ordering_fields = ["starts_on", "id"]


class ChurnSerializer(Serializer):
    class Meta:
        model = Churn
        fields = [
            "id",
            "client",
            "on",
            "cause",
            "reason",
            "competitor",
            "lost_monthly",
            "version",
        ]
        read_only_fields = ["version"]


class ChurnViewSet(WriteViewSet):
    """Recording a disconnection disconnects the client."""

    model = Churn
    serializer_class = ChurnSerializer
    filterset_class = filters.ChurnFilter
    ordering_fields = ["on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Churn:
        client = data.pop("client")
        return services.disconnect_client(actor=self.request.user, client=client, values=data)

    def perform_change(self, obj: Churn, data: dict[str, Any], version: int | None) -> Churn:
        data.pop("client", None)
        return services.update_churn(
            actor=self.request.user, churn=obj, values=data, version=version
        )
