"""Indexation: formulas, the way of an offer, what counts, what the database refuses."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import indexation, services
from accounts.enums import OfferStage
from accounts.indexation import MOVES
from accounts.models import IndexationCampaign, IndexationOffer
from accounts.selectors import campaigns, contracts
from core.columns import PortionedData
from core.errors import Conflict, Refused
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
money = st.decimals(Decimal("0.01"), Decimal("9999999"), places=2)
percents = st.decimals(0, 100, places=2)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(money, percents), min_size=1, max_size=8))
def test_the_weighted_percent_is_new_sum_to_old_sum(rows: list[tuple[Decimal, Decimal]]) -> None:
    old = sum((price for price, _ in rows), Decimal(0))
    new = sum((indexation.raised(price, percent) for price, percent in rows), Decimal(0))
    assert indexation.weighted(old, new) == (new / old - 1) * 100
    assert indexation.weighted(Decimal(0), Decimal(0)) is None


def test_a_price_is_rounded_half_up_to_the_kopeck() -> None:
    assert indexation.raised(Decimal("0.10"), Decimal(5)) == Decimal("0.11")
    assert indexation.raised(Decimal("1000"), Decimal("12.345")) == Decimal("1123.45")
    assert indexation.raised(Decimal("33.30"), Decimal("15")) == Decimal("38.30")


def test_a_late_agreement_is_paid_from_the_month_after() -> None:
    day = date(2026, 12, 1)
    assert indexation.takes_effect(date(2026, 11, 30), day) == day
    assert indexation.takes_effect(day, day) == day
    assert indexation.takes_effect(date(2026, 12, 31), day) == date(2027, 1, 1)


def one(world: World, whose: str = "own") -> IndexationOffer:
    return world.row("accounts.indexationoffer", whose)


def agreed(world: World, offer: IndexationOffer, percent: str, on: date) -> IndexationOffer:
    elena = world.users["elena"]
    services.make_offer(actor=elena, offer=offer, percent=Decimal(15), on=on)
    return services.agree(actor=elena, offer=offer, percent=Decimal(percent), on=on)


def test_totals_are_of_exactly_the_rows_on_screen(world: World, client_as: Callable) -> None:
    """On the page of the list, whatever it is filtered by; prices that round."""
    today = date(2026, 9, 16)
    for whose, price, percent in [("own", "333.33", "12.5"), ("foreign", "1777.77", "24.99")]:
        offer = one(world, whose)
        IndexationOffer.objects.filter(pk=offer.pk).delete()
        contract = world.row("accounts.contract", whose)
        made = factories.offer(world.campaign, contract, price_before=Decimal(price))
        agreed(world, made, percent, today)
    browser = client_as("elena")
    address = reverse("offers")
    for query, rows in [("", 4), ("?stage=agreed", 2), (f"?unit={world.noio1.pk}", 2)]:
        answer = browser.get(address + query)
        shown = [row.record for row in answer.context["table"].rows]
        summary = answer.context["summary"]
        counted = [row for row in shown if row.stage == "agreed"]
        old = sum((row.price_before for row in counted), Decimal(0))
        new = sum((row.price_after for row in counted), Decimal(0))
        assert len(shown) == summary.offers == rows
        assert summary.fact_percent == (new / old - 1) * 100
        plan = sum(
            (indexation.raised(r.price_before, r.planned_percent) for r in shown), Decimal(0)
        )
        whole = sum((row.price_before for row in shown), Decimal(0))
        assert summary.plan_percent == (plan / whole - 1) * 100
        rounded = summary.fact_percent.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert f"{rounded}".replace(".", ",") in answer.content.decode()


def test_an_exception_counts_only_when_another_approved_it(world: World, today: date) -> None:
    anna, galina = world.users["anna"], world.users["galina"]
    offer = one(world)
    services.make_offer(actor=anna, offer=offer, percent=Decimal(15), on=today)
    with pytest.raises(ValidationError) as refused:
        services.agree(actor=anna, offer=offer, percent=Decimal(5), on=today)
    assert list(refused.value.message_dict) == ["agreed_percent"]
    services.ask_exception(
        actor=anna, offer=offer, percent=Decimal(5), on=today, reason="трудный год"
    )
    offers = campaigns.offers_for(galina).filter(pk=offer.pk)
    waiting = campaigns.summarise(offers)
    assert (waiting.fact_percent, waiting.exception, waiting.forecast_percent) == (None, 1, 0)
    assert offer.contract.prices.count() == 1
    with pytest.raises(ValidationError):
        services.agree(actor=anna, offer=offer, percent=Decimal(5), on=today)
    with pytest.raises(Refused):
        services.approve_exception(actor=anna, offer=offer)
    services.approve_exception(actor=galina, offer=offer)
    assert campaigns.summarise(offers).fact_percent == 5
    assert offer.contract.prices.get(effective_on=date(2026, 12, 1)).monthly == 1050


def test_nobody_approves_their_own_exception(world: World, today: date) -> None:
    galina = world.users["galina"]
    offer = one(world)
    services.ask_exception(
        actor=galina, offer=offer, percent=Decimal(0), on=today, reason="договорились"
    )
    with pytest.raises(Refused):
        services.approve_exception(actor=galina, offer=offer)
    with pytest.raises(IntegrityError), transaction.atomic():
        IndexationOffer.objects.filter(pk=offer.pk).update(approved_by=galina)
    back = services.decline_exception(actor=world.users["elena"], offer=offer)
    assert (back.stage, back.is_exception, back.agreed_percent) == ("planned", False, None)


def test_the_price_takes_effect_on_its_day_once(world: World, today: date) -> None:
    offer = one(world)
    done = agreed(world, offer, "20", today)
    assert (done.effective_on, done.price_after) == (date(2026, 12, 1), 1200)
    before, after = date(2026, 11, 30), date(2026, 12, 1)
    for day, price in [(before, 1000), (after, 1200)]:
        assert contracts.contracts_of(offer.client, day).monthly == price
    back = services.reopen(actor=world.users["anna"], offer=done)
    assert back.stage == OfferStage.OFFERED
    assert offer.contract.prices.count() == 1
    services.agree(actor=world.users["anna"], offer=back, percent=Decimal(11), on=today)
    assert contracts.contracts_of(offer.client, after).monthly == 1110
    assert offer.contract.prices.count() == 2


def test_what_is_paid_already_is_not_taken_back(
    world: World, today: date, move_clock: Callable
) -> None:
    done = agreed(world, one(world), "20", today)
    from tests.conftest import MOMENT

    move_clock(MOMENT + timedelta(days=100))
    with pytest.raises(ValidationError, match="уже действует"):
        services.reopen(actor=world.users["elena"], offer=done)


def test_the_table_of_moves_is_the_databases(world: World) -> None:
    """Every pair of stages by raw SQL; checks of other kinds are at rest."""
    offer, table = one(world), "ALTER TABLE accounts_indexationoffer"
    stages = list(OfferStage.values)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in [c.name for c in IndexationOffer._meta.constraints if c.name != "offer_once"]:
            cursor.execute(f'{table} DROP CONSTRAINT "{name}"')
        for stage in stages:
            for to in stages:
                cursor.execute(f"{table} DISABLE TRIGGER offer_is_legal")
                cursor.execute("UPDATE accounts_indexationoffer SET stage = %s", [stage])
                cursor.execute(f"{table} ENABLE TRIGGER offer_is_legal")
                try:
                    with transaction.atomic():
                        IndexationOffer.objects.filter(pk=offer.pk).update(stage=to)
                    went = True
                except IntegrityError:
                    went = False
                assert went == (to == stage or to in MOVES[stage]), (stage, to)


def test_what_the_campaign_froze_stays(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        IndexationOffer.objects.filter(pk=one(world).pk).update(price_before=1)


def test_a_campaign_starts_with_the_prices_of_its_day(world: World, today: date) -> None:
    elena = world.users["elena"]
    fixed = factories.contract(
        world.clients["own"],
        fixed_from=today - timedelta(days=30),
        fixed_until=date(2027, 12, 31),
    )
    ended = factories.contract(world.clients["own"], ends_on=today)
    factories.contract(world.clients["own"], monthly=None)
    late = world.row("accounts.contract", "colleague")
    factories.contract_price(late, effective_on=today + timedelta(days=1), monthly=9000)
    made = services.save_campaign(
        actor=elena,
        values={"year": 2027, "starts_on": today, "effective_on": date(2027, 1, 1)},
    )
    with pytest.raises(ValidationError, match="план"):
        services.start_campaign(actor=elena, campaign=made)
    for segment in ("retail", "network"):
        plan = {"campaign": made, "segment": segment, "percent": Decimal(15)}
        plan |= {"floor": Decimal(10), "ceiling": Decimal(20)}
        services.save_plan(actor=elena, values=plan)
    started = services.start_campaign(actor=elena, campaign=made)
    offers = {row.contract_id: row.price_before for row in started.offers.all()}
    expected = {
        world.row("accounts.contract", whose).pk: Decimal(1000)
        for whose in ("own", "colleague", "foreign", "nobody")
    }
    assert offers == expected
    assert fixed.pk not in offers and ended.pk not in offers
    with pytest.raises(ValidationError, match="началась"):
        services.start_campaign(actor=elena, campaign=started)
    with pytest.raises(ValidationError, match="началась"):
        services.save_plan(actor=elena, plan=started.plans.first(), values={"percent": Decimal(16)})


def test_the_plan_is_offered_to_those_one_sees(world: World, today: date) -> None:
    galina = world.users["galina"]
    made = services.make_offers(
        actor=galina,
        campaign=world.campaign,
        offers=IndexationOffer.objects.all(),
        on=today,
    )
    assert made == 2
    offered = IndexationOffer.objects.filter(stage="offered")
    assert set(offered.values_list("client", flat=True)) == {
        world.clients["own"].pk,
        world.clients["colleague"].pk,
    }
    assert set(offered.values_list("offered_percent", "offered_on", "version")) == {
        (Decimal(15), today, 2)
    }


def test_a_closed_campaign_is_written_in_no_more(world: World, today: date) -> None:
    services.close_campaign(actor=world.users["elena"], campaign=world.campaign)
    with pytest.raises(ValidationError, match="не идёт"):
        services.make_offer(
            actor=world.users["anna"], offer=one(world), percent=Decimal(15), on=today
        )


def test_an_old_version_is_a_conflict(world: World, today: date) -> None:
    offer = one(world)
    services.make_offer(
        actor=world.users["anna"], offer=offer, percent=Decimal(15), on=today, version=1
    )
    with pytest.raises(Conflict):
        services.refuse(
            actor=world.users["anna"], offer=offer, on=today, reason="дорого", version=1
        )


def test_a_unit_is_the_sum_of_its_subtree(world: World, today: date) -> None:
    agreed(world, one(world), "20", today)
    agreed(world, one(world, "foreign"), "10", today)
    board = campaigns.read_board(
        campaigns.offers_for(world.users["elena"]), [("retail", "Розница"), ("network", "Сети")]
    )
    rows = {row.label: row.summary for row in board.units}
    assert rows["Управление"].fact_percent == 15
    assert rows["НОИО 1"].fact_percent == 20
    assert rows["НОИО 2"].fact_percent == 10
    assert rows["Без отдела"].offers == 1
    assert board.total.offers == sum(row.summary.offers for row in board.segments) == 4


def test_the_list_below_a_limit(world: World, today: date) -> None:
    agreed(world, one(world), "14.99", today)
    agreed(world, one(world, "foreign"), "15", today)
    anna = world.users["anna"]
    colleague = one(world, "colleague")
    services.make_offer(actor=world.users["boris"], offer=colleague, percent=Decimal(15), on=today)
    services.refuse(actor=world.users["boris"], offer=colleague, on=today, reason="дорого")
    assert campaigns.below(campaigns.offers_for(world.users["elena"]), 15) == 2
    assert campaigns.below(campaigns.offers_for(anna), 15) == 1


def test_pages_of_a_campaign_show_no_more_queries_with_more_rows(
    world: World, client_as: Callable, count_queries: Callable
) -> None:
    browser = client_as("elena")
    addresses = [
        reverse("campaign", args=[world.campaign.pk]),
        reverse("offers"),
    ]

    def counted() -> list[int]:
        found = []
        for address in addresses:
            with count_queries() as queries:
                assert browser.get(address).status_code == 200
            found.append(len(queries))
        return found

    counted()
    few = counted()
    for _ in range(10):
        contract = factories.contract(factories.client(world.staff["anna"], world.noio1))
        factories.offer(world.campaign, contract)
    assert counted() == few


def test_a_loss_is_what_the_contracts_cost(world: World, today: date) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    contract = factories.contract(client, monthly=1234)
    churn = services.disconnect_client(
        actor=world.users["galina"], client=client, values={"on": today, "reason": "цена"}
    )
    contract.refresh_from_db()
    assert (churn.lost_monthly, contract.ends_on) == (1234, today)
    services.reconnect_client(actor=world.users["galina"], client=client, on=today)
    contract.refresh_from_db()
    assert contract.ends_on is None


def test_campaigns_by_rest(world: World, api_as: Callable, today: date) -> None:
    api = api_as("elena")
    address = f"/api/v1/offers/{one(world).pk}/"
    typed = {"offered_percent": "16.00", "offered_on": today.isoformat()}
    assert api.post(f"{address}offer/", typed, format="json").status_code == 428
    answer = api.post(f"{address}offer/", typed, format="json", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["stage"]) == (200, "offered")
    typed = {"agreed_percent": "16.00", "agreed_on": today.isoformat()}
    answer = api.post(f"{address}agree/", typed, format="json", headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["price_after"]) == (200, "1160.00")
    summary = api.get("/api/v1/offers/summary/?stage=agreed").json()
    assert (summary["offers"], summary["fact_percent"]) == (1, "16.0000")
    assert IndexationCampaign.objects.count() == 1


@pytest.mark.parametrize(
    ("order", "wanted"),
    [(("stage",), ("stage", "id")), (("-id",), ("id",)), (("stage", "pk"), ("stage", "id"))],
)
def test_rows_that_are_equal_in_an_order_stand_by_their_ids(
    world: World, order: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    factories.offer(world.campaign, factories.contract(world.clients["own"], number="Р-1"))
    with CaptureQueriesContext(connection) as asked:
        assert len(PortionedData(IndexationOffer.objects.order_by(*order))[0:1]) == 1
    _, sorted_by = asked[0]["sql"].split("ORDER BY")
    columns = re.findall(r"(\w+)\"? (?:ASC|DESC)", sorted_by)  # the id is selected: «1 ASC»
    assert tuple("id" if name == "1" else name for name in columns) == wanted
