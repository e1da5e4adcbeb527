"""News hooks: which words find which clients, who writes them, how they end."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Client
from core.errors import Conflict, Refused
from tests import factories
from tests.personas import MISSING, World
from visits.hooks import period_problems, phrases
from visits.models import NewsHook
from visits.selectors import hooks
from visits.services import hooks as services

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)
URL = "/api/v1/news-hooks/"
FORM = {"title": "Новый порядок", "keywords": "стройка", "published_on": "2026-09-16"}


@pytest.fixture(autouse=True)
def no_hooks_yet(world: World) -> None:
    NewsHook.objects.all().delete()


def client_with(world: World, **texts: str) -> Client:
    return factories.client(world.staff["anna"], world.noio1, **texts)


class TestWords:
    """Facts of the Russian stemmer, both ways round: hooks of a client, clients of a hook."""

    @pytest.mark.parametrize(
        ("keywords", "portrait", "found"),
        [
            ("стройка", "Ведёт стройки в трёх областях", True),
            ("СТРОЙКА", "на стройке", True),
            ("строительство", "Занимается строительством домов", True),
            ("строительный", "строительные материалы", True),
            # Another word of the same root is another word: the stemmer keeps the suffix.
            ("строительство", "строительная компания", False),
            ("стройка", "строительство", False),
            # A vowel that comes and goes makes two stems.
            ("госзакупки", "участвует в госзакупках", True),
            ("госзакупки", "много госзакупок", False),
            ("учет", "Учёт зарплаты", True),
            ("учёт", "учета нет", True),
            ("капитальный ремонт", "заказы капитального ремонта", True),
            ("капитальный ремонт", "ремонт капитальный", False),
            ("капитальный ремонт", "капитальный текущий ремонт", False),
            ("лизинг, капитальный ремонт", "капитального ремонта", True),
            ("лизинг", "", False),
            ("НДС", "плательщик ндс", True),
        ],
    )
    def test_forms(self, world: World, keywords: str, portrait: str, found: bool) -> None:
        client = client_with(world, portrait=portrait)
        hook = factories.hook(keywords=keywords)
        assert (hook in hooks.hooks_for(client, TODAY)) is found
        assert (client in hooks.clients_of(world.users["anna"], hook)) is found

    def test_specifics_count_too_and_both_ways_agree(self, world: World) -> None:
        hook = factories.hook(keywords="капитальный ремонт, экспорт")
        across = client_with(world, portrait="капитальный", specifics="ремонт")
        specific = client_with(world, specifics="экспорт зерна")
        found = set(hooks.clients_of(world.users["anna"], hook))
        assert specific in found
        assert (across in found) is (hook in hooks.hooks_for(across, TODAY))

    def test_the_segment_narrows(self, world: World) -> None:
        client = client_with(world, portrait="стройка", segment="retail")
        network = factories.hook(segment="network")
        both = factories.hook()
        assert hooks.hooks_for(client, TODAY) == [both]
        assert client not in hooks.clients_of(world.users["anna"], network)

    @pytest.mark.parametrize(
        ("days", "holds"),
        [
            ({"published_on": TODAY}, True),
            ({"published_on": TODAY + DAY}, False),
            ({"valid_until": TODAY}, True),
            ({"valid_until": TODAY - DAY}, False),
        ],
    )
    def test_only_hooks_in_force(self, world: World, days: dict, holds: bool) -> None:
        client = client_with(world, portrait="стройка")
        hook = factories.hook(**days)
        assert (hooks.hooks_for(client, TODAY) == [hook]) is holds

    def test_one_query_whatever_the_number(self, world: World, count_queries: Any) -> None:
        client = client_with(world, portrait="стройка")
        for _ in range(30):
            factories.hook()
        with count_queries() as asked:
            assert len(hooks.hooks_for(client, TODAY)) == 10
        assert len(asked) == 1


class TestRules:
    def test_phrases(self) -> None:
        assert phrases(" стройка ,, капитальный   ремонт, стройка,") == [
            "стройка",
            "капитальный ремонт",
        ]

    @pytest.mark.parametrize(
        ("published_on", "valid_until", "field"),
        [
            (None, None, "published_on"),
            (date(1999, 1, 1), None, "published_on"),
            (date(2076, 1, 1), None, "published_on"),
            (TODAY, TODAY - DAY, "valid_until"),
            (TODAY, date(2076, 1, 1), "valid_until"),
            (TODAY, TODAY, ""),
            (TODAY, None, ""),
        ],
    )
    def test_days(self, published_on: date, valid_until: date, field: str) -> None:
        assert "".join(period_problems(published_on, valid_until, TODAY)) == field


class TestWrite:
    def test_words_are_tidied(self, world: World) -> None:
        row = services.add_hook(
            actor=world.users["galina"],
            values={"title": "Повод", "keywords": "стройка,  ремонт,стройка"},
            today=TODAY,
        )
        assert (row.keywords, row.published_on) == ("стройка, ремонт", TODAY)

    @pytest.mark.parametrize("keywords", ["", " , ", "на", "стройка, и", "!!!"])
    def test_words_that_find_nothing(self, world: World, keywords: str) -> None:
        with pytest.raises(ValidationError) as caught:
            services.add_hook(
                actor=world.users["galina"],
                values={"title": "Повод", "keywords": keywords},
                today=TODAY,
            )
        assert set(caught.value.message_dict) == {"keywords"}

    def test_not_by_a_specialist(self, world: World) -> None:
        with pytest.raises(Refused):
            services.add_hook(actor=world.users["anna"], values=FORM, today=TODAY)

    def test_a_stale_version_is_a_conflict(self, world: World) -> None:
        row = factories.hook()
        actor = world.users["galina"]
        services.update_hook(
            actor=actor, hook=row, values={"title": "Иначе"}, today=TODAY, version=1
        )
        with pytest.raises(Conflict):
            services.update_hook(
                actor=actor, hook=row, values={"title": "Ещё"}, today=TODAY, version=1
            )

    def test_archived_it_ended_yesterday(self, world: World) -> None:
        row = factories.hook()
        services.archive_hook(actor=world.users["galina"], hook=row, today=TODAY)
        row.refresh_from_db()
        assert row.valid_until == TODAY - DAY
        services.archive_hook(actor=world.users["galina"], hook=row, today=TODAY + DAY)
        row.refresh_from_db()
        assert row.valid_until == TODAY - DAY

    def test_one_that_never_held_is_deleted(self, world: World) -> None:
        row = factories.hook(published_on=TODAY)
        services.archive_hook(actor=world.users["galina"], hook=row, today=TODAY)
        assert not NewsHook.objects.filter(pk=row.pk).exists()


class TestPages:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", {"now", "ahead", "past"}),
            ("state=now", {"now"}),
            ("state=ahead", {"ahead"}),
            ("state=past", {"past"}),
            ("segment=retail", {"now", "past"}),
            ("q=СЕЙЧАС", {"now"}),
            ("client={own}", {"now"}),
            ("client={foreign}", set()),
        ],
    )
    def test_list(self, world: World, client_as: As, query: str, names: set[str]) -> None:
        factories.hook(title="now сейчас")
        factories.hook(title="ahead", published_on=TODAY + DAY, segment="network")
        factories.hook(title="past", valid_until=TODAY - DAY)
        for whose in ("own", "foreign"):
            Client.objects.filter(pk=world.clients[whose].pk).update(portrait="стройка")
        query = query.format(own=world.clients["own"].pk, foreign=world.clients["foreign"].pk)
        page = client_as("anna").get(f"{reverse('hooks')}?{query}")
        found = {row.record.title.split()[0] for row in page.context["table"].rows}
        assert found == names

    def test_card_counts_ones_own_clients_and_leads_to_them(
        self, world: World, client_as: As
    ) -> None:
        mine = client_with(world, name="ООО Мой застройщик", portrait="стройка")
        factories.client(
            world.staff["boris"], world.noio1, name="ООО Чужой застройщик", portrait="стройка"
        )
        gone = client_with(world, name="ООО Ушедший", portrait="стройка")
        Client.objects.filter(pk=gone.pk).update(disconnected_on=TODAY)
        hook = factories.hook()
        card = client_as("anna").get(reverse("hook", args=[hook.pk]))
        assert card.context["count"] == 1
        body = card.content.decode()
        assert mine.name in body
        assert "Чужой" not in body
        assert reverse("hook_edit", args=[hook.pk]) not in body
        listed = client_as("anna").get(card.context["clients_url"])
        assert [row.record.pk for row in listed.context["table"].rows] == [mine.pk]
        assert hook.title in listed.content.decode()

    def test_written_by_a_head(self, world: World, client_as: As) -> None:
        page = client_as("galina").post(reverse("hook_add"), FORM | {"text": "слова"})
        row = NewsHook.objects.get(title="Новый порядок")
        assert page.url == reverse("hook", args=[row.pk])
        edit = reverse("hook_edit", args=[row.pk])
        bad = client_as("galina").post(edit, FORM | {"version": 1, "keywords": "на"})
        assert bad.status_code == 422
        assert set(bad.context["form"].errors) == {"keywords"}
        client_as("galina").post(reverse("hook_archive", args=[row.pk]))
        assert not NewsHook.objects.filter(pk=row.pk).exists()
        assert client_as("anna").get(reverse("hook_add")).status_code == 403


class TestApi:
    def test_pushed_by_an_integration(self, world: World, api_as: As) -> None:
        made = api_as("writer").post(URL, {"title": "Из КИС", "keywords": "НДС"}, format="json")
        assert (made.status_code, made.json()["published_on"]) == (201, "2026-09-16")
        address = f"{URL}{made.json()['id']}/"
        done = api_as("writer").patch(
            address,
            {"valid_until": "2026-09-30"},
            format="json",
            headers={"If-Match": made["ETag"]},
        )
        assert done.json()["valid_until"] == "2026-09-30"
        assert api_as("anna").post(URL, {}, format="json").status_code == 403
        assert api_as("anna").get(address).status_code == 200

    def test_clients_by_a_hook(self, world: World, api_as: As) -> None:
        mine = client_with(world, portrait="стройка")
        hook = factories.hook()
        rows = api_as("anna").get(f"/api/v1/clients/?hook={hook.pk}").json()["results"]
        assert [row["id"] for row in rows] == [mine.pk]
        assert api_as("anna").get(f"/api/v1/clients/?hook={MISSING}").status_code == 400
