"""Contracts and prices by date; the share of payments."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.models import Assignment, ContractPrice, Invoice, Payment
from accounts.selectors import contracts, payments
from core.errors import Refused
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db


def test_a_price_holds_from_its_day_until_the_next(world: World, today: date) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    contract = factories.contract(client, monthly=1000)
    factories.contract_price(contract, effective_on=today, monthly=1100)
    for day, price in [(today - timedelta(days=1), 1000), (today, 1100)]:
        assert contracts.contracts_of(client, day).monthly == price
        assert contracts.monthly_by_client(day, [client.pk]) == {client.pk: Decimal(price)}


def test_a_client_pays_for_all_contracts_that_hold(world: World, today: date) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    factories.contract(client, monthly=1000)
    factories.contract(client, monthly=500)
    factories.contract(client, monthly=70, ends_on=today)
    factories.contract(client, monthly=9, starts_on=today + timedelta(days=1))
    assert contracts.contracts_of(client, today).monthly == 1500
    assert contracts.monthly_by_client(today)[client.pk] == 1500


def test_a_fixed_price_does_not_change_and_days_are_the_contracts(
    world: World, today: date
) -> None:
    elena = world.users["elena"]
    contract = factories.contract(
        world.clients["own"],
        fixed_from=today - timedelta(days=365),
        fixed_until=today,
        ends_on=today + timedelta(days=30),
    )

    def price(day: date) -> ContractPrice:
        values = {"contract": contract, "effective_on": day, "monthly": Decimal(1100)}
        return services.set_price(actor=elena, values=values)

    for day, message in [
        (today, f"Цена зафиксирована по {today:%d.%m.%Y}."),
        (today + timedelta(days=30), "В этот день договор не действует."),
    ]:
        with pytest.raises(ValidationError) as refused:
            price(day)
        assert refused.value.message_dict == {"effective_on": [message]}
    assert price(today + timedelta(days=1)).monthly == 1100
    with pytest.raises(ValidationError) as refused:
        price(today + timedelta(days=1))
    assert refused.value.messages == ["С этого дня цена уже задана."]


def test_a_contract_keeps_its_client_and_number(world: World) -> None:
    elena = world.users["elena"]
    contract = world.row("accounts.contract")
    with pytest.raises(ValidationError):
        services.save_contract(
            actor=elena, contract=contract, values={"client": world.clients["foreign"]}
        )
    with pytest.raises(ValidationError) as refused:
        services.save_contract(
            actor=elena,
            values={
                "client": world.clients["own"],
                "number": contract.number,
                "kit": "Кадры",
                "starts_on": date(2026, 1, 1),
            },
        )
    assert list(refused.value.message_dict) == ["number"]
    with pytest.raises(Refused):
        services.save_contract(actor=world.users["anna"], contract=contract, values={"kit": "x"})
    with pytest.raises(Refused):
        services.delete_price(actor=world.users["galina"], price=contract.prices.get())


def test_the_share_of_payments_is_of_money_and_of_who_served_then(
    world: World, today: date
) -> None:
    """The bills of a client handed over on the first of the month stay the former one's."""
    month = date(2026, 8, 1)
    boris, anna = world.staff["boris"], world.staff["anna"]
    client = factories.client(anna, world.noio1)
    client.assignments.update(starts_on=date(2026, 9, 1))
    former = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 9, 1)}
    Assignment.objects.create(client=client, specialist=boris, unit=world.noio1, **former)
    paid = factories.invoice(client, month=month, amount=1000, number="1", due_on=month)
    factories.payment(paid, amount=1000, paid_on=date(2026, 8, 20))
    factories.invoice(client, month=month, amount=3000, number="2", due_on=month)
    late = factories.invoice(client, month=date(2026, 9, 1), amount=500, number="3", due_on=today)
    factories.payment(late, amount=200, paid_on=today + timedelta(days=1))
    for invoice in (world.row("accounts.invoice"), world.row("accounts.invoice", "colleague")):
        invoice.payments.all().delete()
        invoice.delete()

    rows = payments.share_rows(world.users["galina"], [month, date(2026, 9, 1)], today)
    by_person = {row.employee: row for row in rows if row.employee}
    assert by_person[boris].months[month].percent == 25
    assert by_person[boris].months[month].overdue == 3000
    assert rows[0].months[month].billed == 4000
    september = by_person[anna].months[date(2026, 9, 1)]
    assert (september.billed, september.paid) == (500, 0)
    foreign = payments.share_rows(world.users["dmitry"], [month], today)
    assert foreign[0].months.get(month) is None


def test_pages_of_money_open(world: World, client_as: Callable) -> None:
    browser = client_as("elena")
    contract = world.row("accounts.contract")
    for address in (
        reverse("contracts"),
        reverse("contract", args=[contract.pk]),
        reverse("payment_shares"),
        reverse("client_money", args=[contract.client_id]),
    ):
        assert browser.get(address).status_code == 200
    answer = browser.post(
        reverse("price_add", args=[contract.pk]),
        {"effective_on": "2026-10-01", "monthly": "1 250,50"},
    )
    assert answer.status_code == 302
    assert contract.prices.get(effective_on=date(2026, 10, 1)).monthly == Decimal("1250.50")


def test_of_many_people_each_unit_shows_its_own(
    world: World, client_as: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.views.contracts import PaymentShares

    browser = client_as("elena")
    address = reverse("payment_shares")
    whole = [line["row"] for line in browser.get(address).context["lines"]]
    assert {str(row.employee) for row in whole if row.employee} >= {
        str(world.staff["anna"]), str(world.staff["vera"])
    }  # fmt: skip
    monkeypatch.setattr(PaymentShares, "most_people", 1)
    folded = browser.get(address)
    assert [line["row"] for line in folded.context["lines"] if line["row"].employee] == []
    assert f"?unit={world.noio2.pk}" in folded.content.decode()
    file = browser.get(address, {"format": "csv"})
    assert str(world.staff["vera"]) in b"".join(file.streaming_content).decode("utf-8-sig")
    opened = [
        line["row"] for line in browser.get(f"{address}?unit={world.noio2.pk}").context["lines"]
    ]
    assert {str(row.employee) for row in opened if row.employee} == {str(world.staff["vera"])}
    own = [row for row in whole if row.employee == world.staff["vera"]]
    assert opened[-1].total == own[0].total
    for typed in ("x", "0", "987654321", "9" * 40):
        assert browser.get(f"{address}?unit={typed}").status_code == 200


def test_a_half_of_a_tenth_goes_up_in_the_file_as_on_the_page(
    world: World, client_as: Callable, today: date
) -> None:
    Payment.objects.all().delete()
    Invoice.objects.all().delete()
    month = today.replace(day=1)
    made = factories.invoice(world.clients["own"], amount=4000, month=month)
    factories.payment(made, amount=90, paid_on=today)  # 2,25 %
    browser = client_as("anna")
    page = browser.get(reverse("payment_shares")).content.decode()
    file = browser.get(reverse("payment_shares"), {"format": "csv"})
    assert "2,3" in page
    assert ";2,3;4000" in b"".join(file.streaming_content).decode("utf-8-sig").replace(",00", "")
