"""Two at once: one wins, the other is told and loses no text."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from needs import services
from needs.models import Confirmation
from tests import factories
from tests.personas import World


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_wins(world: World, now: datetime) -> None:
    row = factories.need(world.clients["own"], effect="да")
    factories.need_step(row, "04")
    _, secret = services.ask_by_link(
        actor=world.users["anna"],
        need=row,
        participant=world.row("contacts.participant"),
        now=now,
    )
    cache.clear()

    def answer(text: str) -> int:
        try:
            sent = {"answer": text, "said": "поправить"}
            return Client().post(reverse("confirm_link", args=[secret]), sent).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(answer, ["yes", "no", "correction", "yes"]))
    assert statuses == [200, 410, 410, 410]
    found = Confirmation.objects.get(need=row)
    made = row.steps.filter(stage__code="06").count()
    assert made == (1 if found.status == "confirmed" else 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_one_need_one_wins(world: World) -> None:
    row = factories.need(world.clients["own"], key_need="к", difficulties="т")
    heads = {who: Client() for who in ("anna", "galina")}
    for who, browser in heads.items():
        browser.force_login(world.users[who], "django.contrib.auth.backends.ModelBackend")

    def move(who: str) -> tuple[int, bool]:
        sent = {
            "on": "2026-09-16", "evidence": f"текст от {who}", "version": 1,
            "key_need": "к", "difficulties": "т",
        }  # fmt: skip
        try:
            response = heads[who].post(reverse("need_advance", args=[row.pk]), sent)
            return response.status_code, f"текст от {who}" in response.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(move, heads))
    assert found == [(302, False), (409, True)]  # the other is told and keeps the text
    assert row.steps.count() == 1
