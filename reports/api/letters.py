"""REST of letters about a new price: read, fetched, ordered for many."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.enums import Segment
from accounts.models import Unit
from core import clock, pdf
from core.api import ReadViewSet, Serializer, WriteViewSet
from reports import services
from reports.filters_letters import LetterBatchFilter, LetterFilter
from reports.models import LetterBatch, PriceLetter
from reports.selectors.letters import offers_for_letters, title_of, with_client
from reports.views.letters import letter_response


def _money(name: str) -> serializers.DecimalField:
    return serializers.DecimalField(
        source=f"snapshot.{name}", max_digits=14, decimal_places=2, read_only=True
    )


class LetterSerializer(Serializer):
    """A letter with its own figures, which never change; prices are roubles a month."""

    client = serializers.IntegerField(source="offer.client_id", read_only=True)
    contract = serializers.IntegerField(source="offer.contract_id", read_only=True)
    campaign = serializers.IntegerField(source="offer.campaign_id", read_only=True)
    price_before = _money("price_before")
    percent = serializers.DecimalField(
        source="snapshot.percent", max_digits=5, decimal_places=2, read_only=True
    )
    price_after = _money("price_after")
    effective_on = serializers.DateField(source="snapshot.effective_on", read_only=True)
    tasks = serializers.IntegerField(
        source="snapshot.tasks", read_only=True, help_text="Подтверждённых задач клиента"
    )
    hours = serializers.DecimalField(
        source="snapshot.hours", max_digits=10, decimal_places=1, read_only=True
    )
    roubles = _money("roubles")

    class Meta:
        model = PriceLetter
        fields = [
            "id", "offer", "client", "contract", "campaign", "made_on", "digest", "price_before",
            "percent", "price_after", "effective_on", "tasks", "hours", "roubles",
        ]  # fmt: skip
        read_only_fields = fields


class PriceLetters(ReadViewSet):
    """Letters to clients about a new price."""

    model = PriceLetter
    queryset = PriceLetter.objects.all()
    serializer_class = LetterSerializer
    filterset_class = LetterFilter
    ordering_fields = ["id", "made_on"]
    policy_actions = {"list": "view", "retrieve": "view", "content": "view"}

    def get_queryset(self) -> Any:
        return with_client(super().get_queryset()).select_related("letterhead")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The PDF of a letter."""
        row = self.get_object()
        try:
            return letter_response(row, services.pdf_of_letter(row), attached=True)
        except pdf.Unprintable as error:
            raise ValidationError(str(error)) from error


class LetterBatchSerializer(Serializer):
    """An order: of the campaign's offers that wait for an answer, all or those narrowed."""

    segment = serializers.ChoiceField(choices=Segment.choices, write_only=True, required=False)
    unit = serializers.PrimaryKeyRelatedField(
        queryset=Unit.objects.all(), write_only=True, required=False
    )

    class Meta:
        model = LetterBatch
        fields = [
            "id", "version", "campaign", "title", "size", "written", "requested_at", "segment",
            "unit",
        ]  # fmt: skip
        read_only_fields = ["title", "size", "written", "requested_at"]


class LetterBatches(WriteViewSet):
    """Orders of letters that the caller gave. A request writes the letters and has them printed;
    what is written already with the same figures is taken as it is."""

    model = LetterBatch
    queryset = LetterBatch.objects.all()
    serializer_class = LetterBatchSerializer
    filterset_class = LetterBatchFilter
    ordering_fields = ["id", "requested_at"]
    http_method_names = ["get", "post", "head", "options"]
    policy_actions = {"list": "view", "retrieve": "view", "create": "add"}

    def perform_add(self, data: dict[str, Any]) -> LetterBatch:
        user, campaign = self.request.user, data.pop("campaign")
        return services.request_letters(
            actor=user,
            campaign=campaign,
            offers=offers_for_letters(user, **data),
            title=title_of(**data),
            now=clock.now(),
        )
