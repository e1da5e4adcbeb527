"""REST of confirmations: asked, withdrawn, decided."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Employee
from core import clock
from core.api import Serializer, WriteViewSet
from needs import services
from needs.enums import ConfirmationWay
from needs.filters import ConfirmationFilter
from needs.models import Confirmation
from needs.selectors.confirmations import with_people


class ConfirmationSerializer(Serializer):
    """`link` is filled in once, in the answer to the request that made it.

    `requested_by` is the caller; an integration, which is nobody's account, names an employee.
    """

    requested_by = serializers.PrimaryKeyRelatedField(
        queryset=Employee.objects.all(), required=False
    )
    link = serializers.SerializerMethodField(help_text="Ссылка участнику, один раз")
    told_once = ("link",)

    class Meta:
        model = Confirmation
        fields = [
            "id",
            "version",
            "need",
            "participant",
            "way",
            "status",
            "on",
            "evidence",
            "requested_by",
            "requested_at",
            "expires_at",
            "answered_at",
            "answer",
            "decided_by",
            "link",
        ]
        read_only_fields = [
            "status",
            "requested_at",
            "expires_at",
            "answered_at",
            "answer",
            "decided_by",
        ]

    def get_link(self, row: Confirmation) -> str:
        """The address, where its secret is still known."""
        secret = getattr(row, "secret", "")
        if not secret:
            return ""
        address = reverse("confirm_link", args=[secret])
        return self.context["request"].build_absolute_uri(address)


class DecisionSerializer(serializers.Serializer):
    """`author` is named by an integration only."""

    approve = serializers.BooleanField()
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    author = serializers.PrimaryKeyRelatedField(queryset=Employee.objects.all(), required=False)


class Confirmations(WriteViewSet):
    """Requests to confirm an effect: to a colleague, or to the participant by a link."""

    model = Confirmation
    queryset = Confirmation.objects.all()
    serializer_class = ConfirmationSerializer
    filterset_class = ConfirmationFilter
    ordering_fields = ["id", "requested_at"]
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {
        "list": "view",
        "retrieve": "view",
        "create": "add",
        "withdraw": "withdraw",
        "decide": "decide",
    }
    versioned_actions = ("withdraw", "decide")

    def get_queryset(self) -> Any:
        return with_people(super().get_queryset())

    def perform_add(self, data: dict[str, Any]) -> Any:
        way, author = data.pop("way"), data.pop("requested_by", None)
        call = {"actor": self.request.user, "now": clock.now(), "author": author}
        call |= {name: data.get(name) for name in ("need", "participant")}
        if way == ConfirmationWay.LINK:
            row, self._secret = services.ask_by_link(**call)
            return row
        self._secret = ""
        return services.ask_person(**call, on=data.get("on"), evidence=data.get("evidence", ""))

    def _again(self, obj: Any) -> Any:
        row = super()._again(obj)
        row.secret = getattr(self, "_secret", "")
        return row

    @extend_schema(request=None, responses={200: ConfirmationSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a request back; its link opens nothing any more."""
        row = self.get_object()
        version = self.expected_version(row)
        with transaction.atomic():
            row = services.withdraw_confirmation(
                actor=request.user, confirmation=row, now=clock.now(), version=version
            )
            return self.answer(self._again(row))

    @extend_schema(request=DecisionSerializer, responses=ConfirmationSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Approve, which makes the step, or refuse with a reason."""
        row = self.get_object()
        version = self.expected_version(row)
        serializer = DecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            row = services.decide_confirmation(
                actor=request.user,
                confirmation=row,
                now=clock.now(),
                version=version,
                **serializer.validated_data,
            )
            return self.answer(self._again(row))
