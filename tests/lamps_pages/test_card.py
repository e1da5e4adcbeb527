"""The lamp on the client's card: why, since when, as of any day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client
from lamps import services
from tests.lamps import builders
from tests.lamps_pages.conftest import As, Centre, text

pytestmark = pytest.mark.django_db


def address(centre: Centre, name: str = "Ромашка") -> str:
    return reverse("client_lamp", args=[centre.clients[name].pk])


def test_every_figure_has_its_reason(centre: Centre, page_as: As) -> None:
    body = text(page_as("anna").get(address(centre)))
    assert "0,9 из 1,1" in body
    assert "1 779 за 30 дней (с 18.08.2026), порог 50 — 0,4" in body
    assert "0 за 90 дней (с 19.06.2026), меньше порога 1 — 0; заканчивается 14.10.2026" in body
    assert "0 на 16.09.2026, порог не более 0 — 0,1" in body
    assert "Сумма 0,9 из 1,1 — зелёный (жёлтый от 0,4, зелёный от 0,8)" in body
    assert "не больше 0 — 0,1" in body
    assert "по 16.09.2026" in body
    assert "<svg" in body


def test_as_a_part_for_htmx(centre: Centre, page_as: As) -> None:
    part = page_as("anna").get(address(centre), headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    assert 'hx-target="#tab-panel"' in text(part)


def test_a_past_day_comes_from_the_history(centre: Centre, page_as: As) -> None:
    client = centre.clients["Ромашка"]
    client.gnd_records.create(opened_on=centre.today)
    client.trainings.all().delete()
    services.compute_night(centre.today)
    now = text(page_as("anna").get(address(centre)))
    assert "Сумма 0,7 из 1,1 — жёлтый" in now
    past = centre.today - timedelta(days=1)
    was = text(page_as("anna").get(f"{address(centre)}?on={past}"))
    assert f"На {past:%d.%m.%Y}" in was
    assert "0,9 из 1,1" in was
    assert "Значения записаны на" in was
    assert "цвет" in now


def test_a_day_without_a_lamp(centre: Centre, page_as: As) -> None:
    early = centre.today - timedelta(days=300)
    body = text(page_as("anna").get(f"{address(centre)}?on={early}"))
    assert "Лампочка ещё не рассчитана" in body
    assert "invalid-feedback" in text(page_as("anna").get(f"{address(centre)}?on=никогда"))


def test_grey_says_which_feed_and_how_old(centre: Centre, page_as: As) -> None:
    fresh = dict.fromkeys(builders.FRESH, centre.today)
    builders.write_feeds(fresh | {"usage": centre.today - timedelta(days=9)})
    services.compute_night(centre.today)
    body = text(page_as("anna").get(address(centre)))
    assert "нет данных (последние за 07.09.2026, 9 дней назад), лампочка серая" in body
    assert "Суммы нет: нет данных" in body


def test_a_strangers_client_is_a_missing_one(centre: Centre, page_as: As) -> None:
    foreign = page_as("vera").get(address(centre))
    missing = page_as("vera").get(reverse("client_lamp", args=[987_654_321]))
    assert foreign.status_code == missing.status_code == 404
    assert page_as("galina").get(address(centre)).status_code == 200


def test_same_queries_however_long_the_history(
    centre: Centre, page_as: As, count_queries: Callable[[], Any]
) -> None:
    browser = page_as("anna")
    text(browser.get(address(centre)))
    counts = []
    for more in (0, 30):
        client = centre.clients["Ромашка"]
        for n in range(more):
            client.gnd_records.create(
                opened_on=centre.today - timedelta(days=n), closed_on=centre.today
            )
        if more:
            first = centre.today - timedelta(days=16)
            Client.objects.filter(pk=client.pk).update(connected_on=first)
            services.recompute_since(first)
        with count_queries() as queries:
            text(browser.get(address(centre)))
        counts.append(len(queries))
    assert counts[0] == counts[1]
