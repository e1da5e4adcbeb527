"""The secret address of a calendar: who gets it, what it opens, when it stops."""

import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar
from structlog.stdlib import ProcessorFormatter

from accounts import tokens
from accounts.enums import Role
from config.logging import masked, render, without_secrets
from core.errors import Refused
from core.models import AuditEntry, Setting
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import World
from visits.models import Agreement, CalendarFeed
from visits.services.feeds import issue_feed, revoke_feed
from visits.services.visits import update_visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
NOW = datetime(2026, 9, 16, 7, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def address(world: World, whose: str = "anna") -> str:
    _, secret = issue_feed(actor=world.users[whose], now=NOW)
    return f"/calendar/{secret}.ics"


def events(response: Any) -> dict[str, Any]:
    found = Calendar.from_ical(response.content)
    return {str(one["uid"]): one for one in found.walk("VEVENT")}


def agreement(world: World, whose: str = "own", **given: Any) -> Agreement:
    values = {
        "client": world.clients[whose],
        "what": "прислать +7 495 012-34-56",
        "agreed_on": date(2026, 9, 10),
        "due_on": date(2026, 9, 21),
    }
    return factories.saved(Agreement(**(values | given)))


class TestAddress:
    def test_only_the_digest_is_kept(self, world: World, settings: Any) -> None:
        feed, secret = issue_feed(actor=world.users["anna"], now=NOW)
        assert len(secret) == 43  # 256 random bits
        assert feed.digest == tokens.digest(secret, settings.TOKEN_PEPPER)
        logged = AuditEntry.objects.filter(subject=f"visits.calendarfeed:{feed.pk}")
        written = json.dumps(list(logged.values()), default=str)
        assert logged.count() == 1
        assert secret not in written
        assert feed.digest not in written

    def test_a_new_one_ends_the_old_at_once(self, world: World) -> None:
        old, new = address(world), address(world)
        assert (Browser().get(old).status_code, Browser().get(new).status_code) == (404, 200)
        assert CalendarFeed.objects.filter(revoked_at=None).count() == 1

    def test_revoked_it_opens_nothing_at_once(self, world: World) -> None:
        given = address(world)
        assert revoke_feed(actor=world.users["anna"], now=NOW)
        assert Browser().get(given).status_code == 404
        assert not revoke_feed(actor=world.users["anna"], now=NOW)

    def test_revoking_ones_own_leaves_others_alone(self, world: World) -> None:
        given = address(world, "boris")
        revoke_feed(actor=world.users["anna"], now=NOW)
        assert Browser().get(given).status_code == 200

    @pytest.mark.parametrize("who", ["zhanna", "reader", "writer"])
    def test_who_has_no_contacts_gets_none(self, world: World, who: str) -> None:
        with pytest.raises(Refused):
            issue_feed(actor=world.users[who], now=NOW)

    def test_the_page_shows_it_once(self, world: World, client_as: As) -> None:
        browser = client_as("anna")
        shown = browser.post("/calendar/feed/").content.decode()
        given = shown.partition('value="http://testserver')[2].partition('"')[0]
        assert Browser().get(given).status_code == 200
        assert 'href="webcal://testserver/calendar/' in shown
        page = browser.get("/calendar/").content.decode()
        assert "Адрес выдан 16.09.2026" in page
        assert given.removesuffix(".ics") not in page
        assert browser.get("/calendar/feed/").status_code == 405
        assert browser.post("/calendar/feed/revoke/").status_code == 302
        assert Browser().get(given).status_code == 404
        assert "Сейчас адреса нет" in browser.get("/calendar/").content.decode()


class TestFile:
    def test_it_opens_without_log_in_and_is_kept_nowhere(self, world: World) -> None:
        answer = Browser().get(address(world))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies

    def test_planned_contacts_as_days(self, world: World) -> None:
        row = world.row("planned")
        found = events(Browser().get(address(world)))
        assert list(found) == [f"visit-{row.pk}@lampa"]
        (event,) = found.values()
        assert event.decoded("dtstart") == date(2026, 9, 18)
        assert event.decoded("dtend") == date(2026, 9, 19)
        assert event["dtstart"].params["VALUE"] == "DATE"
        assert event["summary"] == f"К1У: {world.clients['own'].name}"
        assert event["url"] == f"http://testserver/visits/{row.pk}/"
        assert event["sequence"] == row.version - 1

    def test_it_says_with_whom_and_when_and_nothing_of_what_is_written(self, world: World) -> None:
        agreement(world)
        body = Browser().get(address(world)).content.decode()
        names = body.replace("\r\n ", "").replace(world.clients["own"].name, "")
        assert OWN not in names  # the canary stands in every text of the contact
        assert "495" not in names
        # An alarm must have a description; it repeats the summary. Nothing else has one.
        without_alarms = re.sub("(?s)BEGIN:VALARM.*?END:VALARM", "", body)
        names = set(without_alarms.replace(":", "\n").split())
        assert not {"DESCRIPTION", "LOCATION", "ATTENDEE"} & names

    def test_a_change_moves_the_sequence_and_keeps_the_uid(
        self, world: World, move_clock: Callable[[datetime], None]
    ) -> None:
        given, row = address(world), world.row("planned")
        (before,) = events(Browser().get(given)).values()
        later = NOW + timedelta(hours=2)
        move_clock(later)
        values = {"planned_for": date(2026, 9, 22)}
        update_visit(actor=world.users["anna"], visit=row, values=values, now=later)
        (after,) = events(Browser().get(given)).values()
        assert after["uid"] == before["uid"]
        assert after["sequence"] == before["sequence"] + 1
        assert after.decoded("dtstart") == date(2026, 9, 22)
        assert after.decoded("last-modified") == later

    def test_only_what_is_planned_from_a_month_ago_to_a_year_ahead(self, world: World) -> None:
        client, today = world.clients["own"], date(2026, 9, 16)
        kept = {
            factories.visit(client, status="planned", planned_for=today + timedelta(days=days)).pk
            for days in (-30, 366)
        } | {world.row("planned").pk}
        for days in (-31, 367):
            factories.visit(client, status="planned", planned_for=today + timedelta(days=days))
        factories.visit(client, status="cancelled", planned_for=today)
        found = events(Browser().get(address(world)))
        assert set(found) == {f"visit-{pk}@lampa" for pk in kept}

    def test_ones_own_and_joint_ones_only(self, world: World) -> None:
        given = address(world, "galina")
        assert events(Browser().get(given)) == {}
        world.row("planned").companions.set([world.staff["galina"]])
        assert list(events(Browser().get(given))) == [f"visit-{world.row('planned').pk}@lampa"]

    def test_the_scope_is_that_of_the_moment(self, world: World) -> None:
        given, client = address(world), world.clients["own"]
        assert len(events(Browser().get(given))) == 1
        client.specialist, client.unit = world.staff["vera"], world.noio2
        client.save()
        body = Browser().get(given).content.decode()
        assert "VEVENT" not in body
        assert OWN not in body

    def test_anothers_are_not_in_it(self, world: World) -> None:
        agreement(world, "colleague")
        agreement(world, "foreign", responsible=world.staff["anna"])
        body = Browser().get(address(world)).content.decode()
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    def test_open_agreements_are_tasks_with_a_day(self, world: World) -> None:
        Agreement.objects.all().delete()
        row = agreement(world)
        agreement(world, status="done", closed_on=date(2026, 9, 12))
        agreement(world, responsible=world.staff["galina"])
        found = Calendar.from_ical(Browser().get(address(world)).content).walk("VTODO")
        assert [(str(one["uid"]), one.decoded("due")) for one in found] == [
            (f"agreement-{row.pk}@lampa", date(2026, 9, 21))
        ]
        assert found[0]["summary"] == f"Договорённость: {world.clients['own'].name}"
        assert found[0]["url"].endswith(reverse("task", args=[row.pk]))

    def test_a_task_rings_so_many_working_days_before_it_is_due(self, world: World) -> None:
        row = agreement(world)  # due on a Monday: the working day before is Friday
        given = address(world)
        for days, rings in ((1, date(2026, 9, 18)), (0, date(2026, 9, 21))):
            Setting.objects.update_or_create(code="visits.remind_days", defaults={"value": days})
            tasks = Calendar.from_ical(Browser().get(given).content).walk("VTODO")
            (task,) = [one for one in tasks if one["uid"] == f"agreement-{row.pk}@lampa"]
            (alarm,) = task.walk("VALARM")
            at = datetime.combine(rings, time(6), UTC)  # nine in Moscow
            assert alarm.decoded("trigger") == at
            assert alarm["description"] == f"Договорённость: {world.clients['own'].name}"

    def test_hostile_names_stay_text(self, world: World) -> None:
        client = world.clients["own"]
        client.name = "ООО «А, Б; В»\\nSUMMARY:взлом"
        client.save()
        (event,) = events(Browser().get(address(world))).values()
        assert event["summary"] == f"К1У: {client.name}"

    @pytest.mark.parametrize("secret", ["1", "x" * 43, "%D0%BA", "a" * 2000])
    def test_an_unknown_one_is_not_there(self, world: World, secret: str) -> None:
        answer = Browser().get(f"/calendar/{secret}.ics")
        assert (answer.status_code, answer["Referrer-Policy"]) == (404, "no-referrer")

    def test_a_deactivated_owner_closes_it(self, world: World) -> None:
        given = address(world)
        world.users["anna"].is_active = False
        world.users["anna"].save()
        assert Browser().get(given).status_code == 404

    def test_an_owner_who_lost_the_role_shows_nothing(self, world: World) -> None:
        given = address(world)
        world.users["anna"].role = Role.ADMIN
        world.users["anna"].save()
        assert events(Browser().get(given)) == {}

    def test_who_must_have_a_second_factor_reads_it_from_a_browser_too(
        self, world: World, client_as: As, settings: Any
    ) -> None:
        settings.SECOND_FACTOR_ROLES = ["manager"]
        given, browser = address(world, "elena"), client_as("elena")
        assert browser.get("/calendar/").status_code == 302
        assert browser.get(given).status_code == 200

    def test_who_tries_too_many_waits(self, world: World) -> None:
        given = address(world)
        codes = [Browser().get("/calendar/x.ics").status_code for _ in range(61)]
        assert codes == [404] * 60 + [429]
        assert Browser().get(given).status_code == 429
        assert Browser(REMOTE_ADDR="10.0.0.7").get(given).status_code == 200

    def test_the_same_queries_for_one_row_and_for_thirty(
        self, world: World, count_queries: Any
    ) -> None:
        given = address(world)
        agreement(world)
        Browser().get(given)
        with count_queries() as few:
            Browser().get(given)
        for _ in range(30):
            factories.visit(factories.client(world.staff["anna"], world.noio1), status="planned")
            agreement(world)
        with count_queries() as many:
            assert len(events(Browser().get(given))) == 31
        assert len(few) == len(many)


class TestLog:
    SECRET = "Zx-9_" * 8 + "abc"

    def test_a_line_of_the_log_never_holds_the_address(self) -> None:
        line = render(None, "", {"request": f"GET /calendar/{self.SECRET}.ics", "code": 200})
        assert self.SECRET not in line
        assert "/calendar/***.ics" in line

    def test_nor_does_that_of_the_server(self) -> None:
        record = logging.LogRecord(
            "gunicorn.access", logging.INFO, "", 0, "%(r)s",
            ({"r": f'GET /calendar/{self.SECRET}.ics HTTP/1.1 "{self.SECRET}"'},), None,
        )  # fmt: skip
        assert without_secrets(record)
        assert f"/calendar/{self.SECRET}" not in record.getMessage()
        assert without_secrets in logging.getLogger("gunicorn.access").filters

    def test_a_request_logs_no_secret(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        given = address(world)
        revoke_feed(actor=world.users["anna"], now=NOW)
        with caplog.at_level("INFO"):
            Browser().get(given)  # a refusal is logged by Django and by the request's middleware
        handlers = logging.getLogger().handlers
        printed = next(h for h in handlers if isinstance(h.formatter, ProcessorFormatter))
        lines = [printed.format(record) for record in caplog.records]
        assert sum("/calendar/***.ics" in line for line in lines) >= 2
        assert not [line for line in lines if given in line]

    @pytest.mark.parametrize("path", ["/calendar/", "/calendar/feed/revoke/", "/calendar/?on=1"])
    def test_other_addresses_stay_readable(self, path: str) -> None:
        assert masked(path) == path
