"""The administrator's pages of webhooks: the list, a card with its log, what can be done."""

from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import clock, events, webhooks
from core.enums import DeliveryStatus
from core.filters import FilterSet
from core.forms_webhooks import WebhookForm
from core.models import Delivery, Webhook
from core.tables_webhooks import DeliveryTable, WebhookTable, state_of
from core.views import ActionPage, CardPage, FormPage, Fragment, ListPage

_CRUMBS = "Вебхуки"


class WebhookFilter(FilterSet):
    name = django_filters.CharFilter(label="Название", lookup_expr="icontains", max_length=100)
    stopped = django_filters.BooleanFilter(
        label="Остановлен", field_name="stopped_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Webhook
        fields: ClassVar[list[str]] = []


class DeliveryFilter(FilterSet):
    status = django_filters.ChoiceFilter(label="Состояние", choices=DeliveryStatus.choices)

    class Meta:
        model = Delivery
        fields: ClassVar[list[str]] = []


class WebhookList(ListPage):
    model = Webhook
    table_class = WebhookTable
    filterset_class = WebhookFilter
    title = "Вебхуки"
    add_url_name = "webhook_add"
    add_label = "Добавить"

    def get_queryset(self) -> Any:
        counted = Count("delivery", filter=Q(delivery__status=DeliveryStatus.PENDING))
        failed = Count("delivery", filter=Q(delivery__status=DeliveryStatus.FAILED))
        rows = super().get_queryset().select_related("user")
        return rows.annotate(waiting=counted, failed=failed)


class WebhookForms(FormPage):
    """What the forms of webhooks share."""

    form_class = WebhookForm

    def back_url(self) -> str:
        return reverse("webhooks")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(_CRUMBS, reverse("webhooks"))]
        return super().get_context_data(**kwargs) | {"crumbs": crumbs}


def show_secret(request: HttpRequest, secret: str, webhook: Webhook) -> HttpResponse:
    """The secret in the very answer: no address leads to it again."""
    back = reverse("webhook", args=[webhook.pk])
    shown = {"title": "Секрет подписи", "secret": secret, "back_url": back}
    return render(request, "core/webhook_secret.html", shown)


class WebhookAdd(WebhookForms):
    model = Webhook
    action = "add"
    title = "Новый вебхук"
    submit_label = "Добавить"
    secret = ""

    def save(self, form: Any) -> Webhook:
        row, self.secret = webhooks.add_webhook(actor=self.request.user, values=form.values())
        self.row = row
        return row

    def done_url(self, obj: Any) -> str:
        return reverse("webhook", args=[obj.pk])

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        return show_secret(self.request, self.secret, self.row) if self.secret else response


class WebhookEdit(WebhookForms):
    model = Webhook
    action = "change"
    title = "Вебхук"

    @property
    def row(self) -> Webhook:
        if not hasattr(self, "_row"):
            self._row = self.seen(Webhook, self.kwargs["pk"])
        return self._row

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def save(self, form: Any) -> Webhook:
        return webhooks.update_webhook(
            actor=self.request.user,
            webhook=self.row,
            values=form.values(),
            version=form.seen_version,
        )

    def back_url(self) -> str:
        return reverse("webhook", args=[self.row.pk])

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class WebhookPage(ListPage):
    """A webhook with the log of what it sent."""

    model = Webhook
    action = "view"
    table_class = DeliveryTable
    filterset_class = DeliveryFilter
    template_name = "core/webhook.html"

    @property
    def row(self) -> Webhook:
        if not hasattr(self, "_row"):
            self._row = self.seen(Webhook, self.kwargs["pk"])
        return self._row

    def get_queryset(self) -> Any:
        return self.visible(Delivery).filter(webhook=self.row).select_related("event")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = [events.label_of(kind) for kind in self.row.kinds]
        return super().get_context_data(**kwargs) | {
            "title": f"Вебхук: {self.row}",
            "webhook": self.row,
            "state": state_of(self.row),
            "kinds": kinds,
            "crumbs": [(_CRUMBS, reverse("webhooks"))],
        }


class WebhookSecret(ActionPage):
    """A new secret, shown once."""

    model = Webhook
    action = "change"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.seen(Webhook, kwargs["pk"])
        secret = webhooks.renew_secret(actor=request.user, webhook=row, now=clock.now())
        return show_secret(request, secret, row)


class WebhookPing(ActionPage):
    """Send a call that tells of nothing, and say what came back."""

    model = Webhook
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Webhook, kwargs["pk"])
        answer = webhooks.ping(actor=request.user, webhook=row)
        if answer.code is not None and 200 <= answer.code < 300:
            told = f"Получатель ответил {answer.code} за {answer.milliseconds} мс."
            messages.success(request, told)
        else:
            messages.error(request, answer.error or f"Получатель ответил {answer.code}.")
        return reverse("webhook", args=[row.pk])


class WebhookSwitch(ActionPage):
    """Stop what sends, start what is stopped."""

    model = Webhook
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Webhook, kwargs["pk"])
        now = clock.now()
        if row.stopped_at:
            webhooks.start(actor=request.user, webhook=row, now=now)
            messages.success(request, "Отправка возобновлена: сначала то, что ждёт.")
        else:
            reason = f"Остановил {request.user}"
            webhooks.stop(actor=request.user, webhook=row, reason=reason, now=now)
            messages.success(request, "Отправка остановлена. События ждут.")
        return reverse("webhook", args=[row.pk])


class DeliveryPage(CardPage):
    """An event on its way: every attempt."""

    model = Delivery
    template_name = "core/delivery.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("webhook", "event")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Delivery = self.object  # type: ignore[attr-defined]
        attempts = list(row.log.all()[:50])
        crumbs = [
            (_CRUMBS, reverse("webhooks")),
            (str(row.webhook), reverse("webhook", args=[row.webhook_id])),
        ]
        return super().get_context_data(**kwargs) | {
            "title": events.label_of(row.event.kind),
            "attempts": attempts,
            "crumbs": crumbs,
            "may_skip": row.status in {DeliveryStatus.PENDING, DeliveryStatus.FAILED},
        }


class DeliveryReplay(ActionPage):
    model = Delivery
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Delivery, kwargs["pk"])
        webhooks.replay(actor=request.user, delivery=row, now=clock.now())
        messages.success(request, "Событие будет отправлено снова.")
        return reverse("delivery", args=[row.pk])


class DeliverySkip(ActionPage):
    model = Delivery
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Delivery, kwargs["pk"])
        webhooks.skip(actor=request.user, delivery=row)
        messages.success(request, "Событие пропущено.")
        return reverse("delivery", args=[row.pk])


class WebhooksPanel(Fragment):
    """Receivers that do not take what is sent to them."""

    model = Webhook
    template_name = "core/panel_webhooks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        troubled = Q(stopped_at__isnull=False) | Q(retry_at__isnull=False)
        rows = [(row, state_of(row)) for row in self.visible().filter(troubled)[:10]]
        has_any = bool(rows) or self.visible().exists()
        return super().get_context_data(**kwargs) | {"rows": rows, "has_any": has_any}
