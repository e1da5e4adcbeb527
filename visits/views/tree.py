"""The page of any table of figures: a tree with a period, a unit, rows that stand open."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.views.generic import TemplateView

from accounts.models import Unit
from core import clock, export
from core.models import SavedFilter
from core.views import PolicyMixin
from visits.figures.periods import Period, PeriodKind
from visits.forms.figures import NO_UNIT, FiguresForm
from visits.selectors.figures import FigureReach, TreeReading, TreeRow, reach_of

KINDS = {
    PeriodKind.MONTH: "Месяц",
    PeriodKind.QUARTER: "Квартал",
    PeriodKind.HALF: "Полугодие",
    PeriodKind.YEAR: "Год",
}


def days_of(period: Period) -> dict[str, Any]:
    """A period as parts of a query."""
    return {"since": period.since.isoformat(), "until": period.until.isoformat()}


def place_of(row: TreeRow) -> dict[str, Any]:
    """A row of a tree as parts of a query."""
    asked: dict[str, Any] = {}
    if row.unit is not None:
        asked["unit"] = row.unit.pk
    elif not row.is_total:
        asked["unit"] = NO_UNIT
    if row.employee is not None:
        asked["employee"] = row.employee.pk
    return asked


class TreePage(PolicyMixin, TemplateView):
    """A table of figures over the tree of units."""

    title = ""
    page_key = ""
    file_class: Any
    form_class: Any = FiguresForm
    kinds = KINDS

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        reach, today = reach_of(request.user), clock.today()
        form = self.form_class(request.GET or None, user=request.user, reach=reach, today=today)
        is_valid = form.is_valid() if form.is_bound else True
        if "unit" in form.errors:
            raise Http404
        self.period = self.period_of(form.asked)
        self.unit: Unit | None = form.cleaned_data.get("unit") if form.is_bound else None
        self.opened: str = form.cleaned_data.get("open", "") if is_valid and form.is_bound else ""
        self.chosen = self.more_chosen(form) if form.is_bound else {}
        figures = self.read(reach, today)
        if request.GET.get("format") in export.FORMATS:
            if not is_valid:
                # What is not understood narrows nothing: no file of more than was asked for.
                raise Http404
            name = f"{self.title} {self.period.since:%d.%m.%Y}-{self.period.until:%d.%m.%Y}"
            return export.response(self.file_class(figures), name, request.GET["format"])
        if not form.is_bound or is_valid:
            form.initial = days_of(self.period) | {"unit": self.unit} | self.chosen
            form.is_bound = False
        return self.render_to_response(self.context(form, figures, today))

    def read(self, reach: FigureReach, today: date) -> TreeReading:
        """Everything that the page shows."""
        raise NotImplementedError

    def period_of(self, asked: Period) -> Period:
        """The period that the page shows for the one asked for."""
        return asked

    def more_chosen(self, form: Any) -> dict[str, Any]:
        """What a page chooses beside the period and the unit."""
        return {}

    def query(self, period: Period | None = None, **more: Any) -> str:
        """The choice as a query; `more` adds to it or, being None, takes away."""
        asked: dict[str, Any] = days_of(period or self.period) | {
            "unit": self.unit.pk if self.unit else None,
            "open": self.opened or None,
        }
        asked |= {name: value or None for name, value in self.chosen.items()}
        asked |= more
        return urlencode([(k, v) for k, v in asked.items() if v is not None])

    def context(self, form: Any, figures: Any, today: Any) -> dict[str, Any]:
        """Everything that the page shows."""
        kind = self.period.kind
        steps = [self.period.shifted(step) for step in (-1, 1)]
        now = self.period_of(Period.of(kind or PeriodKind.MONTH, today))
        return {
            "title": self.title,
            "form": form,
            "figures": figures,
            "period": self.period,
            "kinds": [
                (label, self.query(Period.of(k, self.period.since)), k == kind)
                for k, label in self.kinds.items()
            ],
            "previous_url": f"?{self.query(steps[0])}" if steps[0] else "",
            "next_url": f"?{self.query(steps[1])}" if steps[1] else "",
            # Relative on purpose: kept as a saved filter it stays the present period.
            "now_url": "?"
            + urlencode(
                [("period", now.kind or "month")]
                + ([("unit", self.unit.pk)] if self.unit else [])
                + [(name, value) for name, value in self.chosen.items() if value]
            ),
            "is_now": now == self.period,
            "is_running": self.period.since <= today < self.period.until,
            "today": today,
            "export_url": f"?{self.query(open=None, format='xlsx')}",
            "csv_url": f"?{self.query(open=None, format='csv')}",
            "page_key": self.page_key,
            "saved_filters": self.visible(SavedFilter).filter(page=self.page_key),
            "lines": self.lines(figures),
            "open_all_url": f"?{self.query(open='all')}",
            "close_all_url": f"?{self.query(open=None)}",
            "is_open": bool(self.opened),
            "may_fold": any(child.children for root in figures.roots for child in root.children),
            "tabs": self.tabs(),
            "kept": days_of(self.period) if not self.kinds else {},
        }

    def tabs(self) -> list[tuple[str, str, bool]]:
        """The tables beside this one: label, address, whether it is this one."""
        return []

    def lines(self, figures: Any) -> list[dict[str, Any]]:
        """The rows that stand open, with their cells."""
        opened = set(self.opened.split(",")) - {""}
        found: list[dict[str, Any]] = []

        def add(row: Any) -> None:
            is_unit = row.employee is None and not row.is_total
            mark = str(row.unit.pk) if row.unit else "0"
            is_open = row.depth == 0 or "all" in opened or mark in opened
            toggled = sorted((opened - {"all"}) ^ {mark}) if "all" not in opened else []
            found.append(
                {
                    "row": row,
                    "is_unit": is_unit,
                    "level": min(row.depth, 2),
                    "mark": mark,
                    "toggle_url": f"?{self.query(open=','.join(toggled) or None)}"
                    if is_unit and row.children and row.depth
                    else "",
                    "is_open": is_open,
                    "unit_url": f"?{self.query(unit=row.unit.pk, open=None)}"
                    if is_unit and row.unit and row.unit != self.unit
                    else "",
                    **self.cells(row, figures),
                }
            )
            if is_open:
                for child in row.children:
                    add(child)

        for root in figures.roots:
            add(root)
        if figures.has_total:
            add(figures.total)
        return found

    def cells(self, row: Any, figures: Any) -> dict[str, Any]:
        """The cells of a row with the addresses of their numbers."""
        raise NotImplementedError
