"""Steps of a need: forward, back, out of work and in again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from core import clock
from core.views import ActionPage
from needs import selectors, services
from needs.forms import AdvanceForm, ReasonForm
from needs.models import Need, NeedStage
from needs.pipeline import next_stage
from needs.views.base import NeedForms


class AdvanceNeed(NeedForms):
    """The next step; where there is none, back to the card."""

    action = "advance"
    form_class = AdvanceForm
    submit_label = "Записать шаг"

    @property
    def stage(self) -> NeedStage | None:
        if not hasattr(self, "_stage"):
            code = self.need.stage.code if self.need.stage else None
            coming = next_stage(selectors.stages(), code)
            self._stage = NeedStage.objects.get(code=coming.code) if coming else None
        return self._stage

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._without_next() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._without_next() or super().post(request, *args, **kwargs)

    def _without_next(self) -> HttpResponseRedirect | None:
        if self.stage is None:
            messages.info(self.request, "Потребность уже на последнем этапе.")
            return HttpResponseRedirect(self.back_url())
        return None

    def get_title(self) -> str:
        return f"Этап «{self.stage}»"

    def draft_key(self) -> str:
        return f"need-step-{self.need.pk}-{self.stage.code if self.stage else ''}"

    def get_initial(self) -> dict[str, Any]:
        return {"on": clock.today(), "version": self.need.version}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"need": self.need, "stage": self.stage}

    def save(self, form: Any) -> Any:
        return services.advance_need(
            actor=self.request.user,
            need=self.need,
            on=form.cleaned_data["on"],
            evidence=form.cleaned_data["evidence"],
            participant=form.cleaned_data.get("participant"),
            values=form.card_values(),
            into=self.stage.code if self.stage else None,
            now=clock.now(),
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, f"Пройден этап «{obj.stage}».")
        return super().done_url(obj)


class ReasonPage(NeedForms):
    """A step that asks for a reason."""

    form_class = ReasonForm

    def draft_key(self) -> str:
        return f"need-reason-{self.need.pk}"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.need.version}

    def save(self, form: Any) -> Any:
        return self.verb(
            actor=self.request.user,
            need=self.need,
            reason=form.cleaned_data["reason"],
            now=clock.now(),
            version=form.cleaned_data["version"],
        )

    def verb(self, **kwargs: Any) -> Need:
        """The service."""
        raise NotImplementedError


class StepBack(ReasonPage):
    action = "advance"
    submit_label = "Вернуть на этап назад"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.need.stage is None:
            messages.info(self.request, "Потребность ещё не прошла ни одного этапа.")
            return HttpResponseRedirect(self.back_url())
        return super().get(request, *args, **kwargs)

    def get_title(self) -> str:
        return f"Отменить этап «{self.need.stage}»" if self.need.stage else "Шаг назад"

    def verb(self, **kwargs: Any) -> Need:
        return services.step_back(**kwargs)


class DropNeed(ReasonPage):
    title = "Снять потребность"
    submit_label = "Снять"

    def verb(self, **kwargs: Any) -> Need:
        return services.drop_need(**kwargs)


class ReopenNeed(ActionPage):
    model = Need
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Need, kwargs["pk"])
        services.reopen_need(actor=request.user, need=row)
        return reverse("need", args=[row.pk])
