"""REST of the dictionaries of needs."""

from rest_framework import serializers

from core.api import ReadViewSet, Serializer
from needs.models import NeedStage, ProductAdvantage, Tool


class NeedStageSerializer(Serializer):
    requires = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = NeedStage
        fields = [
            "id",
            "code",
            "label",
            "is_on",
            "requires",
            "needs_participant",
            "needs_second_person",
        ]


class NeedStages(ReadViewSet):
    """Stages of a need, in order, with what each requires."""

    model = NeedStage
    queryset = NeedStage.objects.all()
    serializer_class = NeedStageSerializer


class ToolSerializer(Serializer):
    class Meta:
        model = Tool
        fields = ["id", "name", "is_active"]


class Tools(ReadViewSet):
    """Kinds of К+ materials: a dictionary."""

    model = Tool
    queryset = Tool.objects.all()
    serializer_class = ToolSerializer


class ProductAdvantageSerializer(Serializer):
    class Meta:
        model = ProductAdvantage
        fields = ["id", "name", "is_active"]


class ProductAdvantages(ReadViewSet):
    """Superior features of К+: a dictionary."""

    model = ProductAdvantage
    queryset = ProductAdvantage.objects.all()
    serializer_class = ProductAdvantageSerializer
