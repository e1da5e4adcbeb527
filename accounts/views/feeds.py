"""How fresh the feeds of facts are, and setting that by hand."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404
from django.urls import reverse

from accounts import services
from accounts.enums import FeedCode
from accounts.forms import FeedForm
from accounts.models import Feed
from accounts.selectors import facts
from accounts.views.base import SavingPage
from core import clock
from core.policy import policy_for
from core.views import Fragment, TableFile


class FeedList(TableFile, Fragment):
    model = Feed
    action = "view"
    template_name = "accounts/feeds.html"
    file_title = "Потоки данных"

    def file_rows(self) -> Iterator[list[Any]]:
        yield ["Поток", "Загружен по", "Получен", "Возраст, дней"]
        for feed in facts.feed_states(clock.today()):
            came = feed.received_at.astimezone(clock.MOSCOW).date() if feed.received_at else None
            yield [feed.label, feed.fresh_through, came, feed.age]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "feeds": facts.feed_states(clock.today()),
            "may_change": policy_for(Feed).can(self.request.user, "change"),
        }


class FeedEdit(SavingPage):
    """Says through which day a feed is loaded, where its source does not say it itself."""

    model = Feed
    action = "change"
    form_class = FeedForm

    @property
    def code(self) -> str:
        """The feed of the address; there are no others than those the program knows."""
        if self.kwargs["code"] not in FeedCode.values:
            raise Http404
        return self.kwargs["code"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": facts.feed(self.code)}

    def get_title(self) -> str:
        return f"Поток: {FeedCode(self.code).label}"

    def save(self, form: Any) -> Feed:
        return services.set_feed(
            actor=self.request.user,
            code=self.code,
            fresh_through=form.cleaned_data["fresh_through"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Потоки данных", reverse("feeds"))]
        return super().get_context_data(**kwargs) | {"crumbs": crumbs}

    def back_url(self) -> str:
        return reverse("feeds")

    def done_url(self, obj: Any) -> str:
        return self.back_url()
