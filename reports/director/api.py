"""REST of the year's goals, read only."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Target
from core import clock
from core.shares import half_up
from reports.director.board import read_board
from reports.director.forms import FIRST
from reports.director.goals import Mark, Unit
from visits.api.figures import known_query


class BoardQuery(serializers.Serializer):
    """The year; the present one unless given."""

    year = serializers.IntegerField(required=False, min_value=FIRST)

    def validate_year(self, value: int) -> int:
        """A year that has begun."""
        if value > clock.today().year:
            raise serializers.ValidationError("Этот год ещё не начался.")
        return value


class GoalSerializer(serializers.Serializer):
    """A goal in its unit: `last` is the year before up to the same day.

    With `at_most` less is better; `grows` facts are collected through the year.
    """

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    section = serializers.CharField()
    unit = serializers.ChoiceField(choices=[u.value for u in Unit])
    fact = serializers.DecimalField(16, 2, allow_null=True)
    target = serializers.DecimalField(16, 2, allow_null=True)
    last = serializers.DecimalField(16, 2, allow_null=True)
    at_most = serializers.BooleanField()
    grows = serializers.BooleanField()
    mark = serializers.ChoiceField(choices=[m.value for m in Mark])
    verdict = serializers.CharField()
    period = serializers.CharField()
    note = serializers.CharField()


class DirectorBoardSerializer(serializers.Serializer):
    """The goals of a year as far as it has gone by `until`."""

    year = serializers.IntegerField()
    until = serializers.DateField()
    goals = GoalSerializer(many=True)


class DirectorBoardViewSet(viewsets.GenericViewSet):
    """Цели года: факт, цель, год назад."""

    model = Target
    http_method_names = ["get", "head", "options"]
    serializer_class = DirectorBoardSerializer
    one_object = True
    filter_backends: list[Any] = []
    pagination_class = None
    policy_actions = {"list": "view_board"}

    @extend_schema(
        parameters=[OpenApiParameter("year", int, description="Год, по умолчанию нынешний")],
        responses=DirectorBoardSerializer,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Где стоит каждая цель."""
        query = BoardQuery(data=known_query(request, BoardQuery))
        query.is_valid(raise_exception=True)
        today = clock.today()
        board = read_board(request.user, query.validated_data.get("year", today.year), today)
        goals = [
            {
                **vars(goal),
                **{n: _rounded(getattr(goal, n)) for n in ("fact", "target", "last")},
                "section": section.label,
                "mark": goal.verdict[0].value,
                "verdict": goal.verdict[1],
            }
            for section in board.sections
            for goal in section.goals
        ]
        data = {"year": board.year.number, "until": board.year.until, "goals": goals}
        return Response(DirectorBoardSerializer(data).data)


def _rounded(value: Any) -> Any:
    return None if value is None else half_up(Decimal(value), 2)


routes = [("director-board", DirectorBoardViewSet)]
