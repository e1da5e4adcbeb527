"""What the viewsets of this app share."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

READ_DELETE = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "partial_update": "change",
    "destroy": "delete",
}


class DeleteMixin:
    """DELETE with If-Match, through the app's service."""

    def perform_delete(self, obj: Any, version: int | None) -> None:
        """Call the app's service that deletes a row."""
        raise NotImplementedError

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        obj = self.get_object()  # type: ignore[attr-defined]
        with transaction.atomic():
            self.perform_delete(obj, self.expected_version(obj))  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)
