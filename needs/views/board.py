"""The board of needs by stage."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django_filters.views import FilterView

from core import clock
from core.policy import policy_for
from core.views import PolicyMixin
from needs import selectors
from needs.filters import BoardFilter
from needs.models import Need
from needs.next_action import next_action
from needs.selectors.board import BoardCard, BoardColumn
from visits.selectors import own_employee


class NeedBoard(PolicyMixin, FilterView):
    """Needs in work by stage; a card goes on by mouse, by keyboard and by button."""

    model = Need
    action = "view"
    filterset_class = BoardFilter
    template_name = "needs/board.html"
    strict = False

    def get_queryset(self) -> Any:
        return self.visible()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = kwargs.pop("object_list", None)
        columns = selectors.board(found, clock.today())
        may_advance = policy_for(Need).can(self.request.user, "advance")
        own = own_employee(self.request.user)
        return super().get_context_data(
            object_list=[],
            columns=[
                {
                    "column": column,
                    "more_url": self._list_url(column),
                    "cards": [
                        (card, self._next_url(card, own) if may_advance else "")
                        for card in column.cards
                    ],
                }
                for column in columns
            ],
            **kwargs,
        )

    def _list_url(self, column: BoardColumn) -> str:
        """The list of exactly what the column counts."""
        asked = {
            name: value
            for name, value in self.request.GET.items()
            if value and name in BoardFilter.base_filters
        }
        stage = column.stage.pk if column.stage else "null"
        return f"{reverse('needs')}?{urlencode(asked | {'stage': stage, 'status': 'open'})}"

    @staticmethod
    def _next_url(card: BoardCard, own: Any) -> str:
        """The form of the next step; of one that the author may not make, the request for it."""
        own_ids = [own.pk] if own else []
        found = next_action(card.need.author_id, card.coming, own_ids, is_asked=card.is_asked)
        if found is None:
            return ""
        address = reverse(found.url_name, args=[card.need.pk])
        return address if card.is_asked else f"{address}?from=board"
