"""The change feed: what happened, in order, from the place where the caller stopped."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters import EventFilter
from core import events
from core.models import Event
from core.policy import policy_for
from core.schema import ProblemSerializer

PAGE, MOST = 100, 500


class Forgotten(APIException):
    """Events after the cursor are kept no longer."""

    status_code = status.HTTP_410_GONE
    default_detail = (
        "События после этого курсора уже не хранятся: прочитайте нужные ресурсы целиком и начните"
        " ленту без курсора."
    )


class EventSerializer(serializers.Serializer):
    position = serializers.IntegerField(help_text="Место в ленте; растёт")
    kind = serializers.CharField()
    at = serializers.DateTimeField()
    subject = serializers.IntegerField(help_text="Номер записи, с которой это случилось")
    client = serializers.IntegerField(allow_null=True)
    data = serializers.DictField(  # type: ignore[assignment]
        child=serializers.JSONField(allow_null=True)
    )


class ChangesSerializer(serializers.Serializer):
    results = EventSerializer(many=True)
    cursor = serializers.CharField(help_text="С ним спросить в следующий раз")
    has_more = serializers.BooleanField(help_text="Есть ли ещё прямо сейчас")


class EventViewSet(viewsets.GenericViewSet):
    """Events that the caller may see, the oldest first.

    Keep `cursor` of the answer and ask with it again: nothing is missed and nothing comes twice,
    whatever was committed when. 410 where the cursor is older than what is kept.
    """

    model = Event
    serializer_class = ChangesSerializer
    filterset_class = EventFilter
    pagination_class = None
    ordering_fields: ClassVar[list[str]] = []
    policy_actions: ClassVar[dict[str, str]] = {"list": "view"}
    one_object = True

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Event.objects.none()
        return policy_for(Event).visible_to(self.request.user).order_by("position")

    @extend_schema(
        parameters=[
            OpenApiParameter("cursor", str, description="Из прошлого ответа; без него — с начала"),
            OpenApiParameter("page_size", int, description=f"От 1 до {MOST}, обычно {PAGE}"),
        ],
        responses={
            200: ChangesSerializer,
            (410, "application/problem+json"): ProblemSerializer,
        },
    )
    def list(self, request: Request) -> Response:
        after = _number(request, "cursor", 0, 0, 10**18)
        size = _number(request, "page_size", PAGE, 1, MOST)
        # Old events go but for the newest of them, which shows how far forgetting has come.
        # Looked at before the rows: what gets its place in between must not be passed over.
        oldest, newest = events.ends()
        if 0 < after < oldest:
            raise Forgotten
        rows = self.filter_queryset(self.get_queryset()).filter(position__gt=after)
        found = [events.as_json(event) for event in rows[: size + 1]]
        has_more = len(found) > size
        found = found[:size]
        last = found[-1]["position"] if found else max(after, newest)
        return Response({"results": found, "cursor": str(last), "has_more": has_more})


def _number(request: Request, name: str, default: int, low: int, high: int) -> int:
    typed = request.query_params.get(name, "")
    if not typed:
        return default
    if not typed.isascii() or not typed.isdigit() or not low <= int(typed[:20]) <= high:
        raise ValidationError({name: [f"Целое число от {low} до {high}."]})
    return int(typed)
