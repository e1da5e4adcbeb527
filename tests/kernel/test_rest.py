"""What every API route passes through: strict bodies and parameters, versions, one error shape."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, Client
from core import clock
from core.models import AuditEntry, SavedFilter
from tests import factories
from tests.personas import MISSING, World

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.urls")]
As = Callable[[str], APIClient]
LIST = "/api/clients/"


@pytest.fixture
def world(standing_world: World) -> World:
    return standing_world


def raw(api: APIClient, body: str | bytes, path: str = LIST, method: str = "post") -> Any:
    return api.generic(method.upper(), path, body, content_type="application/json")


def valid(**given: Any) -> dict[str, Any]:
    return {
        "name": "Новый клиент",
        "inn": factories.inn(500_000),
        "segment": "retail",
        "connected_on": "2026-09-01",
    } | given


def is_problem(response: Any, status: int) -> list[str]:
    """The one shape of errors; the fields it names."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert set(body) == {"type", "title", "status", "detail", "errors", "request_id"}
    assert body["status"] == status and body["title"] != "Ошибка" and body["request_id"]
    return [error["field"] for error in body["errors"]]


# --- bodies ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        '{"name": "a\u202eb"}'.encode(),
        b'{"na\\u0000me": 1}',
        b'{"name": "a", "name": "b"}',
        b'{"is_key": NaN}',
        b'{"is_key": -Infinity}',
        b'{"is_key": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"\xff\xfe{}",
        b"{",
        b"",
    ],
)
def test_hostile_bodies_are_refused(api_as: As, body: bytes) -> None:
    is_problem(raw(api_as("writer"), body), 400)
    assert not Client.objects.filter(name__in=["a", "b"]).exists()


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(api_as: As, body: bytes) -> None:
    is_problem(raw(api_as("writer"), body), 400)


def test_brackets_inside_text_are_only_text(api_as: As) -> None:
    answer = api_as("writer").post(LIST, valid(competitor="[" * 50 + "{" * 50), format="json")
    assert answer.status_code == 201, answer.content


def test_a_body_too_large_is_refused(api_as: As) -> None:
    """Spaces after a valid object: only the size is wrong."""
    is_problem(raw(api_as("writer"), json.dumps(valid()) + " " * 3_000_000), 413)


def test_another_content_type_is_refused(api_as: As) -> None:
    answer = api_as("writer").generic("POST", LIST, b"name=x", content_type="text/plain")
    is_problem(answer, 415)


@pytest.mark.parametrize("name", ["specialist", "version", "id", "unit", "search_key", "__class__"])
def test_unknown_and_read_only_fields_are_refused(api_as: As, name: str) -> None:
    answer = api_as("writer").post(LIST, valid(**{name: 1}), format="json")
    assert is_problem(answer, 400) == [name]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("inn", "0000000000"), ("inn", "٧٧٠٧٠٨٣٨٩٣"), ("inn", 7),
        ("name", "\u200b"), ("name", ""), ("name", None), ("name", ["a"]), ("name", "ж" * 301),
        ("segment", "other"), ("connected_on", "31.02.2026"), ("connected_on", "2026-13-01"),
        ("is_key", "perhaps"), ("is_key", {}),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_at_their_field(api_as: As, field: str, value: Any) -> None:
    answer = api_as("writer").post(LIST, valid(**{field: value}), format="json")
    assert is_problem(answer, 400) == [field]


# --- parameters ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page_size=0", "page_size"), ("page_size=201", "page_size"), ("page_size=-1", "page_size"),
        ("page_size=10000000000", "page_size"), ("page_size=%D9%A3", "page_size"),
        ("page_size=", "page_size"), ("page_size=1e2", "page_size"),
        ("ordering=inn", "ordering"), ("ordering=-specialist__user__password", "ordering"),
        ("owner=1", "owner"), ("specialist__user__password=x", "specialist__user__password"),
        ("segment=none", "segment"), ("specialist=abc", "specialist"),
    ],
)  # fmt: skip
def test_unknown_and_wrong_parameters_are_refused(api_as: As, query: str, field: str) -> None:
    assert is_problem(api_as("reader").get(f"{LIST}?{query}"), 400) == [field]


def test_a_broken_cursor_is_no_server_error(api_as: As) -> None:
    for cursor in ("%%%", "bm9wZQ==", "cD14", "cj0x", "bz0tMQ==", "bz05OTk5OTk5OTk5OTk5OTk="):
        assert api_as("reader").get(f"{LIST}?cursor={cursor}").status_code < 500, cursor


