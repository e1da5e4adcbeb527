"""Versions of the rules: look, copy to a draft, try on a month, publish, withdraw."""

from typing import Any

from django.db.models import Model
from django.urls import reverse

from bonuses import explain
from bonuses.enums import SchemeStatus
from bonuses.filters import BonusSchemeFilter
from bonuses.forms import WhatIfForm
from bonuses.models import BonusBlock, BonusKpi, BonusScheme
from bonuses.months import first_of, label, shifted
from bonuses.selectors import schemes as selectors
from bonuses.selectors.whatif import what_if
from bonuses.services import schemes as services
from bonuses.tables import BonusSchemeTable
from core import clock
from core.policy import policy_for
from core.views import CardPage, Fragment, ListPage, RowAction

CRUMB = ("Схемы премирования", "bonus_schemes")


def scheme_address(scheme: BonusScheme) -> str:
    """The page of a version."""
    return reverse("bonus_scheme", args=[scheme.pk])


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
            crumbs=[(CRUMB[0], reverse(CRUMB[1]))],
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
            crumbs=[(CRUMB[0], reverse(CRUMB[1])),
                    (scheme.name, scheme_address(scheme))],
            scheme=scheme,
            form=form,
            problems=problems,
            found=found,
            label=label(found.month) if found else "",
        )  # fmt: skip


class SchemeAction(RowAction):
    """A button on the page of a version."""

    model: type[Model] = BonusScheme
    action = "change"
    moved_on = "Схему изменили, пока вы смотрели. Проверьте её ещё раз."

    def page_of(self, row: Any) -> str:
        return scheme_address(row)


class SchemeCopy(SchemeAction):
    """A draft with the same rules."""

    action = "add"
    done = "Черновик создан. Проверьте месяц, с которого он начнёт действовать."

    def act(self, row: Any, version: int | None) -> str:
        return scheme_address(services.copy_scheme(row, actor=self.request.user))


class SchemePublish(SchemeAction):
    """Into force from its month."""

    action = "publish"
    done = "Схема опубликована. Она начнёт действовать с указанного месяца."

    def act(self, row: Any, version: int | None) -> None:
        services.publish_scheme(row, actor=self.request.user, version=version)


class SchemeWithdraw(SchemeAction):
    """Called off before anybody was paid by it."""

    action = "publish"
    done = "Схема отозвана."

    def act(self, row: Any, version: int | None) -> None:
        services.withdraw_scheme(row, actor=self.request.user, version=version)


class SchemeDelete(SchemeAction):
    """A draft that nobody needs."""

    action = "delete"
    done = "Черновик удалён."

    def act(self, row: Any, version: int | None) -> str:
        services.delete_scheme(row, actor=self.request.user, version=version)
        return reverse("bonus_schemes")


class BlockDelete(SchemeAction):
    """A block taken out of a draft."""

    model = BonusBlock
    action = "delete"
    done = "Блок убран из черновика."

    def page_of(self, row: Any) -> str:
        return scheme_address(row.scheme)

    def act(self, row: Any, version: int | None) -> None:
        services.remove_block(row, actor=self.request.user, version=version)


class KpiDelete(SchemeAction):
    """A KPI taken out of a draft."""

    model = BonusKpi
    action = "delete"
    done = "Показатель убран из черновика."

    def page_of(self, row: Any) -> str:
        return scheme_address(row.block.scheme)

    def act(self, row: Any, version: int | None) -> None:
        services.remove_kpi(row, actor=self.request.user, version=version)
