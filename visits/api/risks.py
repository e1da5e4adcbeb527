"""REST of risks."""

from typing import Any

from django.core.exceptions import ValidationError

from core import clock
from core.api import Serializer, WriteViewSet
from visits import services
from visits.filters.risks import RiskFilter
from visits.models import Risk


class RiskSerializer(Serializer):
    """`client`, `visit`, `kind` and `text` are given once; `outcome` closes the risk."""

    class Meta:
        model = Risk
        fields = [
            "id", "version", "client", "visit", "kind", "text",
            "raised_on", "raised_by", "closed_on", "outcome",
        ]  # fmt: skip
        read_only_fields = ["raised_on", "raised_by", "closed_on"]

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if isinstance(self.instance, Risk):
            for name in ("client", "visit", "kind", "text"):
                fields[name].read_only = True
        return fields


class Risks(WriteViewSet):
    """Risks of clients: noted open, closed once by saying in `outcome` what became of it."""

    model = Risk
    queryset = Risk.objects.all()
    serializer_class = RiskSerializer
    filterset_class = RiskFilter
    ordering_fields = ["id", "raised_on"]

    def perform_add(self, data: dict[str, Any]) -> Any:
        if data.pop("outcome", ""):
            raise ValidationError({"outcome": "Новый риск открыт."})
        return services.raise_risk(
            actor=self.request.user,
            client=data["client"],
            visit=data.get("visit"),
            values={"kind": data["kind"], "text": data["text"]},
            on=clock.today(),
        )

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return services.close_risk(
            actor=self.request.user,
            risk=obj,
            outcome=data.get("outcome", ""),
            on=clock.today(),
            version=version,
        )


routes = [("risks", Risks)]
