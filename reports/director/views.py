"""Pages of the director: the year's goals, the sheet of them, losses beside their plan."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from accounts.models import Churn, Target, Unit
from core import clock, export, pdf
from core.charts import Series, line_chart, sparkline
from core.policy import policy_for
from core.russian import day
from core.shares import half_up
from core.views import PolicyMixin
from reports.director.board import read_board
from reports.director.forms import CLIENTS, FIRST, MEASURES, MONEY, ChurnPlanForm, YearForm
from reports.director.goals import Goal
from reports.director.paper import board_pdf, title_of
from reports.director.selectors.churn import ChurnRow, ChurnYear, Lost, Reason, read_churn
from reports.director.years import Year
from visits.figures.periods import Period, add_months
from visits.selectors.figures import reach_of


def asked_year(request: Any, today: date) -> int:
    """The year in the address; 404 for one that is none."""
    form = YearForm(request.GET, user=request.user, today=today)
    if not form.is_valid():
        raise Http404
    return form.cleaned_data["year"]


def steps(address: str, year: int, today: date, **more: Any) -> dict[str, Any]:
    """The way to the years beside this one."""

    def url(number: int) -> str:
        return f"{address}?{urlencode({'year': number} | more)}"

    return {
        "previous_url": url(year - 1) if year > FIRST else "",
        "next_url": url(year + 1) if year < today.year else "",
    }


class BoardPage(PolicyMixin, TemplateView):
    """Where the goals of a year stand."""

    model = Target
    action = "view_board"
    template_name = "director/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        number = asked_year(self.request, today)
        board = read_board(self.request.user, number, today)
        return super().get_context_data(**kwargs) | {
            "board": board,
            "sections": [
                (section.label, [(goal, _spark(goal)) for goal in section.goals])
                for section in board.sections
            ],
            "pdf_url": f"{reverse('director_pdf')}?{urlencode({'year': number})}",
            **steps(reverse("director"), number, today),
        }


def _spark(goal: Goal) -> Any:
    if len([v for v in goal.trend if v is not None]) < 2:
        return ""
    return sparkline(goal.trend, title=f"{goal.label} {goal.trend_label}")


class BoardPaper(PolicyMixin, View):
    """The same on one sheet."""

    model = Target
    action = "view_board"

    def get(self, request: Any) -> HttpResponse:
        today = clock.today()
        board = read_board(request.user, asked_year(request, today), today)
        try:
            data = board_pdf(board)
        except pdf.Unprintable as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("director"))
        return export.pdf_file(title_of(board), data)


def churns_url(period: Period, **more: Any) -> str:
    """The list of disconnections of some days."""
    asked = {"on_after": period.since.isoformat(), "on_before": period.until.isoformat()}
    return f"{reverse('churns')}?{urlencode(asked | more)}"


class ChurnPlanPage(PolicyMixin, TemplateView):
    """Losses of a year by unit and month beside the plan and the year before."""

    model = Churn
    action = "view"
    template_name = "director/churn_plan.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        today, reach = clock.today(), reach_of(request.user)
        form = ChurnPlanForm(request.GET, user=request.user, today=today, reach=reach)
        if not form.is_valid():
            raise Http404
        self.unit: Unit | None = form.cleaned_data["unit"]
        year = Year(form.cleaned_data["year"], today)
        found = read_churn(request.user, reach, year, self.unit)
        if request.GET.get("format") in export.FORMATS:
            return export.file_of(
                file_rows(found), f"Отключения {year.number}", request.GET["format"]
            )
        self.measure: str = form.cleaned_data["measure"] or CLIENTS
        more = {"unit": self.unit.pk} if self.unit else {}
        asked = more | ({} if self.measure == CLIENTS else {"measure": self.measure})
        context = self.get_context_data(
            found=found,
            year=year,
            unit=self.unit,
            months=year.whole.months(),
            lines=[self.line(row, year) for row in found.lines()],
            causes=[self.reason(r, year, "cause", r.key or "null") for r in found.causes],
            rivals=[self.reason(r, year, "competitor", r.key) for r in found.rivals],
            chart=chart(found),
            change=None if found.total.cut is None else -found.total.cut,
            may_plan=self.may_plan(),
            export_url=f"?{urlencode({'year': year.number, 'format': 'xlsx'} | more)}",
            now_url=churns_url(year.so_far, **more),
            before_url=churns_url(year.before, **more),
            tabs=[
                (
                    label,
                    f"?{urlencode({'year': year.number, 'measure': code} | more)}",
                    code == self.measure,
                )
                for code, label in MEASURES
            ],
            is_money=self.measure == MONEY,
            all_url=f"?{urlencode({'year': year.number, 'measure': self.measure})}",
            **steps(reverse("churn_plan"), year.number, today, **asked),
        )
        return self.render_to_response(context)

    def may_plan(self) -> bool:
        """Whether the reader sets plans."""
        return policy_for(Target).can(self.request.user, "add")

    def line(self, row: ChurnRow, year: Year) -> dict[str, Any]:
        """A row with the addresses of its numbers."""
        place = {"unit": row.unit.pk} if row.unit else {} if row.is_total else {"unit": "null"}
        cells = []
        for month in year.whole.months():
            last = add_months(month, 1) - timedelta(days=1)
            lost = row.months.get(month) or Lost()
            is_money = self.measure == MONEY
            plan = (row.plans_monthly if is_money else row.plans).get(month)
            fact = lost.monthly if is_money else lost.clients
            cells.append(
                {
                    "month": month,
                    "fact": fact,
                    "plan": plan,
                    "is_over": plan is not None and fact > plan,
                    "is_ahead": month > year.until,
                    "url": churns_url(Period(month, last), **place),
                }
            )
        return {
            "row": row,
            "cells": cells,
            "url": churns_url(year.so_far, **place),
            "before_url": churns_url(year.before, **place),
            "unit_url": "?"
            + urlencode({"year": year.number, "unit": row.unit.pk, "measure": self.measure})
            if row.unit and row.unit != self.unit
            else "",
            "is_over": row.plan is not None and row.now.clients > row.plan,
            "is_over_monthly": row.plan_monthly is not None and row.now.monthly > row.plan_monthly,
        }

    def reason(self, found: Reason, year: Year, name: str, key: Any) -> dict[str, Any]:
        """A cause or a rival with the addresses of its numbers."""
        more = {name: key} | ({"unit": self.unit.pk} if self.unit else {})
        return {
            "reason": found,
            "url": churns_url(year.so_far, **more),
            "before_url": churns_url(year.before, **more),
        }


def chart(found: ChurnYear) -> Any:
    """Clients lost by month of both years."""
    months = found.year.whole.months()
    now = [
        None
        if m > found.year.until
        else (lost.clients if (lost := found.total.months.get(m)) else 0)
        for m in months
    ]
    before = [found.before_months.get(add_months(m, -12), 0) for m in months]
    if not any(now) and not any(before):
        return ""
    return line_chart(
        months,
        [Series(f"{found.year.number} год", now), Series(f"{found.year.number - 1} год", before)],
        title="Отключения по месяцам",
        width=900,
    )


def file_rows(found: ChurnYear) -> Iterator[list[Any]]:
    """The table for a file: units by month, then causes and rivals."""
    months = found.year.whole.months()
    yield [
        "Уровень", "Подразделение",
        *(f"{m:%m.%Y}" for m in months), *(f"план {m:%m.%Y}" for m in months),
        *(f"потеря {m:%m.%Y}, ₽" for m in months),
        "С начала года", "План на год", f"К {day(found.year.before.until)}", "Меньше на, %",
        "Потеря в месяц, ₽", "План потери, ₽", "Потеря год назад, ₽",
    ]  # fmt: skip
    for row in found.lines():
        yield [
            row.depth + 1, row.label,
            *(row.months[m].clients if m in row.months else 0 for m in months),
            *(row.plans.get(m) for m in months),
            *(row.months[m].monthly if m in row.months else 0 for m in months),
            row.now.clients, row.plan, row.before.clients,
            None if row.cut is None else half_up(row.cut, 1),
            row.now.monthly, row.plan_monthly, row.before.monthly,
        ]  # fmt: skip
    for head, rows in (("Причина", found.causes), ("Конкурент", found.rivals)):
        for reason in rows:
            blank: list[Any] = [None] * (3 * len(months))
            yield [
                head, reason.label, *blank, reason.now.clients, None, reason.before.clients, None,
                reason.now.monthly, None, reason.before.monthly,
            ]  # fmt: skip
