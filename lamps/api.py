"""REST of lamps: the present ones, their history, pools by day, the rules."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Client
from core import clock, jobs
from core.api import ReadViewSet, Serializer
from core.forms_jobs import RunForm
from core.models import JobRun
from lamps import score, selectors
from lamps.filters import (
    ChurnRiskFilter,
    LampFilter,
    LampPeriodFilter,
    LampSchemeFilter,
    PoolDayFilter,
    churn_risk_of,
)
from lamps.models import Indicator, Lamp, LampPeriod, LampScheme, PoolDay, SchemeIndicator, Tier
from lamps.selectors.churn_risk import signals_of
from lamps.selectors.table import best_sums


class ReadingSerializer(serializers.Serializer):
    """One indicator of a lamp: `raw` is null without data, `points` are hundredths."""

    code = serializers.CharField()
    raw = serializers.IntegerField(allow_null=True)
    points = serializers.IntegerField(allow_null=True)
    expiring = serializers.BooleanField()
    until = serializers.DateField(allow_null=True)


class _ReadingMixin(serializers.Serializer):
    """Arrays by slot as objects by code."""

    indicators = serializers.SerializerMethodField()
    best = serializers.SerializerMethodField(help_text="Наибольшая сумма схемы, сотых")

    def _codes(self) -> dict[int, str]:
        kept: dict[str, Any] = self.context  # type: ignore[assignment]
        if "codes" not in kept:
            codes = Indicator.objects.order_by("slot").values_list("slot", "code")
            kept["codes"] = dict(codes)
        return dict(kept["codes"])

    @extend_schema_field(ReadingSerializer(many=True))
    def get_indicators(self, row: Any) -> list[dict[str, Any]]:
        until = getattr(row, "until", [])
        return [
            {
                "code": code,
                "raw": row.raw[slot] if slot < len(row.raw) else None,
                "points": row.points[slot] if slot < len(row.points) else None,
                "expiring": slot in row.expiring,
                "until": until[slot].isoformat() if slot < len(until) and until[slot] else None,
            }
            for slot, code in self._codes().items()
        ]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_best(self, row: Any) -> int | None:
        kept: dict[str, Any] = self.context  # type: ignore[assignment]
        if "best" not in kept:
            kept["best"] = best_sums()
        return dict(kept["best"]).get(row.scheme_id)


_READING = ["specialist", "unit", "segment", "scheme", "colour", "total", "best", "since"]


class LampSerializer(_ReadingMixin, Serializer):
    id = serializers.IntegerField(source="client_id", read_only=True)
    name = serializers.CharField(source="client.name", read_only=True)

    class Meta:
        model = Lamp
        fields = ["id", "client", "name", *_READING, "expires_on", "indicators"]
        read_only_fields = fields


class LampPeriodSerializer(_ReadingMixin, Serializer):
    class Meta:
        model = LampPeriod
        fields = ["id", "client", "starts_on", "ends_on", *_READING, "indicators"]
        read_only_fields = fields


class ExplainedSerializer(serializers.Serializer):
    """One indicator of an explanation, in figures and words."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    raw = serializers.IntegerField(allow_null=True)
    points = serializers.IntegerField(allow_null=True)
    best = serializers.IntegerField()
    words = serializers.CharField()


class ExplanationSerializer(serializers.Serializer):
    """Why a lamp is what it is, counted anew from the client's facts."""

    on = serializers.DateField()
    scheme = serializers.IntegerField()
    colour = serializers.CharField()
    total = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()
    indicators = ExplainedSerializer(many=True)