def test_pages_go_through_every_row_once(api_as: As, world: World) -> None:
    seen, address = [], f"{LIST}?page_size=1&ordering=-sort_key"
    while address:
        page = api_as("reader").get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    expected = Client.objects.order_by("-sort_key", "pk").values_list("pk", flat=True)
    assert seen == list(expected)


def test_search_is_blind_to_case_yo_and_spaces(api_as: As) -> None:
    factories.client(name="ООО «Ёлочный   базар»")
    found = api_as("reader").get(LIST, {"q": "  БАЗАР елочный "}).json()["results"]
    assert [row["name"] for row in found] == ["ООО «Ёлочный базар»"]
    assert api_as("reader").get(LIST, {"q": "100%_"}).json()["results"] == []


# --- scope -----------------------------------------------------------------------------------
def test_a_filter_offers_no_row_out_of_scope(api_as: As, world: World) -> None:
    """Vera stands in another department: to Анна she is no valid choice, like nobody."""
    strange = api_as("anna").get(LIST, {"specialist": world.staff["vera"].pk})
    missing = api_as("anna").get(LIST, {"specialist": MISSING})
    assert is_problem(strange, 400) == is_problem(missing, 400) == ["specialist"]


@pytest.mark.parametrize("method", ["get", "patch"])
def test_anothers_row_and_a_missing_one_answer_alike(api_as, world: World, method: str) -> None:
    api = api_as("anna")
    answers = [
        getattr(api, method)(f"{LIST}{pk}/", {}, format="json", HTTP_IF_MATCH='W/"1"')
        for pk in (world.clients["foreign"].pk, MISSING)
    ]
    bodies = [answer.json() | {"request_id": ""} for answer in answers]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert bodies[0] == bodies[1]
    assert dict(answers[0].items()).keys() == dict(answers[1].items()).keys()


@pytest.mark.parametrize("pk", ["0", "-1", "9" * 18, "9" * 19, "1e3", "x", "1%00"])
def test_strange_ids_are_missing(api_as: As, pk: str) -> None:
    assert api_as("reader").get(f"{LIST}{pk}/").status_code in (400, 404)


def test_the_written_row_must_stay_in_reach(api_as: As, world: World) -> None:
    """A head adds a client: nobody serves it yet, so it would be out of her own sight."""
    before = (Client.objects.count(), AuditEntry.objects.count())
    is_problem(api_as("galina").post(LIST, valid(), format="json"), 403)
    assert (Client.objects.count(), AuditEntry.objects.count()) == before


# --- versions --------------------------------------------------------------------------------
def test_a_change_needs_the_version_it_was_made_on(api_as: As, world: World) -> None:
    api, path = api_as("writer"), f"{LIST}{world.clients['own'].pk}/"
    etag = api.get(path)["ETag"]
    assert etag.startswith('W/"1.')
    is_problem(api.patch(path, {"competitor": "a"}, format="json"), 428)
    for stale in ('W/"7"', "x", "*", 'W/"1" , W/"2"', '"٧"', "9" * 30):
        is_problem(api.patch(path, {"competitor": "a"}, format="json", HTTP_IF_MATCH=stale), 412)
    answer = api.patch(path, {"competitor": "a"}, format="json", HTTP_IF_MATCH=etag)
    assert (answer.status_code, answer["ETag"][:5]) == (200, 'W/"2.')
    is_problem(api.patch(path, {"competitor": "b"}, format="json", HTTP_IF_MATCH=etag), 412)
    bare = api.patch(path, {"competitor": "b"}, format="json", HTTP_IF_MATCH='W/"2"')
    assert bare.status_code == 200, "the version alone will do"


def test_what_the_caller_holds_already_is_not_sent_again(api_as: As, world: World) -> None:
    api, path = api_as("writer"), f"{LIST}{world.clients['own'].pk}/"
    held = api.get(path)["ETag"]
    for named in (held, f'W/"x", {held}', "*"):
        same = api.get(path, HTTP_IF_NONE_MATCH=named)
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", held)
    for named in ('W/"1"', "nonsense", 'W/"1.0"'):
        assert api.get(path, HTTP_IF_NONE_MATCH=named).status_code == 200
    some = api.get(path, {"fields": "id"}, HTTP_IF_NONE_MATCH=held)
    assert (some.status_code, some["ETag"] != held) == (200, True), "another answer"
    api.patch(path, {"competitor": "a"}, format="json", HTTP_IF_MATCH=held)
    assert api.get(path, HTTP_IF_NONE_MATCH=held).json()["competitor"] == "a"


