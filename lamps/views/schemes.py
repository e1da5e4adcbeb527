"""Versions of the rules: look, copy to a draft, edit, see what would change, publish, withdraw."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.policy import policy_for
from core.views import CardPage, FormPage, Fragment, ListPage, RowAction, RowsFormPage
from lamps import score, selectors, services
from lamps.enums import SchemeStatus
from lamps.filters import LampSchemeFilter
from lamps.forms import LampSchemeForm, SchemeIndicatorForm, TierFormSet
from lamps.models import LampScheme, SchemeIndicator
from lamps.selectors.cards import tier_words
from lamps.selectors.preview import preview
from lamps.tables import LampSchemeTable


class SchemesPage(ListPage):
    """All versions by segment and date."""

    model = LampScheme
    action = "change"
    table_class = LampSchemeTable
    filterset_class = LampSchemeFilter
    title = "Схемы лампочек"
    add_url_name = "lamp_scheme_add"
    add_label = "Новая схема"


class SchemePage(CardPage):
    """One version: limits, norms, indicators; what keeps a draft from being published."""

    model = LampScheme
    action = "change"
    template_name = "lamps/scheme.html"
    context_object_name = "scheme"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object  # type: ignore[attr-defined]
        values = selectors.scheme_values([row])[row.pk]
        rules = {rule.code: rule for rule in values.indicators}
        problems, warnings = score.problems(values), score.warnings(values)
        stored = row.indicators.select_related("indicator", "service")
        newest = selectors.newest_night()
        started = newest is not None and row.effective_from <= newest
        return super().get_context_data(
            **kwargs,
            title=row.name,
            values=values,
            rows=[
                {
                    "stored": one,
                    "rule": rules[one.indicator.code],
                    "has_feed": one.source in score.FEEDS,
                    "tiers": tier_words(one.direction, rules[one.indicator.code].tiers),
                    "problems": _about(problems, one.indicator.label),
                    "warnings": _about(warnings, one.indicator.label),
                }
                for one in stored
            ],
            problems=_general(problems, values),
            warnings=_general(warnings, values),
            may_publish=row.status == SchemeStatus.DRAFT and not problems,
            is_draft=row.status == SchemeStatus.DRAFT,
            may_withdraw=row.status == SchemeStatus.PUBLISHED and not started,
        )


def _about(found: list[str], label: str) -> list[str]:
    """The messages about one indicator, without its name."""
    return [text.removeprefix(f"{label}: ") for text in found if text.startswith(f"{label}: ")]


def _general(found: list[str], values: score.Scheme) -> list[str]:
    """The messages about the scheme as a whole."""
    labels = tuple(f"{rule.label}: " for rule in values.indicators)
    return [text for text in found if not labels or not text.startswith(labels)]


class SchemePreview(Fragment):
    """How many clients the draft would give another colour; loaded after the page."""

    model = LampScheme
    action = "change"
    template_name = "lamps/scheme_preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.seen(LampScheme, kwargs["pk"])
        return super().get_context_data(
            **kwargs,
            scheme=row,
            title="Что изменится",
            preview=preview(row),
            on=selectors.newest_night(),
        )


def _only_draft(row: LampScheme) -> HttpResponse | None:
    """A version that is not a draft has no form: its page says what it is."""
    if row.status == SchemeStatus.DRAFT:
        return None
    return HttpResponseRedirect(reverse("lamp_scheme", args=[row.pk]))


class SchemeForm(FormPage):
    """What the pages of adding and changing share."""

    model = LampScheme
    action = "change"
    form_class = LampSchemeForm
    template_name = "lamps/scheme_form.html"

    def done_url(self, obj: Any) -> str:
        return reverse("lamp_scheme", args=[obj.pk])


class SchemeAdd(SchemeForm):
    """A new draft."""

    action = "add"
    title = "Новая схема"
    submit_label = "Создать черновик"

    def save(self, form: Any) -> Any:
        return services.create_scheme(actor=self.request.user, values=form.values())

    def back_url(self) -> str:
        return reverse("lamp_schemes")


class SchemeEdit(SchemeForm):
    """The fields of a draft."""

    action = "change"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _only_draft(self.row) or super().get(request, *args, **kwargs)

    def get_title(self) -> str:
        return f"Черновик «{self.row.name}»"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if policy_for(self.model).can(request.user, self.action):
            self.row = self.seen(LampScheme, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def save(self, form: Any) -> Any:
        row = self.seen(LampScheme, self.kwargs["pk"])
        return services.update_scheme(
            row, form.values(), actor=self.request.user, version=form.seen_version
        )

    def back_url(self) -> str:
        return reverse("lamp_scheme", args=[self.row.pk])


class IndicatorForm(RowsFormPage):
    """An indicator of a draft together with its tiers."""

    model = SchemeIndicator
    action = "change"
    form_class = SchemeIndicatorForm
    template_name = "lamps/indicator_form.html"
    rule: SchemeIndicator | None = None

    def find(self, kwargs: dict[str, Any]) -> None:
        """Look up the scheme and, where one is changed, the indicator."""
        self.scheme = self.seen(LampScheme, kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if policy_for(self.model).can(request.user, self.action):
            self.find(kwargs)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _only_draft(self.scheme) or super().get(request, *args, **kwargs)

    def formset(self) -> Any:
        """The tiers as typed, or as stored."""
        stored = list(self.rule.tiers.all()) if self.rule else []
        initial = [{"threshold": t.threshold, "weight": t.weight} for t in stored]
        data = self.request.POST if self.request.method == "POST" else None
        return TierFormSet(data, initial=initial, prefix="tiers")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(scheme=self.scheme, rule=self.rule, **kwargs)

    def save(self, form: Any) -> Any:
        return services.save_indicator(
            self.scheme,
            form.values(),
            self.rows.tiers(),
            actor=self.request.user,
            rule=self.rule,
            version=form.seen_version,
        )

    def done_url(self, obj: Any) -> str:
        return reverse("lamp_scheme", args=[self.scheme.pk])

    def back_url(self) -> str:
        return reverse("lamp_scheme", args=[self.scheme.pk])


class IndicatorAdd(IndicatorForm):
    """Another indicator for a draft."""

    action = "add"
    title = "Добавить показатель"

    def get_form_kwargs(self) -> dict[str, Any]:
        instance = SchemeIndicator(scheme=self.scheme, order=self.scheme.indicators.count())
        return super().get_form_kwargs() | {"instance": instance}


class IndicatorEdit(IndicatorForm):
    """An indicator of a draft, changed."""

    action = "change"

    def find(self, kwargs: dict[str, Any]) -> None:
        super().find(kwargs)
        self.rule = get_object_or_404(
            self.visible(SchemeIndicator).select_related("indicator"),
            pk=kwargs["rule"],
            scheme=self.scheme,
        )

    def get_title(self) -> str:
        return str(self.rule)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.rule}


class SchemeAction(RowAction):
    """A button on the page of a version."""

    model: type[Model] = LampScheme
    action = "change"
    moved_on = "Схему изменили, пока вы смотрели. Проверьте её ещё раз."

    def find(self) -> LampScheme:
        return self.seen(LampScheme, self.kwargs["pk"])

    def page_of(self, row: LampScheme) -> str:
        return reverse("lamp_scheme", args=[row.pk])


class SchemeCopy(SchemeAction):
    """A draft with the same rules."""

    action = "add"
    done = "Черновик создан. Проверьте дату, с которой он начнёт действовать."

    def act(self, row: LampScheme, version: int | None) -> str:
        return self.page_of(services.copy_scheme(row, actor=self.request.user))


class SchemePublish(SchemeAction):
    """Into force from its date."""

    action = "publish"
    done = "Схема опубликована. Она начнёт действовать с указанной даты."

    def act(self, row: LampScheme, version: int | None) -> None:
        services.publish_scheme(row, actor=self.request.user, version=version)


class SchemeWithdraw(SchemeAction):
    """Called off before its first day."""

    action = "publish"
    done = "Схема отозвана."

    def act(self, row: LampScheme, version: int | None) -> None:
        services.withdraw_scheme(row, actor=self.request.user, version=version)


class SchemeDelete(SchemeAction):
    """A draft that nobody needs."""

    action = "delete"
    done = "Черновик удалён."

    def act(self, row: LampScheme, version: int | None) -> str:
        services.delete_scheme(row, actor=self.request.user, version=version)
        return reverse("lamp_schemes")


class IndicatorDelete(SchemeAction):
    """An indicator taken out of a draft."""

    model = SchemeIndicator
    action = "delete"
    done = "Показатель убран из черновика."

    def act(self, row: LampScheme, version: int | None) -> None:
        rule = get_object_or_404(row.indicators, pk=self.kwargs["rule"])
        services.remove_indicator(rule, actor=self.request.user, version=version)
