"""What every answer carries, whoever gives it, and what never reaches a page."""

from typing import Any

import pytest
from django.test import Client

from tests.personas import MISSING, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(standing_world: World) -> World:
    return standing_world


ANSWERS = [
    ("anna", "/", 200),
    ("anna", "/clients/", 200),
    ("anna", "/clients/?format=csv", 200),
    ("anna", "/clients/?format=xlsx", 200),
    ("anna", f"/clients/{MISSING}/", 404),
    ("anna", "/no/such/page/", 404),
    ("anna", "/users/", 403),
    ("anna", "/clients/?q=%00", 400),
    ("anonymous", "/account/login/", 200),
    ("anonymous", "/clients/", 302),
    ("anonymous", "/healthz", 200),
    ("anonymous", "/api/v1/clients/", 401),
    ("anna", "/api/v1/clients/", 200),
    ("anna", "/api/v1/nothing/", 404),
    ("anna", "/api/v1/clients/?q=%00", 400),
]


@pytest.mark.parametrize(("who", "path", "status"), ANSWERS)
def test_every_answer_is_closed_in(client_as: Any, who: str, path: str, status: int) -> None:
    answer = client_as(who).get(path)
    assert answer.status_code == status
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    if who != "anonymous" and status != 400:
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing/", "/api/v1/clients/x/", "/api/v1/clients/?a=%00"]
)
def test_the_api_answers_in_one_shape_even_before_a_route(client_as: Any, path: str) -> None:
    answer = client_as("anna").get(f"/api/v1/{path}")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%E2%80%AE", "%00=1", "q=%1B", "page=%07", "q=%ED%A0%80"]
)
@pytest.mark.parametrize("path", ["/clients/", "/api/v1/clients/", "/account/login/"])
def test_hostile_bytes_never_reach_a_query(client_as: Any, path: str, query: str) -> None:
    assert client_as("elena").get(f"{path}?{query}").status_code in (200, 302, 400)
    hidden = query in {"q=%00", "%00=1", "q=%E2%80%AE"}
    if hidden:
        assert client_as("elena").get(f"{path}?{query}").status_code == 400


def test_an_error_shows_its_id_and_nothing_else(client_as: Any, monkeypatch: Any) -> None:
    from accounts.views.clients import ClientList

    def fail(self: Any) -> Any:
        raise RuntimeError("a secret of the code")

    monkeypatch.setattr(ClientList, "get_queryset", fail)
    answer = client_as("anna").get("/clients/")
    body = answer.content.decode()
    assert answer.status_code == 500
    assert "a secret" not in body and "Traceback" not in body


def test_a_page_leads_only_inside_this_site(client_as: Any) -> None:
    for away in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"):
        answer = client_as("anna").post(
            "/filters/save/", {"page": "clients", "name": "н", "query": "q=1", "next": away}
        )
        assert answer.status_code == 302 and answer["Location"] == "/", away


def test_pages_write_only_with_csrf(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.users["anna"], "django.contrib.auth.backends.ModelBackend")
    answer = browser.post("/filters/save/", {"page": "clients", "name": "н", "query": "q=1"})
    assert answer.status_code == 403
