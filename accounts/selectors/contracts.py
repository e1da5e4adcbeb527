"""Reads of contracts and prices: lists, the price of a client on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import DecimalField, OuterRef, Subquery

from accounts.models import Client, Contract, ContractPrice
from core.policy import policy_for

ZERO = Decimal(0)
# The contracts that hold on a day with the price of that day; parameters: the day, three times.
PRICED = """
    SELECT c.id AS contract_id, c.client_id, p.monthly
    FROM accounts_contract c
    JOIN LATERAL (
        SELECT monthly FROM accounts_contractprice
        WHERE contract_id = c.id AND effective_on <= %s ORDER BY effective_on DESC LIMIT 1
    ) p ON true
    WHERE c.starts_on <= %s AND (c.ends_on IS NULL OR c.ends_on > %s)
"""


def with_price(contracts: Any, on: date) -> Any:
    """Contracts with `price`: roubles a month in force on a day, None before the first price."""
    newest = ContractPrice.objects.filter(contract=OuterRef("pk"), effective_on__lte=on)
    return contracts.annotate(
        price=Subquery(
            newest.order_by("-effective_on").values("monthly")[:1],
            output_field=DecimalField(max_digits=12, decimal_places=2),
        )
    )


def contracts_for(user: Any, on: date) -> Any:
    """The contracts that a user may see, with the price of a day."""
    rows = policy_for(Contract).visible_to(user).select_related("client", "client__unit")
    return with_price(rows, on)


def prices_for(user: Any) -> Any:
    """The prices that a user may see."""
    return policy_for(ContractPrice).visible_to(user).select_related("contract")


@dataclass(frozen=True)
class ClientPrices:
    """A client's contracts that hold on a day and what they cost together a month."""

    contracts: list[Contract]
    monthly: Decimal | None


def contracts_of(client: Client, on: date) -> ClientPrices:
    """The contracts of a client in force on a day, each with `price`, and their sum in roubles a
    month; None where no price is known."""
    rows = with_price(Contract.objects.current_on(on).filter(client=client), on)
    found = list(rows.order_by("number"))
    known = [row.price for row in found if row.price is not None]  # type: ignore[attr-defined]
    return ClientPrices(found, sum(known, ZERO) if known else None)


def prices_of(contract: Contract) -> list[ContractPrice]:
    """The prices of a contract, latest first."""
    return list(contract.prices.order_by("-effective_on"))


def monthly_by_client(on: date, clients: Iterable[int] | None = None) -> dict[int, Decimal]:
    """Roubles a month by client on a day, one query for all clients or for those given."""
    wanted = None if clients is None else sorted(set(clients))
    statement = f"""
        SELECT client_id, sum(monthly) FROM ({PRICED}) priced
        WHERE %s::bigint[] IS NULL OR client_id = ANY(%s::bigint[]) GROUP BY client_id
    """  # noqa: S608 (our own words)
    with connection.cursor() as cursor:
        cursor.execute(statement, [on, on, on, wanted, wanted])
        return dict(cursor.fetchall())
