"""Prices as the client knows them: contracts, their prices by date, what is agreed or offered.

Of an indexation only what was said to the client is read: an offer that was made and an
agreement. Plans, limits, exceptions and the reasons of refusals belong to the inside view.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from accounts.enums import OfferStage
from accounts.indexation import raised
from accounts.models import Client, Contract, ContractPrice, IndexationOffer
from reports.snapshot import Deal, NextPrice, PriceState, PriceStep

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Contracted:
    """A contract with its prices by date and the indexations that its client was told of."""

    contract: Contract
    prices: Sequence[ContractPrice]
    offers: Sequence[IndexationOffer]

    @property
    def last_day(self) -> date | None:
        ends_on = self.contract.ends_on
        return ends_on - _DAY if ends_on else None


def contracts_within(client: Client, since: date, until: date, on: date) -> list[Contracted]:
    """The contracts of a client that held on some day of a period, with what was told by a day.

    Three queries however many there are.
    """
    told = Q(stage=OfferStage.OFFERED, offered_on__lte=on) | Q(
        stage=OfferStage.AGREED, agreed_on__lte=on
    )
    contracts = Contract.objects.filter(client=client, starts_on__lte=until).filter(
        Q(ends_on=None) | Q(ends_on__gt=since)
    )
    found = list(contracts.order_by("number"))
    prices = list(ContractPrice.objects.filter(contract__in=found).order_by("effective_on"))
    offers = list(
        IndexationOffer.objects.filter(told, contract__in=found)
        .select_related("campaign")
        .order_by("campaign__effective_on")
    )
    return [
        Contracted(
            contract,
            [price for price in prices if price.contract_id == contract.pk],
            [offer for offer in offers if offer.contract_id == contract.pk],
        )
        for contract in found
    ]


def deals_of(rows: Iterable[Contracted], since: date, until: date) -> tuple[Deal, ...]:
    """Section 4: each contract with its price at the beginning and every change within."""
    found = []
    for row in rows:
        contract, last = row.contract, row.last_day
        fixed = contract.fixed_until is not None and contract.fixed_until >= since
        ended = last is not None and last < until
        found.append(
            Deal(
                contract.number,
                contract.kit,
                _steps(row, since, min(until, last) if last else until),
                contract.fixed_from if fixed else None,
                contract.fixed_until if fixed else None,
                last if ended else None,
            )
        )
    return tuple(found)


def _steps(row: Contracted, since: date, until: date) -> tuple[PriceStep, ...]:
    """The price in force on the first day and each that differs from the one before it."""
    found: list[PriceStep] = []
    for price in row.prices:
        before = found[-1].monthly if found else None
        if price.effective_on > until or price.monthly == before:
            continue
        if price.effective_on <= since:
            found = [PriceStep(price.effective_on, price.monthly)]
            continue
        offer = _agreed(row, price)
        found.append(
            PriceStep(
                price.effective_on,
                price.monthly,
                before,
                offer.campaign.year if offer else None,
                offer.agreed_on if offer else None,
            )
        )
    return tuple(found)


def _agreed(row: Contracted, price: ContractPrice) -> IndexationOffer | None:
    """The agreement that set a price; a price corrected afterwards is not what was agreed."""
    for offer in row.offers:
        key = (offer.stage, offer.effective_on, offer.price_after)
        if key == (OfferStage.AGREED, price.effective_on, price.monthly):
            return offer
    return None


def next_prices_of(rows: Iterable[Contracted], until: date) -> tuple[NextPrice, ...]:
    """Section 9: the contracts in force on the last day, their price then and the next one."""
    return tuple(_next(row, until) for row in rows if row.last_day is None or row.last_day >= until)


def _next(row: Contracted, until: date) -> NextPrice:
    contract = row.contract
    past = [price.monthly for price in row.prices if price.effective_on <= until]
    coming = next((price for price in row.prices if price.effective_on > until), None)
    after: Decimal | None = None
    starts_on, state, told_on = None, PriceState.UNKNOWN, None
    if coming is not None:
        offer = _agreed(row, coming)
        after, starts_on = coming.monthly, coming.effective_on
        state = PriceState.AGREED if offer else PriceState.SET
        told_on = offer.agreed_on if offer else None
    else:
        offered = [
            offer
            for offer in row.offers
            if offer.stage == OfferStage.OFFERED and offer.campaign.effective_on > until
        ]
        if offered:
            offer = offered[0]
            assert offer.offered_percent is not None  # a constraint of the table
            after = raised(offer.price_before, offer.offered_percent)
            starts_on, state = offer.campaign.effective_on, PriceState.OFFERED
            told_on = offer.offered_on
    fixed = contract.fixed_until is not None and contract.fixed_until >= until
    return NextPrice(
        contract.number,
        contract.kit,
        past[-1] if past else None,
        after,
        starts_on,
        state,
        told_on,
        contract.fixed_until if fixed else None,
        row.last_day,
    )
