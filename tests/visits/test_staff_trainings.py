"""The staff's training: lessons, invitations, who came; and the dictionaries of contacts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.errors import Conflict, Refused
from core.models import AuditEntry
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import MISSING, World
from visits.models import Attendance, ControlPointKind, StaffTraining, VisitCriterion
from visits.services import trainings as services

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)


def text(response: Any) -> str:
    return response.content.decode()


def add(world: World, who: str = "galina", **values: Any) -> StaffTraining:
    given = {"programme": "Школа", "title": "Поиск", "unit": world.noio1, "on": TODAY} | values
    return services.save_staff_training(actor=world.users[who], values=given, today=TODAY)


def mark(world: World, lesson: StaffTraining, who: str = "galina", **marks: Any) -> Any:
    rows = {one.employee_id: one.pk for one in lesson.attendance.all()}
    return services.mark_attendance(
        actor=world.users[who],
        training=lesson,
        marks={rows[world.staff[name].pk]: values for name, values in marks.items()},
        today=TODAY,
    )


class TestLesson:
    def test_added_and_changed(self, world: World) -> None:
        row = add(world)
        changed = services.save_staff_training(
            actor=world.users["galina"],
            training=row,
            values={"title": "Иначе"},
            today=TODAY,
            version=1,
        )
        assert (changed.title, changed.version) == ("Иначе", 2)
        with pytest.raises(Conflict):
            services.save_staff_training(
                actor=world.users["galina"],
                training=row,
                values={"title": "Ещё иначе"},
                today=TODAY,
                version=1,
            )

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"unit": None}, "unit"),
            ({"title": " "}, "title"),
            ({"on": date(2076, 1, 1)}, "on"),
            ({"on": date(1976, 1, 1)}, "on"),
            ({"programme": "а\u202eб"}, "programme"),
        ],
    )
    def test_bad_values(self, world: World, values: dict, field: str) -> None:
        with pytest.raises(ValidationError) as caught:
            add(world, **values)
        assert list(caught.value.message_dict) == [field]

    def test_of_ones_own_unit_only(self, world: World) -> None:
        with pytest.raises(Refused):
            add(world, unit=world.noio2)
        with pytest.raises(Refused):
            add(world, "anna")
        assert add(world, "elena", unit=None).unit is None

    def test_a_lesson_of_the_whole_centre_is_the_directors(self, world: World) -> None:
        row = add(world, "elena", unit=None)
        with pytest.raises(Refused):
            services.save_staff_training(
                actor=world.users["galina"], training=row, values={"title": "х"}, today=TODAY
            )


class TestAttendance:
    def test_invited_once(self, world: World) -> None:
        lesson = add(world)
        people = [world.staff["anna"], world.staff["boris"]]
        for expected in (2, 0):
            made = services.invite(
                actor=world.users["galina"], training=lesson, employees=people, today=TODAY
            )
            assert len(made) == expected

    def test_a_head_invites_and_marks_ones_own_people(self, world: World) -> None:
        lesson = factories.staff_training(None, world.staff["anna"], world.staff["vera"])
        with pytest.raises(ValidationError, match="своего подразделения"):
            services.invite(
                actor=world.users["galina"],
                training=lesson,
                employees=[world.staff["dmitry"]],
                today=TODAY,
            )
        mark(world, lesson, anna={"attended": True, "result": "зачёт"})
        with pytest.raises(Refused):
            mark(world, lesson, vera={"attended": True})
        row = lesson.attendance.get(employee=world.staff["anna"])
        assert (row.attended, row.result) == (True, "зачёт")

    def test_nobody_was_at_a_lesson_to_come(self, world: World) -> None:
        lesson = factories.staff_training(world.noio1, world.staff["anna"], on=TODAY + DAY)
        with pytest.raises(ValidationError, match="ещё не прошло"):
            mark(world, lesson, anna={"attended": True})

    def test_who_was_there_stays_on_the_list(self, world: World) -> None:
        lesson = factories.staff_training(world.noio1, world.staff["anna"], world.staff["boris"])
        mark(world, lesson, anna={"attended": True}, boris={"attended": False})
        there = lesson.attendance.get(attended=True)
        with pytest.raises(ValidationError, match="был на занятии"):
            services.uninvite(actor=world.users["galina"], attendance=there)
        absent = lesson.attendance.get(attended=False)
        services.uninvite(actor=world.users["galina"], attendance=absent)
        assert lesson.attendance.count() == 1

    def test_unknown_field_is_a_mistake_of_the_caller(self, world: World) -> None:
        lesson = factories.staff_training(world.noio1, world.staff["anna"])
        with pytest.raises(ValueError, match="employee"):
            mark(world, lesson, anna={"employee": 1})

    def test_specialists_write_nothing(self, world: World) -> None:
        lesson = world.row("visits.stafftraining")
        with pytest.raises(Refused):
            mark(world, lesson, "anna", anna={"attended": True})


class TestPages:
    def test_everybody_sees_their_own(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("staff_trainings")))
        assert OWN in body
        assert COLLEAGUES not in body
        both = text(client_as("galina").get(reverse("staff_trainings")))
        assert OWN in both
        assert COLLEAGUES in both
        assert FOREIGN not in both

    @pytest.mark.parametrize(
        ("query", "count"),
        [("q=занятие", 2), ("q=такого+нет", 0), ("unit={noio1}", 2), ("employee={anna}", 1),
         ("on_after=2026-09-16", 0)],
    )  # fmt: skip
    def test_filters(self, world: World, client_as: As, query: str, count: int) -> None:
        query = query.format(noio1=world.noio1.pk, anna=world.staff["anna"].pk)
        page = client_as("galina").get(f"{reverse('staff_trainings')}?{query}")
        assert len(page.context["table"].rows) == count

    def test_the_share_of_those_who_came(self, world: World, client_as: As) -> None:
        people = [world.staff[name] for name in ("anna", "boris", "zoya")]
        lesson = factories.staff_training(world.noio1, *people)
        card = reverse("staff_training", args=[lesson.pk])
        assert "ещё не отмечали" in text(client_as("galina").get(card))
        mark(world, lesson, anna={"attended": True}, boris={"attended": True})
        assert "2 из 3 (67\u00a0%)" in text(client_as("galina").get(card))
        table = text(client_as("galina").get(reverse("staff_trainings")))
        assert "2 (67\u00a0%)" in table
        # A specialist sees their own row alone.
        own = text(client_as("anna").get(card))
        assert "Борис" not in own

    def test_from_lesson_to_marks(self, world: World, client_as: As) -> None:
        browser = client_as("galina")
        data = {"title": "Поиск", "programme": "Школа", "on": "2026-09-15",
                "unit": world.noio1.pk}  # fmt: skip
        made = browser.post(reverse("staff_training_add"), data)
        lesson = StaffTraining.objects.latest("pk")
        assert made.url == reverse("staff_training", args=[lesson.pk])
        assert "Пока никто не приглашён" in text(browser.get(made.url))
        invite = reverse("staff_training_invite", args=[lesson.pk])
        nobody = browser.post(invite, {})
        assert nobody.status_code == 422
        assert "Выберите подразделение" in text(nobody)
        assert browser.post(invite, {"unit": world.noio1.pk}).status_code == 302
        assert lesson.attendance.count() == 5  # deactivated accounts still work here
        rows = {one.employee_id: one.pk for one in lesson.attendance.all()}
        anna, boris = (rows[world.staff[name].pk] for name in ("anna", "boris"))
        form = reverse("staff_training_attendance", args=[lesson.pk])
        assert f'name="came_{anna}"' in text(browser.get(form))
        marks = {f"came_{anna}": "yes", f"result_{anna}": "зачёт", f"came_{boris}": "no"}
        assert browser.post(form, marks).status_code == 302
        told = dict(lesson.attendance.values_list("pk", "attended"))
        assert (told[anna], told[boris]) == (True, False)
        written = AuditEntry.objects.filter(subject__startswith="visits.attendance")
        assert written.count() == 7
        assert browser.post(form, marks).status_code == 302
        assert written.count() == 7
        bad = browser.post(form, marks | {f"result_{anna}": "а" * 201})
        assert bad.status_code == 422
        assert browser.post(reverse("attendance_drop", args=[boris])).status_code == 302
        assert browser.post(reverse("attendance_drop", args=[anna]), follow=True)
        assert set(lesson.attendance.values_list("pk", flat=True)) == set(rows.values()) - {boris}

    def test_a_lesson_to_come_refuses_marks_and_keeps_them_typed(
        self, world: World, client_as: As
    ) -> None:
        lesson = factories.staff_training(world.noio1, world.staff["anna"], on=TODAY + DAY)
        row = lesson.attendance.get()
        page = client_as("galina").post(
            reverse("staff_training_attendance", args=[lesson.pk]),
            {f"came_{row.pk}": "yes", f"result_{row.pk}": "важные слова"},
        )
        assert page.status_code == 422
        assert "ещё не прошло" in text(page)
        assert "важные слова" in text(page)

    @pytest.mark.parametrize(
        "name", ["staff_training", "staff_training_edit", "staff_training_attendance"]
    )
    def test_foreign_is_as_missing(self, world: World, client_as: As, name: str) -> None:
        for pk in (world.row("visits.stafftraining", "foreign").pk, MISSING):
            assert client_as("galina").get(reverse(name, args=[pk])).status_code == 404

    def test_the_same_queries_for_3_rows_and_for_60(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("galina")
        lesson = world.row("visits.stafftraining")
        pages = [
            reverse("staff_trainings"),
            reverse("staff_training", args=[lesson.pk]),
            reverse("staff_training_attendance", args=[lesson.pk]),
        ]
        [browser.get(page) for page in pages]
        with count_queries() as few:
            [browser.get(page) for page in pages]
        for _ in range(60):
            person = factories.employee(world.noio1)
            factories.saved(Attendance(training=lesson, employee=person))
            factories.staff_training(world.noio1, person)
        with count_queries() as many:
            [browser.get(page) for page in pages]
        assert len(few) == len(many)


class TestApi:
    def test_lesson_invitation_and_mark(self, world: World, api_as: As) -> None:
        api = api_as("galina")
        body = {"programme": "Школа", "title": "Поиск", "unit": world.noio1.pk, "on": "2026-09-15"}
        lesson = api.post("/api/v1/staff-trainings/", body, format="json").json()
        invited = api.post(
            "/api/v1/attendance/",
            {"training": lesson["id"], "employee": world.staff["anna"].pk},
            format="json",
        )
        assert invited.status_code == 201
        again = api.post(
            "/api/v1/attendance/",
            {"training": lesson["id"], "employee": world.staff["anna"].pk},
            format="json",
        )
        assert [error["field"] for error in again.json()["errors"]] == ["employee"]
        address = f"/api/v1/attendance/{invited.json()['id']}/"
        marked = api.patch(
            address,
            {"attended": True, "result": "зачёт"},
            format="json",
            headers={"If-Match": invited["ETag"]},
        )
        assert marked.json()["attended"] is True
        there = api.delete(address, headers={"If-Match": marked["ETag"]})
        assert there.status_code == 400
        filtered = api.get(f"/api/v1/attendance/?training={lesson['id']}&attended=true")
        assert len(filtered.json()["results"]) == 1

    def test_scope(self, world: World, api_as: As) -> None:
        assert len(api_as("anna").get("/api/v1/attendance/").json()["results"]) == 1
        assert len(api_as("reader").get("/api/v1/staff-trainings/").json()["results"]) == 3
        assert api_as("anna").post("/api/v1/staff-trainings/", {}).status_code == 403


class TestDictionaries:
    def test_the_label_nobody_knows_is_written_in_the_browser(
        self, world: World, client_as: As
    ) -> None:
        row = ControlPointKind.objects.get(code="session")
        address = reverse("admin:visits_controlpointkind_change", args=[row.pk])
        assert client_as("elena").get(address).status_code == 302
        data = {"label": "КС", "long_label": "Командная сессия", "every_days": 14, "is_on": "on"}
        assert client_as("zhanna").post(address, data).status_code == 302
        row.refresh_from_db()
        assert row.long_label == "Командная сессия"
        assert AuditEntry.objects.latest("pk").after == {"long_label": "Командная сессия"}

    def test_criteria_of_a_k2(self, world: World, client_as: As) -> None:
        row = VisitCriterion.objects.get(code="03")
        address = reverse("admin:visits_visitcriterion_change", args=[row.pk])
        body = text(client_as("zhanna").get(address))
        assert "Ранняя диагностика" in body
        assert 'name="code"' not in body
