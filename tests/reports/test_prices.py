"""Sections 4 and 9: contracts, prices by date, the fixed period, what was offered or agreed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Client, ContractPrice, IndexationCampaign, IndexationOffer
from core import clock
from reports import layout, printing
from reports.selectors.drafting import draw
from reports.snapshot import NextPrice, PriceStep, Snapshot, as_json, from_json
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
SINCE, UNTIL = date(2026, 1, 1), date(2026, 6, 30)


@pytest.fixture
def client(world: World) -> Client:
    return factories.client(world.staff["anna"], world.noio1, connected_on=date(2024, 1, 1))


@pytest.fixture
def campaign(world: World) -> IndexationCampaign:
    """That of 2026: new prices from the first of December."""
    row = world.campaign
    row.starts_on, row.effective_on = date(2026, 1, 1), date(2026, 12, 1)
    row.save()
    return row


@pytest.fixture
def contract(client: Client):
    """1 000,00 from 2025, 1 100,00 from March 2026, nothing more."""
    row = factories.contract(
        client, None, number="Д-77", kit="Юрист", starts_on=date(2025, 1, 1)
    )  # fmt: skip
    factories.contract_price(row, monthly=Decimal(1000))
    factories.contract_price(row, monthly=Decimal(1100), effective_on=date(2026, 3, 1))
    return row


def drawn(client: Client) -> Snapshot:
    return draw(client, SINCE, UNTIL, date(2026, 7, 5))


def said(snapshot: Snapshot) -> str:
    """The report's own words, spaces alike."""
    look = printing.Look("Центр", "", "#1a5cad")
    html = printing.as_html(printing.Sheet(snapshot, layout.usual({}), look))
    return " ".join(
        html.split("</style>")[-1].replace("\u00a0", " ").replace("&nbsp;", " ").split()
    )


def agreed(campaign, contract, **given) -> IndexationOffer:
    values = {
        "stage": "agreed", "offered_percent": 10, "offered_on": date(2026, 1, 10),
        "agreed_percent": Decimal(10), "agreed_on": date(2026, 1, 20),
        "price_after": Decimal(1100), "effective_on": date(2026, 3, 1),
    }  # fmt: skip
    return factories.offer(campaign, contract, **values | given)


def test_the_price_at_the_beginning_and_its_changes_stand_by_contract(client, contract):
    (deal,) = drawn(client).prices.deals
    assert (deal.number, deal.kit, deal.monthly) == ("Д-77", "Юрист", Decimal(1100))
    assert deal.steps == (
        PriceStep(date(2025, 1, 1), Decimal(1000)),
        PriceStep(date(2026, 3, 1), Decimal(1100), Decimal(1000)),
    )
    assert deal.steps[1].percent == Decimal(10)
    assert "+10,0 %" in said(drawn(client))


def test_a_change_names_the_indexation_that_was_agreed(client, contract, campaign):
    agreed(campaign, contract)
    step = drawn(client).prices.deals[0].steps[1]
    assert (step.campaign, step.agreed_on) == (2026, date(2026, 1, 20))
    assert "индексация 2026 года, согласована 20.01.2026" in said(drawn(client))


def test_a_price_corrected_afterwards_is_not_called_agreed(client, contract, campaign):
    agreed(campaign, contract)
    ContractPrice.objects.filter(effective_on=date(2026, 3, 1)).update(monthly=Decimal(1050))
    assert drawn(client).prices.deals[0].steps[1].campaign is None


def test_prices_of_other_days_are_not_of_the_period(client, contract):
    factories.contract_price(contract, monthly=Decimal(900), effective_on=date(2025, 6, 1))
    factories.contract_price(contract, monthly=Decimal(1300), effective_on=date(2026, 9, 1))
    found = drawn(client)
    assert [step.monthly for step in found.prices.deals[0].steps] == [900, 1100]
    assert found.prices.monthly == Decimal(1100)


