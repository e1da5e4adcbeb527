"""A POST under a key: one effect and one answer, however often it is sent."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.enums import Role
from accounts.models import Client
from config.api import router
from core import clock, idempotency
from core.api import OnceMixin
from core.models import DoneCall
from tests import factories
from tests.personas import World

PATH = "/api/v1/clients/"
KEY = "f8c3de3d-1fea-4d7c-a8b0-29f63c4c3454"


def body(**given: Any) -> dict[str, Any]:
    return {
        "name": "ООО Ирис", "inn": factories.inn(4321), "segment": "retail",
        "connected_on": "2026-09-01", **given,
    }  # fmt: skip


def caller(key: str) -> APIClient:
    api = APIClient(raise_request_exception=False)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return api


@pytest.fixture
def api(world: World) -> APIClient:
    return caller(world.keys["writer"])


def send(api: APIClient, data: dict[str, Any], key: str = KEY, path: str = PATH) -> Any:
    return api.post(path, data, format="json", HTTP_IDEMPOTENCY_KEY=key)


def made() -> int:
    return Client.objects.filter(name="ООО Ирис").count()


def test_a_repetition_has_the_same_answer_and_no_effect(api: APIClient) -> None:
    first, again = send(api, body()), send(api, body())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content and again["ETag"] == first["ETag"]
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert made() == 1


def test_another_body_or_path_under_the_same_key_is_refused(api: APIClient) -> None:
    send(api, body())
    assert send(api, body(portrait="иной")).status_code == 422
    assert send(api, body(), path="/api/v1/churns/").status_code == 422
    assert made() == 1


def test_keys_of_two_callers_do_not_meet(api: APIClient, world: World) -> None:
    other, _ = factories.api_token(world.users["reader"], writes=True)
    assert send(api, body()).status_code == 201
    assert send(caller(other), body(inn=factories.inn(77), external_id="x")).status_code == 201


def test_a_token_must_name_its_posts_and_a_page_need_not(api: APIClient, world: World) -> None:
    answer = api.post(PATH, body(), format="json")
    assert answer.status_code == 400
    assert [e["field"] for e in answer.json()["errors"]] == ["Idempotency-Key"]
    person = APIClient()
    person.force_login(world.users["elena"], "django.contrib.auth.backends.ModelBackend")
    assert person.post(PATH, body(), format="json").status_code == 201


@pytest.mark.parametrize("key", ["short", "ключ-ключ-ключ", "a b c d e f", "x" * 201])
def test_a_key_has_a_shape(api: APIClient, key: str) -> None:
    key = key.encode().decode("latin-1")
    assert send(api, body(), key).status_code == 400


def test_a_refusal_is_judged_anew(api: APIClient) -> None:
    assert send(api, body(inn="1")).status_code == 400
    assert not DoneCall.objects.exists()
    assert send(api, body()).status_code == 201


def test_a_crash_leaves_neither_effect_nor_answer(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", crash)
        assert send(api, body()).status_code == 500
    assert (made(), DoneCall.objects.count()) == (0, 0)
    assert send(api, body()).status_code == 201


def test_answers_are_kept_for_three_days(api: APIClient, move_clock: Any) -> None:
    send(api, body())
    move_clock(clock.now() + idempotency.KEPT - timedelta(hours=1))
    assert idempotency.forget() == 0
    assert send(api, body()).status_code == 201
    move_clock(clock.now() + timedelta(hours=2))
    assert send(api, body()).status_code == 400  # the client is there: judged anew
    assert idempotency.forget() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one() -> None:
    user = factories.user("robot", Role.INTEGRATOR)
    key, _ = factories.api_token(user, writes=True)

    def one(_: int) -> tuple[int, str]:
        try:
            answer = send(caller(key), body())
            return answer.status_code, json.dumps(answer.json().get("id"))
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))
    assert made() == 1
    assert {code for code, _ in answers} <= {201, 409}
    assert len({pk for code, pk in answers if code == 201}) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_being_carried_out_is_not_carried_out_twice() -> None:
    user = factories.user("robot", Role.INTEGRATOR)
    key, token = factories.api_token(user, writes=True)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        idempotency._hold(f"accounts.apitoken:{token.pk}", KEY)
        answer = other.submit(lambda: (send(caller(key), body()), connection.close())[0]).result()
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")


def test_every_post_of_the_api_is_guarded() -> None:
    unguarded = [
        prefix
        for prefix, viewset, _ in router.registry
        if not issubclass(viewset, OnceMixin)
        and any("post" in route.mapping for route in router.get_routes(viewset)
                if set(route.mapping.values()) & set(dir(viewset)) and any(
                    hasattr(viewset, action) for method, action in route.mapping.items()
                    if method == "post"))
    ]  # fmt: skip
    assert unguarded == []
