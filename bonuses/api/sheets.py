"""REST of sheets, objections and of what goes to payroll. Others' sheets read are noted."""

import csv
import io
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from bonuses.enums import ObjectionStatus
from bonuses.filters import ObjectionFilter, PayrollExportFilter, SheetFilter
from bonuses.models import Objection, PayrollExport, Sheet, SheetLine
from bonuses.selectors.payroll import closed_sheets
from bonuses.services import sheets as services
from bonuses.services.closing import record_export
from core import export
from core.api import ReadViewSet, Serializer, WriteViewSet

_SHEET = [
    "id", "employee", "unit", "kind", "month", "scheme", "status", "since", "until", "worked",
    "working_days", "base", "points", "earned", "corrections", "total", "computed_at",
    "objections_until", "agreed_at", "assessed_by", "assessed_at", "approved_by", "approved_at",
    "closed_at", "number", "previous", "digest", "version",
]  # fmt: skip


class SheetLineSerializer(Serializer):
    """`rows` are the ids of the rows behind the fact, `counted` those of its numerator."""

    class Meta:
        model = SheetLine
        fields = [
            "id", "code", "kind", "order", "block", "label", "kpi", "corrects", "since", "until",
            "share", "weight", "plan", "fact", "part", "whole", "note", "attainment", "points",
            "amount", "rows", "counted",
        ]  # fmt: skip
        read_only_fields = fields


class SheetSerializer(Serializer):
    """Roubles to the kopeck; `points` of 100 when every plan is met."""

    lines = SheetLineSerializer(many=True, read_only=True)

    class Meta:
        model = Sheet
        fields = [*_SHEET, "lines"]
        read_only_fields = fields


