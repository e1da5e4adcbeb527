"""Webhooks: signed, in order for each client, again until they arrive; nobody waits for another.

The receivers are small servers in threads; the installation permits 127.0.0.0/8 here.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Client
from core import clock, events, jobs, outgoing, webhooks
from core.enums import DeliveryStatus
from core.models import Delivery, DeliveryAttempt, Event, Webhook
from tests import factories
from tests.personas import World

NOW = datetime(2026, 9, 16, 7, 30, tzinfo=UTC)


class Receiver:
    """A server that keeps what it was sent and answers as told."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[dict[str, Any]], int] = lambda told: 200
        self.pause = 0.0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(owner.pause)
                owner.calls.append((dict(self.headers), body))
                code = owner.answer(json.loads(body))
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.calls]


@contextmanager
def listening() -> Iterator[Receiver]:
    found = Receiver()
    thread = threading.Thread(target=found.server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        found.server.server_close()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with listening() as found:
        yield found


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """A clock that a test moves on."""
    shown = [NOW]
    monkeypatch.setattr(clock, "now", lambda: shown[0])

    def move(by: timedelta) -> None:
        shown[0] += by

    return move


@pytest.fixture
def clients(db: None, moment: Any) -> Iterator[list[Client]]:
    events.register("test.happened", "Что-то случилось", Client)
    yield [factories.client(), factories.client()]
    del events._kinds["test.happened"]


def hook(url: str, **given: Any) -> Webhook:
    number = Webhook.objects.count()
    user = given.pop("user", None) or factories.user(f"robot{number}", Role.INTEGRATOR)
    values = {"name": f"КИС {number}", "url": url, "user": user, "kinds": ["test.happened"]}
    return Webhook.objects.create(salt="s" * 64, **(values | given))


def happen(*to: Client) -> None:
    for number, client in enumerate(to):
        events.publish("test.happened", subject=client, client=client, data={"n": number})
    events.sequence()


def send_due(row: Webhook) -> int:
    """What a thread of the receiver does, here and now."""
    sent = 0
    while (taken := webhooks.claim(row.pk, clock.now())) is not None:
        webhooks.deliver(taken)
        sent += 1
    return sent


def statuses(row: Webhook) -> list[str]:
    return list(
        Delivery.objects.filter(webhook=row).order_by("position").values_list("status", flat=True)
    )


# --- arriving --------------------------------------------------------------------------------
def test_an_event_arrives_signed(receiver: Receiver, clients: list[Client]) -> None:
    row = hook(receiver.url)
    happen(clients[0])
    assert send_due(row) == 1
    headers, body = receiver.calls[0]
    event = Event.objects.get()
    assert json.loads(body) == json.loads(json.dumps(events.as_json(event)))
    stamp, mark = (part.split("=", 1)[1] for part in headers["Lampa-Signature"].split(","))
    secret = webhooks._secret(row.salt).encode()
    expected = hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert (mark, int(stamp)) == (expected, int(NOW.timestamp()))
    assert headers["Lampa-Event"] == "test.happened"
    assert statuses(row) == [DeliveryStatus.DELIVERED]
    assert DeliveryAttempt.objects.get().code == 200


def test_only_what_the_webhooks_user_sees_is_sent(
    receiver: Receiver, world: World, moment: Any
) -> None:
    row = hook(receiver.url, user=world.users["galina"], kinds=["client.churned"])
    for whose, client in world.clients.items():
        churn = world.row("accounts.churn", whose)
        events.publish("client.churned", subject=churn, client=client)
    events.sequence()
    sent = set(Delivery.objects.filter(webhook=row).values_list("client_id", flat=True))
    assert sent == {world.clients["own"].pk, world.clients["colleague"].pk}


def test_a_renewed_secret_signs_beside_the_old_for_a_week(
    world: World, receiver: Receiver, clients: list[Client], moment: Any
) -> None:
    row = hook(receiver.url)
    old = webhooks._secret(row.salt)
    new = webhooks.renew_secret(actor=world.users["zhanna"], webhook=row, now=clock.now())
    row.refresh_from_db()

    def signs(secret: str) -> bool:
        stamp, *marks = webhooks.signature(row, b"x", clock.now()).split(",")
        signed = f"{stamp[2:]}.x".encode()
        return f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" in marks

    assert signs(old) and signs(new)
    moment(webhooks.SECRET_OVERLAP)
    assert signs(new) and not signs(old)


# --- failing ---------------------------------------------------------------------------------
def test_a_receiver_that_is_down_loses_nothing_and_gets_all_in_order(
    receiver: Receiver, clients: list[Client], moment: Any
) -> None:
    row = hook("http://127.0.0.1:1/")  # nobody listens there
    happen(*clients, *clients, *clients)
    for _ in range(8):
        send_due(row)
        moment(timedelta(hours=1))
    assert statuses(row) == [DeliveryStatus.PENDING] * 6
    Webhook.objects.update(url=receiver.url)
    for _ in range(8):
        moment(timedelta(hours=7))
        send_due(row)
    assert statuses(row) == [DeliveryStatus.DELIVERED] * 6
    places = [told["position"] for told in receiver.told()]
    for client in clients:
        mine = [told["position"] for told in receiver.told() if told["client"] == client.pk]
        assert mine == sorted(mine) and len(mine) == 3
    assert len(places) == len(set(places)) == 6


def test_a_failing_event_holds_back_its_client_alone(
    receiver: Receiver, clients: list[Client], moment: Any
) -> None:
    bad, good = clients
    row = hook(receiver.url)
    receiver.answer = lambda told: 500 if told["client"] == bad.pk else 200
    happen(bad, good, bad, good)
    send_due(row)
    P, D = DeliveryStatus.PENDING, DeliveryStatus.DELIVERED
    assert statuses(row) == [P, D, P, D]
    receiver.answer = lambda told: 200
    moment(timedelta(minutes=1))
    send_due(row)
    assert statuses(row) == [D, D, D, D]
    mine = [told["data"]["n"] for told in receiver.told() if told["client"] == bad.pk]
    assert mine == [0, 0, 2]  # once refused, then both in order


def test_waits_double_and_differ(clients: list[Client], moment: Any) -> None:
    waits = [webhooks._wait(n).total_seconds() for n in (1, 2, 3, 30)]
    for wait, middle in zip(waits, (10, 20, 40, 6 * 3600), strict=True):
        assert 0.8 * middle <= wait <= 1.2 * middle
    assert len({webhooks._wait(1) for _ in range(10)}) > 1


def test_a_receiver_that_only_fails_is_stopped_and_its_events_wait(
    world: World, receiver: Receiver, clients: list[Client], moment: Any
) -> None:
    row = hook(receiver.url)
    receiver.answer = lambda told: 500
    happen(*clients)
    for _ in range(200):
        send_due(row)
        moment(timedelta(hours=7))
        row.refresh_from_db()
        if row.stopped_at:
            break
    assert row.failures == webhooks.STOP_AFTER and "500" in row.stop_reason
    assert statuses(row) == [DeliveryStatus.PENDING] * 2
    happen(clients[0])  # a stopped one still gets its share
    assert send_due(row) == 0 and len(statuses(row)) == 3
    receiver.answer = lambda told: 200
    webhooks.start(actor=world.users["zhanna"], webhook=row, now=clock.now())
    assert send_due(row) == 3


def test_an_event_refused_too_often_while_others_arrive_waits_for_a_person(
    world: World, receiver: Receiver, clients: list[Client], moment: Any
) -> None:
    bad, good = clients
    row = hook(receiver.url)
    receiver.answer = lambda told: 500 if told["client"] == bad.pk else 200
    happen(bad, bad)
    for _ in range(webhooks.ATTEMPTS):
        happen(good)
        send_due(row)
        moment(timedelta(hours=8))
    first, second = Delivery.objects.filter(webhook=row, client_id=bad.pk).order_by("position")
    assert first.status == DeliveryStatus.FAILED
    assert DeliveryAttempt.objects.filter(delivery=first).count() == webhooks.ATTEMPTS
    # The next of that client still waits, until somebody gives the first up or sends it again.
    assert second.status == DeliveryStatus.PENDING
    receiver.answer = lambda told: 200
    webhooks.replay(actor=world.users["zhanna"], delivery=first, now=clock.now())
    assert send_due(row) == 2


def test_410_stops_at_once(receiver: Receiver, clients: list[Client]) -> None:
    row = hook(receiver.url)
    receiver.answer = lambda told: 410
    happen(clients[0])
    send_due(row)
    row.refresh_from_db()
    assert row.stopped_at and "410" in row.stop_reason


def test_a_redirect_is_not_followed(receiver: Receiver, clients: list[Client]) -> None:
    row = hook(receiver.url)
    receiver.answer = lambda told: 302
    happen(clients[0])
    send_due(row)
    assert statuses(row) == [DeliveryStatus.PENDING]
    assert "Перенаправления" in DeliveryAttempt.objects.get().error


def test_a_slow_receiver_is_given_up_in_time(receiver: Receiver) -> None:
    receiver.pause = 1.0
    answer = outgoing.post(receiver.url, b"{}", {}, seconds=0.3)
    assert answer.code is None and "Не ответил" in answer.error and answer.milliseconds < 900


def test_a_receiver_that_drips_is_given_up_in_time(settings: Any) -> None:
    """Each byte comes soon, the whole never: the deadline is of the whole."""
    import socket

    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        line, _ = server.accept()
        with line:
            for _ in range(40):
                try:
                    line.sendall(b"H")
                except OSError:
                    return
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    answer = outgoing.post(url, b"{}", {}, seconds=0.4)
    server.close()
    assert answer.code is None and answer.milliseconds < 1500


@pytest.mark.django_db(transaction=True)
def test_a_slow_receiver_holds_up_neither_the_worker_nor_another(
    settings: Any, clients: list[Client]
) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with listening() as slow, listening() as quick:
        slow.pause = 1.5
        rows = [hook(slow.url), hook(quick.url)]
        happen(*clients, *clients)
        started = time.monotonic()
        jobs.run_drains()
        assert time.monotonic() - started < 1.0  # the worker goes on at once
        deadline = time.monotonic() + 10
        while statuses(rows[1]).count("delivered") < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert statuses(rows[1]) == ["delivered"] * 4
        assert len(slow.calls) <= webhooks.COURIERS and statuses(rows[0]).count("delivered") < 4
        while webhooks._working.get(rows[0].pk) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert statuses(rows[0]) == ["delivered"] * 4


def test_a_killed_sender_loses_its_lease_and_no_event(
    receiver: Receiver, clients: list[Client], moment: Any
) -> None:
    row = hook(receiver.url)
    happen(clients[0])
    assert webhooks.claim(row.pk, clock.now()) is not None  # … and dies
    assert send_due(row) == 0
    moment(webhooks.LEASE)
    assert send_due(row) == 1


# --- where it may lead -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1/", "https://0177.0.0.1/", "https://2130706433/",
        "https://0x7f.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.0.0.7/",
        "https://[::ffff:a00:7]/", "https://169.254.169.254/", "https://[fe80::1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://0.0.0.0/",
        "https://100.64.0.1/", "https://224.0.0.1/", "https://[fd00::1]/", "https://192.168.0.1/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_however_written(url: str) -> None:
    with pytest.raises(outgoing.Forbidden):
        outgoing.check_url(url)
    assert outgoing.post(url, b"", {}).code is None


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "https://", "https://user:pw@example.org/", "file:///etc/passwd",
     "https://example.org/#x", "https://example.org:99999/", "https://пример.рф/", "example.org",
     "http://93.184.216.34/"],
)  # fmt: skip
def test_addresses_of_another_kind_are_refused(url: str) -> None:
    with pytest.raises(outgoing.Forbidden):
        outgoing.check_url(url)


