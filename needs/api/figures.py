"""REST of the numbers of needs: the funnel and the effects, read only."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import Segment
from core import clock
from needs.models import Need
from needs.selectors.effects import Effects, Means, read_effects
from needs.selectors.funnel import Funnel, read_funnel
from visits.api.figures import FiguresQuery, known_query, period_of, unit_of
from visits.figures.periods import PeriodKind
from visits.selectors.figures import TreeRow, reach_of


class NeedFiguresQuery(FiguresQuery):
    """The same, and a segment of clients."""

    segment = serializers.ChoiceField(choices=Segment.choices, required=False)


class PlaceSerializer(serializers.Serializer):
    """A unit with its subtree, an employee in a unit, or the whole (`is_total`)."""

    depth = serializers.IntegerField()
    is_total = serializers.BooleanField()
    unit = serializers.IntegerField(allow_null=True)
    employee = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]


class FunnelStageSerializer(serializers.Serializer):
    """«N/P% — D», and what passed on from the stage before."""

    stage = serializers.CharField()
    needs = serializers.IntegerField()
    percent = serializers.IntegerField(allow_null=True)
    clients = serializers.IntegerField()
    passed_percent = serializers.DecimalField(6, 1, allow_null=True)


class FunnelRowSerializer(PlaceSerializer):
    """A row: all needs opened in the period, of them dropped, by stage."""

    needs = serializers.IntegerField()
    clients = serializers.IntegerField()
    dropped = serializers.IntegerField()
    stages = FunnelStageSerializer(many=True)


class FunnelSerializer(serializers.Serializer):
    """The tree, parents before children."""

    since = serializers.DateField()
    until = serializers.DateField()
    rows = FunnelRowSerializer(many=True)


class EffectSerializer(serializers.Serializer):
    """Steps into a stage made in the period, and what their effects came to."""

    stage = serializers.CharField()
    needs = serializers.IntegerField()
    with_hours = serializers.IntegerField()
    hours = serializers.DecimalField(14, 1)
    with_roubles = serializers.IntegerField()
    roubles = serializers.DecimalField(18, 2)


class EffectRowSerializer(PlaceSerializer):
    effects = EffectSerializer(many=True)


class MeansSerializer(serializers.Serializer):
    """A tool or a feature: needs opened in the period that used it, and how far they came."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    needs = serializers.IntegerField()
    with_effect = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    percent = serializers.DecimalField(6, 1, allow_null=True)
    is_few = serializers.BooleanField()


class EffectsSerializer(serializers.Serializer):
    since = serializers.DateField()
    until = serializers.DateField()
    rows = EffectRowSerializer(many=True)
    tools = MeansSerializer(many=True)
    advantages = MeansSerializer(many=True)


_QUERY = [
    OpenApiParameter("period", enum=[k.value for k in PeriodKind]),
    OpenApiParameter("since", OpenApiTypes.DATE),
    OpenApiParameter("until", OpenApiTypes.DATE),
    OpenApiParameter("unit", int, description="Подразделение со всем, что ниже"),
    OpenApiParameter("segment", enum=Segment.values),
]


class _NeedFigures(viewsets.GenericViewSet):
    """What both have in common: a period, a unit, a segment; the month if no period is given."""

    model = Need
    http_method_names = ["get", "head", "options"]
    one_object = True
    filter_backends: list[Any] = []
    pagination_class = None
    policy_actions = {"list": "view"}

    def read(self, request: Request, read: Any) -> Any:
        """The table that was asked for."""
        query = NeedFiguresQuery(data=known_query(request, NeedFiguresQuery))
        query.is_valid(raise_exception=True)
        asked, today = query.validated_data, clock.today()
        reach = reach_of(request.user)
        period, unit = period_of(asked, today), unit_of(reach, asked.get("unit"))
        return read(reach, period, today, unit, asked.get("segment", ""))


class NeedFunnelViewSet(_NeedFigures):
    """Воронка потребностей по сотрудникам и подразделениям за период."""

    serializer_class = FunnelSerializer

    @extend_schema(parameters=_QUERY, responses=FunnelSerializer)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Дерево воронки за месяц, если период не указан."""
        found: Funnel = self.read(request, read_funnel)
        data = {
            "since": found.period.since,
            "until": found.period.until,
            "rows": [
                _place(row)
                | {
                    "needs": row.counts.whole.needs,
                    "clients": row.counts.whole.clients,
                    "dropped": row.counts.dropped,
                    "stages": [
                        {
                            "stage": stage.code,
                            "needs": rung.cell.met,
                            "percent": rung.cell.percent,
                            "clients": rung.cell.clients,
                            "passed_percent": rung.passed.percent,
                        }
                        for stage, rung in zip(found.stages, row.rungs, strict=True)
                    ],
                }
                for row in found.rows()
            ],
        }
        return Response(FunnelSerializer(data).data)


class NeedEffectsViewSet(_NeedFigures):
    """Эффекты потребностей за период: часы и рубли, инструменты и отличия."""

    serializer_class = EffectsSerializer

    @extend_schema(parameters=_QUERY, responses=EffectsSerializer)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Суммы эффектов за месяц, если период не указан."""
        found: Effects = self.read(request, read_effects)
        data = {
            "since": found.period.since,
            "until": found.period.until,
            "rows": [
                _place(row)
                | {
                    "effects": [
                        vars(row.effects[stage.code]) | {"stage": stage.code}
                        for stage in found.stages
                    ]
                }
                for row in found.rows()
            ],
            "tools": [_means(means) for means in found.tools],
            "advantages": [_means(means) for means in found.advantages],
        }
        return Response(EffectsSerializer(data).data)


def _place(row: TreeRow) -> dict[str, Any]:
    return {
        "depth": row.depth,
        "is_total": row.is_total,
        "unit": row.unit.pk if row.unit else None,
        "employee": row.employee.pk if row.employee else None,
        "label": row.label,
    }


def _means(means: Means) -> dict[str, Any]:
    return {
        "id": means.row.pk,
        "name": str(means.row),
        "needs": means.needs,
        "with_effect": means.with_effect,
        "confirmed": means.confirmed,
        "percent": means.share.percent,
        "is_few": means.is_few,
    }
