"""REST of contracts and their prices."""

from typing import Any

from rest_framework import serializers

from accounts import services
from accounts.api.base import READ_DELETE, DeleteMixin
from accounts.filters_money import ContractFilter, ContractPriceFilter
from accounts.models import Contract, ContractPrice
from accounts.selectors import contracts
from core import clock
from core.api import Serializer, WriteViewSet


class ContractSerializer(Serializer):
    price = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        read_only=True,
        allow_null=True,
        help_text="Цена в месяц сегодня, ₽",
    )

    class Meta:
        model = Contract
        fields = [
            "id",
            "client",
            "number",
            "kit",
            "starts_on",
            "ends_on",
            "fixed_from",
            "fixed_until",
            "price",
            "external_id",
            "version",
        ]
        read_only_fields = ["version"]


class ContractViewSet(WriteViewSet):
    model = Contract
    serializer_class = ContractSerializer
    filterset_class = ContractFilter
    ordering_fields = ["number", "starts_on", "id"]

    def get_queryset(self) -> Any:
        return contracts.with_price(super().get_queryset(), clock.today())

    def perform_add(self, data: dict[str, Any]) -> Contract:
        return services.save_contract(actor=self.request.user, values=data)

    def perform_change(self, obj: Contract, data: dict[str, Any], version: int | None) -> Contract:
        return services.save_contract(
            actor=self.request.user, contract=obj, values=data, version=version
        )


class ContractPriceSerializer(Serializer):
    class Meta:
        model = ContractPrice
        fields = ["id", "contract", "effective_on", "monthly", "version"]
        read_only_fields = ["version"]


class ContractPriceViewSet(DeleteMixin, WriteViewSet):
    """Monthly prices; each holds until the next one."""

    model = ContractPrice
    serializer_class = ContractPriceSerializer
    filterset_class = ContractPriceFilter
    ordering_fields = ["effective_on", "id"]
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> ContractPrice:
        return services.set_price(actor=self.request.user, values=data)

    def perform_change(
        self, obj: ContractPrice, data: dict[str, Any], version: int | None
    ) -> ContractPrice:
        return services.set_price(actor=self.request.user, price=obj, values=data, version=version)

    def perform_delete(self, obj: ContractPrice, version: int | None) -> None:
        services.delete_price(actor=self.request.user, price=obj, version=version)
