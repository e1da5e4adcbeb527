"""Keys of integrations: rights by resource, addresses, calls a minute, renewal."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import services, tokens
from accounts.models import ApiToken
from core import clock
from core.models import AuditEntry


def caller(key: str, **headers: str) -> APIClient:
    api = APIClient(raise_request_exception=False)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}", **headers)
    return api


def issued(world, *scopes: str, **values):
    _, key = services.issue_token(
        actor=world.users["zhanna"], user=world.users["writer"], name="КИС", scopes=scopes, **values
    )
    return key


def test_rights_are_by_resource_and_by_reading_and_writing(world):
    api = caller(issued(world, "clients:read", "usage:write"))
    assert api.get("/api/v1/clients/").status_code == 200
    refused = api.post("/api/v1/clients/", {}, format="json")
    assert refused.status_code == 403 and "clients:write" in refused.json()["detail"]
    assert api.get("/api/v1/usage/").status_code == 403
    assert api.get("/api/v1/visits/").status_code == 403
    row = {"client": world.clients["own"].pk, "service": "kplus", "day": "2026-09-01"}
    written = api.post("/api/v1/usage/", row, format="json", HTTP_IDEMPOTENCY_KEY="a" * 8)
    assert written.status_code == 400  # let through: only `quantity` is missing


def test_a_key_needs_rights_that_exist(world):
    for scopes in ([], ["clients"], ["clients:delete"], ["*"]):
        with pytest.raises(ValidationError) as error:
            issued(world, *scopes)
        assert "scopes" in error.value.message_dict


def test_a_key_holds_from_its_networks_only(world):
    key = issued(world, "*:read", networks=["10.1.0.0/16", "2001:db8::/32"])
    for address, code in [
        ("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("2001:db8::7", 200), ("10.2.0.1", 401),
        ("", 401),
    ]:  # fmt: skip
        assert caller(key, REMOTE_ADDR=address).get("/api/v1/clients/").status_code == code, address
    # Whatever a caller writes of its own address is not believed …
    forged = caller(key, REMOTE_ADDR="10.2.0.1", HTTP_X_FORWARDED_FOR="10.1.2.3")
    assert forged.get("/api/v1/clients/").status_code == 401
    # … but behind a proxy, what the proxy wrote last is.
    with override_settings(BEHIND_PROXY=True):
        assert forged.get("/api/v1/clients/").status_code == 200
        chain = caller(key, REMOTE_ADDR="10.1.0.1", HTTP_X_FORWARDED_FOR="10.1.2.3, 10.9.9.9")
        assert chain.get("/api/v1/clients/").status_code == 401


def test_networks_are_checked_when_a_key_is_issued(world):
    with pytest.raises(ValidationError) as error:
        issued(world, "*:read", networks=["10.1.0.0/99"])
    assert "networks" in error.value.message_dict


def test_calls_beyond_the_minute_wait_for_the_next_one(world, now, move_clock):
    api = caller(issued(world, "*:read", per_minute=3))
    codes = [api.get("/api/v1/clients/").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = api.get("/api/v1/clients/")
    assert refused["Content-Type"] == "application/problem+json"
    assert 1 <= int(refused["Retry-After"]) <= 60
    move_clock(now + timedelta(seconds=int(refused["Retry-After"])))
    assert api.get("/api/v1/clients/").status_code == 200


def test_a_renewed_key_lives_beside_the_old_one_for_a_while(world, now, move_clock):
    token, old = services.issue_token(
        actor=world.users["zhanna"], user=world.users["writer"], name="КИС", scopes=["clients:read"]
    )
    successor, new = services.rotate_token(
        actor=world.users["zhanna"], token=token, until=now + timedelta(days=1)
    )
    assert (successor.scopes, successor.follows) == (["clients:read"], token)
    for key in (old, new):
        assert caller(key).get("/api/v1/clients/").status_code == 200
    move_clock(now + timedelta(days=1))
    assert caller(old).get("/api/v1/clients/").status_code == 401
    assert caller(new).get("/api/v1/clients/").status_code == 200
    with pytest.raises(ValidationError):
        services.rotate_token(actor=world.users["zhanna"], token=token, until=clock.now())


def test_a_change_of_rights_counts_from_the_next_call(world):
    key = issued(world, "*:read")
    token = ApiToken.objects.get(digest__isnull=False, name="КИС", prefix=key[:12])
    services.update_token(
        actor=world.users["zhanna"], token=token, values={"scopes": ["visits:read"]}
    )
    assert caller(key).get("/api/v1/clients/").status_code == 403


def test_every_write_names_its_key(world):
    key = issued(world, "*:read", "*:write")
    api = caller(key)
    client = world.clients["own"]
    path = f"/api/v1/clients/{client.pk}/"
    api.patch(path, {"competitor": "x"}, format="json", HTTP_IF_MATCH=f'W/"{client.version}"')
    assert AuditEntry.objects.latest("id").via == f"ключ {key[:12]}"


def test_the_pages_change_and_renew(world, client_as):
    browser = client_as("zhanna")
    issued(world, "clients:read")
    token = ApiToken.objects.latest("id")
    page = browser.get(reverse("token_edit", args=[token.pk])).content.decode()
    assert 'value="clients:read" aria-label="читать: клиенты" checked' in page
    answer = browser.post(
        reverse("token_edit", args=[token.pk]),
        {"name": "КИС-2", "per_minute": 10, "networks": "10.1.0.0/16\n10.2.3.4\n",
         "scopes": ["*:read"], "version": token.version},
    )  # fmt: skip
    assert answer.status_code == 302
    token.refresh_from_db()
    assert (token.networks, token.scopes) == (["10.1.0.0/16", "10.2.3.4"], ["*:read"])
    answer = browser.post(reverse("token_rotate", args=[token.pk]), {"until": "2026-09-17T10:00"})
    assert answer.status_code == 200 and answer.content.decode().count("lampa_") == 1


@pytest.mark.parametrize(
    ("scopes", "resource", "write", "expected"),
    [
        (["*:read"], "visits", False, True),
        (["*:read"], "visits", True, False),
        (["visits:write"], "visits", False, False),
        (["visits:write"], "visits", True, True),
        ([], "visits", False, False),
    ],
)
def test_rights_as_values(scopes, resource, write, expected):
    assert tokens.allows(scopes, resource, write=write) is expected
