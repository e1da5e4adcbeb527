"""Numbers of needs: the funnel, the same by month, plan and fact, effects, rows behind a number."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.views.generic import ListView
from django_tables2 import SingleTableMixin

from core import charts, clock, export
from core.views import PolicyMixin
from needs.forms.figures import FunnelForm, NeedRowsForm, PlanForm
from needs.funnel import CONFIRMED, EFFECT
from needs.models import Need
from needs.selectors.behind import DROPPED, OPENED, REACHED, STEPPED, NeedNumber, needs_behind
from needs.selectors.effects import Effects, Means, read_effects
from needs.selectors.funnel import Funnel, FunnelMonth, read_funnel, read_months
from needs.selectors.plan import PlanTable, read_plan
from needs.tables_figures import (
    EffectsFile,
    FunnelFile,
    MeansFile,
    MonthsFile,
    NeedClients,
    NeedRows,
    PlanFile,
)
from visits.figures.periods import Period, PeriodKind
from visits.selectors.figures import FigureReach, employee_named, reach_of
from visits.views.tree import TreePage, days_of, place_of

_TABS = (
    ("need_funnel", "Воронка"),
    ("need_months", "По месяцам"),
    ("need_plan", "План и факт за год"),
    ("need_effects", "Эффекты"),
)


def rows_url(period: Period, place: dict[str, Any], **asked: Any) -> str:
    """The address of the rows behind one number."""
    given = {name: value for name, value in asked.items() if value}
    return f"{reverse('need_rows')}?{urlencode(given | place | days_of(period))}"


class NeedFigures(TreePage):
    """A table of needs over the tree of units, of one segment or of all."""

    model: type[Model] = Need
    action = "view"
    form_class: Any = FunnelForm

    def more_chosen(self, form: Any) -> dict[str, Any]:
        return {"segment": form.cleaned_data.get("segment", "")}

    def tabs(self) -> list[tuple[str, str, bool]]:
        return [
            (label, f"{reverse(name)}?{self.query()}", name == self.page_key)
            for name, label in _TABS
        ]

    @property
    def segment(self) -> str:
        """The segment asked for."""
        return self.chosen.get("segment", "")

    def url(self, row: Any, **asked: Any) -> str:
        """The rows behind a number of a row."""
        return rows_url(self.period, place_of(row), segment=self.segment, **asked)


def rungs_with_urls(row: Any, stages: Any, url: Any) -> list[dict[str, Any]]:
    """The stages of a row with the addresses of their numbers."""
    return [
        {
            "stage": stage,
            "rung": rung,
            "is_first": not n,
            "met_url": url(count=REACHED, stage=stage.code),
            "clients_url": url(count=REACHED, stage=stage.code, clients=1),
        }
        for n, (stage, rung) in enumerate(zip(stages, row.rungs, strict=True))
    ]


class FunnelPage(NeedFigures):
    template_name = "needs/figures/funnel.html"
    title = "Воронка потребностей"
    page_key = "need_funnel"
    file_class: Any = FunnelFile

    def read(self, reach: FigureReach, today: date) -> Funnel:
        return read_funnel(reach, self.period, today, self.unit, self.segment)

    def context(self, form: Any, figures: Any, today: date) -> dict[str, Any]:
        return super().context(form, figures, today) | {"stages": figures.stages}

    def cells(self, row: Any, figures: Any) -> dict[str, Any]:
        def url(**asked: Any) -> str:
            return self.url(row, **asked)

        return {
            "whole": row.counts.whole,
            "whole_url": url(count=OPENED),
            "whole_clients_url": url(count=OPENED, clients=1),
            "rungs": rungs_with_urls(row, figures.stages, url),
            "dropped": row.counts.dropped,
            "dropped_url": url(count=DROPPED),
        }


class MonthsPage(NeedFigures):
    """The funnel by month; of a period shorter than two months, of its year."""

    template_name = "needs/figures/months.html"
    title = "Воронка по месяцам"
    page_key = "need_months"
    file_class: Any = MonthsFile
    kinds = {PeriodKind.YEAR: "Год", PeriodKind.HALF: "Полугодие", PeriodKind.QUARTER: "Квартал"}

    def period_of(self, asked: Period) -> Period:
        is_short = (asked.since.year, asked.since.month) == (asked.until.year, asked.until.month)
        return Period.of(PeriodKind.YEAR, asked.since) if is_short else asked

    def read(self, reach: FigureReach, today: date) -> Any:
        return read_months(reach, self.period, self.unit, self.segment)

    def context(self, form: Any, figures: Any, today: date) -> dict[str, Any]:
        percents = [
            charts.Series(stage.code, [month.rungs[n].cell.percent for month in figures.months])
            for n, stage in enumerate(figures.stages)
        ]
        chart = charts.line_chart(
            [month.period.since for month in figures.months],
            percents,
            title="Доля потребностей, дошедших до этапа, по месяцу открытия",
            suffix="%",
            table=False,
        )
        return super().context(form, figures, today) | {"stages": figures.stages, "chart": chart}

    def lines(self, figures: Any) -> list[dict[str, Any]]:
        return [self._line(month, figures) for month in [*figures.months, figures.total]]

    def _line(self, month: FunnelMonth, figures: Any) -> dict[str, Any]:
        place = {"unit": self.unit.pk} if self.unit else {}

        def url(**asked: Any) -> str:
            return rows_url(month.period, place, segment=self.segment, **asked)

        return {
            "month": month,
            "is_total": month is figures.total,
            "whole_url": url(count=OPENED),
            "whole_clients_url": url(count=OPENED, clients=1),
            "rungs": rungs_with_urls(month, figures.stages, url),
            "dropped_url": url(count=DROPPED),
        }


class PlanPage(NeedFigures):
    """A year's steps beside what was planned for it."""

    template_name = "needs/figures/plan.html"
    title = "План и факт за год"
    page_key = "need_plan"
    file_class: Any = PlanFile
    form_class: Any = PlanForm
    kinds: dict[PeriodKind, str] = {}

    def period_of(self, asked: Period) -> Period:
        return Period.of(PeriodKind.YEAR, asked.until)

    def read(self, reach: FigureReach, today: date) -> PlanTable:
        return read_plan(reach, self.period, today, self.unit, self.segment)

    def context(self, form: Any, figures: Any, today: date) -> dict[str, Any]:
        return super().context(form, figures, today) | {"stages": figures.stages}

    def cells(self, row: Any, figures: Any) -> dict[str, Any]:
        pairs = []
        for n, stage in enumerate(figures.stages):
            needs, clients = row.pair(n)
            url = self.url(row, count=STEPPED, stage=stage.code)
            pairs.append((stage, "потребностей", needs, url))
            url = self.url(row, count=STEPPED, stage=stage.code, clients=1)
            pairs.append((stage, "клиентов", clients, url))
        return {"pairs": pairs}


