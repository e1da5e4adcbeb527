"""REST of clients, staff and facts. Accounts, keys and the audit log have none."""

from typing import Any

from django.db import models, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import filters, selectors, services
from accounts.enums import FeedCode
from accounts.models import (
    Assignment,
    Churn,
    Client,
    Employee,
    Entitlement,
    Feed,
    GndRecord,
    Invoice,
    Payment,
    Position,
    Service,
    Substitution,
    Training,
    Unit,
    Usage,
)
from accounts.selectors import facts
from core import clock
from core.api import ReadViewSet, Serializer, WriteViewSet

READ_DELETE = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "partial_update": "change",
    "destroy": "delete",
}


class DeleteMixin:
    """DELETE with If-Match, through the app's service."""

    def perform_delete(self, obj: Any, version: int | None) -> None:
        """Call the app's service that deletes a row."""
        raise NotImplementedError

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        obj = self.get_object()  # type: ignore[attr-defined]
        with transaction.atomic():
            self.perform_delete(obj, self.expected_version(obj))  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


# --- clients --------------------------------------------------------------------------------
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
        fields = ["id", "client", "on", "reason", "competitor", "lost_monthly", "version"]
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


# --- staff ----------------------------------------------------------------------------------
class UnitSerializer(Serializer):
    class Meta:
        model = Unit
        fields = ["id", "name", "kind", "parent", "path", "is_active", "external_id", "version"]
        read_only_fields = ["path", "version"]


class UnitViewSet(WriteViewSet):
    model = Unit
    serializer_class = UnitSerializer
    filterset_class = filters.UnitFilter
    ordering_fields = ["path", "name", "id"]

    def perform_add(self, data: dict[str, Any]) -> Unit:
        return services.save_unit(actor=self.request.user, values=data)

    def perform_change(self, obj: Unit, data: dict[str, Any], version: int | None) -> Unit:
        return services.save_unit(actor=self.request.user, unit=obj, values=data, version=version)


class EmployeeSerializer(Serializer):
    class Meta:
        model = Employee
        fields = [
            "id",
            "last_name",
            "first_name",
            "middle_name",
            "hired_on",
            "left_on",
            "external_id",
            "version",
        ]
        read_only_fields = ["version"]


class EmployeeViewSet(WriteViewSet):
    model = Employee
    serializer_class = EmployeeSerializer
    filterset_class = filters.EmployeeFilter
    ordering_fields = ["last_name", "id"]

    def perform_add(self, data: dict[str, Any]) -> Employee:
        return services.save_employee(actor=self.request.user, values=data)

    def perform_change(self, obj: Employee, data: dict[str, Any], version: int | None) -> Employee:
        return services.save_employee(
            actor=self.request.user, employee=obj, values=data, version=version
        )


class PositionSerializer(Serializer):
    class Meta:
        model = Position
        fields = ["id", "employee", "unit", "kind", "starts_on", "ends_on", "version"]
        read_only_fields = ["version"]


class PositionViewSet(WriteViewSet):
    """A new position closes the former one of the employee."""

    model = Position
    serializer_class = PositionSerializer
    filterset_class = filters.PositionFilter
    ordering_fields = ["starts_on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Position:
        return services.save_position(actor=self.request.user, values=data)

    def perform_change(self, obj: Position, data: dict[str, Any], version: int | None) -> Position:
        return services.save_position(
            actor=self.request.user, position=obj, values=data, version=version
        )


class SubstitutionSerializer(Serializer):
    class Meta:
        model = Substitution
        fields = ["id", "absent", "substitute", "starts_on", "ends_on", "reason", "version"]
        read_only_fields = ["version"]


class SubstitutionViewSet(WriteViewSet):
    model = Substitution
    serializer_class = SubstitutionSerializer
    filterset_class = filters.SubstitutionFilter
    ordering_fields = ["starts_on", "id"]

    def perform_add(self, data: dict[str, Any]) -> Substitution:
        return services.add_substitution(actor=self.request.user, values=data)

    def perform_change(
        self, obj: Substitution, data: dict[str, Any], version: int | None
    ) -> Substitution:
        return services.update_substitution(
            actor=self.request.user, substitution=obj, values=data, version=version
        )


class ServiceSerializer(Serializer):
    class Meta:
        model = Service
        fields = ["id", "code", "label", "long_label", "order", "version"]
        read_only_fields = ["version"]


class ServiceViewSet(WriteViewSet):
    model = Service
    serializer_class = ServiceSerializer
    filterset_class = filters.ServiceFilter
    ordering_fields = ["order", "id"]

    def perform_add(self, data: dict[str, Any]) -> Service:
        return services.save_service(actor=self.request.user, values=data)

    def perform_change(self, obj: Service, data: dict[str, Any], version: int | None) -> Service:
        return services.save_service(
            actor=self.request.user, service=obj, values=data, version=version
        )


# --- facts ----------------------------------------------------------------------------------
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
        return Usage.objects.get(client=data["client"], service=data["service"], day=data["day"])

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


# --- money ----------------------------------------------------------------------------------
class InvoiceSerializer(Serializer):
    class Meta:
        model = Invoice
        fields = [
            "id",
            "client",
            "number",
            "month",
            "amount",
            "due_on",
            "settled_on",
            "version",
        ]
        read_only_fields = ["settled_on", "version"]


class InvoiceViewSet(DeleteMixin, WriteViewSet):
    model = Invoice
    serializer_class = InvoiceSerializer
    filterset_class = filters.InvoiceFilter
    ordering_fields = ["month", "due_on", "id"]
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> Invoice:
        return services.add_invoice(actor=self.request.user, values=data)

    def perform_change(self, obj: Invoice, data: dict[str, Any], version: int | None) -> Invoice:
        return services.update_invoice(
            actor=self.request.user, invoice=obj, values=data, version=version
        )

    def perform_delete(self, obj: Invoice, version: int | None) -> None:
        services.delete_invoice(actor=self.request.user, invoice=obj, version=version)


class PaymentSerializer(Serializer):
    class Meta:
        model = Payment
        fields = ["id", "invoice", "paid_on", "amount", "external_id", "version"]
        read_only_fields = ["version"]


class PaymentViewSet(DeleteMixin, WriteViewSet):
    """Payments settle their invoice."""

    model = Payment
    serializer_class = PaymentSerializer
    filterset_class = filters.PaymentFilter
    ordering_fields = ["paid_on", "id"]
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> Payment:
        return services.record_payment(actor=self.request.user, values=data)

    def perform_change(self, obj: Payment, data: dict[str, Any], version: int | None) -> Payment:
        return services.update_payment(
            actor=self.request.user, payment=obj, values=data, version=version
        )

    def perform_delete(self, obj: Payment, version: int | None) -> None:
        services.delete_payment(actor=self.request.user, payment=obj, version=version)


routes = [
    ("clients", ClientViewSet),
    ("assignments", AssignmentViewSet),
    ("churns", ChurnViewSet),
    ("units", UnitViewSet),
    ("employees", EmployeeViewSet),
    ("positions", PositionViewSet),
    ("substitutions", SubstitutionViewSet),
    ("services", ServiceViewSet),
    ("feeds", FeedViewSet),
    ("usage", UsageViewSet),
    ("entitlements", EntitlementViewSet),
    ("trainings", TrainingViewSet),
    ("gnd-records", GndRecordViewSet),
    ("invoices", InvoiceViewSet),
    ("payments", PaymentViewSet),
]
