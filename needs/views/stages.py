"""The stages of a need and what each asks, as a table to read."""

from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from core import preferences
from core.views import PolicyMixin
from needs import selectors
from needs.models import NeedStage
from needs.preferences import BACKDATE_DAYS, LINK_DAYS, STUCK_DAYS


class Stages(PolicyMixin, TemplateView):
    """For whoever works needs; the office changes the rows in the dictionary."""

    model = NeedStage
    action = "view"
    template_name = "needs/stages.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        values = preferences.read()
        rows = NeedStage.objects.order_by("code")
        return super().get_context_data(
            rows=[(row, selectors.labels_of(row.requires)) for row in rows],
            backdate_days=values[BACKDATE_DAYS],
            stuck_days=values[STUCK_DAYS],
            link_days=values[LINK_DAYS],
            edit_url=reverse("admin:needs_needstage_changelist")
            if self.request.user.is_staff
            else "",
            **kwargs,
        )
