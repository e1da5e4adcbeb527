"""Errors that Django meets outside any route: JSON for callers of the API, pages for people."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from core import busy
from core.rest import problem_body

_API = "/api/"


def problem_for(request: HttpRequest, code: int, detail: str) -> HttpResponse | None:
    """The error as the API says it; None where a person asked for a page."""
    if not request.path_info.startswith(_API):
        return None
    return JsonResponse(
        problem_body(code, detail),
        status=code,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


def bad_request(request: HttpRequest, exception: Exception) -> Any:
    """400; 413 where more was sent than the server takes."""
    if isinstance(exception, RequestDataTooBig):
        told = problem_for(request, 413, "Тело запроса слишком велико: отправьте данные частями.")
        return told or render(request, "413.html", status=413)
    told = problem_for(request, 400, "Запрос не разобран.")
    return told or defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> Any:
    """404."""
    return problem_for(request, 404, "Не найдено.") or defaults.page_not_found(request, exception)


def unavailable(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """503: the database serves nobody now; the page asks it for nothing."""
    text = busy.told(error)
    page = problem_for(request, 503, text)
    page = page or HttpResponse(render_to_string("503.html", {"text": text}), status=503)
    page["Retry-After"] = str(busy.RETRY_AFTER)
    return page


def server_error(request: HttpRequest) -> Any:
    """500: the id of the request, and nothing of what happened."""
    told = problem_for(request, 500, "Что-то сломалось. Сообщите номер запроса администратору.")
    return told or defaults.server_error(request)
