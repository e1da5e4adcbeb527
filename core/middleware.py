"""Middlewares of the kernel: hostile bytes out of the query, private pages out of caches, a
database that is busy."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from core.handlers import problem_for, unavailable
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


class Busy:
    """Answer 503 where the database does not serve a request now."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a view let through."""
        return unavailable(request, error) if isinstance(error, OperationalError) else None


def no_store(get_response: Handler) -> Handler:
    """Keep what a signed-in user sees out of shared and browser caches."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return handle
