"""Help towards the next step: solved needs like one, and the list for the head's session."""

from typing import Any

from django.db.models import F

from core.views import Fragment, ListPage
from needs import selectors
from needs.enums import NeedStatus
from needs.filters import BoardFilter
from needs.models import Need, NeedStage
from needs.selectors.similar import similar_to
from needs.tables_figures import AlmostTable


class SimilarNeeds(Fragment):
    """Solved needs like one: a part of its card."""

    model = Need
    template_name = "needs/similar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        need = self.seen(Need, self.kwargs["pk"])
        return super().get_context_data(
            need=need, found=similar_to(need, self.request.user), **kwargs
        )


class AlmostList(ListPage):
    """Needs one step before a confirmed effect, the longest there first."""

    model = Need
    action = "view"
    table_class = AlmostTable
    filterset_class = BoardFilter
    title = "В один шаг от подтверждения"
    page_key = "need_almost"

    def get_queryset(self) -> Any:
        last = list(NeedStage.objects.filter(is_on=True).order_by("-code")[:2])
        rows = super().get_queryset().filter(status=NeedStatus.OPEN)
        rows = rows.filter(stage=last[1]) if len(last) > 1 else rows.none()
        return selectors.with_names(rows).order_by(F("stage_on").asc(nulls_last=True), "pk")
