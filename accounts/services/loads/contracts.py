"""Contracts and their prices, many at a time."""

from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Contract, ContractPrice
from accounts.services.contracts import check_day
from accounts.services.loads.lookups import clients_of, require
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, lock_rows, save_many

_CONTRACT = (
    "number", "kit", "starts_on", "ends_on", "fixed_from", "fixed_until", "external_id",
)  # fmt: skip


def load_contracts(batch: Batch) -> None:
    """Write contracts, found by number. The client of a contract stays."""
    for row in batch.good:
        require(row, "number")
    clients = clients_of(batch)
    stored = by(_contracts(batch, "number"), "number")
    lines = []
    for row in batch.good:
        client, present = clients[row.number], stored.get(row.values["number"])
        values = {name: row.values[name] for name in _CONTRACT if name in row.values}
        if present is None:
            if require(row, "kit", "starts_on"):
                lines.append(Line(row, Contract(), values | {"client": client}))
        elif present.client_id != client.pk:
            row.refuse("", "Клиент договора не меняется.")
        else:
            present.client = client  # loaded already: the audit row names it
            lines.append(Line(row, present, values))
    save_many(batch, lines)


def load_prices(batch: Batch) -> None:
    """Write monthly prices, found by the number of the contract and the first day.

    A price that is new or another is judged as a single one: within the contract, outside the
    days on which its price is fixed.
    """
    for row in batch.good:
        require(row, "contract", "effective_on", "monthly")
    contracts = by(_contracts(batch, "contract"), "number")
    held = lock_rows(ContractPrice.objects.filter(contract__in=contracts.values()))
    stored = by(held, "contract_id", "effective_on")
    lines: dict[int, Line] = {}
    keys: dict[int, Any] = {}
    for row in batch.good:
        contract = contracts.get(row.values["contract"])
        if contract is None:
            row.refuse("contract", "Договор не найден.")
            continue
        keys[row.number] = (contract.pk, row.values["effective_on"])
        present = stored.get(keys[row.number])
        if (present is None or present.monthly != row.values["monthly"]) and not _fits(
            row, contract
        ):
            continue
        values = {"effective_on": row.values["effective_on"], "monthly": row.values["monthly"]}
        price = present or ContractPrice()
        lines[row.number] = Line(row, price, values | {"contract": contract})
    batch.refuse_doubles(keys)
    save_many(batch, [lines[row.number] for row in batch.good])


def _contracts(batch: Batch, column: str) -> list[Contract]:
    """The contracts in scope whose numbers stand in a column, under lock, clients loaded."""
    seen = Contract.objects.visible_to(batch.actor).order_by()
    return lock_rows(seen.filter(number__in=batch.given(column)).select_related("client"))


def _fits(row: Row, contract: Contract) -> bool:
    try:
        check_day(contract, row.values["effective_on"])
    except ValidationError as error:
        row.refuse_with(error)
        return False
    return True