class Sheets(ReadViewSet):
    """Листы премирования: свои; отдела — начальнику; все — директору; закрытые — интеграции."""

    model = Sheet
    serializer_class = SheetSerializer
    filterset_class = SheetFilter
    ordering_fields = ("month", "id")
    policy_actions = ReadViewSet.policy_actions | {
        "agree": "agree",
        "assess": "assess",
        "approve": "approve",
        "give_back": "give_back",
    }
    versioned_actions = ("agree", "assess", "approve", "give_back")
    # Sheets are computed and never posted, but their steps want the version that was seen.
    expected_version = WriteViewSet.expected_version

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("lines")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        services.note_views([row["id"] for row in answer.data["results"]], request.user, "API")
        return answer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.note_view(self.get_object(), request.user, "API")
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(request=None, responses=SheetSerializer)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        """Сотрудник согласен с черновиком, который видел."""
        return self._move(services.agree)

    @extend_schema(request=None, responses=SheetSerializer)
    @action(detail=True, methods=["post"])
    def assess(self, request: Request, pk: str) -> Response:
        """Начальник отдела оценил черновик."""
        return self._move(services.assess)

    @extend_schema(request=None, responses=SheetSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Директор утвердил оценённый лист."""
        return self._move(services.approve)

    @extend_schema(request=None, responses=SheetSerializer)
    @action(detail=True, methods=["post"], url_path="give-back", url_name="giveback")
    def give_back(self, request: Request, pk: str) -> Response:
        """Вернуть в черновик."""
        return self._move(services.give_back)

    def _move(self, step: Any) -> Response:
        sheet = self.get_object()
        version = self.expected_version(sheet)
        with transaction.atomic():
            return self._answer(step(sheet, actor=self.request.user, version=version))

    def _answer(self, sheet: Sheet) -> Response:
        return self.answer(self.get_queryset().get(pk=sheet.pk))


class ObjectionSerializer(Serializer):
    class Meta:
        model = Objection
        fields = [
            "id", "line", "reason", "made_by", "made_at", "status", "answer", "answered_by",
            "answered_at", "version",
        ]  # fmt: skip
        read_only_fields = [f for f in fields if f not in {"line", "reason"}]


class AnswerSerializer(serializers.Serializer):
    status = serializers.ChoiceField(
        choices=[ObjectionStatus.ACCEPTED.value, ObjectionStatus.DECLINED.value]
    )
    answer = serializers.CharField(max_length=2000)


class Objections(WriteViewSet):
    """Возражения по строкам листов и ответы на них."""

    model = Objection
    serializer_class = ObjectionSerializer
    filterset_class = ObjectionFilter
    ordering_fields = ("made_at", "id")
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {"list": "view", "retrieve": "view", "create": "add", "answer_to": "answer"}
    versioned_actions = ("answer_to",)

    def perform_add(self, data: dict[str, Any]) -> Objection:
        return services.object_to(data["line"], actor=self.request.user, reason=data["reason"])

    @extend_schema(request=AnswerSerializer, responses=ObjectionSerializer)
    @action(detail=True, methods=["post"], url_path="answer", url_name="reply")
    def answer_to(self, request: Request, pk: str) -> Response:
        """Принять или отклонить возражение."""
        row = self.get_object()
        version = self.expected_version(row)
        serializer = AnswerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        typed = serializer.validated_data
        with transaction.atomic():
            row = services.answer(
                row, actor=request.user, status=typed["status"], text=typed["answer"],
                version=version,
            )  # fmt: skip
            return self.answer(self._again(row))


class PayrollExportSerializer(Serializer):
    class Meta:
        model = PayrollExport
        fields = ["id", "month", "sheets", "digest", "made_by", "made_at"]
        read_only_fields = ["id", "sheets", "digest", "made_by", "made_at"]
        # A month that is given already is given again, not refused.
        extra_kwargs = {"month": {"validators": []}}


class PayrollRowSerializer(serializers.Serializer):
    """A row for payroll; roubles to the kopeck."""

    employee = serializers.IntegerField(source="employee_id")
    external_id = serializers.CharField(source="employee.external_id", allow_null=True)
    name = serializers.CharField(source="employee.__str__")
    unit = serializers.IntegerField(source="unit_id")
    kind = serializers.CharField()
    worked = serializers.IntegerField()
    working_days = serializers.IntegerField()
    base = serializers.DecimalField(12, 2)
    earned = serializers.DecimalField(12, 2)
    corrections = serializers.DecimalField(12, 2)
    total = serializers.DecimalField(12, 2)
    digest = serializers.CharField()


class PayrollExports(WriteViewSet):
    """Выгрузки закрытых месяцев в расчёт зарплаты: строки как JSON и CSV."""

    model = PayrollExport
    serializer_class = PayrollExportSerializer
    filterset_class = PayrollExportFilter
    ordering_fields = ("month",)
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "create": "add",
        "rows": "view",
        "as_csv": "view",
    }

    def perform_add(self, data: dict[str, Any]) -> PayrollExport:
        return record_export(data["month"], actor=self.request.user)

    def _sheets(self) -> list[Sheet]:
        sheets = list(closed_sheets(self.get_object().month))
        services.note_views([sheet.pk for sheet in sheets], self.request.user, "зарплата")
        return sheets

    @extend_schema(responses=PayrollRowSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def rows(self, request: Request, pk: str) -> Response:
        """Листы месяца."""
        return Response(PayrollRowSerializer(self._sheets(), many=True).data)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, filters=False)
    @action(detail=True, methods=["get"], url_path="csv", url_name="csv")
    def as_csv(self, request: Request, pk: str) -> HttpResponse:
        """То же как CSV: UTF-8 с BOM, точка с запятой, десятичная запятая."""
        file = io.StringIO()
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(list(PayrollRowSerializer().fields))
        for sheet in self._sheets():
            values = [
                sheet.employee_id, sheet.employee.external_id, str(sheet.employee), sheet.unit_id,
                sheet.kind, sheet.worked, sheet.working_days, sheet.base, sheet.earned,
                sheet.corrections, sheet.total, sheet.digest,
            ]  # fmt: skip
            writer.writerow([export.csv_cell(value) for value in values])
        answer = HttpResponse(
            file.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
        )
        name = f"payroll-{self.get_object().month:%Y-%m}.csv"
        answer["Content-Disposition"] = content_disposition_header(True, name)
        answer["Cache-Control"] = "no-store"
        return answer
