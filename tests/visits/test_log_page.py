"""The form of a recorded contact: fields in sight, as last time, К2У, refusals at their fields."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from core.models import Setting
from tests import factories
from tests.canaries import OWN
from tests.personas import World
from visits.models import Agreement, Risk, Visit

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
LOG = {"started_at": "2026-09-16T09:00", "channel": "visit", "materials": "2"}
K2 = LOG | {"level": "K2"}


@pytest.fixture
def address(world: World) -> str:
    return reverse("visit_log", args=[world.clients["own"].pk])


def text(page: Any) -> str:
    return page.content.decode()


def head(world: World, **more: Any) -> dict[str, Any]:
    return K2 | {"employee": world.staff["galina"].pk} | more


class TestForm:
    @pytest.mark.parametrize(("who", "query"), [("anna", ""), ("galina", "?level=K1")])
    def test_six_fields_in_sight(self, address: str, client_as: As, who: str, query: str) -> None:
        assert len(client_as(who).get(address + query).context["form"].first_fields) == 6

    def test_a_head_begins_with_a_k2(self, address: str, client_as: As) -> None:
        form = client_as("galina").get(address).context["form"]
        assert form["level"].value() == "K2"
        named = [field.name for field in form.first_fields]
        assert {"goal_kind", "companions"} <= set(named)
        assert [row.criterion.code for row in form.criterion_rows] == [
            "0", "01", "02", "03", "04", "05", "first", "advantages",
        ]  # fmt: skip

    def test_a_specialist_is_asked_for_no_criteria(self, address: str, client_as: As) -> None:
        form = client_as("anna").get(f"{address}?level=K2").context["form"]
        assert (form.drawn_for, form.criteria) == ("K1", [])
        assert "evidence_02" not in form.fields

    def test_numbers_are_for_thumbs(self, address: str, client_as: As) -> None:
        form = client_as("anna").get(address).context["form"]
        for name in ("materials", "satisfaction"):
            assert 'inputmode="numeric"' in str(form[name])
            assert "data-stepper" in str(form[name])

    def test_the_question_and_the_scale_are_settings(self, address: str, client_as: As) -> None:
        Setting.objects.create(code="visits.satisfaction_scale", value=5)
        Setting.objects.create(code="visits.satisfaction_question", value="Как <b>мы</b>?")
        page = client_as("anna").get(address)
        body = text(page)
        assert page.context["form"]["satisfaction"].label == "Оценка клиента, 1–5"
        assert "Как &lt;b&gt;мы&lt;/b&gt;?" in body
        refused = client_as("anna").post(address, LOG | {"satisfaction": "6"})
        assert refused.context["form"].errors == {
            "satisfaction": ["Оценка — целое число от 1 до 5."]
        }

    def test_the_draft_is_of_this_form_and_the_page_of_this_user(
        self, world: World, address: str, client_as: As
    ) -> None:
        body = text(client_as("anna").get(address))
        assert f'data-draft="visit-log-{world.clients["own"].pk}"' in body
        assert f'data-user="{world.users["anna"].pk}"' in body
        planned, done = world.row("planned"), world.row("visits.visit")
        for name, row, key in [
            ("visit_complete", planned, f"visit-complete-{planned.pk}"),
            ("visit_edit", planned, f"visit-edit-{planned.pk}"),
            ("visit_edit", done, f"visit-edit-{done.pk}"),
        ]:
            body = text(client_as("anna").get(reverse(name, args=[row.pk])))
            assert f'data-draft="{key}"' in body

    def test_as_last_time(self, world: World, address: str, client_as: As) -> None:
        last = world.row("visits.visit")
        Visit.objects.filter(pk=last.pk).update(channel="call", materials=4)
        service = factories.Service.objects.first()
        last.services.set([service])
        assert "?like=last" in text(client_as("anna").get(address))
        form = client_as("anna").get(f"{address}?like=last").context["form"]
        person = world.row("contacts.participant")
        assert form["participants"].value() == [person.pk]
        assert form["services"].value() == [service.pk]
        assert (form["channel"].value(), form["materials"].value()) == ("call", 4)
        bare = factories.client(world.staff["anna"], world.noio1)
        alone = text(client_as("anna").get(reverse("visit_log", args=[bare.pk])))
        assert "?like=last" not in alone


class TestSend:
    def test_a_script_is_told_where_to_go(self, address: str, client_as: As) -> None:
        anna, data = client_as("anna"), LOG | {"submission": str(uuid4())}
        first = anna.post(address, data, headers={"X-Draft": "1"})
        row = Visit.objects.latest("pk")
        assert (first.status_code, first["X-Location"]) == (204, reverse("visit", args=[row.pk]))
        again = anna.post(address, data, headers={"X-Draft": "1"})
        assert again["X-Location"] == first["X-Location"]
        assert Visit.objects.latest("pk") == row

    def test_without_a_script_it_leads_there(self, address: str, client_as: As) -> None:
        data = LOG | {"submission": str(uuid4())}
        pages = [client_as("anna").post(address, data) for _ in range(2)]
        assert pages[0].url == pages[1].url

    def test_a_number_of_somebody_else_is_said(
        self, world: World, address: str, client_as: As
    ) -> None:
        data = LOG | {"submission": str(uuid4())}
        client_as("anna").post(address, data)
        more = {"result": "слова", "employee": world.staff["zoya"].pk}
        refused = client_as("zoya").post(address, data | more)
        assert refused.status_code == 422
        assert "Эта отправка уже занята другой записью" in text(refused)
        assert "слова" in text(refused)

    def test_services_and_agreements(self, world: World, address: str, client_as: As) -> None:
        service = factories.Service.objects.first()
        person = world.row("contacts.participant")
        data = LOG | {
            "services": [service.pk],
            "agreements-0-what": "Прислать подборку",
            "agreements-0-participant": person.pk,
            "agreements-0-due_on": "2026-09-21",
            "agreements-1-due_on": "2026-09-21",  # only the usual date: an empty row
        }
        assert client_as("anna").post(address, data).status_code == 302
        row = Visit.objects.latest("pk")
        assert list(row.services.all()) == [service]
        found = Agreement.objects.get(visit=row)
        assert (found.what, found.participant, found.due_on) == (
            "Прислать подборку", person, date(2026, 9, 21),
        )  # fmt: skip

    def test_a_k2_with_everything(
        self, world: World, address: str, client_as: As, now: datetime
    ) -> None:
        person = world.row("contacts.participant")
        data = head(
            world,
            participants=[person.pk],
            companions=[world.staff["anna"].pk],
            goal_kind="firefighting",
            mark_02="on",
            evidence_02="Субсидия",
            sign_competitor="Показывали Гарант",
            risk_competitor="on",
            **{"agreements-0-what": "Прислать"},
        )
        page = client_as("galina").post(address, data)
        row = Visit.objects.latest("pk")
        assert page.url == reverse("visit", args=[row.pk])
        assert set(row.marks.values_list("criterion__code", flat=True)) == {"01", "02", "03", "05"}
        assert Risk.objects.filter(visit=row).count() == 1
        card = text(client_as("galina").get(page.url))
        for said in (
            "4 из 6",
            "Субсидия",
            "Конкурент: Показывали Гарант",
            "Прислать",
            "Снять риск",
        ):
            assert said in card
        opened = client_as("galina").get(reverse("visit_edit", args=[row.pk]))
        form = opened.context["form"]
        assert form["evidence_02"].value() == "Субсидия"
        assert "Прислать" in text(opened)
        rows = {r.criterion.code: r for r in form.criterion_rows}
        assert (rows["01"].met, rows["0"].met) == (True, False)

    def test_a_mark_is_taken_off_by_its_tick_alone(
        self, world: World, address: str, client_as: As
    ) -> None:
        galina = client_as("galina")
        galina.post(address, head(world, mark_02="on", evidence_02="Субсидия"))
        row = Visit.objects.latest("pk")
        data = head(world, version=row.version, evidence_02="Субсидия")
        assert galina.post(reverse("visit_edit", args=[row.pk]), data).status_code == 302
        assert row.marks.filter(criterion__code="02").count() == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"mark_02": "on"}, "evidence_02"),
            ({"mark_02": "on", "evidence_02": "\u200b"}, "evidence_02"),
            ({"evidence_02": "слова без отметки"}, "mark_02"),
            ({"mark_02": "on", "evidence_02": "а\u202eб"}, "evidence_02"),
            ({"mark_02": "on", "evidence_02": "а" * 2001}, "evidence_02"),
            ({"risk_scheme": "on"}, "sign_scheme"),
            ({"sign_competitor": "а" * 201}, "sign_competitor"),
            ({"level": "K1", "evidence_02": "слова"}, "level"),
            ({"submission": "не номер"}, "submission"),
        ],
    )
    def test_of_a_k2_stand_at_their_fields(
        self, world: World, address: str, client_as: As, more: dict, field: str
    ) -> None:
        page = client_as("galina").post(address, head(world, feedback="отзыв", **more))
        assert page.status_code == 422
        assert field in page.context["form"].errors
        assert "отзыв" in text(page)

    @pytest.mark.parametrize(
        ("row", "field"),
        [
            ({"due_on": "2026-09-22", "participant": ""}, ""),
            ({"what": "Прислать", "due_on": "2076-01-01"}, "due_on"),
            ({"what": "Прислать", "due_on": "2000-01-01"}, "due_on"),
            ({"what": "Прислать", "due_on": "когда-нибудь"}, "due_on"),
            ({"what": "а" * 1001}, "what"),
            ({"what": "\u200b", "participant": "{person}"}, "what"),
            ({"what": "Прислать", "participant": "{foreign}"}, "participant"),
        ],
    )
    def test_of_an_agreement_stand_in_its_row(
        self, world: World, address: str, client_as: As, row: dict, field: str
    ) -> None:
        known = {
            "person": world.row("contacts.participant").pk,
            "foreign": world.row("contacts.participant", "colleague").pk,
        }
        typed = {f"agreements-2-{name}": v.format(**known) for name, v in row.items()}
        page = client_as("anna").post(address, LOG | {"result": "важные слова"} | typed)
        if not field:
            assert page.status_code == 302
            return
        assert page.status_code == 422
        assert set(page.context["form"].rows[2].errors) == {field}
        assert "важные слова" in text(page)

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"ended_at": "2026-09-16T08:00"}, "ended_at"),
            ({"started_at": "1976-09-16T09:00"}, "started_at"),
            ({"started_at": "2076-09-16T09:00"}, "started_at"),
            ({"participants": "{foreign}"}, "participants"),
            ({"result": "я" * 500_000}, "result"),  # a megabyte
            ({"satisfaction": "много"}, "satisfaction"),
        ],
    )
    def test_bad_input_is_said_and_nothing_typed_is_lost(
        self, world: World, address: str, client_as: As, more: dict, field: str
    ) -> None:
        foreign = world.row("contacts.participant", "colleague").pk
        more = {name: value.replace("{foreign}", str(foreign)) for name, value in more.items()}
        data = {"result": "важные слова", "feedback": "отзыв", "plan": "x"}
        page = client_as("anna").post(address, LOG | data | more)
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {field}
        body = text(page)
        assert "отзыв" in body
        assert (more.get("result") or "важные слова") in body

    def test_zero_width_characters_are_taken_out(
        self, world: World, address: str, client_as: As
    ) -> None:
        client_as("anna").post(address, LOG | {"result": "\u200bи\u2060тог\ufeff"})
        assert Visit.objects.latest("pk").result == "итог"


class TestRiskPages:
    def test_noted_listed_and_closed(self, world: World, client_as: As) -> None:
        anna, client = client_as("anna"), world.clients["own"]
        add = reverse("risk_add", args=[client.pk])
        assert anna.get(add).status_code == 200
        bad = anna.post(add, {"kind": "other", "text": "\u200b"})
        assert set(bad.context["form"].errors) == {"text"}
        assert anna.post(add, {"kind": "other", "text": "Сокращают штат"}).status_code == 302
        row = Risk.objects.latest("pk")
        assert "Сокращают штат" in text(anna.get(reverse("client_visits", args=[client.pk])))
        close = reverse("risk_close", args=[row.pk])
        empty = anna.post(close, {"version": row.version, "outcome": ""})
        assert set(empty.context["form"].errors) == {"outcome"}
        done = anna.post(close, {"version": row.version, "outcome": "Обошлось"})
        assert done.status_code == 302
        tab = text(anna.get(reverse("client_visits", args=[client.pk])))
        assert "Сокращают штат" not in tab
        assert "Обошлось" in text(anna.get(f"{reverse('risks')}?state=closed"))

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("", 2), ("state=open", 2), ("state=closed", 0), ("kind=scheme", 0), ("q=нет+его", 0),
            ("raised_after=2026-09-10", 0), ("client={own}", 1), ("unit={noio2}", 0),
        ],
    )  # fmt: skip
    def test_filters(self, world: World, client_as: As, query: str, count: int) -> None:
        query = query.format(own=world.clients["own"].pk, noio2=world.noio2.pk)
        page = client_as("galina").get(f"{reverse('risks')}?{query}")
        assert len(page.context["table"].rows) == count

    def test_file(self, world: World, client_as: As) -> None:
        sheet = client_as("anna").get(f"{reverse('risks')}?format=csv")
        lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert f"{OWN} риск" in lines[1]


def test_the_same_queries_for_3_rows_and_for_30(
    world: World, address: str, client_as: As, count_queries: Any
) -> None:
    galina, client = client_as("galina"), world.clients["own"]
    row = factories.visit(client, world.staff["galina"], level="K2")
    pages = [
        address,
        f"{address}?like=last",
        reverse("visit", args=[row.pk]),
        reverse("visit_edit", args=[row.pk]),
        reverse("risks"),
    ]

    def grow(count: int) -> None:
        for _ in range(count):
            person = factories.participant(client)
            row.participants.add(person)
            factories.agreement(client, visit=row, participant=person)
            factories.risk(client, visit=row)
            factories.employee(world.noio1)

    grow(3)
    [galina.get(page) for page in pages]
    with count_queries() as few:
        [galina.get(page) for page in pages]
    grow(30)
    with count_queries() as many:
        [galina.get(page) for page in pages]
    assert len(few) == len(many)
