"""REST of indexation campaigns, their plans and offers."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.filters_money import (
    CampaignFilter,
    ChurnCauseFilter,
    OfferFilter,
    SegmentPlanFilter,
)
from accounts.indexation import Summary
from accounts.models import ChurnCause, IndexationCampaign, IndexationOffer, SegmentPlan
from accounts.selectors import campaigns
from core.api import ReadViewSet, Serializer, WriteViewSet


class CampaignSerializer(Serializer):
    class Meta:
        model = IndexationCampaign
        fields = ["id", "year", "starts_on", "effective_on", "status", "version"]
        read_only_fields = ["status", "version"]


class CampaignViewSet(WriteViewSet):
    """Campaigns; `start` freezes prices and plans, `close` ends the negotiations."""

    model = IndexationCampaign
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter
    ordering_fields = ["year", "id"]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "create": "add",
        "partial_update": "change",
        "start": "change",
        "close": "change",
    }
    versioned_actions = ("start", "close")

    def perform_add(self, data: dict[str, Any]) -> IndexationCampaign:
        return services.save_campaign(actor=self.request.user, values=data)

    def perform_change(
        self, obj: IndexationCampaign, data: dict[str, Any], version: int | None
    ) -> IndexationCampaign:
        return services.save_campaign(
            actor=self.request.user, campaign=obj, values=data, version=version
        )

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin: every contract in force gets an offer to be made."""
        obj = self.get_object()
        return self.answer(
            services.start_campaign(
                actor=request.user, campaign=obj, version=self.expected_version(obj)
            )
        )

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End the negotiations."""
        obj = self.get_object()
        return self.answer(
            services.close_campaign(
                actor=request.user, campaign=obj, version=self.expected_version(obj)
            )
        )


class SegmentPlanSerializer(Serializer):
    class Meta:
        model = SegmentPlan
        fields = ["id", "campaign", "segment", "percent", "floor", "ceiling", "version"]
        read_only_fields = ["version"]


class SegmentPlanViewSet(WriteViewSet):
    model = SegmentPlan
    serializer_class = SegmentPlanSerializer
    filterset_class = SegmentPlanFilter
    ordering_fields = ["id"]

    def perform_add(self, data: dict[str, Any]) -> SegmentPlan:
        return services.save_plan(actor=self.request.user, values=data)

    def perform_change(
        self, obj: SegmentPlan, data: dict[str, Any], version: int | None
    ) -> SegmentPlan:
        return services.save_plan(actor=self.request.user, plan=obj, values=data, version=version)


class OfferSerializer(Serializer):
    class Meta:
        model = IndexationOffer
        fields = [
            "id",
            "campaign",
            "client",
            "contract",
            "segment",
            "price_before",
            "planned_percent",
            "floor",
            "ceiling",
            "stage",
            "offered_percent",
            "offered_on",
            "agreed_percent",
            "agreed_on",
            "price_after",
            "effective_on",
            "is_exception",
            "exception_reason",
            "refused_on",
            "refusal_reason",
            "version",
        ]
        read_only_fields = fields


class _Percent(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, **kwargs)


class MakeOfferSerializer(serializers.Serializer):
    offered_percent = _Percent()
    offered_on = serializers.DateField()


class AgreeSerializer(serializers.Serializer):
    agreed_percent = _Percent()
    agreed_on = serializers.DateField()


class ExceptionSerializer(AgreeSerializer):
    exception_reason = serializers.CharField(max_length=300)


class RefuseSerializer(serializers.Serializer):
    refused_on = serializers.DateField()
    refusal_reason = serializers.CharField(max_length=300)


class SummarySerializer(serializers.Serializer):
    """What a set of offers comes to."""

    offers = serializers.IntegerField()
    agreed = serializers.IntegerField()
    refused = serializers.IntegerField()
    exceptions_waiting = serializers.IntegerField(source="exception")
    above_plan = serializers.IntegerField()
    plan_percent = serializers.SerializerMethodField(help_text="Взвешенный план, %")
    fact_percent = serializers.SerializerMethodField(help_text="Взвешенный факт, %")
    forecast_percent = serializers.SerializerMethodField(help_text="Взвешенный прогноз, %")
    mean_days = serializers.SerializerMethodField(help_text="Дней от предложения до согласия")

    def _rounded(self, value: Any) -> str | None:
        return None if value is None else f"{value:.4f}"

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_plan_percent(self, summary: Summary) -> str | None:
        return self._rounded(summary.plan_percent)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_fact_percent(self, summary: Summary) -> str | None:
        return self._rounded(summary.fact_percent)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_forecast_percent(self, summary: Summary) -> str | None:
        return self._rounded(summary.forecast_percent)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_mean_days(self, summary: Summary) -> str | None:
        return self._rounded(summary.mean_days)


class OfferViewSet(ReadViewSet):
    """Offers; each step is an action of its own and wants If-Match."""

    model = IndexationOffer
    serializer_class = OfferSerializer
    filterset_class = OfferFilter
    ordering_fields = ["id", "agreed_on"]
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "summary": "view",
        "offer": "change",
        "agree": "change",
        "ask": "change",
        "refuse": "change",
        "reopen": "change",
        "approve": "approve",
        "decline": "approve",
    }
    versioned_actions = ("offer", "agree", "ask", "refuse", "reopen", "approve", "decline")

    def _do(
        self, service: Any, kind: type[serializers.Serializer] | None = None, **named: str
    ) -> Response:
        """Take a step with what was sent, `named` being argument → field.

        The row is looked for before the body is read: another's offer is 404, whatever was sent.
        """
        obj = self.get_object()
        version = self.expected_version(obj)
        values = {}
        if kind is not None:
            sent = kind(data=self.request.data)
            sent.is_valid(raise_exception=True)
            values = {argument: sent.validated_data[name] for argument, name in named.items()}
        with transaction.atomic():
            done = service(actor=self.request.user, offer=obj, version=version, **values)
            return self.answer(done)

    @extend_schema(responses=SummarySerializer)
    @action(detail=False, methods=["get"], pagination_class=None)
    def summary(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What exactly the filtered offers come to."""
        found = campaigns.summarise(self.filter_queryset(self.get_queryset()))
        return Response(SummarySerializer(found).data)

    @extend_schema(request=MakeOfferSerializer, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record what was offered."""
        return self._do(
            services.make_offer, MakeOfferSerializer, percent="offered_percent", on="offered_on"
        )

    @extend_schema(request=AgreeSerializer, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record the agreement."""
        return self._do(services.agree, AgreeSerializer, percent="agreed_percent", on="agreed_on")

    @extend_schema(request=ExceptionSerializer, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for an exception, which another person approves."""
        return self._do(
            services.ask_exception,
            ExceptionSerializer,
            percent="agreed_percent",
            on="agreed_on",
            reason="exception_reason",
        )

    @extend_schema(request=RefuseSerializer, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record a refusal."""
        return self._do(services.refuse, RefuseSerializer, on="refused_on", reason="refusal_reason")

    @extend_schema(request=None, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Back to the offer, while the new price is not paid yet."""
        return self._do(services.reopen)

    @extend_schema(request=None, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Approve another's exception."""
        return self._do(services.approve_exception)

    @extend_schema(request=None, responses=OfferSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send an exception back."""
        return self._do(services.decline_exception)


class ChurnCauseSerializer(Serializer):
    class Meta:
        model = ChurnCause
        fields = ["id", "label", "is_active", "order", "version"]
        read_only_fields = ["version"]


class ChurnCauseViewSet(WriteViewSet):
    model = ChurnCause
    serializer_class = ChurnCauseSerializer
    filterset_class = ChurnCauseFilter
    ordering_fields = ["order", "id"]

    def perform_add(self, data: dict[str, Any]) -> ChurnCause:
        return services.save_cause(actor=self.request.user, values=data)

    def perform_change(
        self, obj: ChurnCause, data: dict[str, Any], version: int | None
    ) -> ChurnCause:
        return services.save_cause(actor=self.request.user, cause=obj, values=data, version=version)
