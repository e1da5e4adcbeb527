"""REST of plan figures."""

from typing import Any

from accounts import services
from accounts.api.base import READ_DELETE, DeleteMixin
from accounts.filters import TargetFilter
from accounts.models import Target
from core.api import Serializer, WriteViewSet


class TargetSerializer(Serializer):
    """`month` is the first day of the month, quarter or year (`span`).

    Without unit and employee the figure is of the whole centre.
    """

    class Meta:
        model = Target
        fields = ["id", "kind", "unit", "employee", "span", "month", "value", "version"]
        read_only_fields = ["version"]


class TargetViewSet(DeleteMixin, WriteViewSet):
    """Плановые цифры сотрудников и отделов на месяц, квартал или год."""

    model = Target
    serializer_class = TargetSerializer
    filterset_class = TargetFilter
    ordering_fields = ["month", "id"]
    policy_actions = READ_DELETE

    def perform_add(self, data: dict[str, Any]) -> Target:
        return services.save_target(actor=self.request.user, values=data)

    def perform_change(self, obj: Target, data: dict[str, Any], version: int | None) -> Target:
        return services.save_target(
            actor=self.request.user, target=obj, values=data, version=version
        )

    def perform_delete(self, obj: Target, version: int | None) -> None:
        services.delete_target(actor=self.request.user, target=obj, version=version)
