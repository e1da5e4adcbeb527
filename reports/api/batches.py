"""REST of orders for many reports: started, watched, stopped, tried again, packed, fetched."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import Segment
from accounts.models import Employee, IndexationCampaign, Unit
from core import clock
from core.api import Serializer, WriteViewSet
from reports import services
from reports.filters import BatchFilter
from reports.models import ReportBatch
from reports.selectors.batches import Choice, clients_of, pack_run, progress_of
from reports.views.batches import zip_response


class BatchSerializer(Serializer):
    """An order. `unit`, `specialist`, `segment`, `campaign` and `only_key` say whose clients get a
    report; they add up, and none of them means all of the caller's own."""

    unit = serializers.PrimaryKeyRelatedField(
        queryset=Unit.objects.all(), write_only=True, required=False, allow_null=True
    )
    specialist = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), write_only=True, required=False, allow_null=True
    )
    segment = serializers.ChoiceField(
        choices=Segment.choices, write_only=True, required=False, allow_blank=True
    )
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=IndexationCampaign.objects.all(), write_only=True, required=False, allow_null=True
    )
    only_key = serializers.BooleanField(write_only=True, required=False)

    class Meta:
        model = ReportBatch
        fields = [
            "id", "version", "title", "since", "until", "requested_at",
            "unit", "specialist", "segment", "campaign", "only_key",
        ]  # fmt: skip
        read_only_fields = ["title", "requested_at"]


class ProgressSerializer(serializers.Serializer):
    """How far an order is, in reports. `zip` is the state of the run that packs it; empty where
    nobody asked for one."""

    total = serializers.IntegerField()
    built = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    waiting = serializers.IntegerField()
    percent = serializers.IntegerField()
    zip = serializers.CharField(allow_blank=True)


class CountSerializer(serializers.Serializer):
    """How many reports the step was about."""

    reports = serializers.IntegerField()


class Batches(WriteViewSet):
    """The caller's orders for reports of many clients."""

    model = ReportBatch
    queryset = ReportBatch.objects.all()
    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    ordering_fields = ["id", "requested_at"]
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "create": "add",
        "progress": "view",
        "cancel": "change",
        "retry": "change",
        "pack": "change",
        "content": "view",
    }

    def perform_add(self, data: dict[str, Any]) -> Any:
        since, until = data.pop("since"), data.pop("until")
        choice = Choice(**data)
        return services.request_batch(
            actor=self.request.user,
            clients=clients_of(self.request.user, choice),
            title=choice.title,
            since=since,
            until=until,
            now=clock.now(),
        )

    @extend_schema(responses={200: ProgressSerializer})
    @action(detail=True, methods=["get"])
    def progress(self, request: Request, pk: str) -> Response:
        """How far it is."""
        return Response(self._progress(self.get_object()))

    def _progress(self, batch: ReportBatch) -> Any:
        found, pack = progress_of(batch, services.BUILD), pack_run(batch, services.PACK)
        told = {"zip": pack.status if pack else ""} | {
            name: getattr(found, name)
            for name in ("total", "built", "failed", "cancelled", "waiting", "percent")
        }
        return ProgressSerializer(told).data

    @extend_schema(request=None, responses={200: CountSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop what is not built yet."""
        count = services.cancel_batch(actor=request.user, batch=self.get_object())
        return Response({"reports": count})

    @extend_schema(request=None, responses={200: CountSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Ask again for what failed or was stopped."""
        count = services.retry_batch(actor=request.user, batch=self.get_object())
        return Response({"reports": count})

    @extend_schema(request=None, responses={200: ProgressSerializer})
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: str) -> Response:
        """Ask for a zip of all that is built."""
        batch = self.get_object()
        services.request_pack(actor=request.user, batch=batch)
        return Response(self._progress(batch))

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The zip with its index; 404 until it is packed, or where a report of it left the
        caller's scope."""
        return zip_response(request.user, self.get_object())  # type: ignore[return-value]
