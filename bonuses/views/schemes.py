"""Versions of the rules: look, copy to a draft, edit, try on a month, publish, withdraw."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bonuses import explain
from bonuses.enums import SchemeStatus
from bonuses.filters import BonusSchemeFilter
from bonuses.forms import BlockForm, KpiForm, SchemeForm, StepFormSet, WhatIfForm
from bonuses.models import BonusBlock, BonusKpi, BonusScheme
from bonuses.months import first_of, label, shifted
from bonuses.selectors import schemes as selectors
from bonuses.selectors.whatif import what_if
from bonuses.services import schemes as services
from bonuses.tables import BonusSchemeTable
from core import clock
from core.errors import Conflict
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, Fragment, ListPage

_LIST = ("Схемы премирования", "bonus_schemes")


class SchemesPage(ListPage):
    """All versions by position and month."""

    model = BonusScheme
    table_class = BonusSchemeTable
    filterset_class = BonusSchemeFilter
    title = "Схемы премирования"
    add_url_name = "bonus_scheme_add"
    add_label = "Новая схема"


class SchemePage(CardPage):
    """One version: blocks, KPIs, scales; what keeps a draft from taking effect."""

    model = BonusScheme
    template_name = "bonuses/scheme.html"
    context_object_name = "scheme"

    def get_queryset(self) -> Any:
        return selectors.with_rules(self.visible())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: BonusScheme = self.object  # type: ignore[attr-defined]
        may_change = policy_for(BonusScheme).can(self.request.user, "change")
        is_draft = row.status == SchemeStatus.DRAFT
        problems = selectors.problems(row) if is_draft else []
        return super().get_context_data(
            **kwargs,
            title=row.name,
            crumbs=[(_LIST[0], reverse(_LIST[1]))],
            blocks=[
                {
                    "block": block,
                    "kpis": [
                        {
                            "kpi": kpi,
                            "scale": explain.scale_words(kpi.source, kpi.rule),
                            "plan": explain.figure(kpi.source, kpi.plan)
                            if kpi.plan is not None
                            else "",
                        }
                        for kpi in block.kpis.all()
                    ],
                }
                for block in row.blocks.all()
            ],
            problems=problems,
            month=label(row.effective_from),
            may_change=may_change,
            is_draft=is_draft and may_change,
            may_publish=is_draft and not problems,
            may_withdraw=may_change
            and row.status == SchemeStatus.PUBLISHED
            and not row.sheets.exists(),
        )


class SchemeEditing(FormPage):
    """What the forms of a scheme and its parts share: they lead back to the scheme's page."""

    model: type[Model] = BonusScheme
    action = "change"

    def find(self, pk: int) -> None:
        """Look up what is edited; sets `scheme` and `row`."""
        self.row = self.scheme = self.seen(BonusScheme, pk)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "pk" in kwargs and policy_for(self.model).can(request.user, self.action):
            self.find(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "pk" in kwargs and self.scheme.status != SchemeStatus.DRAFT:
            # A version that is not a draft has no form: its page says what it is.
            return HttpResponseRedirect(self.back_url())
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(_LIST[0], reverse(_LIST[1]))]
        if "pk" in self.kwargs:
            crumbs.append((self.scheme.name, self.back_url()))
        return super().get_context_data(crumbs=crumbs, **kwargs)

    def back_url(self) -> str:
        if "pk" not in self.kwargs:
            return reverse("bonus_schemes")
        return reverse("bonus_scheme", args=[self.scheme.pk])

    def done_url(self, obj: Any) -> str:
        return (
            reverse("bonus_scheme", args=[obj.pk]) if "pk" not in self.kwargs else self.back_url()
        )


class SchemeAdd(SchemeEditing):
    """A new draft."""

    action = "add"
    form_class = SchemeForm
    title = "Новая схема"
    submit_label = "Создать черновик"

    def get_initial(self) -> dict[str, Any]:
        return {"effective_from": shifted(first_of(clock.today()), 1)}

    def save(self, form: Any) -> Any:
        return services.create_scheme(actor=self.request.user, values=form.values())


