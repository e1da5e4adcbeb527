"""REST of invoices and payments."""

from typing import Any

from accounts import filters, services
from accounts.api.base import READ_DELETE, DeleteMixin
from accounts.models import Invoice, Payment
from core.api import Serializer, WriteViewSet


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
