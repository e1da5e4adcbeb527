"""Contracts and their prices. A price holds from its day until the next one."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import OfferStage
from accounts.models import Client, Contract, ContractPrice, IndexationOffer
from core.policy import policy_for
from core.services import create, delete, update

AGREED = (
    "Клиент согласился на эту цену при индексации: верните предложение к переговорам, а цену, "
    "которая уже действует, исправьте."
)


@transaction.atomic
def save_contract(
    *,
    actor: Any,
    values: dict[str, Any],
    contract: Contract | None = None,
    version: int | None = None,
) -> Contract:
    """Add a contract, or change one; its client stays the same. Raises ValidationError, Refused."""
    policy_for(Contract).check(actor, "change" if contract else "add", contract)
    if contract is None:
        policy_for(Client).check(actor, "view", values["client"])
        return create(Contract(**values), actor=actor)
    if "client" in values and values["client"].pk != contract.client_id:
        raise ValidationError({"client": "Клиент договора не меняется."})
    return update(contract, values, actor=actor, version=version)


@transaction.atomic
def set_price(
    *,
    actor: Any,
    values: dict[str, Any],
    price: ContractPrice | None = None,
    version: int | None = None,
) -> ContractPrice:
    """Set a contract's monthly price from a day on, or correct one.

    Raises ValidationError where the day is outside the contract or inside its fixed period.
    """
    policy_for(ContractPrice).check(actor, "change" if price else "add", price)
    if price is not None and "contract" in values and values["contract"].pk != price.contract_id:
        raise ValidationError({"contract": "Договор цены не меняется."})
    contract = lock_contract(price.contract_id if price else values["contract"].pk)
    policy_for(Contract).check(actor, "view", contract)
    check_day(contract, values.get("effective_on", getattr(price, "effective_on", None)))
    if price is None:
        return create(ContractPrice(**(values | {"contract": contract})), actor=actor)
    return update(price, values, actor=actor, version=version)


@transaction.atomic
def delete_price(*, actor: Any, price: ContractPrice, version: int | None = None) -> None:
    """Delete a price entered by mistake; the one before it then holds on.

    Raises ValidationError where it is fixed, or where a client agreed to it.
    """
    policy_for(ContractPrice).check(actor, "delete", price)
    _not_fixed(lock_contract(price.contract_id), price.effective_on)
    agreed = IndexationOffer.objects.filter(
        contract=price.contract_id, stage=OfferStage.AGREED, effective_on=price.effective_on,
        price_after=price.monthly,
    )  # fmt: skip
    if agreed.exists():
        raise ValidationError(AGREED)
    delete(price, actor=actor, version=version)


def check_day(contract: Contract, day: date | None) -> None:
    """Refuse a price from a day on which the contract does not hold or its price is fixed."""
    if day is None:
        return
    if day < contract.starts_on or (contract.ends_on is not None and day >= contract.ends_on):
        raise ValidationError({"effective_on": "В этот день договор не действует."})
    _not_fixed(contract, day)


def _not_fixed(contract: Contract, day: date) -> None:
    if contract.is_fixed_on(day):
        raise ValidationError(
            {"effective_on": f"Цена зафиксирована по {contract.fixed_until:%d.%m.%Y}."}
        )


def lock_contract(pk: int) -> Contract:
    """The contract, held until the transaction ends: its prices are written by one at a time."""
    return Contract.objects.select_for_update(of=("self",)).get(pk=pk)
