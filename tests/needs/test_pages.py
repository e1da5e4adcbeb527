"""Pages of needs: what they say, what they keep, what they cost."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from needs.models import Need, NeedStage
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
CARD = {"title": "Субсидия", "level": "key_user", "priority": "2"}


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def need(world: World) -> Need:
    """An open need of Анна's client, at stage 01."""
    return world.row("needs.need")


def reach(need: Need, *codes: str) -> None:
    for code in codes:
        factories.need_step(need, code)


class TestList:
    def test_ones_own_only(self, world: World, client_as: As) -> None:
        body = text(client_as("anna").get(reverse("needs")))
        assert f"{OWN} потребность" in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("stage={first}", True),
            ("stage={last}", False),
            ("stage=null", False),
            ("status=open", True),
            ("status=dropped", False),
            ("level=key_user", True),
            ("level=business", False),
            ("is_key=true", False),
            ("is_key=false", True),
            ("unit={noio1}", True),
            ("unit={noio2}", False),
            ("specialist={anna}", True),
            ("specialist={boris}", False),
            ("client={own}", True),
            ("q={inn}+потребность", True),
            ("q={inn}+такого+нет", False),
        ],
    )
    def test_filters(
        self, world: World, client_as: As, need: Need, query: str, found: bool
    ) -> None:
        query = query.format(
            first=NeedStage.objects.get(code="01").pk,
            last=NeedStage.objects.get(code="06").pk,
            noio1=world.noio1.pk,
            noio2=world.noio2.pk,
            anna=world.staff["anna"].pk,
            boris=world.staff["boris"].pk,
            own=world.clients["own"].pk,
            inn=world.clients["own"].inn,
        )
        page = client_as("anna").get(f"{reverse('needs')}?{query}")
        assert [row.record.pk for row in page.context["table"].rows] == ([need.pk] if found else [])

    def test_search_is_blind_to_yo(self, world: World, client_as: As) -> None:
        factories.need(world.clients["own"], title="Учёт ёлок")
        assert "Учёт ёлок" in text(client_as("anna").get(f"{reverse('needs')}?q=УЧЕТ+Елок"))

    def test_file(self, world: World, client_as: As, need: Need) -> None:
        factories.need(world.clients["own"], title="Снятая", status="dropped", is_key=True)
        factories.need(world.clients["own"], title="Новая")
        sheet = client_as("anna").get(f"{reverse('needs')}?format=csv")
        lines = b"".join(sheet.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Кратко;Клиент;Этап;Чья;Ключевая;Важность;Отдел клиента")
        assert len(lines) == 4
        assert any(line.startswith("Снятая") and ";Снята;" in line for line in lines)
        assert any(line.startswith("Новая") and ";Ещё не выявлена;" in line for line in lines)
        assert text(client_as("anna").get(reverse("needs"))).count("Ещё не выявлена") >= 1

    def test_the_same_queries_for_3_rows_and_for_300(
        self, world: World, client_as: As, need: Need, count_queries: Any
    ) -> None:
        browser, client = client_as("anna"), world.clients["own"]
        pages = [
            reverse("needs"),
            reverse("client_needs", args=[client.pk]),
            reverse("panel_needs"),
        ]
        person = world.row("contacts.participant")
        reach(factories.need(client, participant=person), "01", "03", "04")
        factories.need(client)
        [browser.get(page) for page in pages]
        with count_queries() as few:
            [browser.get(page) for page in pages]
        for number in range(297):
            more = factories.need(
                client, participant=person, department=person.department, is_key=bool(number % 2)
            )
            if number % 3 == 0:
                reach(more, "01", "03", "04")
        with count_queries() as many:
            [browser.get(page) for page in pages]
        assert len(few) == len(many)


class TestTabAndPanel:
    def test_tab(self, world: World, client_as: As) -> None:
        address = reverse("client_needs", args=[world.clients["own"].pk])
        assert f"{OWN} потребность" in text(client_as("anna").get(address))
        for pk in (world.clients["foreign"].pk, MISSING):
            assert client_as("anna").get(reverse("client_needs", args=[pk])).status_code == 404
        bare = factories.client(world.staff["anna"], world.noio1)
        body = text(client_as("anna").get(reverse("client_needs", args=[bare.pk])))
        assert "Потребностей у клиента пока нет" in body

    def test_panel(self, world: World, client_as: As, need: Need) -> None:
        assert "Ни одной" in text(client_as("galina").get(reverse("panel_needs")))
        reach(need, "03", "04")
        body = text(client_as("galina").get(reverse("panel_needs")))
        assert reverse("need_advance", args=[need.pk]) in body
        body = text(client_as("anna").get(reverse("panel_needs")))
        assert "Запросить подтверждение" in body
        assert reverse("need_advance", args=[need.pk]) not in body
        for _ in range(10):
            reach(factories.need(world.clients["own"]), "01", "03", "04")
        assert "Показаны 10 из 11" in text(client_as("galina").get(reverse("panel_needs")))


class TestCard:
    def test_card_line_and_history(self, world: World, client_as: As, need: Need) -> None:
        client_as("anna").post(
            reverse("need_advance", args=[need.pk]),
            {"on": "2026-09-16", "version": need.version, "evidence": "папка", "solution": "реш"},
        )
        page = client_as("anna").get(reverse("need", args=[need.pk]))
        body = text(page)
        for said in (f"{OWN} effect", "03 Внедрение ПО К+ проведено", "папка", "История"):
            assert said in body
        assert [stop.is_next for stop in page.context["line"]] == [False, False, True, False]
        assert "Изменение" in body

    def test_what_is_missing_is_said(self, world: World, client_as: As) -> None:
        bare = factories.need(world.clients["own"])
        body = text(client_as("anna").get(reverse("need", args=[bare.pk])))
        assert "заполнить «ключевая потребность (ожидания)»" in body
        assert "заполнить «трудности»" in body

    def test_the_author_is_told_to_ask_another(
        self, world: World, client_as: As, need: Need
    ) -> None:
        reach(need, "03", "04")
        body = text(client_as("anna").get(reverse("need", args=[need.pk])))
        assert "Вы автор этой потребности" in body
        assert reverse("need_advance", args=[need.pk]) not in body
        body = text(client_as("galina").get(reverse("need", args=[need.pk])))
        assert reverse("need_advance", args=[need.pk]) in body

    @pytest.mark.parametrize(
        "name", ["need", "need_edit", "need_advance", "need_back", "need_drop", "need_reopen"]
    )
    def test_foreign_is_as_missing(self, world: World, client_as: As, name: str) -> None:
        verb = "post" if name == "need_reopen" else "get"
        for pk in (world.row("needs.need", "colleague").pk, MISSING):
            assert getattr(client_as("anna"), verb)(reverse(name, args=[pk])).status_code == 404


class TestForms:
    def test_add(self, world: World, client_as: As) -> None:
        address = reverse("need_add", args=[world.clients["own"].pk])
        assert client_as("anna").get(address).status_code == 200
        page = client_as("anna").post(address, CARD | {"key_need": "сроки"})
        row = Need.objects.latest("pk")
        assert page.url == reverse("need", args=[row.pk])
        assert (row.title, row.stage, row.author) == ("Субсидия", None, world.staff["anna"])
        assert client_as("anna").get(reverse("need_new")).status_code == 200

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "а\u202eб"}, "title"),
            ({"effect_hours": "-1"}, "effect_hours"),
            ({"effect_roubles": "много"}, "effect_roubles"),
            ({"participant": "{foreign}"}, "participant"),
            ({"key_need": "а" * 20_001}, "key_need"),
        ],
    )
    def test_errors_keep_what_was_typed(
        self, world: World, client_as: As, more: dict, field: str
    ) -> None:
        foreign = world.row("contacts.participant", "colleague").pk
        more = {name: value.format(foreign=foreign) for name, value in more.items()}
        page = client_as("anna").post(
            reverse("need_add", args=[world.clients["own"].pk]),
            CARD | {"solution": "важное решение"} | more,
        )
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {field}
        assert "важное решение" in text(page)

    def test_edit_and_conflict(self, world: World, client_as: As, need: Need) -> None:
        address = reverse("need_edit", args=[need.pk])
        opened = client_as("anna").get(address)
        assert opened.context["form"].initial["title"] == need.title
        data = CARD | {
            "version": need.version,
            "key_need": "к",
            "difficulties": "т",
            "context": "контекст",
        }
        assert client_as("anna").post(address, data | {"title": "Первое"}).status_code == 302
        late = client_as("zoya").post(address, data | {"title": "Второе"})
        assert late.status_code == 409
        assert "Первое" in text(late)
        assert "Второе" in text(late)

    def test_a_passed_stage_keeps_its_ground(self, world: World, client_as: As, need: Need) -> None:
        page = client_as("anna").post(
            reverse("need_edit", args=[need.pk]), CARD | {"version": need.version, "works": "слова"}
        )
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {"key_need", "difficulties"}
        assert "слова" in text(page)

    def test_a_tool_switched_off_stays_where_it_was_chosen(
        self, world: World, client_as: As, need: Need
    ) -> None:
        from needs.models import Tool

        tool = Tool.objects.create(name="Старый инструмент", is_active=False)
        address = reverse("need_edit", args=[need.pk])
        assert "Старый инструмент" not in text(client_as("anna").get(address))
        need.tools.add(tool)
        assert "Старый инструмент" in text(client_as("anna").get(address))

    def test_a_tool_of_many_needs_is_offered_once(
        self, world: World, client_as: As, need: Need
    ) -> None:
        from needs.models import ProductAdvantage, Tool

        tool, advantage = Tool.objects.all()[0], ProductAdvantage.objects.all()[0]
        for row in (
            need,
            factories.need(world.clients["own"]),
            factories.need(world.clients["own"]),
        ):
            row.tools.add(tool)
            row.advantages.add(advantage)
        page = client_as("anna").get(reverse("need_edit", args=[need.pk]))
        for name, model in (("tools", Tool), ("advantages", ProductAdvantage)):
            offered = [str(box.choice_label) for box in page.context["form"][name]]
            assert len(offered) == len(set(offered)) == model.objects.filter(is_active=True).count()