class SchemeEdit(SchemeEditing):
    """The fields of a draft."""

    action = "change"
    form_class = SchemeForm

    def get_title(self) -> str:
        return f"Черновик «{self.scheme.name}»"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.scheme}

    def save(self, form: Any) -> Any:
        return services.update_scheme(
            self.seen(BonusScheme, self.scheme.pk),
            form.values(),
            actor=self.request.user,
            version=form.seen_version,
        )


class BlockAdd(SchemeEditing):
    """Another block for a draft."""

    model = BonusBlock
    action = "add"
    form_class = BlockForm
    title = "Новый блок"

    def get_form_kwargs(self) -> dict[str, Any]:
        instance = BonusBlock(scheme=self.scheme, order=self.scheme.blocks.count())
        return super().get_form_kwargs() | {"instance": instance}

    def save(self, form: Any) -> Any:
        return services.save_block(self.scheme, form.values(), actor=self.request.user)


class BlockEdit(SchemeEditing):
    """A block of a draft, changed."""

    model = BonusBlock
    action = "change"
    form_class = BlockForm

    def find(self, pk: int) -> None:
        self.row = self.seen(BonusBlock, pk)
        self.scheme = self.row.scheme

    def get_title(self) -> str:
        return f"Блок «{self.row}»"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def save(self, form: Any) -> Any:
        return services.save_block(
            self.scheme,
            form.values(),
            actor=self.request.user,
            block=self.seen(BonusBlock, self.row.pk),
            version=form.seen_version,
        )


class KpiEditing(SchemeEditing):
    """A KPI of a draft together with its steps."""

    model = BonusKpi
    form_class = KpiForm
    template_name = "bonuses/kpi_form.html"
    kpi: BonusKpi | None = None
    block: BonusBlock

    def formset(self) -> Any:
        """The steps as typed, or as stored."""
        stored = list(self.kpi.steps.all()) if self.kpi else []
        initial = [{"threshold": s.threshold, "percent": s.percent} for s in stored]
        data = self.request.POST if self.request.method == "POST" else None
        return StepFormSet(data, initial=initial, prefix="steps")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("formset", self.formset())
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.steps = self.formset()
        form = self.get_form()
        if form.is_valid() and self.steps.is_valid():
            return self.form_valid(form)
        return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        context = self.get_context_data(form=form, formset=self.steps)
        return self.render_to_response(context, status=422)

    def save(self, form: Any) -> Any:
        return services.save_kpi(
            self.block,
            form.values(),
            self.steps.steps(),
            actor=self.request.user,
            kpi=self.kpi,
            version=form.seen_version,
        )


class KpiAdd(KpiEditing):
    """Another KPI for a block of a draft."""

    action = "add"
    title = "Новый показатель"

    def find(self, pk: int) -> None:
        self.row = self.block = self.seen(BonusBlock, pk)
        self.scheme = self.block.scheme

    def get_form_kwargs(self) -> dict[str, Any]:
        instance = BonusKpi(block=self.block, order=self.block.kpis.count())
        return super().get_form_kwargs() | {"instance": instance}


class KpiEdit(KpiEditing):
    """A KPI of a draft, changed."""

    action = "change"

    def find(self, pk: int) -> None:
        self.row = self.kpi = self.seen(BonusKpi, pk)
        self.block = self.kpi.block
        self.scheme = self.block.scheme

    def get_title(self) -> str:
        return str(self.kpi)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.kpi}


