"""Log-in: guesses run out, strangers learn nothing, and access ends when it is taken away."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from tests import factories
from tests.personas import World

LOGIN = "/account/login/"
WRONG = "not-the-password"


def enter(name: str, password: str, browser: Client | None = None, **headers: str) -> Any:
    browser = browser or Client()
    return browser.post(LOGIN, {"login": name, "password": password}, **headers)


def plain(response: Any) -> str:
    """An answer without what differs by itself: tokens, ids, the name that was typed."""
    changing = r'value="[^"]*"|"X-CSRFToken": "[^"]*"|[0-9a-f]{8}-[0-9a-f-]{27}'
    body = re.sub(changing, "", response.content.decode())
    return re.sub(r"\s+", " ", body)


@pytest.mark.django_db
def test_the_right_password_lets_in_and_the_session_changes(world: World) -> None:
    browser = Client()
    browser.get(LOGIN)
    before = browser.cookies.get("sessionid")
    assert enter("anna", factories.PASSWORD, browser).status_code == 302
    after = browser.cookies["sessionid"]
    assert after["httponly"] and after["samesite"] == "Lax"
    assert before is None or before.value != after.value
    assert browser.get("/clients/").status_code == 200


@pytest.mark.django_db
def test_after_five_wrong_guesses_the_right_one_does_not_help(world: World) -> None:
    answers = [enter("anna", WRONG).status_code for _ in range(5)]
    assert answers[:4] == [200] * 4
    locked = enter("anna", factories.PASSWORD)
    assert locked.status_code == 429
    assert "sessionid" not in locked.cookies
    assert enter("boris", factories.PASSWORD).status_code == 302, "others are not locked out"


@pytest.mark.django_db
def test_another_address_does_not_open_the_lock(world: World) -> None:
    for n in range(6):
        enter("anna", WRONG, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}", REMOTE_ADDR=f"10.1.0.{n}")
    answer = enter("anna", factories.PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.9")
    assert answer.status_code == 429


@pytest.mark.django_db
def test_an_unknown_name_is_answered_like_a_known_one(world: World) -> None:
    for _ in range(2):
        known, unknown = enter("anna", WRONG), enter("nosuchperson", WRONG)
        assert (known.status_code, plain(known)) == (unknown.status_code, plain(unknown))
    for _ in range(5):
        known, unknown = enter("anna", WRONG), enter("nosuchperson", WRONG)
    assert (known.status_code, plain(known)) == (unknown.status_code, plain(unknown))
    assert known.status_code == 429


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["igor", "reader"])
def test_the_dismissed_and_integrations_have_no_entrance(world: World, name: str) -> None:
    browser = Client()
    enter(name, factories.PASSWORD, browser)
    assert browser.get("/clients/").status_code == 302
    assert "_auth_user_id" not in browser.session


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_few_reach_the_password(monkeypatch) -> None:
    factories.user("anna")
    checked: list[str] = []

    def counting(password: str, encoded: str, *args: Any, **kwargs: Any) -> bool:
        checked.append(password)
        return check_password(password, encoded)

    monkeypatch.setattr("django.contrib.auth.base_user.check_password", counting)
    start = threading.Barrier(20)
    answers: list[int] = []

    def guess(n: int) -> None:
        try:
            start.wait()
            answers.append(enter("anna", f"{WRONG}{n}").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(answers) == 20 and set(answers) <= {200, 429}, answers
    assert len(checked) <= 10, f"{len(checked)} guesses reached the password"
    if len(checked) >= 5:  # the rest waited too long for their turn and was never looked at
        assert enter("anna", factories.PASSWORD).status_code == 429


# --- access that was taken away --------------------------------------------------------------
@pytest.mark.django_db
def test_a_deactivated_person_is_out_on_the_next_request(world: World, client_as) -> None:
    browser = client_as("anna")
    assert browser.get("/clients/").status_code == 200
    User.objects.filter(username="anna").update(is_active=False)
    assert browser.get("/clients/").status_code == 302
    again = Client()
    enter("anna", factories.PASSWORD, again)
    assert "_auth_user_id" not in again.session


@pytest.mark.django_db
def test_a_role_or_a_place_that_changed_acts_on_the_next_request(world: World, client_as) -> None:
    browser = client_as("galina")
    own = f"/clients/{world.clients['own'].pk}/"
    assert browser.get(own).status_code == 200
    world.staff["galina"].positions.update(unit=world.noio2)
    assert browser.get(own).status_code == 404
    User.objects.filter(username="galina").update(role=Role.ADMIN)
    assert browser.get(own).status_code == 403


@pytest.mark.django_db
def test_a_substitution_that_ended_ends_the_sight(world: World, client_as, today) -> None:
    browser = client_as("zoya")
    own = f"/clients/{world.clients['own'].pk}/"
    assert browser.get(own).status_code == 200
    world.staff["anna"].substituted_by.update(ends_on=today)
    assert browser.get(own).status_code == 404


@pytest.mark.django_db
def test_a_new_password_ends_the_other_sessions(world: World, client_as) -> None:
    browser = client_as("anna")
    user = User.objects.get(username="anna")
    user.set_password("another-horse-battery-9")
    user.save()
    assert browser.get("/clients/").status_code == 302


# --- the second factor -----------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "forced"), [("elena", True), ("zhanna", True), ("anna", False)])
def test_who_answers_for_the_whole_needs_a_second_factor(
    client_as: Callable[[str], Client], settings: Any, name: str, forced: bool
) -> None:
    settings.SECOND_FACTOR_ROLES = ["manager", "admin"]
    browser = client_as(name)
    for path in ("/", "/help/", "/api/v1/units/", "/admin/"):
        answer = browser.get(path)
        led = answer.status_code == 302 and "/2fa/totp/activate/" in answer["Location"]
        assert led == forced, path
    assert browser.get("/static/css/lampa.css").status_code != 302
    assert browser.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_a_password_alone_is_half_an_entrance_where_a_second_factor_is_set(
    world: World, settings: Any
) -> None:
    """With TOTP on, neither the log-in page nor the admin's lets in by password."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    settings.SECOND_FACTOR_ROLES = ["manager", "admin"]
    User.objects.filter(username="zhanna").update(is_staff=True)
    user = User.objects.get(username="zhanna")
    TOTP.activate(user, generate_totp_secret())
    for door in (LOGIN, "/admin/login/"):
        browser = Client()
        names = {"login": "zhanna", "username": "zhanna", "password": factories.PASSWORD}
        browser.post(door, names)
        assert "_auth_user_id" not in browser.session, door
        assert browser.get("/users/").status_code == 302
