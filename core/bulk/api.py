"""`POST /api/v1/bulk/<resource>/`: up to 5,000 rows a call, an answer for each."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import OnceMixin, ReadViewSet, Serializer
from core.bulk import engine
from core.bulk.enums import Mode, Outcome
from core.bulk.filters import ImportFilter
from core.bulk.models import Import
from core.bulk.resources import Column, Resource, Row, all_resources

_ABOUT = """{label}: до {limit} строк за вызов, ответ по каждой строке.

Строка узнаётся так: {key}. Поля, которых в строке нет, не меняются; null очищает. Та же пачка во
второй раз ничего не меняет. `mode`: `all_or_nothing` (по умолчанию) не пишет ничего, если
отказано хотя бы одной строке; `best_effort` пишет верные. С `dry_run` не пишется ничего, а ответ
такой же. `applied` говорит, записано ли что-нибудь."""


class RowErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Поле строки; пусто, если отказано строке целиком")
    message = serializers.CharField()


class RowResultSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="Место строки в вызове, с нуля")
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    id = serializers.IntegerField(allow_null=True)
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]
    notes = serializers.ListField(child=serializers.CharField())


class BulkResultSerializer(serializers.Serializer):
    applied = serializers.BooleanField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowResultSerializer(many=True)


_FIELDS: dict[str, Any] = {
    "whole": serializers.IntegerField,
    "number": serializers.DecimalField,
    "flag": serializers.BooleanField,
    "day": serializers.DateField,
    "month": serializers.DateField,
    "moment": serializers.DateTimeField,
}


def _field(column: Column) -> serializers.Field:
    """How a column is told in the schema; the values are read by `core.bulk.parse`."""
    options: dict[str, Any] = {
        "required": False,
        "allow_null": True,
        "help_text": f"{column.label}. {column.help}".rstrip(". ") + ".",
    }
    if column.kind == "choice":  # by the code or by the Russian word: no enumeration
        words = ", ".join(f"{value} ({label})" for value, label in column.choices.items())
        options |= {"help_text": f"{options['help_text']} Можно: {words}.", "max_length": 100}
    elif column.kind == "number":
        options |= {"max_digits": 17, "decimal_places": 2}
    elif column.kind in ("text", "code"):
        options |= {"max_length": column.longest, "allow_blank": True}
    if column.kind in ("whole", "number"):
        options |= {"min_value": column.low, "max_value": column.high}
    return _FIELDS.get(column.kind, serializers.CharField)(**options)


def _name(resource: Resource) -> str:
    return "".join(part.title() for part in resource.code.split("-"))


def body_serializer(resource: Resource) -> type[serializers.Serializer]:
    """The body of a call as the schema tells it."""
    name = _name(resource)
    row = type(
        f"Bulk{name}RowSerializer",
        (serializers.Serializer,),
        {column.name: _field(column) for column in resource.columns},
    )
    fields = {
        "rows": row(many=True, min_length=1, max_length=engine.LIMIT),
        "mode": serializers.ChoiceField(choices=Mode.choices, default=Mode.ALL_OR_NOTHING),
        "dry_run": serializers.BooleanField(default=False),
    }
    return type(f"Bulk{name}Serializer", (serializers.Serializer,), fields)


class BulkViewSet(OnceMixin, viewsets.GenericViewSet):
    """Many rows of one resource at once."""

    resource: ClassVar[Resource]
    http_method_names = ["post", "options"]
    policy_actions: ClassVar[dict[str, str]] = {"create": "add"}
    serializer_class = BulkResultSerializer
    pagination_class = None
    filter_backends = []

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = _checked(request.data)
        rows = engine.read_rows(self.resource, enumerate(given["rows"]))
        report = engine.upsert(
            self.resource,
            actor=request.user,
            rows=rows,
            mode=given.get("mode", Mode.ALL_OR_NOTHING),
            dry_run=given.get("dry_run", False),
        )
        return Response(
            {"applied": report.applied, **report.counts(), "rows": [_told(row) for row in rows]}
        )


def _told(row: Row) -> dict[str, Any]:
    errors = [
        {"field": name, "message": message}
        for name, messages in row.errors.items()
        for message in messages
    ]
    return {
        "index": row.number,
        "outcome": row.outcome,
        "id": row.pk,
        "errors": errors,
        "notes": row.notes,
    }


def _checked(data: Any) -> dict[str, Any]:
    """The body, its shape judged; the rows themselves are the engine's to read."""
    if not isinstance(data, dict):
        raise ValidationError({"rows": ["Нужен объект со списком строк."]})
    problems: dict[str, list[str]] = {
        str(name): [engine.UNKNOWN] for name in data if name not in ("rows", "mode", "dry_run")
    }
    rows = data.get("rows")
    if not isinstance(rows, list) or not rows:
        problems["rows"] = ["Нужен список строк, хотя бы одна."]
    elif len(rows) > engine.LIMIT:
        problems["rows"] = [f"За один вызов — не больше {engine.LIMIT} строк."]
    elif wrong := [n for n, row in enumerate(rows) if not isinstance(row, dict)]:
        problems[f"rows.{wrong[0]}"] = ["Строка — это объект с полями."]
    if data.get("mode", Mode.ALL_OR_NOTHING) not in Mode.values:
        problems["mode"] = [f"Можно: {', '.join(Mode.values)}."]
    if not isinstance(data.get("dry_run", False), bool):
        problems["dry_run"] = ["Нужно true или false."]
    if problems:
        raise ValidationError(problems)
    return data


def _viewset(resource: Resource) -> type[BulkViewSet]:
    named = {
        "resource": resource,
        "model": resource.model,
        "policy_actions": {"create": resource.actions[0]},
        "__doc__": f"{resource.label}: много строк за вызов.",
    }
    made = type(f"Bulk{_name(resource)}ViewSet", (BulkViewSet,), named)
    about = _ABOUT.format(label=resource.label, key=resource.key, limit=engine.LIMIT)
    schema = extend_schema(
        request=body_serializer(resource),
        responses={200: BulkResultSerializer},
        description=about,
    )
    return extend_schema_view(create=schema)(made)


class ImportSerializer(Serializer):
    counts = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text="Сколько строк чем кончились"
    )

    class Meta:
        model = Import
        fields = [
            "id", "resource", "file_name", "size", "status", "mode", "rows_total", "counts",
            "problem", "uploaded_at", "finished_at", "version",
        ]  # fmt: skip


class Imports(ReadViewSet):
    """Files that were loaded in the browser, and what became of them."""

    model = Import
    queryset = Import.objects.all()
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    ordering_fields = ("uploaded_at", "id")


routes: list[tuple[str, type[viewsets.GenericViewSet]]] = [("imports", Imports)]
routes += [(f"bulk/{resource.code}", _viewset(resource)) for resource in all_resources()]
