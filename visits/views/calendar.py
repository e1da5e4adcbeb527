"""The calendar of contacts, and the secret address by which a phone reads it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView, View

from core import clock, preferences
from core.policy import policy_for
from core.selectors import work_calendar
from core.views import ActionPage, PolicyMixin
from visits.calendar_days import VIEWS, WEEK, WEEKDAYS_SHORT, Span, in_words, may_show
from visits.dates import FARTHEST_DAYS
from visits.enums import VisitStatus
from visits.forms.calendar import CalendarForm
from visits.ics import Entry, calendar_file
from visits.models import CalendarFeed, Visit
from visits.preferences import REMIND_DAYS
from visits.selectors import calendar as selectors
from visits.selectors.visits import own_employee
from visits.services.feeds import issue_feed, revoke_feed

# How many contacts of a day are shown; the rest are a link away.
ROOM = {WEEK: 30}
ROOM_OF_MONTH = 4
# Wrong secret addresses that one network address may try in a minute.
MISSES, MISSES_SECONDS = 60, 60
# When a phone rings about a task, Moscow time.
REMIND_AT = time(9)


@dataclass(frozen=True)
class Day:
    """A day ready to draw."""

    on: date
    words: str
    visits: list[Visit]
    more: int
    more_url: str
    plan_url: str  # empty where nothing can be planned
    is_working: bool
    is_today: bool
    is_outside: bool

    @property
    def offers_plan(self) -> bool:
        """An empty working day says so in a word; elsewhere a sign is enough."""
        return bool(self.plan_url) and self.is_working and not self.visits

    @property
    def is_bare(self) -> bool:
        """Nothing for a list of days to say."""
        return not self.visits and not self.offers_plan and not self.is_today


class Calendar(PolicyMixin, TemplateView):
    """Contacts by day: a month or a week, one's own, an employee's or a unit's."""

    model = Visit
    action = "view"
    template_name = "visits/calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, today = self.request.user, clock.today()
        form = CalendarForm(
            self.request.GET, user=user, units=selectors.units_to_show(user), today=today
        )
        asked = form.asked()
        span = Span(asked["view"], asked["on"])
        unit = asked["unit"]
        employee = asked["employee"] or (None if unit else own_employee(user))
        return super().get_context_data(
            form=form,
            span=span,
            days=self._days(span, today, employee, unit) if employee or unit else [],
            weekdays=WEEKDAYS_SHORT,
            views=[(code, label, self._url(asked, view=code)) for code, label in VIEWS],
            before_url=self._url(asked, on=span.before) if may_show(span.before, today) else "",
            after_url=self._url(asked, on=span.after) if may_show(span.after, today) else "",
            today_url=self._url(asked, on=today),
            shows_today=span.holds(today) and today in span.days,
            is_unit=employee is None,
            with_employee=unit is not None or employee != own_employee(user),
            today=today,
            feed=selectors.open_feed(user),
            **kwargs,
        )

    @staticmethod
    def _url(asked: dict[str, Any], **other: Any) -> str:
        """The address of the calendar with one answer changed."""
        query = {
            name: getattr(value, "pk", value) for name, value in (asked | other).items() if value
        }
        return f"{reverse('calendar')}?{urlencode(query)}"

    def _days(self, span: Span, today: date, employee: Any, unit: Any) -> list[Day]:
        user = self.request.user
        room = ROOM.get(span.view, ROOM_OF_MONTH)
        calendar = work_calendar()
        contacts = selectors.contacts_by_day(
            user, span.first, span.last, employee=employee, unit=unit, room=room
        )
        may_add = policy_for(Visit).can(user, "add")
        last_plan = today + timedelta(days=FARTHEST_DAYS)
        rows = {
            "employee": getattr(employee, "pk", None),
            "unit": getattr(unit, "pk", None),
            "status": None if employee else VisitStatus.PLANNED.value,
        }
        found = []
        for on in span.days:
            day = contacts.get(on, selectors.DayVisits())
            of_day = {"period_after": on, "period_before": on} | {
                name: value for name, value in rows.items() if value
            }
            found.append(
                Day(
                    on=on,
                    words=in_words(on),
                    visits=day.visits,
                    more=day.count - len(day.visits),
                    more_url=f"{reverse('visits')}?{urlencode(of_day)}",
                    plan_url=f"{reverse('visit_new')}?{urlencode({'on': on})}"
                    if may_add and today <= on <= last_plan
                    else "",
                    is_working=calendar.is_working(on),
                    is_today=on == today,
                    is_outside=not span.holds(on),
                )
            )
        return found


class IssueFeed(ActionPage):
    """Gives a secret address and shows it in the very answer: no address leads to it again."""

    model = CalendarFeed
    action = "add"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        _, secret = issue_feed(actor=request.user, now=clock.now())
        address = request.build_absolute_uri(reverse("calendar_file", args=[secret]))
        return render(
            request,
            "visits/calendar_address.html",
            {
                "address": address,
                "subscribe": f"webcal{address[address.index(':') :]}",
                "back_url": reverse("calendar"),
            },
        )


class RevokeFeed(ActionPage):
    """Ends the user's address."""

    model = CalendarFeed
    action = "revoke"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        if revoke_feed(actor=request.user, now=clock.now()):
            messages.success(request, "Адрес отозван: календари по нему больше не обновятся.")
        return reverse("calendar")


class CalendarFile(View):
    """The calendar as a phone reads it: no log-in, the address itself is the key.

    Whoever holds the address sees what its owner may see at this moment, and no more than
    with whom and when.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        asked_from = f"calendar-misses:{get_adapter().get_client_ip(request)}"
        misses = cache.get(asked_from, 0)
        if misses >= MISSES:
            return self._answer("Слишком много неверных адресов. Попробуйте через минуту.", 429)
        user = selectors.feed_owner(secret)
        if user is None:
            cache.set(asked_from, misses + 1, MISSES_SECONDS)
            return self._answer("Такого календаря нет.", 404)
        response = self._answer(self._file(request, user), 200, "text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="lampa.ics"'
        return response

    @staticmethod
    def _answer(body: bytes | str, status: int, kind: str = "text/plain; charset=utf-8") -> Any:
        response = HttpResponse(body, status=status, content_type=kind)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    @staticmethod
    def _file(request: HttpRequest, user: Any) -> bytes:
        today = clock.today()
        visits = selectors.feed_visits(user, today)
        agreements = selectors.feed_agreements(user, today)

        days, ahead = work_calendar(), preferences.read()[REMIND_DAYS]

        def morning(on: date) -> datetime:
            return datetime.combine(days.before(on, ahead), REMIND_AT, clock.MOSCOW)

        def entry(
            row: Any, code: str, on: date, summary: str, url: str, at: datetime | None = None
        ) -> Entry:
            return Entry(
                uid=f"{code}-{row.pk}@lampa",
                on=on,
                summary=summary,
                url=request.build_absolute_uri(url),
                version=row.version,
                changed_at=row.changed_at,
                remind_at=at,
            )

        return calendar_file(
            "Лампа: контакты",
            [
                entry(
                    row,
                    "visit",
                    row.planned_for,
                    f"{row.get_level_display()}: {row.client}",
                    reverse("visit", args=[row.pk]),
                )
                for row in visits
                if row.planned_for
            ],
            [
                entry(
                    row,
                    "agreement",
                    row.due_on,
                    f"Договорённость: {row.client}" if row.client else "Задача",
                    reverse("task", args=[row.pk]),
                    morning(row.due_on),
                )
                for row in agreements
            ],
        )