def test_a_row_out_of_scope_is_missing_whatever_the_caller_holds(api_as: As, world: World) -> None:
    path = f"{LIST}{world.clients['foreign'].pk}/"
    is_problem(api_as("anna").get(path, HTTP_IF_NONE_MATCH="*"), 404)


def test_a_row_without_a_version_is_told_by_what_it_says(api_as: As, world: World) -> None:
    api = api_as("anna")
    path = f"/api/filters/{api.get('/api/filters/').json()['results'][0]['id']}/"
    held = api.get(path)["ETag"]
    assert api.get(path, HTTP_IF_NONE_MATCH=held).status_code == 304
    SavedFilter.objects.update(name="Иное имя")
    assert api.get(path, HTTP_IF_NONE_MATCH=held).json()["name"] == "Иное имя"


@pytest.mark.parametrize("method", ["put", "delete", "post", "patch"])
def test_a_method_nobody_declared_is_refused(api_as: As, world: World, method: str) -> None:
    path = f"{LIST}{world.clients['own'].pk}/" if method in {"put", "delete"} else "/api/filters/"
    is_problem(getattr(api_as("writer"), method)(path, {}, format="json"), 405)


def test_some_fields_of_each_row(api_as: As, world: World) -> None:
    api = api_as("reader")
    path = f"{LIST}{world.clients['own'].pk}/"
    rows = api.get(LIST, {"fields": "id,name"}).json()["results"]
    assert rows and all(set(row) == {"id", "name"} for row in rows)
    assert set(api.get(path, {"fields": "inn"}).json()) == {"inn"}
    refused = api.get(LIST, {"fields": "id,password"})
    assert is_problem(refused, 400) == ["fields"] and "password" in refused.content.decode()


# --- keys ------------------------------------------------------------------------------------
def test_keys_are_kept_as_digests(world: World) -> None:
    key = world.keys["reader"]
    row = ApiToken.objects.get(user=world.users["reader"])
    assert len(key) > 40 and key not in str(vars(row)) and row.prefix == key[:12]


def test_no_key_a_wrong_one_and_a_session_less_call(api_as: As, world: World) -> None:
    for header in ("", "Bearer", "Bearer lampa_x", "Bearer a b", "Bearer \xff", "Basic YTpi"):
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=header)
        answer = api.get(LIST)
        is_problem(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"


def _expire(token: ApiToken) -> None:
    ApiToken.objects.update(expires_at=clock.now())


def _revoke(token: ApiToken) -> None:
    ApiToken.objects.update(revoked_at=clock.now() - timedelta(days=1))


def _deactivate(token: ApiToken) -> None:
    type(token.user).objects.filter(pk=token.user_id).update(is_active=False)


def _remove(token: ApiToken) -> None:
    token.delete()


@pytest.mark.parametrize("end", [_expire, _revoke, _deactivate, _remove])
def test_a_key_ends_at_once(api_as: As, world: World, end: Callable[[ApiToken], None]) -> None:
    api = api_as("reader")
    assert api.get(LIST).status_code == 200
    end(ApiToken.objects.get(user=world.users["reader"]))
    is_problem(api.get(LIST), 401)


def test_a_key_that_reads_cannot_write(api_as: As, world: World) -> None:
    path = f"{LIST}{world.clients['own'].pk}/"
    reader = api_as("reader")
    is_problem(reader.post(LIST, valid(), format="json"), 403)
    is_problem(reader.patch(path, {"name": "x"}, format="json", HTTP_IF_MATCH='W/"1"'), 403)
    assert api_as("writer").post(LIST, valid(), format="json").status_code == 201


def test_a_write_by_key_says_so_in_the_log(api_as: As, world: World) -> None:
    api_as("writer").post(LIST, valid(), format="json")
    entry = AuditEntry.objects.latest("id")
    assert entry.via == f"ключ {world.keys['writer'][:12]}" and len(entry.request_id) >= 32


def test_a_session_writes_only_with_csrf(world: World) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(world.users["elena"], "django.contrib.auth.backends.ModelBackend")
    assert api.get(LIST).status_code == 200
    is_problem(api.post(LIST, valid(), format="json"), 403)


def test_queries_do_not_grow_with_rows(api_as: As, count_queries, world: World) -> None:
    api = api_as("reader")
    api.get(LIST)
    with count_queries() as few:
        api.get(LIST)
    for _ in range(30):
        factories.client()
    with count_queries() as many:
        assert len(api.get(LIST).json()["results"]) > 30
    assert len(many) == len(few)
