"""Events sent to other systems: signed, in order for each client, again until they arrive.

An event becomes a delivery for every webhook whose user may see it, in the transaction in
which it gets its place in the feed. Threads of a receiver's own (`COURIERS`) take deliveries
with a lease and send them outside any transaction: a slow receiver holds up itself alone, a
killed process loses a lease and no event. Whatever may come twice bears its number.

A failed delivery waits longer each time and holds back later ones of its client to that
receiver; a receiver that fails altogether is left alone longer each time, and stopped at last.
"""

import hashlib
import hmac
import json
import logging
import random
import secrets
import threading
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from core import audit, clock, events, jobs, outgoing
from core.enums import AuditAction, DeliveryStatus
from core.models import Delivery, DeliveryAttempt, Event, Webhook
from core.outgoing import Answer
from core.policy import policy_for
from core.services import create, update

log = logging.getLogger(__name__)

COURIERS = 2  # sendings to one receiver at once, in one process
LEASE = timedelta(seconds=60)
ATTEMPTS = 12  # of one delivery, while others arrive
PATIENCE = 3  # failures in a row after which the receiver itself is left alone
STOP_AFTER = 30  # failures in a row, most of them an hour apart: most of a day
SECRET_OVERLAP = timedelta(days=7)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=6)
_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(hours=1)
PING = "ping"
_dice = random.SystemRandom()


# --- whom to tell ----------------------------------------------------------------------------
def _secret(salt: str) -> str:
    key = settings.TOKEN_PEPPER.encode()
    return "whsec_" + hmac.new(key, f"webhook:{salt}".encode(), hashlib.sha256).hexdigest()


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    if "url" in values:
        try:
            outgoing.check_url(values["url"])
        except outgoing.Forbidden as refusal:
            raise ValidationError({"url": str(refusal)}) from refusal
    known = {kind.name for kind in events.kinds()}
    if "kinds" in values and not (values["kinds"] and known.issuperset(values["kinds"])):
        raise ValidationError({"kinds": "Отметьте хотя бы одно событие."})
    if "user" in values and not policy_for(Event).can(values["user"], "view"):
        raise ValidationError({"user": "Эта учётная запись событий не видит."})
    return values


@transaction.atomic
def add_webhook(*, actor: Any, values: dict[str, Any]) -> tuple[Webhook, str]:
    """Begin to send events to an address; its secret is returned here and never again.

    Raises ValidationError by field: `url`, `kinds`, `user`.
    """
    policy_for(Webhook).check(actor, "add")
    row = Webhook(salt=secrets.token_hex(32), **_checked(values))
    return create(row, actor=actor), _secret(row.salt)


@transaction.atomic
def update_webhook(
    *, actor: Any, webhook: Webhook, values: dict[str, Any], version: int | None = None
) -> Webhook:
    """Change what is sent, where, or as whom; what already waits is sent to the new address."""
    policy_for(Webhook).check(actor, "change", webhook)
    return update(webhook, _checked(values), actor=actor, version=version)


@transaction.atomic
def renew_secret(*, actor: Any, webhook: Webhook, now: datetime) -> str:
    """A new secret; the old one signs beside it for `SECRET_OVERLAP`."""
    policy_for(Webhook).check(actor, "change", webhook)
    fresh = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    salt = secrets.token_hex(32)
    overlap = {"old_salt": fresh.salt, "old_until": now + SECRET_OVERLAP}
    update(fresh, overlap | {"salt": salt}, actor=actor)
    return _secret(salt)


@transaction.atomic
def stop(*, actor: Any, webhook: Webhook, reason: str, now: datetime) -> Webhook:
    """Send no more; events wait in order."""
    if actor is not None:
        policy_for(Webhook).check(actor, "change", webhook)
    return update(webhook, {"stopped_at": now, "stop_reason": reason}, actor=actor)


