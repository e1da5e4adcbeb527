"""Settings and the centre's own days: services and pages."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from contacts.preferences import COVERAGE_KEY_USER, EACH_DEPARTMENT
from core import preferences, selectors
from core import services_settings as services
from core.errors import Conflict, Refused
from core.models import AuditEntry, CalendarDay, Setting
from core.preferences import all_preferences
from tests.personas import World
from visits.preferences import HINT_RETAIL, K1_EVERY_DAYS, MATERIALS_NORM

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)


def put(world: World, preference: Any, value: Any, version: int | None = None, who="elena") -> None:
    services.set_preference(
        actor=world.users[who], preference=preference, value=value, version=version
    )


class TestService:
    @pytest.mark.parametrize(
        ("preference", "value"),
        [
            (K1_EVERY_DAYS, 20),
            (MATERIALS_NORM, 60),
            (EACH_DEPARTMENT, True),
            (HINT_RETAIL, "иначе"),
            (HINT_RETAIL, ""),
        ],
    )
    def test_stored_and_read(self, world: World, preference: Any, value: Any) -> None:
        put(world, preference, value)
        assert preferences.read()[preference] == value
        entry = AuditEntry.objects.latest("pk")
        assert (entry.label, entry.after["value"]) == (preference.label, value)

    def test_before_and_after_are_kept(self, world: World) -> None:
        put(world, K1_EVERY_DAYS, 20)
        put(world, K1_EVERY_DAYS, 25)
        entry = AuditEntry.objects.latest("pk")
        assert (entry.before, entry.after) == ({"value": 20}, {"value": 25})

    def test_equal_to_its_default_it_is_not_stored(self, world: World) -> None:
        put(world, K1_EVERY_DAYS, 20)
        services.reset_preference(actor=world.users["zhanna"], preference=K1_EVERY_DAYS)
        assert not Setting.objects.exists()
        assert preferences.read()[K1_EVERY_DAYS] == K1_EVERY_DAYS.default
        put(world, MATERIALS_NORM, None)
        assert not Setting.objects.exists()

    @pytest.mark.parametrize(
        ("preference", "value"),
        [
            (K1_EVERY_DAYS, 0),
            (K1_EVERY_DAYS, 366),
            (K1_EVERY_DAYS, None),
            (K1_EVERY_DAYS, "15"),
            (K1_EVERY_DAYS, True),
            (EACH_DEPARTMENT, 1),
            (HINT_RETAIL, "а" * 10_001),
            (HINT_RETAIL, "а\u202eб"),
        ],
    )
    def test_what_does_not_fit_is_refused_at_its_field(
        self, world: World, preference: Any, value: Any
    ) -> None:
        with pytest.raises(ValidationError) as caught:
            put(world, preference, value)
        assert list(caught.value.message_dict) == [preference.code]
        assert not Setting.objects.exists()

    def test_all_or_none(self, world: World) -> None:
        with pytest.raises(ValidationError):
            services.set_preferences(
                actor=world.users["elena"], values={K1_EVERY_DAYS: 20, COVERAGE_KEY_USER: 101}
            )
        assert not Setting.objects.exists()

    def test_somebody_was_quicker(self, world: World) -> None:
        put(world, K1_EVERY_DAYS, 20, version=0)
        with pytest.raises(Conflict):
            put(world, K1_EVERY_DAYS, 25, version=0)
        put(world, K1_EVERY_DAYS, 25, version=1)

    @pytest.mark.parametrize("who", ["anna", "galina", "writer"])
    def test_the_office_only(self, world: World, who: str) -> None:
        with pytest.raises(Refused):
            put(world, K1_EVERY_DAYS, 20, who=who)


def posted(page: Any, **changes: str) -> dict[str, str]:
    """What a browser sends back: every field as it was drawn, but for the changes."""
    form = page.context["form"]
    data: dict[str, str] = {"version": form["version"].value()}
    for preference in all_preferences():
        value = form[preference.code].value()
        told = "" if value is None else str(value)
        data[f"initial-{preference.code}"] = told
        if value is not False:
            data[preference.code] = told
    return data | changes


class TestPage:
    def test_every_setting_has_its_field(self, world: World, client_as: As) -> None:
        page = client_as("elena").get(reverse("settings"))
        body = page.content.decode()
        for preference in all_preferences():
            assert preference.label in body
            assert f'name="{preference.code}"' in body
            assert f'name="initial-{preference.code}"' in body

    def test_only_what_was_changed_is_written(self, world: World, client_as: As) -> None:
        browser = client_as("elena")
        first = browser.get(reverse("settings"))
        data = posted(first, **{K1_EVERY_DAYS.code: "20", EACH_DEPARTMENT.code: "on"})
        assert browser.post(reverse("settings"), data).status_code == 302
        assert dict(Setting.objects.values_list("code", "value")) == {
            K1_EVERY_DAYS.code: 20,
            EACH_DEPARTMENT.code: True,
        }
        again = browser.get(reverse("settings"))
        assert "Вернуть по умолчанию" in again.content.decode()
        assert browser.post(reverse("settings"), posted(again)).status_code == 302
        assert AuditEntry.objects.filter(subject__startswith="core.setting").count() == 2

    def test_a_field_left_alone_does_not_undo_another_hand(
        self, world: World, client_as: As
    ) -> None:
        page = client_as("elena").get(reverse("settings"))
        put(world, COVERAGE_KEY_USER, 77, who="zhanna")
        data = posted(page, **{K1_EVERY_DAYS.code: "20"})
        assert client_as("elena").post(reverse("settings"), data).status_code == 302
        assert preferences.read()[COVERAGE_KEY_USER] == 77

    def test_conflict_shows_what_is_stored_and_a_second_save_is_conscious(
        self, world: World, client_as: As
    ) -> None:
        browser = client_as("elena")
        page = browser.get(reverse("settings"))
        put(world, K1_EVERY_DAYS, 33, who="zhanna")
        data = posted(page, **{K1_EVERY_DAYS.code: "20"})
        late = browser.post(reverse("settings"), data)
        assert late.status_code == 409
        assert "33" in late.content.decode()
        data["version"] = late.context["form"]["version"].value()
        assert browser.post(reverse("settings"), data).status_code == 302
        assert preferences.read()[K1_EVERY_DAYS] == 20

    def test_a_refusal_keeps_what_was_typed(self, world: World, client_as: As) -> None:
        browser = client_as("elena")
        data = posted(
            browser.get(reverse("settings")),
            **{K1_EVERY_DAYS.code: "400", HINT_RETAIL.code: "важные слова"},
        )
        page = browser.post(reverse("settings"), data)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [K1_EVERY_DAYS.code]
        assert "важные слова" in page.content.decode()

    def test_reset(self, world: World, client_as: As) -> None:
        put(world, K1_EVERY_DAYS, 20)
        client_as("zhanna").post(reverse("setting_reset"), {"code": K1_EVERY_DAYS.code})
        assert not Setting.objects.exists()
        assert client_as("zhanna").post(reverse("setting_reset"), {"code": "no"}).status_code == 302

    def test_three_queries_for_the_settings_whatever_their_number(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("elena")
        browser.get(reverse("settings"))
        with count_queries() as few:
            browser.get(reverse("settings"))
        for preference in all_preferences():
            if preference.kind == "whole":
                put(world, preference, preference.low + 1)
        with count_queries() as many:
            browser.get(reverse("settings"))
        assert len(few) == len(many)


class TestCalendar:
    def add(self, world: World, on: str, is_working: bool = False, who: str = "elena") -> Any:
        return services.save_calendar_day(
            actor=world.users[who],
            values={"on": date.fromisoformat(on), "is_working": is_working, "note": "день центра"},
            today=TODAY,
        )

    def test_own_days_are_in_the_calendar_in_one_query(
        self, world: World, count_queries: Any
    ) -> None:
        self.add(world, "2026-09-17")
        self.add(world, "2026-09-19", True)
        with count_queries() as queries:
            calendar = selectors.work_calendar()
            year = selectors.year_of(2026)
        assert len(queries) == 2
        assert calendar.after(TODAY, 1) == date(2026, 9, 18)
        own = [special.day.on for special in year.specials if special.row]
        assert own == [date(2026, 9, 17), date(2026, 9, 19)]
        assert year.working == 247

    @pytest.mark.parametrize(
        ("on", "is_working", "field"),
        [
            ("2026-09-19", False, "is_working"),
            ("2026-09-16", True, "is_working"),
            ("1999-09-19", True, "on"),
            ("2076-09-16", False, "on"),
        ],
    )
    def test_refusals(self, world: World, on: str, is_working: bool, field: str) -> None:
        with pytest.raises(ValidationError) as caught:
            self.add(world, on, is_working)
        assert list(caught.value.message_dict) == [field]

    def test_one_exception_for_a_day(self, world: World) -> None:
        self.add(world, "2026-09-17")
        with pytest.raises(ValidationError, match="уже есть"):
            self.add(world, "2026-09-17")

    def test_page(self, world: World, client_as: As) -> None:
        row = self.add(world, "2026-09-17")
        page = client_as("elena").get(reverse("work_calendar"))
        body = page.content.decode()
        assert "246" in body
        assert "день центра" in body
        assert reverse("calendar_day_edit", args=[row.pk]) in body
        assert page.context["year"].number == 2026
        older = client_as("anna").get(reverse("work_calendar") + "?year=2025")
        assert "перенесено с 01.11.2025" in older.content.decode()
        assert "Добавить исключение" not in older.content.decode()
        far = client_as("elena").get(reverse("work_calendar") + "?year=2030")
        assert "программе не известны" in far.content.decode()

    @pytest.mark.parametrize("typed", ["1066", "20266", "год", "-1", "٢٠٢٦"])
    def test_a_year_that_is_none_is_this_one(self, world: World, client_as: As, typed: str) -> None:
        page = client_as("elena").get(reverse("work_calendar"), {"year": typed})
        assert page.context["year"].number == 2026

    def test_add_change_and_remove(self, world: World, client_as: As) -> None:
        browser = client_as("zhanna")
        data = {"on": "2026-10-02", "is_working": "no", "note": "выезд"}
        assert browser.post(reverse("calendar_day_add"), data).status_code == 302
        row = CalendarDay.objects.get(on__year=2026)
        address = reverse("calendar_day_edit", args=[row.pk])
        shown = browser.get(address).context["form"]
        assert shown["is_working"].value() == "no"
        changed = data | {"note": "иное", "version": row.version}
        assert browser.post(address, changed).status_code == 302
        bad = browser.post(address, changed | {"version": 2, "is_working": "yes", "note": "слова"})
        assert bad.status_code == 422
        assert "слова" in bad.content.decode()
        gone = browser.post(reverse("calendar_day_delete", args=[row.pk]))
        assert gone.status_code == 302
        assert not CalendarDay.objects.filter(on__year=2026).exists()
        assert AuditEntry.objects.filter(subject__startswith="core.calendarday").count() == 3


class TestCalendarApi:
    URL = "/api/v1/calendar-days/"

    def test_read_write_and_delete(self, world: World, api_as: As) -> None:
        api = api_as("writer")
        body = {"on": "2026-10-02", "is_working": False, "note": "выезд"}
        made = api.post(self.URL, body, format="json")
        assert made.status_code == 201
        row = made.json()
        assert len(api_as("anna").get(f"{self.URL}?on_after=2026-10-01").json()["results"]) >= 1
        address = f"{self.URL}{row['id']}/"
        changed = api.patch(
            address, {"note": "иное"}, format="json", headers={"If-Match": made["ETag"]}
        )
        assert changed.json()["note"] == "иное"
        stale = api.delete(address, headers={"If-Match": made["ETag"]})
        assert stale.status_code == 412
        assert api.delete(address, headers={"If-Match": changed["ETag"]}).status_code == 204

    def test_which_is_it_must_be_said(self, world: World, api_as: As) -> None:
        told = api_as("writer").post(self.URL, {"on": "2026-10-02"}, format="json")
        assert [error["field"] for error in told.json()["errors"]] == ["is_working"]

    def test_specialists_read_only(self, world: World, api_as: As) -> None:
        assert api_as("anna").get(self.URL).status_code == 200
        assert api_as("anna").post(self.URL, {}, format="json").status_code == 403
