"""Somebody else writes for long: callers are told when to come back, people lose nothing typed."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client as Browser
from rest_framework.test import APIClient

from accounts.models import Client
from core import jobs
from core.bulk import engine, services
from core.bulk.resources import find
from core.models import DoneCall
from tests import factories
from tests.bulk.conftest import csv_of
from tests.faults.conftest import Lock, database_url, within
from tests.faults.test_imports import HEAD, rows, uploaded

pytestmark = [pytest.mark.django_db(transaction=True)]
HELD = "сейчас записывает кто-то другой"


@contextmanager
def held(sql: str, values: list[Any]) -> Iterator[None]:
    """Another connection in the middle of its transaction."""
    other = psycopg2.connect(database_url())
    try:
        with other.cursor() as cursor:
            cursor.execute(sql, values)
        yield
    finally:
        other.rollback()
        other.close()


@pytest.fixture
def director(transactional_db: None, settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path / "media"
    return factories.user("director", "manager")


@pytest.fixture
def writer(transactional_db: None) -> APIClient:
    key, _ = factories.api_token(factories.user("robot", "integrator"), writes=True)
    api = APIClient(raise_request_exception=False)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return api


def company(code: str) -> dict[str, Any]:
    return {
        "external_id": code, "name": "ООО Новая", "inn": factories.inn(777), "kpp": "770101001",
        "segment": "Сети", "connected_on": "2026-02-01",
    }  # fmt: skip


def send(api: APIClient, name: str) -> Any:
    return api.post(
        "/api/v1/bulk/clients/", {"rows": [company("W-1")]}, format="json",
        HTTP_IDEMPOTENCY_KEY=name,
    )  # fmt: skip


def test_a_call_behind_a_file_that_is_loaded_whole_is_told_to_come_back(
    director: Any, writer: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 1)
    found = uploaded(director, csv_of(HEAD, *rows(50)))
    services.confirm(actor=director, found=found, mode="all_or_nothing")

    def load() -> None:
        try:
            jobs.run_waiting()
        finally:
            connection.close()

    name = str(uuid.uuid4())
    loading = threading.Thread(target=load)
    with Lock("bulk_importchange") as lock:  # the import stops in the middle, holding the clients
        loading.start()
        within(30, lock.waiting)
        answer = send(writer, name)
    loading.join()
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 503 and HELD in answer.json()["detail"]
    assert not DoneCall.objects.exists(), "it is judged anew under the same name"
    found.refresh_from_db()
    assert (found.status, found.counts["created"]) == ("done", 50), found.problem
    again = send(writer, name)
    assert (again.status_code, again.json()["created"]) == (200, 1)


def test_a_call_about_a_row_that_is_held_is_told_to_come_back(writer: APIClient) -> None:
    client = factories.client()
    path = f"/api/v1/clients/{client.pk}/"
    with held("SELECT * FROM accounts_client WHERE id = %s FOR UPDATE", [client.pk]):
        answer = writer.patch(path, {"competitor": "x"}, format="json", HTTP_IF_MATCH='W/"1"')
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert writer.get(path).json()["competitor"] == ""


def test_what_is_typed_into_a_form_stays_while_its_row_is_held(director: Any) -> None:
    client = factories.client()
    browser = Browser(raise_request_exception=False)
    browser.force_login(director, "django.contrib.auth.backends.ModelBackend")
    path = f"/clients/{client.pk}/edit/"
    form = browser.get(path).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"portrait": "Набрано"}
    typed["connected_on"] = f"{client.connected_on:%d.%m.%Y}"
    with held("SELECT * FROM accounts_client WHERE id = %s FOR UPDATE", [client.pk]):
        answer = browser.post(path, typed)
    assert answer.status_code == 503
    assert HELD in answer.content.decode() and "Набрано" in answer.content.decode()
    assert Client.objects.get(pk=client.pk).portrait == ""
    assert browser.post(path, typed).status_code == 302
    assert Client.objects.get(pk=client.pk).portrait == "Набрано"


def test_a_button_that_cannot_be_served_says_so(director: Any) -> None:
    """The page stands alone: it asks the database for nothing."""
    contract = factories.contract(factories.client())
    price = contract.prices.get()
    browser = Browser(raise_request_exception=False)
    browser.force_login(director, "django.contrib.auth.backends.ModelBackend")
    path = f"/prices/{price.pk}/delete/"
    with held("SELECT * FROM accounts_contract WHERE id = %s FOR UPDATE", [contract.pk]):
        answer = browser.post(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert HELD in answer.content.decode()
    assert contract.prices.exists()


def test_a_call_waits_its_turn_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of a statement lies above the patience, or it would speak first."""
    monkeypatch.setattr(engine, "PATIENCE", 3)
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        engine.hold_resource(find("usage"))
        cursor.execute("SHOW lock_timeout")
        patience = cursor.fetchone()[0]
        cursor.execute("SHOW statement_timeout")
        assert (patience, cursor.fetchone()[0]) == ("3s", "8s")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "15s", "of that transaction alone"