@transaction.atomic
def start(*, actor: Any, webhook: Webhook, now: datetime) -> Webhook:
    """Send again, from what waits first."""
    policy_for(Webhook).check(actor, "change", webhook)
    values = {"stopped_at": None, "stop_reason": "", "failures": 0, "retry_at": None}
    row = update(webhook, values, actor=actor)
    waiting = Delivery.objects.filter(webhook=row, status=DeliveryStatus.PENDING)
    waiting.update(next_at=now, attempts=0)
    return row


@transaction.atomic
def replay(*, actor: Any, delivery: Delivery, now: datetime) -> None:
    """Send an event to its receiver once more, delivered or not."""
    policy_for(Webhook).check(actor, "change", delivery.webhook)
    values = {"status": DeliveryStatus.PENDING, "next_at": now, "attempts": 0, "lease_until": None}
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    audit.record(actor=actor, action=AuditAction.EVENT, subject=delivery.webhook,
                 after={"отправлено снова": delivery.position})  # fmt: skip


@transaction.atomic
def skip(*, actor: Any, delivery: Delivery) -> None:
    """Give up an event that the receiver does not take, and let its client's later ones pass."""
    policy_for(Webhook).check(actor, "change", delivery.webhook)
    waiting = [DeliveryStatus.PENDING, DeliveryStatus.FAILED]
    skipped = Delivery.objects.filter(pk=delivery.pk, status__in=waiting)
    if skipped.update(status=DeliveryStatus.SKIPPED):
        audit.record(actor=actor, action=AuditAction.EVENT, subject=delivery.webhook,
                     after={"пропущено": delivery.position})  # fmt: skip


@events.read_placed
def address(placed: list[int]) -> None:
    """Make deliveries of events that have just got their places."""
    now = clock.now()
    for webhook in Webhook.objects.select_related("user"):
        seen = Event.objects.filter(pk__in=placed, kind__in=webhook.kinds)
        rows = policy_for(Event).visible_to(webhook.user, seen).order_by("position")
        Delivery.objects.bulk_create(
            Delivery(webhook=webhook, event_id=pk, position=position, client_id=client, next_at=now)
            for pk, position, client in rows.values_list("pk", "position", "client_id")
        )


# --- sending ---------------------------------------------------------------------------------
def signature(webhook: Webhook, body: bytes, now: datetime) -> str:
    """`t=<unix time>,v1=<hex>`: HMAC-SHA256 over "<time>.<body>", once for each live secret."""
    salts = [webhook.salt]
    if webhook.old_salt and webhook.old_until and webhook.old_until > now:
        salts.append(webhook.old_salt)
    stamp = str(int(now.timestamp()))
    signed = stamp.encode() + b"." + body
    marks = [hmac.new(_secret(salt).encode(), signed, hashlib.sha256).hexdigest() for salt in salts]
    return ",".join([f"t={stamp}", *(f"v1={mark}" for mark in marks)])


def _send(webhook: Webhook, told: dict[str, Any], number: str) -> Answer:
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Lampa",
        "Lampa-Event": told["kind"],
        "Lampa-Delivery": number,
        "Lampa-Signature": signature(webhook, body, clock.now()),
    }
    return outgoing.post(webhook.url, body, headers)


def ping(*, actor: Any, webhook: Webhook) -> Answer:
    """Send a signed call that tells of nothing, to see whether the receiver takes it."""
    policy_for(Webhook).check(actor, "change", webhook)
    told = {"position": 0, "kind": PING, "at": clock.now().isoformat(), "subject": None,
            "client": None, "data": {}}  # fmt: skip
    return _send(webhook, told, PING)


@transaction.atomic
def claim(webhook_id: int, at: datetime) -> Delivery | None:
    """Take the first delivery of a receiver that is due and that nothing of its client precedes."""
    earlier = Delivery.objects.filter(
        webhook_id=webhook_id,
        client_id=OuterRef("client_id"),
        position__lt=OuterRef("position"),
        status__in=[DeliveryStatus.PENDING, DeliveryStatus.FAILED],
    )
    found = (
        _due(at)
        .filter(~Exists(earlier), webhook_id=webhook_id)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("webhook", "event")
        .order_by("position")
        .first()
    )
    if found is not None:
        found.lease_until = at + LEASE
        found.save(update_fields=["lease_until"])
    return found


