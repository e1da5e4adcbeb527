"""The calendar page: which days and contacts it shows, to whom, at what cost."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.clock import MOSCOW
from core.models import CalendarDay
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import World
from visits.calendar_days import MONTH, WEEK, Span, in_words
from visits.enums import VisitStatus

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
CALENDAR = "/calendar/"
TODAY = date(2026, 9, 16)


def text(response: Any) -> str:
    return response.content.decode()


def day(response: Any, on: date) -> Any:
    return next(one for one in response.context["days"] if one.on == on)


class TestSpans:
    @pytest.mark.parametrize(
        ("view", "on", "first", "last", "title"),
        [
            (MONTH, date(2026, 9, 16), date(2026, 8, 31), date(2026, 10, 4), "Сентябрь 2026"),
            (MONTH, date(2027, 2, 1), date(2027, 2, 1), date(2027, 2, 28), "Февраль 2027"),
            (MONTH, date(2026, 12, 31), date(2026, 11, 30), date(2027, 1, 3), "Декабрь 2026"),
            (WEEK, date(2026, 9, 20), date(2026, 9, 14), date(2026, 9, 20), "14–20 сентября 2026"),
            (
                WEEK,
                date(2026, 12, 28),
                date(2026, 12, 28),
                date(2027, 1, 3),
                "28 декабря 2026 – 3 января 2027",
            ),
            (
                WEEK,
                date(2026, 9, 28),
                date(2026, 9, 28),
                date(2026, 10, 4),
                "28 сентября – 4 октября 2026",
            ),
        ],
    )
    def test_whole_weeks_from_monday(
        self, view: str, on: date, first: date, last: date, title: str
    ) -> None:
        span = Span(view, on)
        assert (span.first, span.last, span.title) == (first, last, title)
        assert span.days[0].weekday() == 0
        assert len(span.days) % 7 == 0

    @pytest.mark.parametrize("view", [MONTH, WEEK])
    @pytest.mark.parametrize("on", [date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 31)])
    def test_leafing_there_and_back_leads_to_the_same_days(self, view: str, on: date) -> None:
        assert Span(view, Span(view, on).after).before <= on
        assert Span(view, Span(view, Span(view, on).after).before).days == Span(view, on).days

    def test_a_day_in_words(self) -> None:
        assert in_words(TODAY) == "16 сентября, среда"


class TestPage:
    def test_the_months_days_with_ones_own_contacts(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(CALENDAR)
        body = text(page)
        assert (page.context["days"][0].on, page.context["days"][-1].on) == (
            date(2026, 8, 31),
            date(2026, 10, 4),
        )
        shown = {one.on: one.visits for one in page.context["days"] if one.visits}
        assert shown == {
            date(2026, 9, 15): [world.row("visits.visit")],
            date(2026, 9, 18): [world.row("planned")],
        }
        assert OWN in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    def test_an_entry_says_when_of_what_level_in_what_state(
        self, world: World, client_as: As
    ) -> None:
        factories.visit(world.clients["own"], status="planned", planned_for=date(2026, 9, 14))
        body = " ".join(text(client_as("anna").get(f"{CALENDAR}?view=week")).split())
        assert "К1У, в течение дня, запланирован" in body
        assert "К1У, в течение дня, просрочен" in body
        assert '<time datetime="2026-09-15T10:00:00+03:00">10:00</time>, состоялся' in body
        assert f'href="/visits/{world.row("planned").pk}/"' in body

    def test_cancelled_ones_are_not_there(self, world: World, client_as: As) -> None:
        row = world.row("planned")
        row.status = VisitStatus.CANCELLED
        row.save()
        assert not day(client_as("anna").get(CALENDAR), date(2026, 9, 18)).visits

    def test_a_joint_contact_is_in_the_calendar_of_both(self, world: World, client_as: As) -> None:
        row = world.row("planned")
        row.companions.set([world.staff["galina"]])
        for persona in ("anna", "galina"):
            assert row in day(client_as(persona).get(CALENDAR), date(2026, 9, 18)).visits

    def test_days_off_come_from_the_calendar_and_from_the_centres_own_days(
        self, world: World, client_as: As
    ) -> None:
        CalendarDay.objects.create(on=date(2026, 9, 17), is_working=False, note="день центра")
        CalendarDay.objects.create(on=date(2026, 9, 19), is_working=True)
        browser = client_as("anna")
        page = browser.get(CALENDAR)
        off = [one.on.day for one in page.context["days"] if not one.is_working]
        assert off == [5, 6, 12, 13, 17, 20, 26, 27, 3, 4]
        november = browser.get(f"{CALENDAR}?on=2026-11-04")
        assert not day(november, date(2026, 11, 4)).is_working

    def test_today_is_marked_once(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(CALENDAR)
        assert [one.on for one in page.context["days"] if one.is_today] == [TODAY]
        assert text(page).count('aria-current="date"') == 1

    def test_an_empty_day_offers_a_plan_for_that_very_day(
        self, world: World, client_as: As
    ) -> None:
        browser = client_as("anna")
        page = browser.get(CALENDAR)
        assert day(page, TODAY - timedelta(days=2)).plan_url == ""
        address = day(page, date(2026, 9, 21)).plan_url
        picker = browser.get(address)
        client = world.clients["own"]
        plan = reverse("visit_plan", args=[client.pk])
        assert f'href="{plan}?on=2026-09-21"' in text(picker)
        assert 'name="on" value="2026-09-21"' in text(picker)
        form = browser.get(f"{plan}?on=2026-09-21")
        assert 'value="2026-09-21"' in text(form)

    @pytest.mark.parametrize("on", ["2026-09-01", "2076-09-16", "2026-99-99", "завтра", ""])
    def test_a_day_that_cannot_be_planned_is_not_prefilled(
        self, world: World, client_as: As, on: str
    ) -> None:
        plan = reverse("visit_plan", args=[world.clients["own"].pk])
        assert 'value="2026-09-16"' in text(client_as("anna").get(plan, {"on": on}))

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("on=2090-01-01", "on"),
            ("on=1999-12-31", "on"),
            ("on=вчера", "on"),
            ("view=year", "view"),
            ("employee=999999999", "employee"),
            ("employee=x", "employee"),
            ("unit=999999999", "unit"),
        ],
    )
    def test_what_is_not_understood_is_said_and_this_month_shown(
        self, world: World, client_as: As, query: str, field: str
    ) -> None:
        page = client_as("galina").get(f"{CALENDAR}?{query}")
        assert page.status_code == 200
        assert list(page.context["form"].errors) == [field]
        assert TODAY in [one.on for one in page.context["days"]]

    def test_a_colleague_is_chosen_and_only_what_one_may_see_is_shown(
        self, world: World, client_as: As
    ) -> None:
        boris = world.staff["boris"].pk
        seen = client_as("galina").get(f"{CALENDAR}?employee={boris}")
        assert COLLEAGUES in text(seen)
        assert COLLEAGUES not in text(client_as("anna").get(f"{CALENDAR}?employee={boris}"))
        vera = world.staff["vera"].pk
        foreign = client_as("galina").get(f"{CALENDAR}?employee={vera}")
        assert list(foreign.context["form"].errors) == ["employee"]
        assert FOREIGN not in text(foreign)

    def test_a_head_sees_what_the_unit_plans(self, world: World, client_as: As) -> None:
        page = client_as("galina").get(f"{CALENDAR}?unit={world.noio1.pk}")
        assert set(day(page, date(2026, 9, 18)).visits) == {
            world.row("planned"),
            world.row("planned", "colleague"),
        }
        assert "Анна-Фамилия" in text(page)
        assert "status=planned" in day(page, date(2026, 9, 18)).more_url
        other = client_as("galina").get(f"{CALENDAR}?unit={world.noio2.pk}")
        assert list(other.context["form"].errors) == ["unit"]
        assert FOREIGN not in text(other)
        everybody = client_as("elena").get(f"{CALENDAR}?unit={world.division.pk}")
        assert len(day(everybody, date(2026, 9, 18)).visits) == 3

    def test_specialists_are_not_asked_for_a_unit(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(f"{CALENDAR}?unit={world.noio1.pk}")
        assert "unit" not in page.context["form"].fields

    def test_what_does_not_fit_into_a_day_is_counted_and_a_link_away(
        self, world: World, client_as: As
    ) -> None:
        for _ in range(9):
            factories.visit(world.clients["own"], status="planned", planned_for=date(2026, 9, 18))
        browser = client_as("anna")
        found = day(browser.get(CALENDAR), date(2026, 9, 18))
        assert (len(found.visits), found.more) == (4, 6)
        assert len(browser.get(found.more_url).context["table"].rows) == 10
        assert day(browser.get(f"{CALENDAR}?view=week"), date(2026, 9, 18)).more == 0

    def test_without_an_employee_it_says_what_to_do(self, world: World, client_as: As) -> None:
        world.staff["elena"].user = None
        world.staff["elena"].save()
        page = client_as("elena").get(CALENDAR)
        assert "Выберите сотрудника или отдел" in text(page)

    def test_the_same_queries_for_3_rows_and_for_300(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("galina")
        pages = [
            f"{CALENDAR}?employee={world.staff['anna'].pk}",
            f"{CALENDAR}?unit={world.noio1.pk}&view=week",
        ]
        [browser.get(page) for page in pages]
        with count_queries() as few:
            [browser.get(page) for page in pages]
        for number in range(300):
            on = date(2026, 9, 1) + timedelta(days=number % 30)
            factories.visit(
                factories.client(world.staff["anna"], world.noio1) if number < 30
                else world.clients["own"],
                world.staff["anna"],
                unit=world.noio1,
                companions=[world.staff["boris"]],
                **({"held_on": on} if number % 2 and on < TODAY
                   else {"status": "planned", "planned_for": on}),
            )  # fmt: skip
        with count_queries() as many:
            [browser.get(page) for page in pages]
        assert len(few) == len(many)
        assert len(many) <= 2 * 13

    def test_a_night_contact_stands_on_its_moscow_day(self, world: World, client_as: As) -> None:
        row = factories.visit(world.clients["own"])
        row.started_at = datetime(2026, 9, 15, 0, 30, tzinfo=MOSCOW)
        row.save()
        assert row in day(client_as("anna").get(CALENDAR), date(2026, 9, 15)).visits
