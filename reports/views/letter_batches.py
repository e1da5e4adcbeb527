"""Letters to many clients: ordered from a campaign, watched, stopped, tried again, fetched."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.generic import View

from accounts.enums import CampaignStatus
from accounts.models import IndexationCampaign
from core import clock
from core.enums import JobStatus
from core.policy import policy_for
from core.views import CardPage, FormPage, Fragment, ListPage, PolicyMixin, ProgressPart, RowAction
from reports import services
from reports.filters_letters import LetterBatchFilter
from reports.forms.letters import LettersForm
from reports.models import LetterBatch, PriceLetter
from reports.selectors.letters import (
    counted_offers,
    letters_of,
    offers_for_letters,
    offers_to_write,
    progress_of,
    run_of,
    title_of,
    with_client,
)
from reports.tables_letters import LetterBatchTable

_SHOWN = 5


class CampaignLetters(Fragment):
    """How many offers wait for a letter, and the orders given: a part of the campaign's board."""

    model = PriceLetter
    template_name = "reports/letter/of_campaign.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.seen(IndexationCampaign, self.kwargs["pk"])
        batches = policy_for(LetterBatch).visible_to(self.request.user).filter(campaign=campaign)
        return super().get_context_data(
            campaign=campaign,
            counted=counted_offers(self.request.user, campaign),
            batches=batches[:_SHOWN],
            crumbs=[(str(campaign), reverse("campaign", args=[campaign.pk]))],
            **kwargs,
        )


class LetterBatches(ListPage):
    """The orders that the user gave."""

    model = LetterBatch
    action = "view"
    table_class = LetterBatchTable
    filterset_class = LetterBatchFilter
    title = "Пакеты писем"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("campaign")


class NewLetters(FormPage):
    """Letters of a campaign's offers that wait for an answer."""

    model = LetterBatch
    action = "add"
    form_class = LettersForm
    title = "Письма о новой цене"
    submit_label = "Подготовить письма"

    @property
    def campaign(self) -> IndexationCampaign:
        if not hasattr(self, "_campaign"):
            self._campaign = self.seen(IndexationCampaign, self.kwargs["pk"])
        return self._campaign

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        running = self.campaign.status == CampaignStatus.RUNNING
        count = offers_to_write(self.request.user).filter(campaign=self.campaign).count()
        return super().get_context_data(
            subheading=f"Предложений, которые ждут ответа: {count}. Письмо с теми же цифрами"
            " второй раз не пишется."
            if running
            else "Кампания не идёт: писать не о чем.",
            crumbs=[(str(self.campaign), self.back_url())],
            **kwargs,
        )

    def save(self, form: Any) -> LetterBatch:
        user, typed = self.request.user, form.cleaned_data
        return services.request_letters(
            actor=user,
            campaign=self.campaign,
            offers=offers_for_letters(user, **typed),
            title=title_of(**typed),
            now=clock.now(),
        )

    def done_url(self, obj: LetterBatch) -> str:
        return reverse("letter_batch", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("campaign", args=[self.campaign.pk])


class LetterBatchCard(CardPage):
    """An order: how far it is, what failed, every letter."""

    model = LetterBatch
    template_name = "reports/letter/batch.html"
    context_object_name = "batch"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch: LetterBatch = self.object  # type: ignore[attr-defined]
        rows = policy_for(PriceLetter).visible_to(self.request.user, letters_of(batch))
        crumbs = [
            (str(batch.campaign), reverse("campaign", args=[batch.campaign_id])),
            ("Пакеты писем", reverse("letter_batches")),
        ]
        letters = with_client(rows).select_related("file").defer("file__content")
        return super().get_context_data(letters=letters, crumbs=crumbs, **of_batch(batch), **kwargs)


class LetterBatchProgress(ProgressPart):
    """How far it is, asked for while it is printed."""

    model = LetterBatch
    template_name = "reports/letter/progress.html"
    page_url_name = "letter_batch"
    context_object_name = "batch"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch: LetterBatch = self.object  # type: ignore[attr-defined]
        return super().get_context_data(**of_batch(batch), **kwargs)

    def is_over(self, context: dict[str, Any]) -> bool:
        return not context["waits"]


def of_batch(batch: LetterBatch) -> dict[str, Any]:
    """What both say of a batch: progress, its run, whether the zip is there."""
    run = run_of(batch, services.LETTERS)
    return {
        "progress": progress_of(batch, run),
        "run": run,
        "waits": run is not None and run.status not in JobStatus.ended(),
        "has_zip": services.letters_path(batch.pk).exists(),
    }


class LetterBatchStep(RowAction):
    """A button of the card."""

    model = LetterBatch
    action = "change"

    def page_of(self, row: LetterBatch) -> str:
        return reverse("letter_batch", args=[row.pk])


class CancelLetters(LetterBatchStep):
    done = "Остановлено. Напечатанные письма остались."

    def act(self, row: LetterBatch, version: int | None) -> None:
        services.cancel_letters(actor=self.request.user, batch=row)


class RetryLetters(LetterBatchStep):
    done = "Поставлено в очередь снова."

    def act(self, row: LetterBatch, version: int | None) -> None:
        services.retry_letters(actor=self.request.user, batch=row)


class LettersZip(PolicyMixin, View):
    """The zip; only while every letter of it lies within the user's scope."""

    model = LetterBatch
    action = "view"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        batch = self.seen(LetterBatch, pk)
        path = services.letters_path(batch.pk)
        rows = batch.letters.all()
        seen = policy_for(PriceLetter).visible_to(request.user, rows)
        if not path.exists() or seen.count() != rows.count():
            raise Http404
        name = f"Письма {batch.requested_at:%Y-%m-%d}.zip"
        response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
        response["Cache-Control"] = "no-store"
        return response