class TestSteps:
    def test_advance_fills_the_card_too(self, world: World, client_as: As) -> None:
        bare = factories.need(world.clients["own"])
        address = reverse("need_advance", args=[bare.pk])
        form = client_as("anna").get(address).context["form"]
        assert list(form.fields) == ["on", "version", "key_need", "difficulties", "evidence"]
        data = {"on": "2026-09-16", "version": bare.version}
        bad = client_as("anna").post(address, data | {"key_need": "важная потребность"})
        assert bad.status_code == 422
        assert set(bad.context["form"].errors) == {"difficulties", "evidence"}
        assert "важная потребность" in text(bad)
        done = client_as("anna").post(
            address, data | {"key_need": "к", "difficulties": "т", "evidence": "слова"}
        )
        assert done.url == reverse("need", args=[bare.pk])
        bare.refresh_from_db()
        assert (bare.stage.code, bare.key_need) == ("01", "к")

    def test_two_people_move_one_need(self, world: World, client_as: As, need: Need) -> None:
        address = reverse("need_advance", args=[need.pk])
        data = {"on": "2026-09-16", "version": need.version, "evidence": "x"}
        assert client_as("anna").post(address, data | {"solution": "первая"}).status_code == 302
        late = client_as("zoya").post(
            address, data | {"effect": "вторые слова", "evidence": "мой довод"}
        )
        assert late.status_code == 409
        assert "мой довод" in text(late)

    def test_confirmation_asks_whose(
        self, world: World, client_as: As, need: Need, today: date
    ) -> None:
        reach(need, "03", "04")
        need.refresh_from_db()
        address = reverse("need_advance", args=[need.pk])
        data = {
            "on": "2026-09-16",
            "version": need.version,
            "effect": "слова",
            "evidence": "письмо",
        }
        bad = client_as("galina").post(address, data)
        assert set(bad.context["form"].errors) == {"participant"}
        participant = world.row("contacts.participant").pk
        own = client_as("anna").post(address, data | {"participant": participant})
        assert own.status_code == 422
        assert "не автор потребности" in text(own)
        done = client_as("galina").post(address, data | {"participant": participant})
        assert done.status_code == 302
        last = client_as("galina").get(address)
        assert last.url == reverse("need", args=[need.pk])
        assert client_as("galina").post(address, data).status_code == 302

    def test_back_drop_reopen(self, world: World, client_as: As, need: Need) -> None:
        browser = client_as("anna")
        back = reverse("need_back", args=[need.pk])
        assert browser.get(back).status_code == 200
        empty = browser.post(back, {"version": need.version, "reason": ""})
        assert set(empty.context["form"].errors) == {"reason"}
        turned = browser.post(back, {"version": need.version, "reason": "рано\u202e"})
        assert set(turned.context["form"].errors) == {"reason"}
        assert browser.post(back, {"version": need.version, "reason": "рано"}).status_code == 302
        need.refresh_from_db()
        assert need.stage is None
        assert browser.get(back).status_code == 302
        drop = reverse("need_drop", args=[need.pk])
        assert browser.get(drop).status_code == 200
        browser.post(drop, {"version": need.version, "reason": "передумали совсем"})
        card = text(browser.get(reverse("need", args=[need.pk])))
        assert "Потребность снята" in card
        assert "передумали совсем" in card
        assert reverse("need_edit", args=[need.pk]) not in card
        again = browser.post(drop, {"version": need.version + 1, "reason": "x"})
        assert again.status_code == 422
        reopen = reverse("need_reopen", args=[need.pk])
        assert browser.get(reopen).status_code == 405
        assert browser.post(reopen).status_code == 302
        need.refresh_from_db()
        assert need.status == "open"


@pytest.mark.parametrize("page", ["need_funnel", "need_months", "need_plan", "need_effects"])
@pytest.mark.parametrize("wrong", ["segment=zzz", "since=yesterday"])
def test_no_file_of_numbers_for_a_choice_that_is_not_understood(
    world: World, client_as: As, page: str, wrong: str
) -> None:
    browser, address = client_as("galina"), f"{reverse(page)}?{wrong}"
    assert browser.get(address).context["form"].errors
    assert browser.get(f"{address}&format=xlsx").status_code == 404
    assert browser.get(f"{reverse(page)}?segment=retail&format=xlsx").status_code == 200