class EffectsPage(NeedFigures):
    template_name = "needs/figures/effects.html"
    title = "Эффекты потребностей"
    page_key = "need_effects"
    file_class: Any = EffectsFile

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.file_class = MeansFile if request.GET.get("table") == "means" else EffectsFile
        return super().get(request, *args, **kwargs)

    def read(self, reach: FigureReach, today: date) -> Effects:
        return read_effects(reach, self.period, today, self.unit, self.segment)

    def context(self, form: Any, figures: Any, today: date) -> dict[str, Any]:
        return super().context(form, figures, today) | {
            "stages": figures.stages,
            "means": [
                ("Инструменты К+", [self._means(m, "tool") for m in figures.tools]),
                (
                    "Превосходные отличия К+",
                    [self._means(m, "advantage") for m in figures.advantages],
                ),
            ],
            "means_url": f"?{self.query(open=None, table='means', format='xlsx')}",
        }

    def _means(self, means: Means, name: str) -> dict[str, Any]:
        place = {"unit": self.unit.pk} if self.unit else {}
        asked = {name: means.row.pk, "segment": self.segment}
        return {
            "means": means,
            "needs_url": rows_url(self.period, place, count=OPENED, **asked),
            "effect_url": rows_url(self.period, place, count=REACHED, stage=EFFECT, **asked),
            "confirmed_url": rows_url(self.period, place, count=REACHED, stage=CONFIRMED, **asked),
        }

    def cells(self, row: Any, figures: Any) -> dict[str, Any]:
        found = []
        for stage in figures.stages:
            asked = {"count": STEPPED, "stage": stage.code}
            found.append(
                {
                    "stage": stage,
                    "effect": row.effects[stage.code],
                    "url": self.url(row, **asked),
                    "hours_url": self.url(row, measure="hours", **asked),
                    "roubles_url": self.url(row, measure="roubles", **asked),
                }
            )
        return {"effects": found}


class NeedRowsPage(PolicyMixin, SingleTableMixin, ListView):
    """The needs, or the clients, behind one number: as many as it says."""

    model = Need
    action = "view"
    template_name = "core/list.html"
    table_pagination = {"per_page": 50}

    asked: NeedNumber

    def get_queryset(self) -> Any:
        user = self.request.user
        reach = reach_of(user)
        form = NeedRowsForm(self.request.GET, user=user, reach=reach, today=clock.today())
        if not form.is_valid() or form.asked is None or not form.asked.key.is_within(reach):
            raise Http404
        self.asked = form.asked
        return needs_behind(user, form.asked, reach)

    def get_table_class(self) -> Any:
        return NeedClients if self.asked.clients else NeedRows

    def whose(self) -> str:
        """The row of the tree in words."""
        key = self.asked.key
        names = [str(key.unit) if key.unit else "Без отдела" if key.is_unitless else ""]
        if key.employee is not None:
            names.append(str(employee_named(key.employee) or ""))
        return " · ".join(filter(None, names)) or "Все"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.asked
        query = days_of(asked.period) | ({"unit": asked.key.unit.pk} if asked.key.unit else {})
        segment = {"retail": " · Розница", "network": " · Сети"}.get(asked.segment, "")
        return super().get_context_data(
            title=asked.words,
            subheading=f"{self.whose()} · {asked.period.label}{segment}",
            crumbs=[("Воронка потребностей", f"{reverse('need_funnel')}?{urlencode(query)}")],
            filter=None,
            page_key="",
            add_url="",
            export_url=self.request.path,
            table_label=asked.words,
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        wanted = self.request.GET.get("format")
        if wanted in export.FORMATS:
            return export.response(self.get_table_class()(self.object_list), "Потребности", wanted)
        return super().render_to_response(context, **kwargs)
