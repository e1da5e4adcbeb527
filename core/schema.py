"""The OpenAPI of every route: the one error shape, the headers, the statuses that are possible."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from drf_spectacular.openapi import AutoSchema as BaseSchema
from drf_spectacular.plumbing import append_meta
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.idempotency import HEADER


class ProblemErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Путь к полю")
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """application/problem+json"""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]
    request_id = serializers.CharField()


class AutoSchema(BaseSchema):
    """Adds what the base classes of `core.api` do to every operation."""

    @property
    def versioned(self) -> bool:
        """Whether the operation asks for the version of the row: a change or a `versioned` POST."""
        named = getattr(self.view, "action", "") in getattr(self.view, "versioned_actions", ())
        return named or self.method in ("PATCH", "PUT", "DELETE")

    @property
    def answers_304(self) -> bool:
        """Whether the operation reads one row, and may say that the caller holds it already."""
        is_card = self.method == "GET" and getattr(self.view, "action", "") == "retrieve"
        return is_card and getattr(self.view, "answers_304", False)

    def _is_list_view(self, serializer: Any = None) -> bool:
        """A view without pages answers a list with one object that has the rows inside."""
        return getattr(self.view, "one_object", False) is False and super()._is_list_view(
            serializer
        )

    def get_override_parameters(self) -> list[Any]:
        asked = []
        if self.answers_304:
            asked.append(
                OpenApiParameter(
                    "If-None-Match",
                    str,
                    OpenApiParameter.HEADER,
                    description="ETag того, что у вас уже есть: если ничего не изменилось, 304.",
                )
            )
        if self.versioned:
            asked.append(
                OpenApiParameter(
                    "If-Match",
                    str,
                    OpenApiParameter.HEADER,
                    required=True,
                    description="ETag записи, которую вы меняете: без него 428, с устаревшим 412.",
                )
            )
        if self.method == "POST":
            asked.append(
                OpenApiParameter(
                    HEADER,
                    {"type": "string", "minLength": 8, "maxLength": 200, "pattern": "^[!-~]+$"},
                    OpenApiParameter.HEADER,
                    required=True,
                    description="Своё имя каждого запроса, например UUID: повтор с тем же именем"
                    " и телом вернёт прежний ответ и ничего не удвоит. Хранится 72 часа.",
                )
            )
        return asked

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        """What is read may be empty wherever the column may, whatever may be typed there."""
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        if direction != "response" or model is None or not mapped:
            return mapped
        try:
            column = model._meta.get_field(str(field.source))
        except FieldDoesNotExist:
            return mapped
        if not column.concrete or column.many_to_many:
            return mapped
        if getattr(column, "output_field", column).null and not field.allow_null:
            mapped = append_meta(mapped, {"nullable": True})
        if column.choices and column.blank and "" not in mapped.get("enum", [""]):
            mapped["enum"] = [*mapped["enum"], ""]
        return mapped

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        codes = ["400", "401", "403", "404", "406", "429", "503"]
        if self.method != "GET":
            codes += ["413", "415"]
        if self.method == "POST":
            codes += ["409", "422"]
        if self.versioned:
            codes += ["412", "428"]
        if self.answers_304 and "304" not in bodies:
            bodies["304"] = {"description": "Ничего не изменилось: у вас уже есть этот ответ."}
        for code in codes:
            if code not in bodies:
                bodies[code] = self._get_response_for_code(
                    ProblemSerializer, code, media_types=["application/problem+json"]
                )
        return bodies
