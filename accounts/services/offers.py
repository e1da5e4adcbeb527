"""Offers of an indexation: made, agreed, excepted, refused. Agreement sets the new price."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from accounts import indexation
from accounts.enums import CampaignStatus, OfferStage
from accounts.models import ContractPrice, IndexationCampaign, IndexationOffer
from accounts.services.contracts import check_day, lock_contract
from accounts.services.reach import not_future
from core import audit, clock
from core.enums import AuditAction
from core.errors import Conflict, Refused
from core.policy import policy_for
from core.russian import roubles
from core.services import create, delete, update

OTHER_PRICE = "С {on:%d.%m.%Y} в договоре стоит другая цена, {price}: сначала исправьте её там."
CHANGED = "Цену с {on:%d.%m.%Y} после согласования изменили: сначала исправьте её в договоре."
_CLEARED: dict[str, Any] = {
    "agreed_percent": None,
    "agreed_on": None,
    "price_after": None,
    "effective_on": None,
    "is_exception": False,
    "exception_reason": "",
    "asked_by": None,
    "approved_by": None,
    "refused_on": None,
    "refusal_reason": "",
}


@transaction.atomic
def make_offer(
    *,
    actor: Any,
    offer: IndexationOffer,
    percent: Decimal,
    on: date,
    version: int | None = None,
) -> IndexationOffer:
    """Record what was offered and when. Raises ValidationError by field, Refused, Conflict."""
    fresh = _lock(actor, offer, version)
    not_future("offered_on", on)
    if fresh.stage not in {OfferStage.PLANNED, OfferStage.OFFERED}:
        # What was agreed, refused or asked for goes back by a step of its own, which clears it.
        raise ValidationError(f"«{fresh.get_stage_display()}»: сначала верните к предложению.")
    if on < fresh.campaign.starts_on:
        raise ValidationError({"offered_on": "Переговоры ещё не начались."})
    values = {"stage": OfferStage.OFFERED, "offered_percent": percent, "offered_on": on}
    return update(fresh, values, actor=actor)


@transaction.atomic
def make_offers(*, actor: Any, campaign: IndexationCampaign, offers: Any, on: date) -> int:
    """Offer the planned per cent to all planned rows of a queryset; how many. One statement.

    Only rows of the campaign that the actor may see.
    """
    policy_for(IndexationOffer).check(actor, "change")
    not_future("offered_on", on)
    running = IndexationCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    _running(running)
    if on < running.starts_on:
        raise ValidationError({"offered_on": "Переговоры ещё не начались."})
    seen = policy_for(IndexationOffer).visible_to(actor)
    chosen = seen.filter(pk__in=offers.order_by().values("pk"), campaign=running)
    made = IndexationOffer.objects.filter(
        pk__in=chosen.order_by().values("pk"), stage=OfferStage.PLANNED
    ).update(
        stage=OfferStage.OFFERED,
        offered_percent=F("planned_percent"),
        offered_on=on,
        version=F("version") + 1,
    )
    if made:
        audit.record(
            actor=actor,
            action=AuditAction.EVENT,
            subject=running,
            after={"offers_made": made, "offered_on": on},
        )
    return made


@transaction.atomic
def agree(
    *,
    actor: Any,
    offer: IndexationOffer,
    percent: Decimal,
    on: date,
    version: int | None = None,
) -> IndexationOffer:
    """Record the agreement; the new price is paid from the campaign's day or from the month after.

    A per cent outside the limits is an exception: ask for it. Raises ValidationError by field.
    """
    fresh = _lock(actor, offer, version)
    not_future("agreed_on", on)
    _may(fresh, OfferStage.AGREED)
    if fresh.stage == OfferStage.EXCEPTION:
        raise ValidationError("Исключение ждёт утверждения другого человека.")
    if not indexation.is_within(percent, fresh.floor, fresh.ceiling):
        raise ValidationError(
            {"agreed_percent": "Процент вне границ сегмента: запросите исключение."}
        )
    if fresh.offered_on and on < fresh.offered_on:
        raise ValidationError({"agreed_on": "Согласовано раньше, чем предложено."})
    return _agreed(fresh, percent, on, actor)


@transaction.atomic
def ask_exception(
    *,
    actor: Any,
    offer: IndexationOffer,
    percent: Decimal,
    on: date,
    reason: str,
    version: int | None = None,
) -> IndexationOffer:
    """Ask for a per cent outside the limits; until another approves it, it does not count."""
    fresh = _lock(actor, offer, version)
    not_future("agreed_on", on)
    _may(fresh, OfferStage.EXCEPTION)
    values = {
        "stage": OfferStage.EXCEPTION,
        "is_exception": True,
        "agreed_percent": percent,
        "agreed_on": on,
        "exception_reason": reason,
        "asked_by": actor,
    }
    return update(fresh, values, actor=actor)


@transaction.atomic
def approve_exception(
    *, actor: Any, offer: IndexationOffer, version: int | None = None
) -> IndexationOffer:
    """Approve another's exception; then it counts and its price is set."""
    fresh = _lock(actor, offer, version, "approve")
    _waiting(fresh)
    if fresh.asked_by_id == actor.pk:
        raise Refused("Исключение утверждает другой человек.")
    assert fresh.agreed_percent is not None and fresh.agreed_on is not None
    return _agreed(fresh, fresh.agreed_percent, fresh.agreed_on, actor, approved_by=actor)


