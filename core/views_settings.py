"""Pages of the office: settings and the production calendar."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from core import clock, preferences, selectors
from core import services_settings as services
from core.errors import Conflict
from core.forms_settings import CalendarDayForm, SettingsForm, told
from core.models import CalendarDay, Setting
from core.policy import policy_for
from core.views import ActionPage, FormPage, PolicyMixin

WEEKDAYS = (
    ("пн", "понедельник"),
    ("вт", "вторник"),
    ("ср", "среда"),
    ("чт", "четверг"),
    ("пт", "пятница"),
    ("сб", "суббота"),
    ("вс", "воскресенье"),
)


class SettingsPage(FormPage):
    """Every setting by group, in one form."""

    model = Setting
    action = "change"
    form_class = SettingsForm
    template_name = "core/settings.html"
    title = "Настройки"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "values": preferences.read(),
            "versions": selectors.versions_of_settings(),
        }

    def save(self, form: Any) -> None:
        changed = form.changed()
        try:
            services.set_preferences(actor=self.request.user, values=changed, versions=form.seen())
        except Conflict as conflict:
            conflict.current.version = told(selectors.versions_of_settings())
            raise
        if changed:
            messages.success(self.request, "Сохранено.")
        else:
            messages.info(self.request, "Ничего не изменилось.")

    def done_url(self, obj: Any) -> str:
        return reverse("settings")


class ResetSetting(ActionPage):
    """One setting has its default again."""

    model = Setting
    action = "change"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        preference = preferences.find(request.POST.get("code", ""))
        if preference is not None:
            services.reset_preference(actor=request.user, preference=preference)
            messages.success(request, f"По умолчанию: {preference.label}.")
        return reverse("settings")


class WorkCalendarPage(PolicyMixin, TemplateView):
    """A year of the production calendar, the centre's own days marked."""

    model = CalendarDay
    action = "view"
    template_name = "core/work_calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        this = clock.today().year
        typed = self.request.GET.get("year", "")
        known = range(services.EARLIEST_YEAR, this + services.YEARS_AHEAD + 1)
        chosen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else this
        year = selectors.year_of(chosen if chosen in known else this)
        policy = policy_for(CalendarDay)
        return super().get_context_data(
            year=year,
            weekdays=WEEKDAYS,
            today=clock.today(),
            earlier=year.number - 1 if year.number - 1 in known else None,
            later=year.number + 1 if year.number + 1 in known else None,
            may_add=policy.can(self.request.user, "add"),
            **kwargs,
        )


class DayForm(FormPage):
    """A day that the centre keeps otherwise than the country."""

    model = CalendarDay
    action = "add"
    form_class = CalendarDayForm

    @property
    def row(self) -> CalendarDay | None:
        if "pk" not in self.kwargs:
            return None
        if not hasattr(self, "_row"):
            self._row = self.seen(CalendarDay, self.kwargs["pk"])
        return self._row

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Производственный календарь", reverse("work_calendar"))]
        return super().get_context_data(crumbs=crumbs, **kwargs)

    def save(self, form: Any) -> CalendarDay:
        return services.save_calendar_day(
            actor=self.request.user,
            values=form.values(),
            today=clock.today(),
            day=self.row,
            version=form.seen_version,
        )

    def back_url(self) -> str:
        year = f"?year={self.row.on.year}" if self.row else ""
        return reverse("work_calendar") + year

    def done_url(self, obj: CalendarDay) -> str:
        return f"{reverse('work_calendar')}?year={obj.on.year}"


class AddDay(DayForm):
    model = CalendarDay
    action = "add"
    title = "Исключение из календаря"


class EditDay(DayForm):
    model = CalendarDay
    action = "change"

    def get_title(self) -> str:
        return f"Исключение: {self.row}"


class DeleteDay(ActionPage):
    """The day is kept as the country does again."""

    model = CalendarDay
    action = "delete"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(CalendarDay, kwargs["pk"])
        services.delete_calendar_day(actor=request.user, day=row)
        messages.success(request, f"Исключение убрано: {row}.")
        return f"{reverse('work_calendar')}?year={row.on.year}"
