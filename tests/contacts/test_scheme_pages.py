"""The picture of a scheme on its pages, who was reached, gaps by the settings, what to mend."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client
from contacts import reach, selectors
from contacts.models import Participant
from contacts.preferences import EACH_DEPARTMENT, VERIFY_MONTHS
from core.models import Setting
from tests import factories
from tests.personas import MISSING, World
from visits.enums import VisitStatus

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def client(world: World) -> Client:
    """A client of Анна with nobody in its scheme yet."""
    return factories.client(world.staff["anna"], world.noio1)


class TestReach:
    @pytest.mark.parametrize(
        ("given", "is_reached"),
        [
            ({"materials": 1}, True),
            ({"materials": 0}, False),
            ({"materials": 1, "status": VisitStatus.PLANNED}, False),
            ({"materials": 1, "status": VisitStatus.CANCELLED}, False),
            ({"materials": 1, "held_on": date(2026, 9, 1)}, True),
            ({"materials": 1, "held_on": date(2026, 8, 31)}, False),
        ],
    )
    def test_by_a_completed_useful_contact_of_the_month(
        self, client: Client, today: date, given: dict, is_reached: bool
    ) -> None:
        row = factories.participant(client)
        other = factories.participant(client)
        factories.visit(client, participants=[row], **given)
        assert selectors.scheme(client, today).reached == ({row.pk} if is_reached else set())
        listed = selectors.not_reached(Participant.objects.filter(client=client), today)
        assert set(listed) == ({other} if is_reached else {row, other})

    @pytest.mark.parametrize(
        ("on", "month"),
        [
            (date(2026, 9, 16), (date(2026, 9, 1), date(2026, 10, 1))),
            (date(2026, 12, 31), (date(2026, 12, 1), date(2027, 1, 1))),
        ],
    )
    def test_the_month_of_a_day(self, on: date, month: tuple[date, date]) -> None:
        assert reach.month_of(on) == month

    def test_without_an_app_that_knows_nobody_was_reached(
        self, client: Client, today: date, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reach, "_loaders", [])
        row = factories.participant(client)
        assert selectors.scheme(client, today).reached == frozenset()
        assert list(selectors.not_reached(client.participants.all(), today)) == [row]


class TestGaps:
    def gaps(self, client: Client, on: date) -> list[str]:
        return [gap.text for gap in selectors.scheme(client, on).gaps]

    def test_by_the_settings_in_force(self, client: Client, today: date) -> None:
        factories.participant(client, ("decision_maker",), "management", verified_on=today)
        old = factories.participant(client, ("key_user",), verified_on=today - timedelta(days=100))
        assert self.gaps(client, today) == []
        Setting.objects.create(code=VERIFY_MONTHS.code, value=3)
        Setting.objects.create(code=EACH_DEPARTMENT.code, value=True)
        assert self.gaps(client, today) == [
            "Нет ГКлП или КлП в отделах: Юристы",
            f"Не проверяли больше 3\u00a0месяцев: {old}",
        ]


class TestPicture:
    @pytest.mark.parametrize("count", [1, 5, 40])
    def test_everybody_is_drawn_and_told(
        self, world: World, client: Client, client_as: As, count: int
    ) -> None:
        rows = [factories.participant(client) for _ in range(count)]
        for row in rows[1:]:
            Participant.objects.filter(pk=row.pk).update(reports_to=rows[0])
        factories.visit(client, participants=[rows[0]], materials=2)
        for name in ("client_scheme", "scheme_picture"):
            body = text(client_as("anna").get(reverse(name, args=[client.pk])))
            assert body.count('class="p-box') == count
            assert body.count('class="p-line"') == count - 1
            assert body.count('class="p-reached"') == 1
            assert "охвачено в этом месяце: 1" in body
            for row in rows:
                assert body.count(f"<title>{row}, главный бухгалтер</title>") == 1
                assert f'href="{reverse("participant", args=[row.pk])}"' in body

    def test_numbers_are_coordinates_not_russian_text(self, client: Client, client_as: As) -> None:
        boss = factories.participant(client)
        for _ in range(39):
            factories.participant(client, reports_to=boss)
        page = client_as("anna").get(reverse("scheme_picture", args=[client.pk]))
        drawing = page.context["drawing"]
        assert drawing.frame.width > 1000
        assert f'viewBox="0 0 {drawing.frame.width} {drawing.frame.height}"' in text(page)

    def test_typed_text_is_text(self, client: Client, client_as: As) -> None:
        who = factories.person(last_name="<script>", first_name="&amp;")
        factories.participant(client, person=who, job_title="</text><b>")
        body = text(client_as("anna").get(reverse("scheme_picture", args=[client.pk])))
        assert "<script>" not in body.replace("<script src", "")
        assert "</text><b>" not in body
        assert "&lt;script&gt;" in body

    def test_attitude_is_a_shape_and_a_word(self, client: Client, client_as: As) -> None:
        for attitude in ("supporter", "neutral", "opponent", "unknown"):
            factories.participant(client, attitude=attitude, influence=3)
        body = text(client_as("anna").get(reverse("scheme_picture", args=[client.pk])))
        drawn = body.partition("</svg>")[0] + body.partition('class="scheme-picture"')[2]
        for sign, word in [
            ("p-good", "Сторонник, влияние сильное"),
            ("p-even", "Нейтрален, влияние сильное"),
            ("p-bad", "Противник, влияние сильное"),
            ("p-unknown", "Неизвестно, влияние сильное"),
        ]:
            assert sign in drawn
            assert word in drawn

    def test_an_empty_scheme_says_what_to_do(self, client: Client, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("scheme_picture", args=[client.pk])))
        assert "В схеме никого нет" in body
        assert "data-print" not in body

    def test_foreign_is_as_missing(self, world: World, client_as: As) -> None:
        for pk in (world.clients["foreign"].pk, MISSING):
            assert client_as("anna").get(reverse("scheme_picture", args=[pk])).status_code == 404

    def test_the_same_queries_for_3_participants_and_30(
        self, client: Client, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("anna")
        address = reverse("scheme_picture", args=[client.pk])
        rows = [factories.participant(client) for _ in range(3)]
        factories.visit(client, participants=rows, materials=1)
        browser.get(address)
        with count_queries() as few:
            browser.get(address)
        rows = [factories.participant(client, reports_to=rows[0]) for _ in range(27)]
        factories.visit(client, participants=rows, materials=1)
        with count_queries() as many:
            browser.get(address)
        assert len(few) == len(many)


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "expected"),
        [
            (["without_role"], {"bare"}),
            (["not_verified"], {"old"}),
            (["not_reached"], {"bare", "old"}),
            (["not_reached", "without_role"], {"bare"}),
            (["not_verified", "without_role"], set()),
        ],
    )
    def test_each_tick_narrows(
        self, client: Client, client_as: As, today: date, trouble: list[str], expected: set[str]
    ) -> None:
        rows = {
            "bare": factories.participant(client, (), verified_on=today),
            "old": factories.participant(client, verified_on=today - timedelta(days=200)),
            "fine": factories.participant(client, verified_on=today),
        }
        factories.visit(client, participants=[rows["fine"]], materials=1)
        query = "&".join(f"trouble={one}" for one in trouble)
        page = client_as("anna").get(f"{reverse('participants')}?client={client.pk}&{query}")
        found = {row.record.pk for row in page.context["table"].page.object_list}
        assert found == {rows[name].pk for name in expected}

    def test_never_verified_counts_from_the_day_of_entry(self, client: Client, today: date) -> None:
        new = factories.participant(client, starts_on=today)
        old = factories.participant(client)
        assert list(selectors.long_unverified(client.participants.all(), today)) == [old]
        assert new.verified_on is None


class TestSeveralSchemes:
    def test_the_form_says_where_else_a_change_shows(self, world: World, client_as: As) -> None:
        row = world.row("contacts.participant")
        there = factories.participant(world.clients["colleague"], person=row.person)
        address = reverse("participant_edit", args=[row.pk])
        assert reverse("participant", args=[there.pk]) in text(client_as("galina").get(address))
        assert "и в других схемах" not in text(client_as("anna").get(address))

    def test_namesakes_are_told_apart_by_their_clients(
        self, world: World, client_as: As, client: Client
    ) -> None:
        name = {"last_name": "Тёзкина", "first_name": "Анна"}
        factories.participant(world.clients["own"], person=factories.person(**name))
        address = reverse("participant_add", args=[client.pk])
        body = text(client_as("anna").get(f"{address}?q=тезкина"))
        assert world.clients["own"].name in body
        assert "главный бухгалтер" in body
