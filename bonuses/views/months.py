"""A month as a whole: where the sheets stand, and the steps that are taken for all of them."""

from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from bonuses.enums import SheetStatus
from bonuses.forms import MonthForm
from bonuses.models import Sheet
from bonuses.months import first_of, label, shifted
from bonuses.selectors import sheets as selectors
from bonuses.selectors.payroll import closed_sheets, payroll_file
from bonuses.services import sheets as services
from bonuses.services.closing import close_month, record_export
from bonuses.tasks import DRAFTS
from bonuses.views.sheets import crumbs
from core import clock, jobs
from core.policy import policy_for
from core.russian import counted
from core.views import ActionPage, Fragment

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEETS = "лист,листа,листов"


def month_address(month: date) -> str:
    """The page of a month."""
    return f"{reverse('pay_month')}?month={month:%Y-%m}"


def job_key(month: date) -> str:
    """What a run of the drafts is about."""
    return f"{month:%Y-%m}"


class MonthPage(Fragment):
    """The sheets of a month by department and state, with the next step."""

    model = Sheet
    action = "lead"
    template_name = "bonuses/month.html"

    def month(self) -> date:
        """The month asked for; else the newest with a sheet that is not closed, else the last."""
        form = MonthForm(self.request.GET, user=self.request.user)
        if form.is_valid() and form.cleaned_data["month"]:
            return form.cleaned_data["month"]
        rows = selectors.sheets_for(self.request.user).exclude(status=SheetStatus.CLOSED)
        newest = rows.order_by("month").values_list("month", flat=True).first()
        return newest or shifted(first_of(clock.today()), -1)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, month = self.request.user, self.month()
        units = selectors.month_by_unit(user, month)
        counts = {s.value: sum(u.counts[s.value] for u in units) for s in SheetStatus}
        policy = policy_for(Sheet)
        exported = selectors.export_of(month)
        run = selectors.drafts_run(DRAFTS, month, job_key(month))
        is_manager = policy.can(user, "close")
        sheets, total = sum(counts.values()), sum((u.total for u in units), 0)
        last_total = selectors.total_of_month(user, shifted(month, -1))
        return super().get_context_data(
            **kwargs,
            title=f"Премирование: {label(month)}",
            crumbs=crumbs(),
            month=month,
            before=shifted(month, -1),
            after=shifted(month, 1) if shifted(month, 1) <= clock.today() else None,
            units=units,
            counts=counts,
            sheets=sheets,
            open=sheets - counts[SheetStatus.CLOSED],
            total=total,
            last_total=last_total,
            change=None if last_total is None else total - last_total,
            base=sum((u.base for u in units), 0),
            corrections=sum((u.corrections for u in units), 0),
            earned=sum((u.earned for u in units), 0),
            objections=selectors.open_objections(user, month),
            exported=exported if is_manager else None,
            run=run if is_manager else None,
            run_url=reverse("job_run", args=[run.pk]) if run and is_manager else "",
            is_manager=is_manager,
            may_draft=policy.can(user, "compute") and exported is None and month <= clock.today(),
        )


class MonthAction(ActionPage):
    """A button for the whole month; a refusal is said on its page."""

    model = Sheet
    action = "lead"
    done: ClassVar[str] = ""

    def act(self, month: date) -> str:
        """Do it; return what to say."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = MonthForm(request.POST, user=request.user)
        if not form.is_valid() or not form.cleaned_data["month"]:
            messages.error(request, "Укажите месяц.")
            return HttpResponseRedirect(reverse("pay_month"))
        month = form.cleaned_data["month"]
        try:
            return self.answer(month)
        except ValidationError as error:
            for text in error.messages:
                messages.error(request, text)
        return HttpResponseRedirect(month_address(month))

    def answer(self, month: date) -> HttpResponse:
        """Do it and lead back to the month."""
        messages.success(self.request, self.act(month))
        return HttpResponseRedirect(month_address(month))


class DraftMonth(MonthAction):
    """Ask for the drafts of everybody."""

    action = "compute"

    def act(self, month: date) -> str:
        if month > clock.today():
            raise ValidationError("Этот месяц ещё не начался.")
        jobs.request(DRAFTS, month, key=job_key(month), actor=self.request.user)
        return "Черновики поставлены на расчёт."


class AssessMonth(MonthAction):
    """Assess every draft of one's departments that is ready."""

    action = "assess"

    def act(self, month: date) -> str:
        rows = self.visible().filter(month=month, status=SheetStatus.DRAFT)
        done, left = services.assess_all(rows, actor=self.request.user)
        return _told("Оценено", done, left)


class ApproveMonth(MonthAction):
    """Approve every assessed sheet that somebody else assessed."""

    action = "approve"

    def act(self, month: date) -> str:
        rows = self.visible().filter(month=month, status=SheetStatus.ASSESSED)
        done, left = services.approve_all(rows, actor=self.request.user)
        return _told("Утверждено", done, left)


class CloseMonth(MonthAction):
    """Close the month: nothing in it changes any more."""

    action = "close"

    def act(self, month: date) -> str:
        done = close_month(month, actor=self.request.user)
        return f"Месяц закрыт: {counted(done, _SHEETS)}."


class ExportMonth(MonthAction):
    """The workbook for payroll; asked again, the same file."""

    action = "close"

    def answer(self, month: date) -> HttpResponse:
        user = self.request.user
        known = record_export(month, actor=user)
        services.note_views(closed_sheets(month).values_list("pk", flat=True), user, "зарплата")
        response = HttpResponse(payroll_file(month), content_type=XLSX)
        name = f"Премирование {month:%Y-%m} {known.digest[:8]}.xlsx"
        response["Content-Disposition"] = content_disposition_header(True, name)
        response["Cache-Control"] = "no-store"
        return response


def _told(verb: str, done: int, left: int) -> str:
    text = f"{verb}: {counted(done, _SHEETS)}."
    if left:
        text += (
            f" Не готово: {counted(left, _SHEETS)} — срок возражений, возражения без ответа "
            "или свой лист."
        )
    return text