def test_a_contract_that_ended_is_told_and_not_counted(client, contract):
    contract.ends_on = date(2026, 5, 1)
    contract.save()
    found = drawn(client)
    assert (found.prices.deals[0].ended_on, found.prices.monthly) == (date(2026, 4, 30), None)
    assert found.next_year.prices == ()
    assert "действовал по 30.04.2026" in said(found)
    contract.ends_on = date(2025, 12, 31)
    contract.save()
    assert drawn(client).prices.deals == ()


def test_the_fixed_period_is_told_in_both_sections(client, contract):
    contract.fixed_from, contract.fixed_until = date(2026, 4, 1), date(2027, 3, 31)
    contract.save()
    found = drawn(client)
    assert found.prices.fixed[0].fixed_until == date(2027, 3, 31)
    assert found.next_year.prices[0].fixed_until == date(2027, 3, 31)
    assert "с 01.04.2026 по 31.03.2027" in said(found)
    assert "цена зафиксирована по 31.03.2027" in said(found)
    contract.fixed_from, contract.fixed_until = date(2024, 4, 1), date(2025, 3, 31)
    contract.save()
    assert (
        drawn(client).prices.fixed
        == ()
        == tuple(one for one in drawn(client).next_year.prices if one.fixed_until)
    )


def test_next_years_price_is_the_agreed_one(client, contract, campaign):
    factories.contract_price(contract, monthly=Decimal("1188.00"), effective_on=date(2026, 12, 1))
    agreed(
        campaign, contract, price_before=Decimal(1100), agreed_percent=Decimal(8),
        offered_percent=9, agreed_on=date(2026, 6, 20), price_after=Decimal("1188.00"),
        floor=Decimal(5), effective_on=date(2026, 12, 1),
    )  # fmt: skip
    found = drawn(client)
    assert found.next_year.prices == (
        NextPrice(
            "Д-77", "Юрист", Decimal(1100), Decimal(1188), date(2026, 12, 1), "agreed",
            date(2026, 6, 20),
        ),
    )  # fmt: skip
    assert found.next_year.percent == Decimal(8) and found.next_year.extra == Decimal(88)
    words = said(found)
    assert "в следующем году: 1 188,00 ₽ (+8,0 %)" in words
    assert "новая цена согласована 20.06.2026" in words
    assert "+88,00 ₽" in words and "1 188,00 ₽" in words and "(+8,0 %)" in words


def test_an_offer_waits_for_the_client_and_says_its_price(client, contract, campaign):
    factories.offer(
        campaign, contract, stage="offered", price_before=Decimal(1100),
        offered_percent=Decimal("7.5"), offered_on=date(2026, 6, 1),
    )  # fmt: skip
    (one,) = drawn(client).next_year.prices
    assert (one.after, one.starts_on, one.state, one.told_on) == (
        Decimal("1182.50"), date(2026, 12, 1), "offered", date(2026, 6, 1),
    )  # fmt: skip
    words = said(drawn(client))
    assert "новая цена предложена 01.06.2026, ждёт вашего решения" in words
    assert "в следующем году по нашему предложению: 1 182,50 ₽" in words


def test_an_offer_made_after_the_drawing_day_is_not_known_yet(client, contract, campaign):
    factories.offer(
        campaign, contract, stage="offered", offered_percent=8,
        offered_on=date(2026, 7, 6),
    )  # fmt: skip
    (one,) = drawn(client).next_year.prices
    assert (one.after, one.state) == (None, "")