class WhatIfPage(Fragment):
    """A scheme tried on a month, with other plans: per person and in total."""

    model = BonusScheme
    action = "change"
    template_name = "bonuses/what_if.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scheme = self.seen(BonusScheme, kwargs["pk"])
        kpis = [
            kpi for block in scheme.blocks.all() for kpi in block.kpis.all() if kpi.rule.needs_plan
        ]
        month = shifted(first_of(clock.today()), -1)
        asked = self.request.GET if "month" in self.request.GET else {"month": f"{month:%Y-%m}"}
        form = WhatIfForm(asked, user=self.request.user, kpis=kpis)
        problems = selectors.problems(scheme)
        found = None
        if form.is_valid() and not problems and form.cleaned_data["month"] <= clock.today():
            found = what_if(scheme, form.cleaned_data["month"], clock.today(), form.plans())
        return super().get_context_data(
            **kwargs,
            title=f"Что изменится: {scheme.name}",
            crumbs=[(_LIST[0], reverse(_LIST[1])),
                    (scheme.name, reverse("bonus_scheme", args=[scheme.pk]))],
            scheme=scheme,
            form=form,
            problems=problems,
            found=found,
            label=label(found.month) if found else "",
        )  # fmt: skip


class SchemeAction(ActionPage):
    """A button on the page of a version; a refusal is said on that page."""

    model: type[Model] = BonusScheme
    action = "change"
    done: ClassVar[str] = ""

    def scheme_of(self, row: Any) -> BonusScheme:
        """The scheme on whose page the button stands."""
        return row

    def act(self, row: Any, version: int | None) -> Any:
        """Call the service; return the scheme to go to, or None for the list."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.seen(self.model, kwargs["pk"])
        back = reverse("bonus_scheme", args=[self.scheme_of(row).pk])
        typed = request.POST.get("version", "")
        version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
        try:
            with transaction.atomic():
                target = self.act(row, version)
        except ValidationError as error:
            for text in error.messages:
                messages.error(request, text)
            return HttpResponseRedirect(back)
        except Conflict:
            messages.error(request, "Схему изменили, пока вы смотрели. Проверьте её ещё раз.")
            return HttpResponseRedirect(back)
        messages.success(request, self.done)
        address = reverse("bonus_scheme", args=[target.pk]) if target else reverse("bonus_schemes")
        return HttpResponseRedirect(address)


class SchemeCopy(SchemeAction):
    """A draft with the same rules."""

    action = "add"
    done = "Черновик создан. Проверьте месяц, с которого он начнёт действовать."

    def act(self, row: Any, version: int | None) -> Any:
        return services.copy_scheme(row, actor=self.request.user)


class SchemePublish(SchemeAction):
    """Into force from its month."""

    action = "publish"
    done = "Схема опубликована. Она начнёт действовать с указанного месяца."

    def act(self, row: Any, version: int | None) -> Any:
        return services.publish_scheme(row, actor=self.request.user, version=version)


class SchemeWithdraw(SchemeAction):
    """Called off before anybody was paid by it."""

    action = "publish"
    done = "Схема отозвана."

    def act(self, row: Any, version: int | None) -> Any:
        return services.withdraw_scheme(row, actor=self.request.user, version=version)


class SchemeDelete(SchemeAction):
    """A draft that nobody needs."""

    action = "delete"
    done = "Черновик удалён."

    def act(self, row: Any, version: int | None) -> Any:
        services.delete_scheme(row, actor=self.request.user, version=version)


class BlockDelete(SchemeAction):
    """A block taken out of a draft."""

    model = BonusBlock
    action = "delete"
    done = "Блок убран из черновика."

    def scheme_of(self, row: Any) -> BonusScheme:
        return row.scheme

    def act(self, row: Any, version: int | None) -> Any:
        services.remove_block(row, actor=self.request.user, version=version)
        return row.scheme


class KpiDelete(SchemeAction):
    """A KPI taken out of a draft."""

    model = BonusKpi
    action = "delete"
    done = "Показатель убран из черновика."

    def scheme_of(self, row: Any) -> BonusScheme:
        return row.block.scheme

    def act(self, row: Any, version: int | None) -> Any:
        scheme = row.block.scheme
        services.remove_kpi(row, actor=self.request.user, version=version)
        return scheme
