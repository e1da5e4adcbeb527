"""From my day to a prepared contact: one click to prepare, the plan saved before, then recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core import clock
from tests import factories
from tests.personas import World
from visits.models import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("width", [1280, 375])
def test_a_contact_of_today_is_prepared_and_recorded(
    centre: World, open_as: Callable[..., Any], move_clock: Callable[..., None], width: int
) -> None:
    client = centre.clients["own"]
    need = factories.need(client, title="Изменения в закупках")
    row = factories.visit(client, status="planned", planned_for=clock.today())
    watched = open_as("anna", width=width)
    page = watched.page
    page.goto(reverse("day"))
    today = page.locator("#today_contacts")
    expect(today).to_contain_text("плана нет")
    today.get_by_role("link", name="Подготовиться").click()
    expect(page.locator("main")).to_contain_text("Плана пока нет")
    if width == 375:
        page.get_by_role("link", name="К плану").click()
    page.fill("[name=goal]", "Показать обзор")
    page.fill("[name=plan]", "Обзор, затем папка")
    page.get_by_label("Изменения в закупках").check()
    page.get_by_role("button", name="Сохранить план").click()
    expect(page.locator(".prepare-plan")).to_contain_text("План записан")
    expect(page.get_by_label("Изменения в закупках")).to_be_checked()
    row.refresh_from_db()
    assert row.is_prepared
    assert [n.pk for n in row.agenda.needs.all()] == [need.pk]

    move_clock(clock.now() + timedelta(minutes=20))
    page.get_by_role("link", name="Начать и записать").click()
    expect(page.locator("main")).to_contain_text("Обзор, затем папка")
    page.fill("[name=result]", "Показали")
    page.get_by_role("button", name="Записать", exact=True).click()
    expect(page.locator("main")).to_contain_text("План записан до начала")
    assert watched.complaints == []
    done = Visit.objects.get(pk=row.pk)
    assert (done.status, done.result) == ("done", "Показали")