@transaction.atomic
def decline_exception(
    *, actor: Any, offer: IndexationOffer, version: int | None = None
) -> IndexationOffer:
    """Send an exception back to where it came from."""
    fresh = _lock(actor, offer, version, "approve")
    _waiting(fresh)
    back = OfferStage.OFFERED if fresh.offered_on else OfferStage.PLANNED
    return update(fresh, _CLEARED | {"stage": back}, actor=actor)


@transaction.atomic
def refuse(
    *,
    actor: Any,
    offer: IndexationOffer,
    on: date,
    reason: str,
    version: int | None = None,
) -> IndexationOffer:
    """Record that the client refused, and why."""
    fresh = _lock(actor, offer, version)
    not_future("refused_on", on)
    _may(fresh, OfferStage.REFUSED)
    if fresh.offered_on and on < fresh.offered_on:
        raise ValidationError({"refused_on": "Отказ раньше, чем предложено."})
    values = {"stage": OfferStage.REFUSED, "refused_on": on, "refusal_reason": reason}
    return update(fresh, values, actor=actor)


@transaction.atomic
def reopen(*, actor: Any, offer: IndexationOffer, version: int | None = None) -> IndexationOffer:
    """Take an agreement or a refusal back to the offer, while the new price is not paid yet."""
    fresh = _lock(actor, offer, version)
    _may(fresh, OfferStage.OFFERED)
    if fresh.stage not in {OfferStage.AGREED, OfferStage.REFUSED}:
        raise ValidationError("Возвращать нечего: предложение ещё в переговорах.")
    if fresh.offered_on is None:
        raise ValidationError("Исключение без предложения не возвращают: измените цену договора.")
    if fresh.stage == OfferStage.AGREED:
        assert fresh.effective_on is not None
        if fresh.effective_on <= clock.today():
            raise ValidationError("Новая цена уже действует: измените её в договоре.")
        contract = lock_contract(fresh.contract_id)
        price = contract.prices.filter(effective_on=fresh.effective_on).first()
        if price is not None:
            if price.monthly != fresh.price_after:
                raise ValidationError(CHANGED.format(on=fresh.effective_on))
            delete(price, actor=actor)
    return update(fresh, _CLEARED | {"stage": OfferStage.OFFERED}, actor=actor)


def _agreed(
    offer: IndexationOffer, percent: Decimal, on: date, actor: Any, **more: Any
) -> IndexationOffer:
    effective = indexation.takes_effect(on, offer.campaign.effective_on)
    price = indexation.raised(offer.price_before, percent)
    contract = lock_contract(offer.contract_id)
    try:
        check_day(contract, effective)
    except ValidationError as error:
        raise ValidationError({"agreed_on": error.messages}) from error
    present = contract.prices.filter(effective_on=effective).first()
    if present is None:
        create(ContractPrice(contract=contract, effective_on=effective, monthly=price), actor=actor)
    elif present.monthly != price:
        # Written over, it would be lost for good where the agreement is taken back.
        told = OTHER_PRICE.format(on=effective, price=roubles(present.monthly))
        raise ValidationError({"agreed_on": told})
    values = {
        "stage": OfferStage.AGREED,
        "agreed_percent": percent,
        "agreed_on": on,
        "price_after": price,
        "effective_on": effective,
    }
    return update(offer, values | more, actor=actor)


def _lock(
    actor: Any, offer: IndexationOffer, version: int | None, action: str = "change"
) -> IndexationOffer:
    policy_for(IndexationOffer).check(actor, action, offer)
    rows = IndexationOffer.objects.select_for_update(of=("self",)).select_related("campaign")
    fresh = rows.get(pk=offer.pk)
    if version is not None and fresh.version != version:
        raise Conflict(current=fresh, typed={})
    _running(fresh.campaign)
    return fresh


def _running(campaign: IndexationCampaign) -> None:
    if campaign.status != CampaignStatus.RUNNING:
        raise ValidationError("Кампания не идёт: записать нельзя.")


def _may(offer: IndexationOffer, to: str) -> None:
    if not indexation.may_move(offer.stage, to):
        label = OfferStage(to).label.lower()
        raise ValidationError(f"Из «{offer.get_stage_display()}» нельзя в «{label}».")


def _waiting(offer: IndexationOffer) -> None:
    if offer.stage != OfferStage.EXCEPTION:
        raise ValidationError("Исключение уже рассмотрено.")