class LampViewSet(ReadViewSet):
    """Лампочки клиентов на последнюю рассчитанную дату."""

    model = Lamp
    serializer_class = LampSerializer
    filterset_class = LampFilter
    ordering_fields = ("sort_key", "total", "since", "client")
    policy_actions = ReadViewSet.policy_actions | {"explanation": "view"}

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("client")

    @extend_schema(responses=ExplanationSerializer, filters=False)
    @action(detail=True, pagination_class=None)
    def explanation(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Почему лампочка такая: значения, пороги и веса словами."""
        lamp = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        reading = selectors.explain(lamp.client)
        if reading is None:
            raise Http404
        data = {
            "on": reading.on,
            "scheme": reading.scheme.id,
            "colour": reading.colour.value,
            "total": reading.total,
            "words": score.explain_total(reading),
            "indicators": [
                {
                    "code": r.rule.code,
                    "label": r.rule.label,
                    "raw": r.raw,
                    "points": r.points,
                    "best": r.rule.best,
                    "words": score.explain_indicator(r, reading.on),
                }
                for r in reading.indicators
            ],
        }
        return Response(ExplanationSerializer(data).data)


class LampPeriodViewSet(ReadViewSet):
    """История лампочек: периоды без изменений."""

    model = LampPeriod
    serializer_class = LampPeriodSerializer
    filterset_class = LampPeriodFilter
    ordering_fields = ("starts_on", "client")


class PoolDaySerializer(Serializer):
    class Meta:
        model = PoolDay
        fields = ["id", "on", "unit", "specialist", "segment", "red", "yellow", "green", "none"]
        read_only_fields = fields


class PoolDayViewSet(ReadViewSet):
    """Сколько клиентов какого цвета было в пуле за день."""

    model = PoolDay
    serializer_class = PoolDaySerializer
    filterset_class = PoolDayFilter
    ordering_fields = ("on", "unit", "specialist")


class TierSerializer(Serializer):
    class Meta:
        model = Tier
        fields = ["threshold", "weight"]
        read_only_fields = fields


class SchemeIndicatorSerializer(Serializer):
    tiers = TierSerializer(many=True, read_only=True)

    class Meta:
        model = SchemeIndicator
        fields = [
            "indicator",
            "order",
            "source",
            "service",
            "direction",
            "window_days",
            "missing_policy",
            "stale_after_days",
            "warning_days",
            "tiers",
        ]
        read_only_fields = fields


class LampSchemeSerializer(Serializer):
    indicators = SchemeIndicatorSerializer(many=True, read_only=True)

    class Meta:
        model = LampScheme
        fields = [
            "id",
            "name",
            "segment",
            "effective_from",
            "status",
            "published_at",
            "yellow_from",
            "green_from",
            "norm_red",
            "norm_yellow",
            "norm_green",
            "tolerance",
            "indicators",
        ]
        read_only_fields = fields


class LampSchemeViewSet(ReadViewSet):
    """Версии правил лампочки."""

    model = LampScheme
    serializer_class = LampSchemeSerializer
    filterset_class = LampSchemeFilter
    ordering_fields = ("effective_from",)

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("indicators__tiers")


class IndicatorSerializer(Serializer):
    class Meta:
        model = Indicator
        fields = ["id", "code", "label", "long_label", "slot"]
        read_only_fields = fields


class IndicatorViewSet(ReadViewSet):
    """Показатели лампочки."""

    model = Indicator
    serializer_class = IndicatorSerializer


class JobRunSerializer(Serializer):
    class Meta:
        model = JobRun
        fields = [
            "id",
            "kind",
            "business_date",
            "status",
            "attempts",
            "progress",
            "step",
            "counters",
            "error",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = [f for f in fields if f not in {"kind", "business_date"}]


class JobRunViewSet(mixins.CreateModelMixin, ReadViewSet):
    """Запуски заданий; новый запуск просит рассчитать дату (или рассчитать её заново)."""

    model = JobRun
    serializer_class = JobRunSerializer
    policy_actions = ReadViewSet.policy_actions | {"create": "run"}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        form = RunForm(serializer.validated_data, user=request.user)
        if not form.is_valid():
            raise serializers.ValidationError(
                {k: [str(t) for t in v] for k, v in form.errors.items()}
            )
        typed = form.cleaned_data
        run = jobs.request(typed["kind"], typed["business_date"], actor=request.user)
        return self.answer(run, 201)


class RiskSignalSerializer(serializers.Serializer):
    """One signal: its code, its weight, the day it began (null where unknown), why in words."""

    code = serializers.CharField()
    weight = serializers.IntegerField()
    since = serializers.DateField(allow_null=True)
    words = serializers.CharField()


class ChurnRiskSerializer(serializers.Serializer):
    """A client served that shows signals of churn; `weight` is the sum of theirs."""

    client = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    specialist = serializers.IntegerField(source="specialist_id", allow_null=True)
    unit = serializers.IntegerField(source="unit_id", allow_null=True)
    weight = serializers.IntegerField()
    signals = serializers.SerializerMethodField()

    @extend_schema_field(RiskSignalSerializer(many=True))
    def get_signals(self, row: Any) -> list[dict[str, Any]]:
        found = self.context["signals"].get(row.pk, [])
        return list(RiskSignalSerializer(found, many=True).data)


class ChurnRiskViewSet(viewsets.GenericViewSet):
    """Клиенты с сигналами риска отключения, с наибольшим весом первыми."""

    model = Client
    http_method_names = ["get", "head", "options"]
    serializer_class = ChurnRiskSerializer
    filterset_class = ChurnRiskFilter
    ordering_fields = ("weight", "sort_key")
    ordering = ("-weight", "sort_key", "id")
    policy_actions = {"list": "view"}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Client.objects.none()
        return churn_risk_of(self.request).at_risk().order_by(*self.ordering)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Сигналы на сегодня, у каждого — почему, словами."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        signals = signals_of([row.pk for row in page], clock.today())
        rows = self.get_serializer(page, many=True, context={"signals": signals}).data
        return self.get_paginated_response(rows)


routes = [
    ("lamps", LampViewSet),
    ("churn-risks", ChurnRiskViewSet),
    ("lamp-periods", LampPeriodViewSet),
    ("pool-days", PoolDayViewSet),
    ("lamp-schemes", LampSchemeViewSet),
    ("indicators", IndicatorViewSet),
    ("job-runs", JobRunViewSet),
]
