"""REST of bases, additional sales and KPIs by hand."""

from typing import Any

from accounts.api.base import READ_DELETE, DeleteMixin
from bonuses.filters import ManualFactFilter, PayBaseFilter, UpsellFilter
from bonuses.models import ManualFact, PayBase, Upsell
from bonuses.services import facts as services
from core.api import Serializer, WriteViewSet


class PayBaseSerializer(Serializer):
    """`amount` is the variable-pay base of a full month at a full rate, roubles."""

    class Meta:
        model = PayBase
        fields = ["id", "employee", "starts_on", "amount", "rate", "version"]
        read_only_fields = ["version"]


class PayBases(DeleteMixin, WriteViewSet):
    """Базы переменной части с даты."""

    model = PayBase
    serializer_class = PayBaseSerializer
    filterset_class = PayBaseFilter
    ordering_fields = ("starts_on", "id")
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> PayBase:
        return services.save_pay_base(actor=self.request.user, values=data)

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> PayBase:
        return services.save_pay_base(
            actor=self.request.user, values=data, row=obj, version=version
        )

    def perform_delete(self, obj: Any, version: int | None) -> None:
        services.delete_pay_base(actor=self.request.user, row=obj, version=version)


class UpsellSerializer(Serializer):
    """A return has an `amount` below zero; `author` is who wrote it down."""

    class Meta:
        model = Upsell
        fields = [
            "id", "employee", "client", "on", "product", "amount", "document", "author",
            "external_id", "version",
        ]  # fmt: skip
        read_only_fields = ["author", "version"]


class Upsells(DeleteMixin, WriteViewSet):
    """Допродажи ВКСП."""

    model = Upsell
    serializer_class = UpsellSerializer
    filterset_class = UpsellFilter
    ordering_fields = ("on", "id")
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> Upsell:
        return services.save_upsell(actor=self.request.user, values=data)

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Upsell:
        return services.save_upsell(actor=self.request.user, values=data, row=obj, version=version)

    def perform_delete(self, obj: Any, version: int | None) -> None:
        services.delete_upsell(actor=self.request.user, row=obj, version=version)


class ManualFactSerializer(Serializer):
    """`month` is its first day; `kpi` one whose source is `manual`."""

    class Meta:
        model = ManualFact
        fields = ["id", "employee", "kpi", "month", "value", "document", "author", "version"]
        read_only_fields = ["author", "version"]


class ManualFacts(DeleteMixin, WriteViewSet):
    """Показатели, которые вносят вручную."""

    model = ManualFact
    serializer_class = ManualFactSerializer
    filterset_class = ManualFactFilter
    ordering_fields = ("month", "id")
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> ManualFact:
        return services.save_manual_fact(actor=self.request.user, values=data)

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> ManualFact:
        return services.save_manual_fact(
            actor=self.request.user, values=data, row=obj, version=version
        )

    def perform_delete(self, obj: Any, version: int | None) -> None:
        services.delete_manual_fact(actor=self.request.user, row=obj, version=version)
