"""Plan and record a К1У by keyboard, on a phone, offline: nothing lost, sent once."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core import clock
from tests.conftest import browser_of
from tests.personas import World
from visits.models import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAITING = "Нет связи. Записано в этом браузере, отправим, когда связь появится."


def reach(page: Page, name: str, *, tries: int = 80) -> None:
    """Go by Tab to the field or button of a name."""
    button = page.get_by_role("button", name=name, exact=True).first
    target = page.locator(f"[name={name}]").first if name.isascii() else button
    for _ in range(tries):
        if target.evaluate("node => node === document.activeElement"):
            outline = target.evaluate(
                "n => getComputedStyle(n).outlineStyle + getComputedStyle(n).boxShadow"
            )
            assert outline != "nonenone", name
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def kept(page: Page, prefix: str) -> int:
    """How many drafts (or sends) the browser keeps."""
    return page.evaluate(
        "prefix => Object.keys(localStorage).filter(k => k.startsWith(prefix)).length", prefix
    )


def settled(page: Page) -> None:
    """The draft is written a moment after the last key."""
    page.wait_for_timeout(500)


@pytest.mark.parametrize("width", [1280, 375])
def test_plan_and_record_by_keyboard_alone(
    centre: World, open_as: Callable[..., Any], width: int
) -> None:
    watched = open_as("anna", width=width)
    page = watched.page
    client = centre.clients["own"]
    planned = Visit.objects.filter(client=client, status="planned").count()

    page.goto(reverse("visit_plan", args=[client.pk]))
    reach(page, "goal")
    page.keyboard.type("Показать поиск по практике")
    reach(page, "plan")
    page.keyboard.type("Три примера из дел клиента")
    settled(page)
    page.reload()
    expect(page.locator(".draft-note")).to_contain_text("Восстановлен черновик от")
    expect(page.locator("[name=plan]")).to_have_value("Три примера из дел клиента")
    reach(page, "Запланировать")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("План записан до начала")
    assert Visit.objects.filter(client=client, status="planned").count() == planned + 1
    assert kept(page, "lampa:draft") == 0

    row = Visit.objects.latest("pk")
    page.goto(reverse("visit_complete", args=[row.pk]))
    reach(page, "participants")
    page.keyboard.press("Space")
    reach(page, "materials")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    reach(page, "result")
    page.keyboard.type("Собрали папку")
    reach(page, "Записать")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Собрали папку")
    row.refresh_from_db()
    assert (row.status, row.materials, row.participants.count()) == ("done", 2, 1)
    assert watched.complaints == []


def test_a_draft_survives_and_is_sent_once_when_the_connection_comes_back(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as("anna", width=375)
    page, client = watched.page, centre.clients["own"]
    before = Visit.objects.filter(client=client).count()
    page.goto(reverse("visit_log", args=[client.pk]))
    page.fill("[name=result]", "Разобрали акт проверки")
    page.get_by_role("button", name="Больше: Папок и закладок").click()
    settled(page)
    page.reload()
    expect(page.locator("[name=result]")).to_have_value("Разобрали акт проверки")
    expect(page.locator("[name=materials]")).to_have_value("1")

    page.context.set_offline(True)
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator(".draft-note")).to_have_text(WAITING)
    assert Visit.objects.filter(client=client).count() == before
    assert (kept(page, "lampa:draft"), kept(page, "lampa:send")) == (0, 1)

    page.context.set_offline(False)
    page.wait_for_url(re.compile(r"/visits/\d+/$"))
    expect(page.locator("main")).to_contain_text("Разобрали акт проверки")
    page.goto("/visits/")  # a page more: nothing is sent again
    settled(page)
    assert Visit.objects.filter(client=client).count() == before + 1
    assert (kept(page, "lampa:draft"), kept(page, "lampa:send")) == (0, 0)


def test_a_send_whose_answer_was_lost_is_written_once(
    centre: World, open_as: Callable[..., Any]
) -> None:
    page, client = open_as("anna").page, centre.clients["own"]
    before = Visit.objects.filter(client=client).count()
    cut = []

    def lose_the_answer(route: Any) -> None:
        if route.request.method == "POST" and not cut:
            cut.append(route.fetch(max_redirects=0).status)
            route.abort()
        else:
            route.continue_()

    page.goto(reverse("visit_log", args=[client.pk]))
    page.route("**/visits/log/", lose_the_answer)
    page.fill("[name=result]", "Дошло, а ответ пропал")
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator(".draft-note")).to_have_text(WAITING)
    assert cut == [204]
    page.goto("/visits/")  # the tab went elsewhere; the next page sends what waits
    expect(page.locator(".message-success").last).to_contain_text("Отправлено")
    assert Visit.objects.filter(client=client).count() == before + 1
    assert kept(page, "lampa:send") == 0


def test_a_closed_tab_sends_from_the_next_page(centre: World, open_as: Callable[..., Any]) -> None:
    page, client = open_as("anna").page, centre.clients["own"]
    before = Visit.objects.filter(client=client).count()
    page.goto(reverse("visit_log", args=[client.pk]))
    page.fill("[name=result]", "Записано в лифте")
    page.context.set_offline(True)
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator(".draft-note")).to_have_text(WAITING)
    context = page.context
    other = context.new_page()
    page.close()
    context.set_offline(False)
    other.goto("/")
    expect(other.locator(".message-success")).to_contain_text("Отправлено")
    assert Visit.objects.filter(client=client).count() == before + 1


def test_an_expired_session_leads_to_log_in_and_back_with_the_draft(
    centre: World, open_as: Callable[..., Any]
) -> None:
    page, client = open_as("anna").page, centre.clients["own"]
    page.goto(reverse("visit_log", args=[client.pk]))
    page.fill("[name=result]", "Сеанс кончился на середине")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Записать", exact=True).click()
    page.wait_for_url(re.compile("/account/login/"))
    page.fill("[name=login]", "anna")
    page.fill("[name=password]", "right-horse-battery-9")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/visits/log/"))
    expect(page.locator("[name=result]")).to_have_value("Сеанс кончился на середине")
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator("main")).to_contain_text("Сеанс кончился на середине")
    assert kept(page, "lampa:draft") == 0


def test_a_token_changed_by_another_log_in_is_taken_anew_but_never_for_another_user(
    centre: World, open_as: Callable[..., Any], live_server: Any
) -> None:
    page, client = open_as("anna").page, centre.clients["own"]
    before = Visit.objects.filter(client=client).count()

    def sign_in(persona: str) -> None:
        session = browser_of(centre, persona).cookies["sessionid"].value
        page.context.clear_cookies()
        cookie = {"name": "sessionid", "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])

    page.goto(reverse("visit_log", args=[client.pk]))
    page.fill("[name=result]", "Вошли заново")
    settled(page)
    sign_in("elena")
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator(".draft-note")).to_contain_text("вошёл другой сотрудник")
    assert Visit.objects.filter(client=client).count() == before
    page.goto(reverse("visit_log", args=[client.pk]))
    expect(page.locator("[name=result]")).to_have_value("")  # another's draft is not shown
    sign_in("anna")
    page.goto(reverse("visit_log", args=[client.pk]))
    expect(page.locator("[name=result]")).to_have_value("Вошли заново")
    sign_in("anna")
    page.get_by_role("button", name="Записать", exact=True).click()
    page.wait_for_url(re.compile(r"/visits/\d+/$"))
    assert Visit.objects.filter(client=client).count() == before + 1


def test_a_refusal_keeps_everything_and_the_draft_is_thrown_away_by_hand(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as("anna", width=375)
    page, client = watched.page, centre.clients["own"]
    page.goto(reverse("visit_log", args=[client.pk]))
    page.fill("[name=result]", "Слова остаются")
    page.fill("[name=started_at]", "1976-01-01T10:00")
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator(".invalid-feedback").first).to_contain_text("раньше 2000 года")
    expect(page.locator("[name=result]")).to_have_value("Слова остаются")
    page.reload()
    expect(page.locator("[name=result]")).to_have_value("Слова остаются")
    page.get_by_role("button", name="Отбросить черновик").click()
    expect(page.locator("[name=result]")).to_have_value("")
    expect(page.locator("[name=started_at]")).to_have_value(
        re.compile(f"^{clock.today():%Y-%m-%d}T")
    )
    assert kept(page, "lampa:draft") == 0


def test_a_head_changes_the_level_and_loses_no_word(
    centre: World, open_as: Callable[..., Any]
) -> None:
    watched = open_as("galina")
    page, client = watched.page, centre.clients["own"]
    page.goto(reverse("visit_log", args=[client.pk]))
    page.fill("[name=evidence_02]", "Субсидия на оборудование")
    page.check("[name=mark_02]")
    page.fill("[name=result]", "Договорились")
    page.check("[name=level][value=K1]")
    expect(page.locator("[name=evidence_02]")).to_have_count(0)
    expect(page.locator("[name=result]")).to_have_value("Договорились")
    page.check("[name=level][value=K2]")
    expect(page.locator("[name=evidence_02]")).to_have_value("Субсидия на оборудование")
    page.fill("[name=agreements-0-what]", "Прислать подборку")
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator("main")).to_contain_text("Субсидия на оборудование")
    row = Visit.objects.latest("pk")
    assert {mark.criterion.code for mark in row.marks.all()} == {"02", "05"}
    assert watched.complaints == []
