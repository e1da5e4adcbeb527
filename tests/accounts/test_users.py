"""Accounts of people, keys of integrations, the admin of dictionaries."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.models import ApiToken, Employee, Service, User
from core.audit import reference
from core.errors import Refused
from core.models import AuditEntry
from tests import factories
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db
GOOD = "верный-пароль-17"


def account(**given):
    return {"username": "nina", "last_name": "Новая", "first_name": "Нина", "role": "head"} | given


def test_create_links_the_employee_and_hides_the_password(world):
    person = factories.employee(world.noio1)
    user = services.create_user(
        actor=world.users["zhanna"], values=account(), password=GOOD, employee=person
    )
    person.refresh_from_db()
    assert person.user == user
    assert user.check_password(GOOD)
    entry = AuditEntry.objects.get(subject=reference(user))
    assert "password" not in entry.after
    assert GOOD not in str(entry.after)


@pytest.mark.parametrize("password", ["", "short", "1234567890", "password123"])
def test_weak_passwords_are_refused(world, password):
    with pytest.raises(ValidationError) as error:
        services.create_user(actor=world.users["zhanna"], values=account(), password=password)
    assert "password" in error.value.message_dict


def test_names_are_unique_whatever_the_case(world):
    with pytest.raises(ValidationError) as error:
        services.create_user(
            actor=world.users["zhanna"], values=account(username="ANNA"), password=GOOD
        )
    assert "username" in error.value.message_dict


@pytest.mark.parametrize("persona", ["elena", "galina", "anna", "writer"])
def test_only_administrators_keep_accounts(world, persona):
    with pytest.raises(Refused):
        services.create_user(actor=world.users[persona], values=account(), password=GOOD)
    with pytest.raises(Refused):
        services.update_user(
            actor=world.users[persona], user=world.users["boris"], values={"role": "admin"}
        )


def test_an_integration_has_no_password_and_is_nobody(world):
    zhanna = world.users["zhanna"]
    user = services.create_user(actor=zhanna, values=account(role="integrator"))
    assert not user.has_usable_password()
    with pytest.raises(ValidationError):
        services.create_user(
            actor=zhanna,
            values=account(username="two", role="integrator"),
            employee=world.staff["anna"],
        )
    for one, role in [(user, "admin"), (world.users["boris"], "integrator")]:
        with pytest.raises(ValidationError) as error:
            services.update_user(actor=zhanna, user=one, values={"role": role})
        assert "role" in error.value.message_dict


def test_deactivation_shuts_the_open_session(world):
    browser = browser_of(world, "boris")
    assert browser.get(reverse("clients")).status_code == 200
    services.update_user(
        actor=world.users["zhanna"],
        user=world.users["boris"],
        values={"is_active": False},
        version=1,
    )
    answer = browser.get(reverse("clients"))
    assert (answer.status_code, reverse("account_login") in answer.url) == (302, True)


def test_a_new_role_acts_on_the_next_request(world):
    browser = browser_of(world, "galina")
    assert browser.get(reverse("client_transfer")).status_code == 200
    services.update_user(
        actor=world.users["zhanna"], user=world.users["galina"], values={"role": "specialist"}
    )
    assert browser.get(reverse("client_transfer")).status_code == 403


def test_a_new_password_ends_sessions_and_is_audited(world):
    browser = browser_of(world, "boris")
    browser.get(reverse("clients"))
    services.update_user(
        actor=world.users["zhanna"], user=world.users["boris"], values={}, password=GOOD
    )
    assert browser.get(reverse("clients")).status_code == 302
    entry = AuditEntry.objects.filter(subject=reference(world.users["boris"])).first()
    assert (entry.action, GOOD in str(entry.after)) == ("event", False)


def test_the_last_administrator_stays(world):
    zhanna = world.users["zhanna"]
    for values in ({"is_active": False}, {"role": "manager"}):
        with pytest.raises(ValidationError):
            services.update_user(actor=zhanna, user=zhanna, values=values)
    second = services.create_user(actor=zhanna, values=account(role="admin"), password=GOOD)
    assert second.is_staff
    with pytest.raises(ValidationError, match="другой"):
        services.update_user(actor=zhanna, user=zhanna, values={"is_active": False})
    gone = services.update_user(actor=second, user=zhanna, values={"role": "manager"})
    assert not gone.is_staff
    with pytest.raises(ValidationError):
        services.update_user(actor=second, user=second, values={"role": "head"})


def test_one_account_one_employee(world):
    zhanna, person = world.users["zhanna"], factories.employee(world.noio1)
    services.update_user(actor=zhanna, user=world.users["boris"], values={}, employee=person)
    assert Employee.objects.get(user=world.users["boris"]) == person
    with pytest.raises(ValidationError) as error:
        services.update_user(
            actor=zhanna, user=world.users["boris"], values={}, employee=world.staff["anna"]
        )
    assert "employee" in error.value.message_dict
    services.update_user(actor=zhanna, user=world.users["boris"], values={}, employee=None)
    assert not Employee.objects.filter(user=world.users["boris"]).exists()


# --- keys -----------------------------------------------------------------------------------
def test_a_key_is_shown_once_and_works_until_revoked(world, client_as, api_as):
    api, admin = api_as("anonymous"), world.users["zhanna"]
    token, key = services.issue_token(
        actor=admin, user=world.users["reader"], name="Проба", scopes=["*:read"]
    )
    stored = ApiToken.objects.filter(pk=token.pk).values().get()
    assert key not in str(stored)
    assert key not in str(AuditEntry.objects.get(subject=reference(token)).after)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert api.get("/api/v1/clients/").status_code == 200
    services.revoke_token(actor=admin, token=token)
    assert api.get("/api/v1/clients/").status_code == 401
    before = AuditEntry.objects.count()
    services.revoke_token(actor=admin, token=token)
    assert AuditEntry.objects.count() == before


def test_keys_are_for_live_integrations(world, now):
    zhanna = world.users["zhanna"]
    for user in (world.users["anna"], world.users["zhanna"]):
        with pytest.raises(ValidationError):
            services.issue_token(actor=zhanna, user=user, name="x", scopes=["*:read"])
    with pytest.raises(ValidationError):
        services.issue_token(
            actor=zhanna,
            user=world.users["reader"],
            name="x",
            scopes=["*:read"],
            expires_at=now - timedelta(days=1),
        )
    with pytest.raises(Refused):
        services.issue_token(
            actor=world.users["elena"], user=world.users["reader"], name="x", scopes=["*:read"]
        )
    with pytest.raises(Refused):
        services.revoke_token(actor=world.users["elena"], token=ApiToken.objects.first())


def test_the_page_issues_and_forgets_the_key(world, client_as):
    browser = client_as("zhanna")
    answer = browser.post(
        reverse("token_add"),
        {
            "user": world.users["reader"].pk,
            "name": "КИС",
            "per_minute": 600,
            "scopes": ["clients:read", "usage:write"],
        },
    )
    page = answer.content.decode()
    token = ApiToken.objects.order_by("pk").last()
    assert token.scopes == ["clients:read", "usage:write"]
    assert page.count("lampa_") == 1
    assert "no-store" in answer["Cache-Control"]
    listed = browser.get(reverse("tokens")).content.decode()
    assert token.prefix in listed
    assert page.split('value="lampa_')[1].split('"')[0] not in listed
    asked = browser.get(reverse("token_revoke", args=[token.pk]))
    assert "Вернуть ключ нельзя" in asked.content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None  # a GET asks and writes nothing
    browser.post(reverse("token_revoke", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None


# --- Django admin ---------------------------------------------------------------------------
def test_the_admin_lets_administrators_in_alone(world):
    for persona in ("anna", "galina", "elena"):
        User.objects.filter(pk=world.users[persona].pk).update(is_staff=True, is_superuser=True)
        answer = browser_of(world, persona).get("/admin/", follow=True)
        assert answer.status_code == 403, persona
    answer = browser_of(world, "anonymous").get("/admin/")
    assert answer.status_code == 302
    login = browser_of(world, "anonymous").get(answer.url)
    assert reverse("account_login") in login.url  # never Django's own: it knows no second factor
    page = browser_of(world, "zhanna").get("/admin/").content.decode()
    assert "Сервисы" in page
    for foreign in ("auth/group", "accounts/user", "account/email", "mfa", "axes"):
        assert foreign not in page


def test_the_admin_writes_through_the_service(world):
    browser = browser_of(world, "zhanna")
    service = Service.objects.get(code="cok")
    values = {"label": "ЦОК", "long_label": "Полное", "order": "7"}
    browser.post(f"/admin/accounts/service/{service.pk}/change/", values)
    service.refresh_from_db()
    assert (service.long_label, service.version) == ("Полное", 2)
    entry = AuditEntry.objects.get(subject=reference(service))
    assert (entry.actor, entry.after["order"]) == (world.users["zhanna"], 7)
    browser.post("/admin/accounts/service/add/", values | {"code": "new", "label": "Новый"})
    assert AuditEntry.objects.filter(subject__startswith="accounts.service:").count() == 2
    answer = browser.post(f"/admin/accounts/service/{service.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