def test_an_address_of_the_open_internet_passes() -> None:
    outgoing.check_url("https://93.184.216.34/hook?a=1")
    outgoing.check_url("https://example.org:8443/hook")


def test_a_name_is_judged_by_where_it_leads_and_resolved_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """DNS that gives a public address first and an inner one a moment later gains nothing."""
    asked: list[str] = []
    connected: list[str] = []

    def rebinding(host: str, port: Any = None, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("flags"):
            raise OSError  # not a number
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, port))]

    def connect(self: Any, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        connected.append(host)
        raise OSError("stop here")

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(outgoing.httpcore.SyncBackend, "connect_tcp", connect)
    outgoing.post("https://kis.example.org/", b"", {})
    assert (asked, connected) == (["kis.example.org"], ["93.184.216.34"])
    outgoing.post("https://kis.example.org/", b"", {})
    assert connected == ["93.184.216.34"]  # now it leads inside: no connection at all


def test_a_permitted_network_is_reached(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = ["10.1.0.0/16"]
    outgoing.check_url("http://10.1.2.3/")
    with pytest.raises(outgoing.Forbidden):
        outgoing.check_url("http://10.2.0.1/")


# --- pages -----------------------------------------------------------------------------------
def test_the_pages_add_show_test_and_stop(receiver: Receiver, client_as: Any, world: World) -> None:
    browser = client_as("zhanna")
    typed = {"name": "Склад", "url": "https://10.9.9.9/", "user": world.users["writer"].pk,
             "kinds": ["need.moved", "lamp.changed"]}  # fmt: skip
    refused = browser.post(reverse("webhook_add"), typed)
    assert refused.status_code == 422 and "10.9.9.9" in refused.content.decode()
    answer = browser.post(reverse("webhook_add"), typed | {"url": receiver.url})
    assert answer.status_code == 200 and answer.content.decode().count("whsec_") == 1
    row = Webhook.objects.get(name="Склад")
    assert row.kinds == ["need.moved", "lamp.changed"]
    page = browser.get(reverse("webhook", args=[row.pk])).content.decode()
    assert "whsec_" not in page and receiver.url in page
    browser.post(reverse("webhook_ping", args=[row.pk]))
    assert receiver.told()[0]["kind"] == "ping"
    browser.post(reverse("webhook_switch", args=[row.pk]))
    row.refresh_from_db()
    assert row.stopped_at
    assert "остановлен" in browser.get(reverse("panel_webhooks")).content.decode()


def test_who_sees_no_events_cannot_be_told_of_them(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        webhooks.add_webhook(
            actor=world.users["zhanna"],
            values={"name": "x", "url": "https://example.org/", "kinds": ["need.moved"],
                    "user": world.users["zhanna"]},
        )  # fmt: skip
    assert "user" in error.value.message_dict
