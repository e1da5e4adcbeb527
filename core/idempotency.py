"""A POST that is sent again has no second effect: `Idempotency-Key`.

The answer is kept in the transaction of the effect, so that both exist or neither. Only what
was carried out is kept: a refusal changed nothing, and is judged anew. Two at once with one
key: the second is told to come back (409), and finds the answer of the first.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit, clock
from core.models import DoneCall

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(hours=72)
_SHAPE = re.compile(r"[!-~]{8,200}")
_KEPT_HEADERS = ("ETag", "Location")


class InFlight(APIException):
    """The same call is being carried out right now."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "Запрос с этим ключом ещё выполняется: повторите чуть позже."
    wait = 1


class OtherRequest(APIException):
    """The key already belongs to another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "Этот Idempotency-Key уже использован для другого запроса."


def once(handler: Callable[..., Response]) -> Callable[..., Response]:
    """Wrap the handler of a POST: with a key it is carried out once.

    Callers by token must send the key; a page's own script may, and is guarded from double
    clicks by it.
    """

    def handle(request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER, "")
        if not key:
            if request.auth is None:
                return handler(request, *args, **kwargs)
            raise ValidationError({HEADER: ["Нужен заголовок: повтор с ним ничего не удвоит."]})
        if not _SHAPE.fullmatch(key):
            raise ValidationError({HEADER: ["От 8 до 200 знаков латиницы, цифр и знаков."]})
        who: Any = request.user if request.auth is None else request.auth
        caller = audit.reference(who)
        asked = fingerprint(request)
        with transaction.atomic():
            _hold(caller, key)
            known = DoneCall.objects.filter(caller=caller, key=key).first()
            if known is not None and known.at <= clock.now() - KEPT:
                known.delete()
            elif known is not None:
                return _again(known, asked)
            response = handler(request, *args, **kwargs)
            if response.status_code < 400:
                _keep(caller, key, asked, response, request)
            return response

    return handle


def fingerprint(request: Request) -> str:
    """SHA-256 of the path with its query and the body; of a form, of its fields and files."""
    found = hashlib.sha256(request.get_full_path().encode() + b"\n")
    if (request.content_type or "").startswith("multipart/"):
        # The boundary between the parts differs from one sending to the next.
        form: Any = request.data
        for name, values in sorted(form.lists()):
            for value in values:
                found.update(f"\n{name}=".encode())
                if hasattr(value, "chunks"):
                    found.update(value.name.encode() + b"\n")
                    for chunk in value.chunks():
                        found.update(chunk)
                    value.seek(0)
                else:
                    found.update(str(value).encode())
    else:
        found.update(request._request.body)
    return found.hexdigest()


def _hold(caller: str, key: str) -> None:
    """Be the only one with the key until the transaction ends."""
    digest = hashlib.sha256(f"{caller}\n{key}".encode()).digest()
    with connection.cursor() as cursor:
        number = int.from_bytes(digest[:8], signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise InFlight


def _again(known: DoneCall, asked: str) -> Response:
    if known.fingerprint != asked:
        raise OtherRequest
    response = Response(json.loads(known.body) if known.body else None, status=known.code)
    for name, value in known.headers.items():
        response[name] = value
    response[REPLAYED] = "true"
    return response


def forget() -> int:
    """Remove the answers that have served their time; returns how many."""
    return DoneCall.objects.filter(at__lt=clock.now() - KEPT).delete()[0]


def _keep(caller: str, key: str, asked: str, response: Response, request: Request) -> None:
    renderer: Any = request.accepted_renderer
    data = response.data
    if secret := [name for name in getattr(response, "told_once", ()) if data.get(name)]:
        data = {**data, **dict.fromkeys(secret, "")}
    body = "" if data is None else renderer.render(data).decode()
    DoneCall.objects.create(
        caller=caller,
        key=key,
        fingerprint=asked,
        at=clock.now(),
        code=response.status_code,
        headers={n: response[n] for n in _KEPT_HEADERS if response.has_header(n)},
        body=body,
    )
