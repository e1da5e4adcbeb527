"""REST of news hooks."""

from typing import Any

from core import clock
from core.api import Serializer, WriteViewSet
from visits.filters.hooks import HookFilter
from visits.models import NewsHook
from visits.services import hooks as services


class NewsHookSerializer(Serializer):
    """`published_on` is today unless given; `valid_until` of yesterday takes a hook back."""

    class Meta:
        model = NewsHook
        fields = [
            "id", "version", "title", "text", "keywords", "segment", "published_on", "valid_until",
        ]  # fmt: skip
        extra_kwargs = {"published_on": {"required": False}}


class NewsHooks(WriteViewSet):
    """News hooks. `client` in the query gives those in force that match a client."""

    model = NewsHook
    queryset = NewsHook.objects.all()
    serializer_class = NewsHookSerializer
    filterset_class = HookFilter
    ordering_fields = ["id", "published_on"]

    def perform_add(self, data: dict[str, Any]) -> Any:
        return services.add_hook(actor=self.request.user, values=data, today=clock.today())

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        return services.update_hook(
            actor=self.request.user, hook=obj, values=data, today=clock.today(), version=version
        )


routes = [("news-hooks", NewsHooks)]
