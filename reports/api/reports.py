"""REST of cooperation reports: asked for, edited, approved, presented, fetched."""

from collections.abc import Callable
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

from contacts.models import Participant
from core import clock, pdf
from core.api import Serializer, WriteViewSet
from reports import services
from reports.enums import SectionCode
from reports.filters import ReportFilter
from reports.layout import LONGEST
from reports.models import CooperationReport
from reports.selectors.reports import runs_of
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


class PresentSerializer(Serializer):
    """To whom it was presented, when, with what outcome; on which К2У, whose criterion it meets."""

    participant = serializers.PrimaryKeyRelatedField(
        queryset=Participant.objects.all(), label="кому представлен"
    )
    on = serializers.DateField(label="когда")

    class Meta:
        model = CooperationReport
        fields = ["participant", "on", "outcome", "visit"]


class ReturnSerializer(serializers.Serializer):
    """What to mend."""

    note = serializers.CharField(max_length=2000)


class PrintingSerializer(serializers.Serializer):
    """A long document is printed in the background: how far that is. Without a state nobody asked
    for it yet, or it failed: ask with `print`."""

    state = serializers.CharField()
    progress = serializers.IntegerField()


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
        "rebuild": "change",
        "submit": "change",
        "give_back": "approve",
        "approve": "approve",
        "edition": "change",
        "present": "present",
        "print_pdf": "change",
        "content": "view",
    }
    versioned_actions = ("submit", "give_back", "approve", "present")

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

    def take(self, step: Callable[..., CooperationReport], versioned: bool, **given: Any) -> Any:
        """Call a service with the report of the address, and answer with what became of it."""
        row = self.get_object()
        if versioned:
            given["version"] = self.expected_version(row)
        with transaction.atomic():
            row = step(actor=self.request.user, report=row, **given)
            return self.answer(self._again(row))

    def typed(self, kind: type[serializers.Serializer]) -> dict[str, Any]:
        """The body of a step, judged field by field."""
        serializer = kind(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @extend_schema(request=None, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"])
    def rebuild(self, request: Request, pk: str) -> Response:
        """Draw the figures anew in the background; the text stays."""
        return self.take(services.build_again, versioned=False, now=clock.now())

    @extend_schema(request=None, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send a draft to the head."""
        return self.take(services.submit, versioned=True)

    @extend_schema(request=ReturnSerializer, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"], url_path="give-back", url_name="giveback")
    def give_back(self, request: Request, pk: str) -> Response:
        """Send it back to its author, saying what to mend."""
        self.expected_version(self.get_object())  # before the body: whose report, which version
        return self.take(services.give_back, versioned=True, **self.typed(ReturnSerializer))

    @extend_schema(request=None, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Seal figures and text."""
        return self.take(services.approve, versioned=True, now=clock.now())

    @extend_schema(request=None, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"])
    def edition(self, request: Request, pk: str) -> Response:
        """Ask for a new edition of an approved report; the answer is the new one."""
        return self.take(services.request_edition, versioned=False, now=clock.now())

    @extend_schema(request=PresentSerializer, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"])
    def present(self, request: Request, pk: str) -> Response:
        """Say to whom it was presented, when and with what outcome."""
        self.expected_version(self.get_object())
        typed = self.typed(PresentSerializer)
        typed.setdefault("outcome", "")
        return self.take(services.present, versioned=True, now=clock.now(), **typed)

    @extend_schema(request=None, responses={200: ReportSerializer})
    @action(detail=True, methods=["post"], url_path="print", url_name="print")
    def print_pdf(self, request: Request, pk: str) -> Response:
        """Ask for the PDF of the present text in the background; `content` gives it."""
        return self.take(services.request_print, versioned=False)

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (202, "application/json"): PrintingSerializer,
        }
    )
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The PDF of a report that is built; 202 while a long one is being printed."""
        row = self.get_object()
        if not row.is_built:
            raise ValidationError("Черновик ещё не собран.")
        try:
            data = services.pdf_at_once(row)
        except pdf.Unprintable as error:
            raise ValidationError(str(error)) from error
        if data is None:
            run = runs_of(services.PRINT, [row]).get(row.pk)
            told = {"state": run.status if run else "", "progress": run.progress if run else 0}
            return Response(told, status=202, headers={"Retry-After": "3"})
        return pdf_response(row, data, attached=True)
