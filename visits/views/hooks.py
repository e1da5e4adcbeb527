"""Pages of news hooks: reasons to call, and whom they suit."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from core import clock
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, ListPage
from visits.filters.hooks import HookFilter
from visits.forms.hooks import HookForm
from visits.models import NewsHook
from visits.selectors import hooks
from visits.services import hooks as services
from visits.tables.hooks import HookTable

CLIENTS = 20


class Hooks(ListPage):
    """Every news hook: everybody who serves reads them, heads and directors write them."""

    model = NewsHook
    action = "view"
    table_class = HookTable
    filterset_class = HookFilter
    title = "Инфоповоды"
    page_key = "hooks"
    add_url_name = "hook_add"
    add_label = "Новый инфоповод"


class HookCard(CardPage):
    model = NewsHook
    action = "view"
    template_name = "visits/hook.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: NewsHook = self.object  # type: ignore[assignment]
        found = hooks.clients_of(self.request.user, row)
        today = clock.today()
        return super().get_context_data(
            crumbs=[("Инфоповоды", reverse("hooks"))],
            clients=list(found[:CLIENTS]),
            count=found.count(),
            clients_url=f"{reverse('clients')}?hook={row.pk}",
            is_past=row.valid_until is not None and row.valid_until < today,
            is_ahead=row.published_on > today,
            may_change=policy_for(NewsHook).can(self.request.user, "change", row),
            **kwargs,
        )


class HookPage(FormPage):
    """What forms of a hook have in common."""

    model = NewsHook
    action = "add"
    form_class = HookForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=[("Инфоповоды", reverse("hooks"))], **kwargs)

    def done_url(self, obj: NewsHook) -> str:
        return reverse("hook", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("hooks")


class AddHook(HookPage):
    title = "Новый инфоповод"
    submit_label = "Добавить"

    def get_initial(self) -> dict[str, Any]:
        return {"published_on": clock.today()}

    def draft_key(self) -> str:
        return "hook-add"

    def save(self, form: Any) -> NewsHook:
        return services.add_hook(actor=self.request.user, values=form.values(), today=clock.today())


class EditHook(HookPage):
    action = "change"
    title = "Изменить инфоповод"

    @property
    def hook(self) -> NewsHook:
        if not hasattr(self, "_hook"):
            self._hook: NewsHook = self.seen(NewsHook, self.kwargs["pk"])
            policy_for(NewsHook).check(self.request.user, "change", self._hook)
        return self._hook

    def get_form_kwargs(self) -> dict[str, Any]:
        # A row of its own: the form writes what was typed into it.
        return super().get_form_kwargs() | {"instance": self.seen(NewsHook, self.hook.pk)}

    def draft_key(self) -> str:
        return f"hook-{self.hook.pk}"

    def save(self, form: Any) -> NewsHook:
        return services.update_hook(
            actor=self.request.user,
            hook=self.hook,
            values=form.values(),
            today=clock.today(),
            version=form.seen_version,
        )

    def back_url(self) -> str:
        return reverse("hook", args=[self.hook.pk])


class ArchiveHook(ActionPage):
    """A hook is offered to nobody any more."""

    model = NewsHook
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(NewsHook, kwargs["pk"])
        kept = services.archive_hook(actor=request.user, hook=row, today=clock.today())
        messages.success(request, "Инфоповод снят." if kept else "Инфоповод удалён.")
        return reverse("hooks")
