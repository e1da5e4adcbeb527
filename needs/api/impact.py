"""REST of impact: two groups of clients compared, read only."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from needs.forms.impact import ImpactForm, compare, usual_window
from needs.impact import Matched, Shares, Times
from needs.models import Need
from visits.api.figures import known_query


class ImpactQuery(serializers.Serializer):
    """A window of days and, where wanted, saved filters of the client list for both groups."""

    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    first = serializers.IntegerField(required=False)
    second = serializers.IntegerField(required=False)


class IntervalSerializer(serializers.Serializer):
    """A figure with its 95 % interval; borders are null where none can be counted."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class MatchedSerializer(serializers.Serializer):
    """Among alike clients: null where there are too few; `lost` had nobody alike."""

    figure = IntervalSerializer(allow_null=True)
    strata = serializers.IntegerField()
    used = serializers.IntegerField()
    lost = serializers.IntegerField()


class SharesSerializer(serializers.Serializer):
    """Of `n` clients `hits`, in the first group and in the second. `ratio` is null where a group
    is too small or had none."""

    first_hits = serializers.IntegerField()
    first_n = serializers.IntegerField()
    second_hits = serializers.IntegerField()
    second_n = serializers.IntegerField()
    ratio = IntervalSerializer(allow_null=True)
    difference = IntervalSerializer(allow_null=True)
    matched = MatchedSerializer()


class AgreedDaysSerializer(serializers.Serializer):
    """Days from offer to agreement on average; `quicker` is 1 − T₁ ÷ T₀."""

    first_mean = serializers.FloatField(allow_null=True)
    first_n = serializers.IntegerField()
    second_mean = serializers.FloatField(allow_null=True)
    second_n = serializers.IntegerField()
    difference = IntervalSerializer(allow_null=True)
    quicker = IntervalSerializer(allow_null=True)
    matched = MatchedSerializer()


class CurveSerializer(serializers.Serializer):
    """Share of clients that stayed, 0 … 1, by day from the window's start, with its band."""

    name = serializers.CharField()
    days = serializers.ListField(child=serializers.FloatField())
    stayed = serializers.ListField(child=serializers.FloatField())
    low = serializers.ListField(child=serializers.FloatField())
    high = serializers.ListField(child=serializers.FloatField())


class ImpactSerializer(serializers.Serializer):
    """Association, not cause: nobody drew the groups by lot."""

    since = serializers.DateField()
    until = serializers.DateField()
    first = serializers.CharField()
    second = serializers.CharField()
    churn = SharesSerializer()
    days = AgreedDaysSerializer()
    above_plan = SharesSerializer()
    curves = CurveSerializer(many=True)


class NeedImpactViewSet(viewsets.GenericViewSet):
    """Влияние работы с потребностями: связь, а не причина."""

    model = Need
    http_method_names = ["get", "head", "options"]
    serializer_class = ImpactSerializer
    one_object = True
    filter_backends: list[Any] = []
    pagination_class = None
    policy_actions = {"list": "view"}

    @extend_schema(
        parameters=[
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
            OpenApiParameter("first", int, description="Свой сохранённый фильтр клиентов"),
            OpenApiParameter("second", int, description="Свой сохранённый фильтр клиентов"),
        ],
        responses=ImpactSerializer,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Клиенты с потребностью до начала периода и остальные, за полгода, если не указано."""
        query = ImpactQuery(data=known_query(request, ImpactQuery))
        query.is_valid(raise_exception=True)
        form = ImpactForm(usual_window() | query.validated_data, request=request)
        if not form.is_valid():
            raise ValidationError({k: [str(t) for t in v] for k, v in form.errors.items()})
        compared = compare(request, form.cleaned_data)
        found = compared.impact
        data = {
            "since": found.since,
            "until": found.until,
            "first": compared.names[0],
            "second": compared.names[1],
            "churn": _shares(
                found.churn, found.churn_ratio, found.churn_difference, found.churn_matched
            ),
            "days": _days(found.days1, found.days0)
            | {
                "difference": found.days,
                "quicker": found.quicker,
                "matched": found.days_matched,
            },
            "above_plan": _shares(
                found.above, found.above_ratio, found.above_difference, found.above_matched
            ),
            "curves": [vars(curve) | {"name": name} for name, curve in compared.curves()],
        }
        return Response(ImpactSerializer(data).data)


def _shares(shares: Shares, ratio: Any, difference: Any, matched: Matched) -> dict[str, Any]:
    return {
        "first_hits": shares.hits1,
        "first_n": shares.n1,
        "second_hits": shares.hits0,
        "second_n": shares.n0,
        "ratio": ratio,
        "difference": difference,
        "matched": matched,
    }


def _days(first: Times, second: Times) -> dict[str, Any]:
    return {
        "first_mean": first.mean,
        "first_n": first.n,
        "second_mean": second.mean,
        "second_n": second.n,
    }
