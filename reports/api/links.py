"""REST of the links by which a participant fetches a report once: made, listed, revoked."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api import Serializer, WriteViewSet
from reports import services
from reports.enums import LinkState
from reports.filters import LinkFilter
from reports.models import ReportLink
from reports.selectors.links import link_state


class LinkSerializer(Serializer):
    """`link` is the address with its secret: said once, in the answer to the request that made it.

    A repeated call with the same Idempotency-Key finds the row, and no address.
    """

    state = serializers.SerializerMethodField()
    link = serializers.SerializerMethodField(help_text="Адрес для участника, один раз")
    told_once = ("link",)

    class Meta:
        model = ReportLink
        fields = [
            "id", "version", "report", "participant", "state", "created_at", "expires_at",
            "mailed_at", "used_at", "revoked_at", "link",
        ]  # fmt: skip
        read_only_fields = ["created_at", "expires_at", "mailed_at", "used_at", "revoked_at"]

    @extend_schema_field(serializers.ChoiceField(choices=LinkState.choices))
    def get_state(self, row: ReportLink) -> str:
        """What it may still do."""
        return link_state(row, clock.now()).value

    def get_link(self, row: ReportLink) -> str:
        """The address, where its secret is still known."""
        secret = getattr(row, "secret", "")
        if not secret:
            return ""
        address = reverse("report_download", args=[secret])
        return self.context["request"].build_absolute_uri(address)


class ReportLinks(WriteViewSet):
    """Links to approved reports; each opens once, ends, and can be revoked."""

    model = ReportLink
    queryset = ReportLink.objects.all()
    serializer_class = LinkSerializer
    filterset_class = LinkFilter
    ordering_fields = ["id", "created_at"]
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {"list": "view", "retrieve": "view", "create": "add", "revoke": "revoke"}
    versioned_actions = ("revoke",)

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("report__client", "participant")

    def perform_add(self, data: dict[str, Any]) -> Any:
        row, self._secret = services.make_link(actor=self.request.user, now=clock.now(), **data)
        return row

    def _again(self, obj: Any) -> Any:
        row = super()._again(obj)
        row.secret = getattr(self, "_secret", "")
        return row

    @extend_schema(request=None, responses={200: LinkSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Close it: it opens nothing from this moment."""
        row = self.get_object()
        version = self.expected_version(row)
        with transaction.atomic():
            row = services.revoke_link(
                actor=request.user, link=row, now=clock.now(), version=version
            )
            return self.answer(self._again(row))