def _due(at: datetime) -> Any:
    return Delivery.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=at),
        Q(webhook__retry_at=None) | Q(webhook__retry_at__lte=at),
        status=DeliveryStatus.PENDING,
        next_at__lte=at,
        webhook__stopped_at=None,
    )


def deliver(delivery: Delivery) -> bool:
    """Send a claimed delivery and note how it went; whether it arrived."""
    answer = _send(delivery.webhook, events.as_json(delivery.event), str(delivery.pk))
    return settle(delivery, answer, clock.now())


@transaction.atomic
def settle(delivery: Delivery, answer: Answer, now: datetime) -> bool:
    """Note an attempt: done, or later again; a receiver that only fails is stopped."""
    DeliveryAttempt.objects.create(
        delivery=delivery,
        at=now,
        code=answer.code,
        milliseconds=answer.milliseconds,
        error=answer.error[:300],
    )
    webhook = Webhook.objects.select_for_update(of=("self",)).get(pk=delivery.webhook_id)
    arrived = answer.code is not None and 200 <= answer.code < 300
    mine = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING)
    if arrived:
        mine.update(status=DeliveryStatus.DELIVERED, attempts=F("attempts") + 1, lease_until=None)
        if webhook.failures:
            Webhook.objects.filter(pk=webhook.pk).update(failures=0, retry_at=None)
        return True
    attempts = delivery.attempts + 1
    others_arrive = webhook.failures < PATIENCE
    mine.update(
        status=DeliveryStatus.FAILED
        if attempts >= ATTEMPTS and others_arrive
        else DeliveryStatus.PENDING,
        attempts=min(attempts, 1000),
        next_at=now + _wait(attempts),
        lease_until=None,
    )
    if webhook.retry_at is None or webhook.retry_at <= now:
        _fail(webhook, answer, now)
    return False


def _wait(attempts: int) -> timedelta:
    """How long a delivery waits after so many failures: doubled, and never all at once."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempts - 1, 20)) * _dice.uniform(0.8, 1.2)


def _fail(webhook: Webhook, answer: Answer, now: datetime) -> None:
    """Count a failure of a receiver that was not being left alone."""
    failures = webhook.failures + 1
    rest = None
    if failures >= PATIENCE:
        rest = now + min(_LONGEST_REST, _FIRST_REST * 2 ** min(failures - PATIENCE, 20))
    Webhook.objects.filter(pk=webhook.pk).update(failures=failures, retry_at=rest)
    if answer.code == 410:
        stop(
            actor=None, webhook=webhook, reason="Получатель ответил 410: больше не нужен.", now=now
        )
    elif failures >= STOP_AFTER:
        said = answer.error or f"ответ {answer.code}"
        reason = f"{failures} неудач подряд, последняя: {said}"[:300]
        stop(actor=None, webhook=webhook, reason=reason, now=now)


# --- threads ---------------------------------------------------------------------------------
_working: dict[int, int] = {}
_guard = threading.Lock()


@jobs.drain("webhooks")
def dispatch() -> int:
    """Start threads for receivers that something is due to; waits for none of them."""
    waiting = _due(clock.now()).order_by().values_list("webhook_id", flat=True).distinct()
    started = 0
    for webhook_id in list(waiting):
        with _guard:
            free = COURIERS - _working.get(webhook_id, 0)
            _working[webhook_id] = COURIERS
        for _ in range(free):
            threading.Thread(target=_courier, args=[webhook_id], daemon=True).start()
            started += 1
    return started


def _courier(webhook_id: int) -> None:
    """Send what is due to one receiver, one after another, until nothing is."""
    try:
        while (taken := claim(webhook_id, clock.now())) is not None:
            deliver(taken)
    except Exception:
        log.exception("webhook %s could not be served", webhook_id)
    finally:
        connection.close()
        with _guard:
            _working[webhook_id] -= 1
