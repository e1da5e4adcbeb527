"""REST of the texts with which sections begin."""

from core.api import ReadViewSet, Serializer
from reports.filters import BlockFilter
from reports.models import TextBlock


class TextBlockSerializer(Serializer):
    class Meta:
        model = TextBlock
        fields = ["id", "section", "segment", "text", "version"]


class TextBlocks(ReadViewSet):
    """With what the sections of a new report begin, by segment."""

    model = TextBlock
    queryset = TextBlock.objects.all()
    serializer_class = TextBlockSerializer
    filterset_class = BlockFilter
