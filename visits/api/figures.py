"""REST of figures: the numbers of the pages, read only."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from visits.figures.catalogue import Kind
from visits.figures.periods import Period, PeriodKind, period_asked
from visits.models import Visit
from visits.selectors.figures import (
    Cell,
    FigureReach,
    FigureRow,
    Figures,
    cells_of,
    reach_of,
    read_figures,
)


class FiguresQuery(serializers.Serializer):
    """`period` alone is the present one, with `since` the one of that day."""

    period = serializers.ChoiceField(choices=[k.value for k in PeriodKind], required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    unit = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class FigureSerializer(serializers.Serializer):
    """A figure with its norm; `part` and `whole` are counts of rows, `percent` has one digit.

    A plan has `held`, `planned`, `kept` and `target` instead.
    """

    code = serializers.CharField()
    percent = serializers.DecimalField(6, 1, allow_null=True)
    part = serializers.IntegerField(allow_null=True)
    whole = serializers.IntegerField(allow_null=True)
    held = serializers.IntegerField(allow_null=True)
    planned = serializers.IntegerField(allow_null=True)
    kept = serializers.IntegerField(allow_null=True)
    target = serializers.DecimalField(14, 2, allow_null=True)
    norm = serializers.IntegerField(allow_null=True)
    is_met = serializers.BooleanField(allow_null=True)


class CriterionSerializer(serializers.Serializer):
    """«N/P% — D»."""

    criterion = serializers.IntegerField()
    code = serializers.CharField()
    met = serializers.IntegerField()
    percent = serializers.IntegerField(allow_null=True)
    clients = serializers.IntegerField()


class FigureRowSerializer(serializers.Serializer):
    """A unit with its subtree, an employee in a unit, or the whole (`is_total`)."""

    depth = serializers.IntegerField()
    is_total = serializers.BooleanField()
    unit = serializers.IntegerField(allow_null=True)
    employee = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]
    left_on = serializers.DateField(allow_null=True)
    figures = FigureSerializer(many=True)
    k2 = CriterionSerializer(many=True)


class FiguresSerializer(serializers.Serializer):
    """The tree, parents before children; `on` is the day of pools and roles."""

    since = serializers.DateField()
    until = serializers.DateField()
    on = serializers.DateField()
    rows = FigureRowSerializer(many=True)


_QUERY = [
    OpenApiParameter("period", enum=[k.value for k in PeriodKind]),
    OpenApiParameter("since", OpenApiTypes.DATE),
    OpenApiParameter("until", OpenApiTypes.DATE),
    OpenApiParameter("unit", int, description="Подразделение со всем, что ниже"),
]


class FiguresViewSet(viewsets.GenericViewSet):
    """Показатели контактов по сотрудникам и подразделениям за период."""

    model = Visit
    http_method_names = ["get", "head", "options"]
    serializer_class = FiguresSerializer
    one_object = True
    filter_backends: list[Any] = []
    pagination_class = None
    policy_actions = {"list": "view"}

    @extend_schema(parameters=_QUERY, responses=FiguresSerializer)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Дерево показателей за месяц, если период не указан."""
        query = FiguresQuery(data=known_query(request, FiguresQuery))
        query.is_valid(raise_exception=True)
        today = clock.today()
        period = period_of(query.validated_data, today)
        reach = reach_of(request.user)
        unit = unit_of(reach, query.validated_data.get("unit"))
        figures = read_figures(reach, period, today, unit)
        data = {
            "since": period.since,
            "until": period.until,
            "on": figures.on,
            "rows": [_row(row, figures) for row in figures.rows()],
        }
        return Response(FiguresSerializer(data).data)


def known_query(request: Request, query: type[serializers.Serializer]) -> dict[str, str]:
    """The parameters that a query has; any other is refused by name."""
    known = set(query().fields)
    unknown = sorted(set(request.query_params) - known - {"format"})
    if unknown:
        raise ValidationError({name: ["Неизвестный параметр."] for name in unknown})
    return {name: request.query_params[name] for name in known & set(request.query_params)}


def period_of(typed: dict[str, Any], today: Any) -> Period:
    """The period asked for."""
    kind = PeriodKind(typed["period"]) if typed.get("period") else None
    found, problems = period_asked(kind, typed.get("since"), typed.get("until"), today)
    if found is None:
        raise ValidationError({name: [words] for name, words in problems.items()})
    return found


def unit_of(reach: FigureReach, pk: int | None) -> Any:
    """The unit asked for, within reach."""
    if pk is None:
        return None
    unit = reach.units.get(pk)
    if unit is None or not reach.holds_unit(unit):
        raise ValidationError({"unit": ["Такого подразделения нет."]})
    return unit


def _row(row: FigureRow, figures: Figures) -> dict[str, Any]:
    return {
        "depth": row.depth,
        "is_total": row.is_total,
        "unit": row.unit.pk if row.unit else None,
        "employee": row.employee.pk if row.employee else None,
        "label": row.label,
        "left_on": row.left_on,
        "figures": [_figure(cell) for cell in cells_of(row, figures)],
        "k2": [
            {
                "criterion": criterion.pk,
                "code": criterion.code,
                "met": cell.met,
                "percent": cell.percent,
                "clients": cell.clients,
            }
            for criterion in figures.criteria
            for cell in [row.criterion(criterion)]
        ],
    }


def _figure(cell: Cell) -> dict[str, Any]:
    plan, is_share = cell.plan, cell.figure.kind == Kind.SHARE
    return {
        "code": cell.figure.code,
        "percent": plan.percent if plan else cell.percent,
        "part": cell.share.part if cell.share and is_share else None,
        "whole": None if plan else cell.rows,
        "held": plan.held if plan else None,
        "planned": plan.planned if plan else None,
        "kept": plan.kept if plan else None,
        "target": plan.target if plan else None,
        "norm": cell.norm,
        "is_met": cell.is_met,
    }


routes = [("figures", FiguresViewSet)]
