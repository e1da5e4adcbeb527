"""REST of files: listed without what is inside, sent as multipart, given out as attachments."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, preferences
from core.api import ReadViewSet, Serializer
from core.rest import StrictJSONParser
from needs import services
from needs.attachments import KINDS
from needs.filters import FileFilter
from needs.models import NeedFile
from needs.preferences import FILE_MEGABYTES
from needs.selectors.files import without_content
from needs.views.files import file_response


class NeedFileSerializer(Serializer):
    class Meta:
        model = NeedFile
        fields = ["id", "need", "name", "kind", "size", "sha256", "added_by", "added_at"]
        read_only_fields = ["name", "kind", "size", "sha256", "added_by", "added_at"]


class UploadSerializer(Serializer):
    """A file and the need that it is attached to, as multipart/form-data."""

    file = serializers.FileField(allow_empty_file=True)

    class Meta:
        model = NeedFile
        fields = ["need", "file"]

    def validate_file(self, file: Any) -> Any:
        """Not larger than the setting allows, before it is read."""
        megabytes = preferences.read()[FILE_MEGABYTES]
        if file.size > megabytes * 1024 * 1024:
            raise serializers.ValidationError(f"Файл больше {megabytes} МБ.")
        return file


class NeedFiles(ReadViewSet):
    """Files of needs. A file is sent as multipart/form-data and given out by `content`."""

    model = NeedFile
    queryset = NeedFile.objects.all()
    serializer_class = NeedFileSerializer
    filterset_class = FileFilter
    parser_classes = [MultiPartParser, StrictJSONParser]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "content": "view",
        "create": "add",
        "destroy": "delete",
    }

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if self.action == "content" else without_content(rows)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: NeedFileSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Attach a file."""
        serializer = UploadSerializer(
            data=request.data.dict() if hasattr(request.data, "dict") else request.data,
            context=self.get_serializer_context(),
        )
        serializer.is_valid(raise_exception=True)
        file = serializer.validated_data["file"]
        if "need" not in serializer.validated_data:
            raise ValidationError({"need": "Укажите потребность."})
        row = services.attach_file(
            actor=request.user,
            need=serializer.validated_data["need"],
            name=file.name,
            content=file.read(),
            now=clock.now(),
        )
        return self.answer(row, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove a file."""
        services.remove_file(actor=request.user, file=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        responses={(200, kind): OpenApiTypes.BINARY for kind in sorted(set(KINDS.values()))}
    )
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponse:
        """What is inside, as an attachment of the file's own type."""
        return file_response(self.get_object())
