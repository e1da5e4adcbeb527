"""The base of every API route: one policy, optimistic versions, writes through services.

A viewset without a model that has a policy cannot be defined; a route whose action is not
declared is refused. Another's object and a missing one answer alike: 404.
"""

import hashlib
from typing import Any, ClassVar

from django.db import models, transaction
from django.utils.http import parse_etags
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Refused
from core.idempotency import once
from core.policy import policy_for
from core.rest import VersionMissing, VersionStale


class Serializer(serializers.ModelSerializer):
    """A serializer that refuses unknown and read-only fields by name.

    Its foreign keys find only what the user may see. `?fields=id,name` narrows what is read.
    """

    is_sparse = True
    # Fields that are said in the answer that made them and never again, not to a repeated call
    # either: a secret is kept nowhere.
    told_once: ClassVar[tuple[str, ...]] = ()

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            writable = {n for n, f in self.fields.items() if not f.read_only}
            unknown = sorted(set(map(str, data)) - writable)
            if unknown:
                raise ValidationError(
                    {n: ["Поле неизвестно или не записывается."] for n in unknown}
                )
        return super().to_internal_value(data)

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        request = self.context.get("request")
        for field in fields.values():
            target: Any = getattr(field, "child_relation", field)
            related = isinstance(target, serializers.RelatedField)
            if related and not field.read_only and request is not None:
                rows = policy_for(target.queryset.model)
                target.queryset = rows.visible_to(request.user, target.queryset)
        if request is not None and request.method == "GET" and self._is_outermost():
            return _narrowed(fields, request.query_params.get("fields", ""))
        return fields

    def _is_outermost(self) -> bool:
        return self.parent is None or (self.parent.parent is None and self.parent.many)

    # Uniqueness and constraints are judged by the model and the database in the service.
    def get_validators(self) -> list[Any]:
        return []


def _narrowed(fields: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Those of the fields that the caller asked for, all where it named none."""
    names = {name.strip() for name in wanted.split(",")} - {""}
    if unknown := sorted(names - set(fields)):
        raise ValidationError({"fields": [f"Поля «{unknown[0]}» нет."]})
    return {name: field for name, field in fields.items() if not names or name in names}


class OnceMixin:
    """A POST that is sent again has no second effect; every viewset that has one is of these."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the checks of every call, before its handler."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "POST" and self.action:  # type: ignore[attr-defined]
            self.post = once(self.post)  # type: ignore[has-type]


class ReadViewSet(OnceMixin, viewsets.ReadOnlyModelViewSet):
    """List and card of a model through its policy."""

    model: ClassVar[type[models.Model]]
    policy_actions: ClassVar[dict[str, str]] = {"list": "view", "retrieve": "view"}
    lookup_value_regex = "[0-9]{1,18}"
    answers_304 = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "model" in cls.__dict__:
            policy_for(cls.model)

    def get_queryset(self) -> Any:
        """The rows that the user may see; a subclass adds its select and prefetch."""
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        return policy_for(self.model).visible_to(self.request.user)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The row; 304 and no body where the caller holds it already (`If-None-Match`)."""
        found = self.answer(self.get_object())
        held = parse_etags(request.headers.get("If-None-Match", ""))
        if found["ETag"] in held or "*" in held:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": found["ETag"]})
        return found

    def answer(self, obj: Any, code: int = status.HTTP_200_OK) -> Response:
        """The row as JSON. Its ETag: the version, which `If-Match` wants, and a digest of the
        whole answer, for that also says what other rows know (the price of a contract)."""
        serializer = self.get_serializer(obj)
        digest = hashlib.sha256(JSONRenderer().render(serializer.data)).hexdigest()[:16]
        version = getattr(obj, "version", "")
        headers = {"ETag": f'W/"{version}.{digest}"'}
        response = Response(serializer.data, status=code, headers=headers)
        response.told_once = getattr(serializer, "told_once", ())  # type: ignore[attr-defined]
        return response

    def expected_version(self, obj: Any) -> int | None:
        """The version in If-Match; 428 without the header, 412 where it cannot be one of ours."""
        if not hasattr(obj, "version"):
            return None
        typed = self.request.headers.get("If-Match", "")
        if not typed:
            raise VersionMissing
        number = typed.strip().removeprefix("W/").strip('"').partition(".")[0]
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise VersionStale
        return int(number)


class WriteViewSet(ReadViewSet):
    """Create and change through services; `create` and `change` are given by the subclass."""

    policy_actions: ClassVar[dict[str, str]] = {
        "list": "view",
        "retrieve": "view",
        "create": "add",
        "partial_update": "change",
    }

    def perform_add(self, data: dict[str, Any]) -> Any:
        """Call the app's service that creates a row."""
        raise NotImplementedError

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        """Call the app's service that changes a row."""
        raise NotImplementedError

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            created = self.perform_add(serializer.validated_data)
            return self.answer(self._again(created), status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        obj = self.get_object()
        version = self.expected_version(obj)
        serializer = self.get_serializer(obj, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            changed = self.perform_change(obj, serializer.validated_data, version)
            return self.answer(self._again(changed))

    def _again(self, obj: Any) -> Any:
        """The written row read through the scope: a write may not put it out of one's reach."""
        found = self.get_queryset().filter(pk=obj.pk).first()
        if found is None:
            raise Refused("Запись оказалась бы вне вашей области.")
        return found
