"""The home page, made of panels that apps register, and the help page."""

from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from core import glossary
from core.models import SavedFilter
from core.panels import panels_for, title_for
from core.views import PolicyMixin


class HomePage(PolicyMixin, TemplateView):
    """What a role begins the day with."""

    model = SavedFilter  # nobody's page in particular: everybody who works here has filters
    action = "view"
    template_name = "core/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        role = self.request.user.role
        panels = [
            {
                "panel": panel,
                "url": reverse(panel.url_name),
                "more_url": reverse(panel.more_url_name) if panel.more_url_name else "",
            }
            for panel in panels_for(role)
        ]
        return super().get_context_data(**kwargs) | {"title": title_for(role), "panels": panels}


class HelpPage(PolicyMixin, TemplateView):
    """How to read a lamp, who may do what, what the words mean."""

    model = SavedFilter
    action = "view"
    template_name = "core/help.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"terms": glossary.terms()}
