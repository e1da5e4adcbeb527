"""Pages of figures: all of them as a tree, the table of К2У, the rows behind a number."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.views.generic import ListView
from django_tables2 import SingleTableMixin

from core import clock, export
from core.views import PolicyMixin
from visits.figures.catalogue import FIGURES, Figure
from visits.figures.periods import Period
from visits.forms.figures import RowsForm
from visits.models import Visit
from visits.selectors.figures import (
    Cell,
    FigureReach,
    FigureRow,
    Figures,
    NumberAsked,
    cells_of,
    employee_named,
    norm_words,
    reach_of,
    read_figures,
    rows_behind,
)
from visits.tables.figures import K2File, OverviewFile, rows_table
from visits.views.tree import TreePage, days_of, place_of


def rows_address(
    row: FigureRow, period: Period, figure: str, which: str, criterion: Any = None
) -> str:
    """The address of the rows behind one number of a row."""
    asked: dict[str, Any] = {"figure": figure, "which": which}
    if criterion is not None:
        asked["criterion"] = criterion.pk
    return f"{reverse('figure_rows')}?{urlencode(asked | place_of(row) | days_of(period))}"


class FiguresPage(TreePage):
    """A table of figures of contacts."""

    model: type[Model] = Visit
    action = "view"
    title = "Показатели"
    page_key = "figures"
    file_class: Any = OverviewFile

    def read(self, reach: FigureReach, today: date) -> Figures:
        return read_figures(reach, self.period, today, self.unit)

    def tabs(self) -> list[tuple[str, str, bool]]:
        return [
            (label, f"{reverse(name)}?{self.query()}", name == self.page_key)
            for name, label in (("figures", "Все показатели"), ("figures_k2", "К2У по критериям"))
        ]


class OverviewPage(FiguresPage):
    """Every figure beside its norm."""

    template_name = "visits/figures/overview.html"

    def context(self, form: Any, figures: Figures, today: Any) -> dict[str, Any]:
        heads = [(f, norm_words(f, figures.settings, self.period)) for f in FIGURES]
        return super().context(form, figures, today) | {"heads": heads}

    def cells(self, row: FigureRow, figures: Figures) -> dict[str, Any]:
        return {"cells": [self._cell(cell, row) for cell in cells_of(row, figures)]}

    def _cell(self, cell: Cell, row: FigureRow) -> dict[str, Any]:
        figure: Figure = cell.figure
        names = [n for n in figure.sets if n not in ("met", "clients")]
        urls = {n: rows_address(row, self.period, figure.code, n) for n in names}
        return {"cell": cell, "figure": figure, "urls": urls, "kind": figure.kind.value}


class K2Page(FiguresPage):
    """«N/P% — D» by criterion."""

    template_name = "visits/figures/k2.html"
    title = "К2У по критериям"
    page_key = "figures_k2"
    file_class = K2File

    def context(self, form: Any, figures: Figures, today: Any) -> dict[str, Any]:
        by_code = {f.code: norm_words(f, figures.settings, self.period) for f in FIGURES}
        return super().context(form, figures, today) | {
            "criteria": figures.criteria,
            "quality_norm": by_code["k2_quality"],
            "fire_norm": by_code["firefighting"],
        }

    def cells(self, row: FigureRow, figures: Figures) -> dict[str, Any]:
        found = {cell.figure.code: cell for cell in cells_of(row, figures)}
        return {
            "held": row.counts["k2", "held"],
            "held_url": rows_address(row, self.period, "k2", "held"),
            "criteria": [
                {
                    "criterion": criterion,
                    "cell": row.criterion(criterion),
                    "met_url": rows_address(row, self.period, "k2", "met", criterion),
                    "clients_url": rows_address(row, self.period, "k2", "clients", criterion),
                }
                for criterion in figures.criteria
            ],
            "quality": found["k2_quality"],
            "quality_url": rows_address(row, self.period, "k2_quality", "whole"),
            "fire": found["firefighting"],
            "fire_urls": {
                which: rows_address(row, self.period, "firefighting", which)
                for which in ("part", "whole")
            },
        }


class FigureRows(PolicyMixin, SingleTableMixin, ListView):
    """The rows behind one number: as many as it says."""

    model = Visit
    action = "view"
    template_name = "core/list.html"
    table_pagination = {"per_page": 50}

    asked: NumberAsked

    def get_queryset(self) -> Any:
        user, today = self.request.user, clock.today()
        reach = reach_of(user)
        form = RowsForm(self.request.GET, user=user, reach=reach, today=today)
        if not form.is_valid() or form.asked is None or not form.asked.key.is_within(reach):
            raise Http404
        self.asked = form.asked
        return rows_behind(user, form.asked, reach, today)

    def get_table_class(self) -> Any:
        return rows_table(self.asked.figure, self.asked.which)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"figure": self.asked.figure, "which": self.asked.which}

    def get_title(self) -> str:
        asked = self.asked
        words = asked.figure.sets[asked.which]
        if asked.criterion is not None:
            words = f"{asked.criterion}: {words}"
        return f"{asked.figure.label}: {words}"

    def whose(self) -> str:
        """The row of the tree in words."""
        key = self.asked.key
        names = [str(key.unit) if key.unit else "Без отдела" if key.is_unitless else ""]
        if key.employee is not None:
            names.append(str(employee_named(key.employee) or ""))
        return " · ".join(filter(None, names)) or "Все"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = self.asked.period
        key = self.asked.key
        query = urlencode(days_of(period) | ({"unit": key.unit.pk} if key.unit else {}))
        return super().get_context_data(
            title=self.get_title(),
            subheading=f"{self.whose()} · {period.label}",
            crumbs=[("Показатели", f"{reverse('figures')}?{query}")],
            filter=None,
            page_key="",
            add_url="",
            export_url=self.request.path,
            table_label=self.get_title(),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        wanted = self.request.GET.get("format")
        if wanted in export.FORMATS:
            table = self.get_table_class()(self.object_list, **self.get_table_kwargs())
            return export.response(table, self.get_title(), wanted)
        return super().render_to_response(context, **kwargs)
