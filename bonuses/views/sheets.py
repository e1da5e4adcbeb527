"""Sheets: the list, one of them, the rows behind a line, the running estimate, the steps."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.views.base import SavingPage
from bonuses import explain
from bonuses.enums import SheetStatus
from bonuses.filters import ObjectionFilter, SheetFilter
from bonuses.forms import AnswerForm, ObjectionForm
from bonuses.models import Objection, Sheet, SheetLine
from bonuses.months import first_of, label
from bonuses.paper import on_paper
from bonuses.selectors import sheets as selectors
from bonuses.selectors.rows import HEADS, rows_of
from bonuses.services import drafts
from bonuses.services import sheets as services
from bonuses.tables import ObjectionTable, SheetTable
from core import clock, export, pdf
from core.policy import policy_for
from core.views import CardPage, Fragment, ListPage, RowAction

_CRUMBS = [("Премирование", "pay_sheets")]


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of this section."""
    return [(text, reverse(name)) for text, name in _CRUMBS] + list(more)


class SheetsPage(ListPage):
    """The sheets that the user may see. Others' sheets got as a file are noted as seen."""

    model = Sheet
    table_class = SheetTable
    filterset_class = SheetFilter
    title = "Листы премирования"
    page_key = "pay_sheets"
    template_name = "bonuses/sheets.html"

    def get_queryset(self) -> Any:
        return selectors.sheets_for(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        policy = policy_for(Sheet)
        return context | {"may_lead": policy.can(self.request.user, "lead"),
                          "may_agree": policy.can(self.request.user, "agree")}  # fmt: skip

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        if self.request.GET.get("format"):
            found = context["filter"].qs.order_by().values_list("pk", flat=True)
            services.note_views(found, self.request.user, "файл")
        else:
            shown = [row.record.pk for row in context["table"].paginated_rows]
            services.note_views(shown, self.request.user, "список")
        return super().render_to_response(context, **kwargs)


class SheetPage(CardPage):
    """One sheet that explains itself."""

    model = Sheet
    template_name = "bonuses/sheet.html"
    context_object_name = "sheet"

    def get_queryset(self) -> Any:
        return selectors.sheets_for(self.request.user).select_related("assessed_by", "approved_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheet: Sheet = self.object  # type: ignore[attr-defined]
        user, today = self.request.user, clock.today()
        services.note_view(sheet, user, "лист")
        lines, before = selectors.lines_of(sheet), selectors.month_before(sheet)
        objections = selectors.objections_of(sheet)
        is_draft = sheet.status == SheetStatus.DRAFT
        policy = policy_for(Sheet)
        is_own = sheet.employee.user_id == user.pk
        return super().get_context_data(
            **kwargs,
            title=f"{sheet.employee}: {sheet.month_label}",
            crumbs=crumbs(),
            blocks=selectors.blocks_of(lines, sheet.base, before, objections, is_open=is_draft),
            before=before,
            change=sheet.total - before.total if before is not None else None,
            is_own=is_own,
            may_object=is_own and is_draft and today <= sheet.objections_until,
            may_agree=is_own and is_draft and sheet.agreed_at is None,
            may_recompute=is_draft and policy.can(user, "lead", sheet),
            may_assess=is_draft and policy.can(user, "assess", sheet),
            may_approve=sheet.status == SheetStatus.ASSESSED
            and sheet.assessed_by_id != user.pk
            and policy.can(user, "approve", sheet),
            may_give_back=sheet.status in {SheetStatus.ASSESSED, SheetStatus.APPROVED}
            and policy.can(user, "give_back", sheet),
            views=sheet.views.select_related("user")[:10],
        )


class SheetPdf(CardPage):
    """The sheet on paper."""

    model = Sheet

    def get_queryset(self) -> Any:
        return selectors.sheets_for(self.request.user).select_related("assessed_by", "approved_by")

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        sheet: Sheet = self.object  # type: ignore[attr-defined]
        services.note_view(sheet, self.request.user, "PDF")
        blocks = selectors.blocks_of(selectors.lines_of(sheet), sheet.base, None)
        title = f"Лист премирования: {sheet}"
        values = {"sheet": sheet, "blocks": blocks, "title": title}
        try:
            data = pdf.render(on_paper(render_to_string("bonuses/paper.html", values)), title=title)
        except pdf.Unprintable as error:
            messages.error(self.request, str(error))
            return HttpResponseRedirect(reverse("pay_sheet", args=[sheet.pk]))
        return export.pdf_file(title, data)


class LineRows(Fragment):
    """The rows behind a line: exactly as many as it counted."""

    model = SheetLine
    template_name = "bonuses/line_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line = self.seen(SheetLine, kwargs["pk"])
        services.note_view(line.sheet, self.request.user, "строки")
        source: Any = line.kpi.source if line.kpi else ""
        rows = rows_of(line)
        what, figure = HEADS.get(source, ("Что", ""))
        return super().get_context_data(
            **kwargs,
            title=line.label,
            line=line,
            rows=rows,
            gone=len(line.rows) - len(rows),
            what=what,
            figure=figure,
            fact=explain.figure(source, line.fact) if source else "",
            crumbs=crumbs((str(line.sheet), reverse("pay_sheet", args=[line.sheet_id]))),
        )


class EstimatePage(Fragment):
    """What the user has earned of the present month so far; nothing is written."""

    model = Sheet
    action = "agree"
    template_name = "bonuses/estimate.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        month = first_of(today)
        employee = selectors.employee_of(self.request.user)
        found = selectors.estimates_of(employee, month, today) if employee else []
        return super().get_context_data(
            **kwargs,
            title=f"Моя премия: {label(month)}",
            crumbs=crumbs(),
            estimates=found,
            today=today,
        )


class EstimatePanel(EstimatePage):
    """The same in a few lines, on the start page."""

    template_name = "bonuses/panels/estimate.html"


class WaitingPanel(Fragment):
    """What of the bonus waits for a head or a manager."""

    model = Sheet
    action = "lead"
    template_name = "bonuses/panels/waiting.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        rows = selectors.sheets_for(user).exclude(status=SheetStatus.CLOSED)
        newest = rows.order_by("-month").values_list("month", flat=True).first()
        units = selectors.month_by_unit(user, newest) if newest else []
        return super().get_context_data(
            **kwargs,
            month=newest,
            label=label(newest) if newest else "",
            drafts=sum(u.counts["draft"] for u in units),
            assessed=sum(u.counts["assessed"] for u in units),
            approved=sum(u.counts["approved"] for u in units),
            objections=selectors.open_objections(user),
        )


class SheetAction(RowAction):
    """A button on the page of a sheet."""

    model = Sheet
    action = "lead"
    moved_on = "Лист изменился, пока вы смотрели. Проверьте его ещё раз."

    def page_of(self, row: Sheet) -> str:
        return reverse("pay_sheet", args=[row.pk])

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        address = super().perform(request, **kwargs)
        # Computed anew it may be gone, or out of one's scope: the list is always there.
        is_there = self.visible().filter(pk=kwargs["pk"]).exists()
        return address if is_there else reverse("pay_sheets")


class Agree(SheetAction):
    """The employee agrees to the draft."""

    action = "agree"
    done = "Спасибо: начальник отдела увидит, что вы согласны."

    def act(self, row: Sheet, version: int | None) -> None:
        services.agree(row, actor=self.request.user, version=version)


class Recompute(SheetAction):
    """The draft computed anew from the facts of now."""

    action = "lead"
    done = "Лист пересчитан."

    def act(self, row: Sheet, version: int | None) -> None:
        drafts.draft_sheet(row, actor=self.request.user)


class Assess(SheetAction):
    """The head has checked the draft."""

    action = "assess"
    done = "Лист оценён и ждёт утверждения."

    def act(self, row: Sheet, version: int | None) -> None:
        services.assess(row, actor=self.request.user, version=version)


class GiveBack(SheetAction):
    """Back to a draft."""

    action = "give_back"
    done = "Лист снова черновик."

    def act(self, row: Sheet, version: int | None) -> None:
        services.give_back(row, actor=self.request.user, version=version)


class Approve(SheetAction):
    """The manager approves."""

    action = "approve"
    done = "Лист утверждён."

    def act(self, row: Sheet, version: int | None) -> None:
        services.approve(row, actor=self.request.user, version=version)


class ObjectPage(SavingPage):
    """The employee objects to a line."""

    model = SheetLine
    action = "object"
    form_class = ObjectionForm
    title = "Возражение"
    submit_label = "Отправить"
    done_message = "Возражение отправлено: ответ появится в листе."

    @property
    def line(self) -> SheetLine:
        if not hasattr(self, "_line"):
            self._line = self.seen(SheetLine, self.kwargs["pk"])
        return self._line

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policy_for(SheetLine).check(request.user, "object", self.line)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policy_for(SheetLine).check(request.user, "object", self.line)
        return super().post(request, *args, **kwargs)

    def get_title(self) -> str:
        return f"Возражение: {self.line.label}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheet = self.line.sheet
        return super().get_context_data(**kwargs) | {
            "crumbs": crumbs((str(sheet), reverse("pay_sheet", args=[sheet.pk]))),
            "subheading": f"Возразить можно до {sheet.objections_until:%d.%m.%Y} включительно.",
        }

    def save(self, form: Any) -> Any:
        return services.object_to(
            self.line, actor=self.request.user, reason=form.cleaned_data["reason"]
        )

    def back_url(self) -> str:
        return reverse("pay_sheet", args=[self.line.sheet_id])

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class ObjectionsPage(ListPage):
    """Objections with their answers."""

    model = Objection
    table_class = ObjectionTable
    filterset_class = ObjectionFilter
    title = "Возражения"
    page_key = "pay_objections"

    def get_queryset(self) -> Any:
        return self.visible().select_related("line__sheet__employee")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"may_answer": policy_for(Objection).can(self.request.user, "answer")}


class AnswerPage(SavingPage):
    """The answer to an objection."""

    model = Objection
    action = "answer"
    form_class = AnswerForm
    template_name = "bonuses/answer.html"
    submit_label = "Ответить"
    done_message = "Ответ записан."

    @property
    def row(self) -> Objection:
        if not hasattr(self, "_row"):
            self._row = self.seen(Objection, self.kwargs["pk"])
        return self._row

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.row.version}

    def get_title(self) -> str:
        return f"Возражение: {self.row.line.label}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheet = self.row.line.sheet
        return super().get_context_data(**kwargs) | {
            "objection": self.row,
            "sheet": sheet,
            "crumbs": crumbs(("Возражения", reverse("pay_objections"))),
        }

    def save(self, form: Any) -> Any:
        typed = form.cleaned_data
        return services.answer(
            self.row, actor=self.request.user, status=typed["status"], text=typed["answer"],
            version=typed["version"],
        )  # fmt: skip

    def back_url(self) -> str:
        return reverse("pay_objections")

    def done_url(self, obj: Any) -> str:
        return reverse("pay_sheet", args=[obj.line.sheet_id])
