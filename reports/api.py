"""REST of cooperation reports: asked for, edited, approved, presented, fetched."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, pdf
from core.api import ReadViewSet, Serializer, WriteViewSet
from reports import api_letters, services
from reports.enums import SectionCode
from reports.filters import BlockFilter, ReportFilter
from reports.layout import LONGEST
from reports.models import CooperationReport, TextBlock
from reports.views.reports import pdf_response


class SectionSerializer(serializers.Serializer):
    """A section: its place is its place in the list."""

    code = serializers.ChoiceField(choices=SectionCode.choices)
    on = serializers.BooleanField(default=True)
    text = serializers.CharField(max_length=LONGEST, allow_blank=True, default="")


class ReportSerializer(Serializer):
    sections = SectionSerializer(many=True, required=False, max_length=9)  # type: ignore[call-arg]

    class Meta:
        model = CooperationReport
        fields = [
            "id", "version", "client", "since", "until", "status", "edition", "previous",
            "sections", "requested_at", "built_at", "returned_note", "approved_at", "digest",
            "presented_to", "presented_on", "outcome", "visit",
        ]  # fmt: skip
        read_only_fields = [
            "status", "edition", "previous", "requested_at", "built_at", "returned_note",
            "approved_at", "digest", "presented_to", "presented_on", "outcome", "visit",
        ]  # fmt: skip


class Reports(WriteViewSet):
    """Cooperation reports. A request gives a draft built in the background."""

    model = CooperationReport
    queryset = CooperationReport.objects.all()
    serializer_class = ReportSerializer
    filterset_class = ReportFilter
    ordering_fields = ["id", "since", "presented_on"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "create": "add",
        "partial_update": "change",
        "approve": "approve",
        "content": "view",
    }
    versioned_actions = ("approve",)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("client", "letterhead", "approved_by")

    def perform_add(self, data: dict[str, Any]) -> Any:
        if "sections" in data:
            raise ValidationError({"sections": "Разделы правят, когда черновик собран."})
        return services.request_report(actor=self.request.user, now=clock.now(), **data)

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        wrong = {name: "Меняются только разделы." for name in data if name != "sections"}
        if wrong:
            raise ValidationError(wrong)
        return services.save_sections(
            actor=self.request.user,
            report=obj,
            sections=[dict(row) for row in data.get("sections", obj.sections)],
            version=version,
        )

    @extend_schema(request=None, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Seal figures and text."""
        row = self.get_object()
        version = self.expected_version(row)
        with transaction.atomic():
            row = services.approve(actor=request.user, report=row, now=clock.now(), version=version)
            return self.answer(self._again(row))

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The PDF of a report that is built."""
        row = self.get_object()
        if not row.is_built:
            raise ValidationError("Черновик ещё не собран.")
        try:
            return pdf_response(row, services.pdf_of(row), attached=True)
        except pdf.Unprintable as error:
            raise ValidationError(str(error)) from error


class TextBlockSerializer(Serializer):
    class Meta:
        model = TextBlock
        fields = ["id", "section", "segment", "text", "version"]


class TextBlocks(ReadViewSet):
    """With what the sections of a new report begin, by segment."""

    model = TextBlock
    queryset = TextBlock.objects.all()
    serializer_class = TextBlockSerializer
    filterset_class = BlockFilter


routes = [("reports", Reports), ("report-blocks", TextBlocks), *api_letters.routes]
