"""Middlewares of the kernel: hostile bytes out of the query, private pages out of caches."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from core.handlers import problem_for
from core.text import clean

Handler = Callable[[HttpRequest], HttpResponse]


def cleanliness(get_response: Handler) -> Handler:
    """Refuse a query string or path with NUL, control or bidi characters before it reaches SQL."""

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            clean(request.path)
            for name, values in request.GET.lists():
                clean(name)
                for value in values:
                    clean(value)
        except ValidationError:
            told = "В адресе есть недопустимые символы."
            plain = HttpResponseBadRequest(told, content_type="text/plain; charset=utf-8")
            return problem_for(request, 400, told) or plain
        return get_response(request)

    return handle


def no_store(get_response: Handler) -> Handler:
    """Keep what a signed-in user sees out of shared and browser caches."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return handle
