"""What pages of one need have in common."""

from typing import Any

from django.urls import reverse

from contacts.views import crumbs_of
from core.policy import policy_for
from core.views import FormPage
from needs.models import Need


class NeedForms(FormPage):
    """What forms of one need have in common."""

    model = Need
    action = "change"

    @property
    def need(self) -> Need:
        if not hasattr(self, "_need"):
            self._need = self.seen(Need, self.kwargs["pk"])
            policy_for(Need).check(self.request.user, self.action, self._need)
        return self._need

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=[
                *crumbs_of(self.need.client, "Потребности", "needs"),
                (self.need.title, self.back_url()),
            ],
            subheading=f"{self.need.title}, {self.need.client.name}",
            **kwargs,
        )

    def done_url(self, obj: Any) -> str:
        return self.back_url()

    def back_url(self) -> str:
        """The card, or the board that led here."""
        if self.request.GET.get("from") == "board":
            return reverse("needs_board")
        return reverse("need", args=[self.need.pk])
