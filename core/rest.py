"""What every API route passes through: permission, strict input, filters, pages, errors."""

import json
from collections.abc import Iterable
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, OperationalError
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, status
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from core import busy, text
from core.errors import Conflict, Refused
from core.policy import policy_for

MAX_DEPTH = 32


class VersionMissing(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Нужен заголовок If-Match с ETag записи, которую вы меняете."


class VersionStale(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "Запись уже изменена: прочитайте её заново."


class PolicyPermission(BasePermission):
    """Asks the policy of the view's model; the rows themselves come through its scope."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if getattr(view, "public", False):
            return True
        if not request.user or not request.user.is_authenticated:
            return False
        writes = request.method not in ("GET", "HEAD", "OPTIONS")
        resource = resource_of(view)
        key: Any = request.auth
        if key is not None and not key.allows(resource, write=writes):
            self.message = f"У ключа нет права «{resource}:{'write' if writes else 'read'}»."
            return False
        # The method does not exist here: let it be a 405.
        if view.action is None or str(request.method).lower() not in view.http_method_names:
            return True
        action = view.policy_actions.get(view.action)
        return action is not None and policy_for(view.model).can(request.user, action)


def resource_of(view: Any) -> str:
    """The name under which keys are given rights to what a view serves.

    Many rows at once need the same right as one.
    """
    return str(view.basename).removeprefix("api-").removeprefix("bulk/")


class StrictJSONParser(JSONParser):
    """JSON without NUL, lone surrogates, doubled keys, giant numbers or endless nesting."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read()
        if _depth(raw) > MAX_DEPTH:
            raise ParseError("Слишком глубокая вложенность JSON.")
        try:
            data = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_no_doubles,
                parse_constant=_no_constant,
            )
        except (ValueError, RecursionError) as error:
            raise ParseError(f"Тело запроса не разобрано как JSON: {error}") from error
        _check_strings(data)
        return data


def _depth(raw: bytes) -> int:
    """How deep brackets nest, those inside strings left out; one pass, whatever is sent."""
    depth = deepest = 0
    inside = escaped = False
    for byte in raw:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("ключ повторяется")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} — не число")


def _check_strings(data: Any) -> None:
    if isinstance(data, str):
        try:
            text.clean(data)
        except ModelError as error:
            raise ParseError(error.messages[0]) from error
    elif isinstance(data, dict):
        for key, value in data.items():
            _check_strings(key)
            _check_strings(value)
    elif isinstance(data, list):
        for item in data:
            _check_strings(item)


class FilterBackend(DjangoFilterBackend):
    """django-filter that refuses a parameter it does not know, by name."""

    extra = frozenset({"cursor", "page_size", "ordering", "format"})

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        known = self.extra | set(filterset.filters if filterset else ())
        if getattr(view.get_serializer_class(), "is_sparse", False):
            known |= {"fields"}
        if filterset:
            for name, f in filterset.filters.items():
                known |= {f"{name}_{s}" for s in getattr(f.field.widget, "suffixes", ()) if s}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            raise ValidationError({name: ["Неизвестный параметр."] for name in unknown})
        return super().filter_queryset(request, queryset, view)


class OrderingFilter(filters.OrderingFilter):
    """Ordering by the declared fields only; another name is an error, not a silence."""

    def remove_invalid_fields(
        self, queryset: Any, fields: Iterable[str], view: Any, request: Request
    ) -> list[str]:
        known = {name for name, _ in self.get_valid_fields(queryset, view, {"request": request})}
        fields = list(fields)
        unknown = [name for name in fields if name.lstrip("-") not in known]
        if unknown:
            raise ValidationError({"ordering": [f"По полю «{unknown[0]}» не упорядочить."]})
        return fields


class Pagination(CursorPagination):
    """Pages by cursor; the primary key breaks ties."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "pk"

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        ordering = tuple(super().get_ordering(request, queryset, view))
        return ordering if {"pk", "-pk"} & set(ordering) else (*ordering, "pk")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """A cursor is signed by nobody: one whose position fits no column is a wrong one."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, OverflowError, DataError, ModelError) as error:
            raise ValidationError({"cursor": ["Неверный курсор."]}) from error

    def get_page_size(self, request: Request) -> int:
        typed = request.query_params.get(self.page_size_query_param)
        if typed is None:
            return self.page_size
        if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed[:9]) <= 200:
            raise ValidationError({"page_size": ["Целое число от 1 до 200."]})
        return int(typed)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error in one shape, application/problem+json, with field paths."""
    if isinstance(error, Refused):
        return _problem(403, str(error))
    if isinstance(error, Conflict):
        return _problem(412, str(error))
    if isinstance(error, ModelError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        return _problem(400, "Проверьте данные.", _flatten(fields))
    if isinstance(error, RequestDataTooBig):
        return _problem(413, "Тело запроса больше 2 МБ: отправьте данные частями.")
    if isinstance(error, Http404):
        return _problem(404, "Не найдено.")
    if isinstance(error, OperationalError):
        later = _problem(503, busy.told(error))
        later["Retry-After"] = str(busy.RETRY_AFTER)
        return later
    from rest_framework.views import exception_handler  # reads the settings that name this module

    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        answer = _problem(400, "Проверьте данные.", _flatten(response.data))
    else:
        answer = _problem(response.status_code, str(getattr(error, "detail", error)))
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if response.has_header(name):
            answer[name] = response[name]
    return answer


def problem_body(
    code: int, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """An error in the one shape; also for those that Django meets before any route."""
    return {
        "type": "about:blank",
        "title": _TITLES.get(code, "Ошибка"),
        "status": code,
        "detail": detail,
        "errors": errors or [],
        "request_id": str(structlog.contextvars.get_contextvars().get("request_id", "")),
    }


def _problem(code: int, detail: str, errors: list[dict[str, str]] | None = None) -> Response:
    body = problem_body(code, detail, errors)
    return Response(body, status=code, content_type="application/problem+json")


def _flatten(data: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(data, dict):
        return [
            row
            for key, value in data.items()
            for row in _flatten(value, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(data, list):
        found = []
        for n, item in enumerate(data):
            if isinstance(item, dict | list):
                found += _flatten(item, f"{path}.{n}" if path else str(n))
            else:
                found.append({"field": path, "message": str(item)})
        return found
    return [{"field": path, "message": str(data) if not isinstance(data, ErrorDetail) else data}]


_TITLES = {
    400: "Неверный запрос",
    401: "Требуется ключ",
    403: "Недостаточно прав",
    404: "Не найдено",
    405: "Метод не поддерживается",
    406: "Формат не поддерживается",
    409: "Запрос уже выполняется",
    412: "Запись изменена",
    413: "Слишком много данных",
    415: "Тип содержимого не поддерживается",
    422: "Ключ уже занят другим запросом",
    428: "Нужна версия записи",
    429: "Слишком много запросов",
    500: "Ошибка на сервере",
    503: "Сейчас занято",
}
