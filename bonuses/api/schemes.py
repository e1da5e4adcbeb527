"""REST of the rules."""

from typing import Any

from bonuses.filters import BonusSchemeFilter
from bonuses.models import BonusBlock, BonusKpi, BonusScheme, BonusStep
from bonuses.selectors.schemes import with_rules
from core.api import ReadViewSet, Serializer


class BonusStepSerializer(Serializer):
    class Meta:
        model = BonusStep
        fields = ["threshold", "percent"]
        read_only_fields = fields


class BonusKpiSerializer(Serializer):
    steps = BonusStepSerializer(many=True, read_only=True)

    class Meta:
        model = BonusKpi
        fields = [
            "id", "label", "source", "weight", "plan_level", "target_kind", "plan", "better",
            "scale", "floor", "cap", "if_missing", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class BonusBlockSerializer(Serializer):
    kpis = BonusKpiSerializer(many=True, read_only=True)

    class Meta:
        model = BonusBlock
        fields = ["id", "label", "share", "period", "kpis"]
        read_only_fields = fields


class BonusSchemeSerializer(Serializer):
    blocks = BonusBlockSerializer(many=True, read_only=True)

    class Meta:
        model = BonusScheme
        fields = [
            "id", "name", "kind", "effective_from", "status", "objection_days", "published_at",
            "blocks",
        ]  # fmt: skip
        read_only_fields = fields


class BonusSchemes(ReadViewSet):
    """Версии правил премирования с блоками, показателями и шкалами."""

    model = BonusScheme
    serializer_class = BonusSchemeSerializer
    filterset_class = BonusSchemeFilter
    ordering_fields = ("effective_from",)

    def get_queryset(self) -> Any:
        return with_rules(super().get_queryset())