@pytest.mark.parametrize("stage", ["planned", "exception", "refused"])
def test_what_the_client_was_not_told_is_not_printed(client, contract, campaign, world, stage):
    """A plan, a limit, an exception and the reason of a refusal are of the inside."""
    factories.offer(
        campaign, contract, stage=stage, price_before=Decimal(1100),
        planned_percent=Decimal("13.37"), floor=Decimal("11.11"), ceiling=Decimal("22.22"),
        offered_percent=Decimal("14.44"), offered_on=date(2026, 6, 1),
        is_exception=stage == "exception", exception_reason="xreasonx" * (stage == "exception"),
        agreed_percent=Decimal("3.33") if stage == "exception" else None,
        agreed_on=date(2026, 6, 2) if stage == "exception" else None,
        asked_by=world.users["anna"] if stage == "exception" else None,
        refused_on=date(2026, 6, 2) if stage == "refused" else None,
        refusal_reason="xrefusalx" * (stage == "refused"),
    )  # fmt: skip
    found = drawn(client)
    assert (found.next_year.prices[0].after, found.next_year.prices[0].state) == (None, "")
    printed = said(found) + str(as_json(found))
    for hidden in ("13,37", "13.37", "11.11", "22.22", "14.44", "3.33", "xreasonx", "xrefusalx"):
        assert hidden not in printed, hidden
    assert "новая цена пока не согласована" in printed


def test_the_sum_is_of_all_contracts_and_its_per_cent_is_weighted(client, contract):
    second = factories.contract(
        client, None, number="Д-78", kit="Проф", starts_on=date(2026, 2, 1)
    )  # fmt: skip
    factories.contract_price(second, monthly=Decimal(3000))
    assert drawn(client).next_year.after is None
    for row, price in ((contract, 1210), (second, 3090)):
        factories.contract_price(row, monthly=Decimal(price), effective_on=date(2027, 1, 1))
    found = drawn(client)
    assert (found.prices.monthly, found.next_year.now) == (Decimal(4100), Decimal(4100))
    assert found.next_year.after == Decimal(4300)
    assert round(found.next_year.percent, 2) == Decimal("4.88")  # not the mean of 10 and 3
    assert [one.state for one in found.next_year.prices] == ["set", "set"]


def test_a_price_of_nothing_has_no_per_cent(client, contract):
    ContractPrice.objects.update(monthly=0)
    factories.contract_price(contract, monthly=Decimal(500), effective_on=date(2026, 5, 1))
    assert drawn(client).prices.deals[0].steps[-1].percent is None


def test_contracts_of_others_are_not_read(client, contract, world):
    factories.contract(factories.client(world.staff["anna"], world.noio1), kit="Чужой")
    assert [deal.kit for deal in drawn(client).prices.deals] == ["Юрист"]


def test_without_contracts_and_bills_there_is_no_data(client):
    found = drawn(client)
    assert (found.prices.deals, found.next_year.prices) == ((), ())
    body = said(found)
    for code in ("prices", "next_year"):
        part = body.partition(f'id="part-{code}"')[2].partition("</section>")[0]
        assert "Нет данных за период" in part, code


def test_a_report_sealed_before_these_figures_were_known_is_read_and_printed(client, contract):
    """Older snapshots lack the new fields: they say what they said."""
    stored = as_json(drawn(client))
    del stored["prices"]["deals"], stored["next_year"]["prices"]
    found = from_json(Snapshot, stored)
    assert (found.prices.deals, found.next_year.prices) == ((), ())
    assert "Юрист" not in said(found)
    del stored["prices"]["spans"]
    assert from_json(Snapshot, stored).prices.spans == ()
    del stored["client"]
    with pytest.raises(KeyError):
        from_json(Snapshot, stored)


def test_prices_are_frozen_with_the_rest(client, contract):
    before = from_json(Snapshot, as_json(drawn(client)))
    ContractPrice.objects.update(monthly=9999)
    assert before != drawn(client)
    assert replace(before).prices.monthly == Decimal(1100)


def test_prices_ask_no_more_for_many_contracts(
    client, contract, campaign, django_assert_max_num_queries
):
    from reports.selectors.prices import contracts_within

    for n in range(5):
        row = factories.contract(client, 100 + n, number=f"М-{n}", starts_on=date(2025, 1, 1))
        factories.offer(campaign, row, stage="offered", offered_percent=8,
                        offered_on=clock.today() - timedelta(days=1))  # fmt: skip
    with django_assert_max_num_queries(3):
        assert len(contracts_within(client, SINCE, UNTIL, clock.today())) == 6
