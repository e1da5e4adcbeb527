"""Drafts of the rules edited: a scheme, its blocks, their KPIs with steps."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bonuses.enums import SchemeStatus
from bonuses.forms import BlockForm, KpiForm, SchemeForm, StepFormSet
from bonuses.models import BonusBlock, BonusKpi, BonusScheme
from bonuses.months import first_of, shifted
from bonuses.services import schemes as services
from bonuses.views.schemes import CRUMB, scheme_address
from core import clock
from core.policy import policy_for
from core.views import FormPage, RowsFormPage


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
        crumbs = [(CRUMB[0], reverse(CRUMB[1]))]
        if "pk" in self.kwargs:
            crumbs.append((self.scheme.name, self.back_url()))
        return super().get_context_data(crumbs=crumbs, **kwargs)

    def back_url(self) -> str:
        return scheme_address(self.scheme) if "pk" in self.kwargs else reverse("bonus_schemes")

    def done_url(self, obj: Any) -> str:
        return self.back_url() if "pk" in self.kwargs else scheme_address(obj)


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


class KpiEditing(SchemeEditing, RowsFormPage):
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

    def save(self, form: Any) -> Any:
        return services.save_kpi(
            self.block,
            form.values(),
            self.rows.steps(),
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
