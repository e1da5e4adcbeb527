"""What the services of contracts, campaigns and offers refuse, each at its field."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.enums import OfferStage, TargetKind, TargetSpan
from accounts.indexation import raised
from accounts.models import Contract, ContractPrice, IndexationCampaign, IndexationOffer
from accounts.selectors import campaigns
from core import clock
from core.errors import Refused
from core.models import AuditEntry
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
FIFTEEN = Decimal(15)


def refused(call: Callable[..., Any], **given: Any) -> dict[str, list[str]] | list[str]:
    """What a service says when it refuses: by field, or as a whole."""
    with pytest.raises(ValidationError) as error:
        call(**given)
    return getattr(error.value, "message_dict", None) or error.value.messages


@pytest.fixture
def offer(world: World) -> IndexationOffer:
    return world.row("accounts.indexationoffer")


@pytest.fixture
def anna(world: World) -> Any:
    return world.users["anna"]


def offered(offer: IndexationOffer, actor: Any, on: date) -> IndexationOffer:
    return services.make_offer(actor=actor, offer=offer, percent=FIFTEEN, on=on)


# --- contracts ---------------------------------------------------------------------------------
def test_a_contract_is_changed_and_leaves_its_trace(world: World) -> None:
    contract = world.row("accounts.contract")
    changed = services.save_contract(
        actor=world.users["elena"], contract=contract, values={"kit": "Юрист"}, version=1
    )
    assert (changed.kit, changed.version) == ("Юрист", 2)
    entry = AuditEntry.objects.get(subject=f"accounts.contract:{contract.pk}", action="update")
    assert entry.after == {"kit": "Юрист"}


def test_a_price_is_corrected_and_taken_back(world: World, today: date) -> None:
    elena, contract = world.users["elena"], world.row("accounts.contract")
    price = factories.contract_price(contract, effective_on=today, monthly=1100)
    fixed = services.set_price(actor=elena, price=price, values={"monthly": Decimal(1200)})
    assert fixed.monthly == 1200
    other = {"contract": world.row("accounts.contract", "foreign")}
    said = refused(services.set_price, actor=elena, price=price, values=other)
    assert said == {"contract": ["Договор цены не меняется."]}
    services.delete_price(actor=elena, price=price)
    assert not ContractPrice.objects.filter(pk=price.pk).exists()


def test_a_price_without_a_day_is_refused_at_its_field(world: World) -> None:
    values = {"contract": world.row("accounts.contract"), "effective_on": None, "monthly": FIFTEEN}
    assert list(refused(services.set_price, actor=world.users["elena"], values=values)) == [
        "effective_on"
    ]


# --- campaigns ---------------------------------------------------------------------------------
@pytest.fixture
def draft(world: World) -> IndexationCampaign:
    day = clock.today()
    return services.save_campaign(
        actor=world.users["elena"],
        values={"year": 2027, "starts_on": day, "effective_on": day + timedelta(days=60)},
    )


def test_a_draft_is_changed_and_a_running_one_is_not(
    world: World, draft: IndexationCampaign
) -> None:
    elena = world.users["elena"]
    changed = services.save_campaign(
        actor=elena, campaign=draft, values={"year": 2028}, version=draft.version
    )
    assert changed.year == 2028
    said = refused(
        services.save_campaign, actor=elena, campaign=world.campaign, values={"year": 2028}
    )
    assert said == ["Кампания уже началась: её планы не меняются."]


def test_a_plan_keeps_its_campaign(world: World, draft: IndexationCampaign) -> None:
    elena = world.users["elena"]
    limits = {"floor": Decimal(10), "ceiling": Decimal(20)}
    plan = services.save_plan(
        actor=elena,
        values={"campaign": draft, "segment": "retail", "percent": FIFTEEN} | limits,
    )
    said = refused(services.save_plan, actor=elena, plan=plan, values={"campaign": world.campaign})
    assert said == {"campaign": ["Кампания плана не меняется."]}
    changed = services.save_plan(actor=elena, plan=plan, values={"percent": Decimal(16)})
    assert changed.percent == 16


def test_a_campaign_without_contracts_does_not_start(
    world: World, draft: IndexationCampaign
) -> None:
    elena = world.users["elena"]
    plan = {"segment": "retail", "percent": FIFTEEN, "floor": Decimal(10), "ceiling": Decimal(20)}
    services.save_plan(actor=elena, values=plan | {"campaign": draft})
    Contract.objects.update(ends_on=draft.starts_on)
    said = refused(services.start_campaign, actor=elena, campaign=draft)
    assert said == ["Нет договоров с ценой: начинать не с чем."]
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_only_a_running_campaign_is_closed(world: World, draft: IndexationCampaign) -> None:
    said = refused(services.close_campaign, actor=world.users["elena"], campaign=draft)
    assert said == ["Завершить можно только кампанию, которая идёт."]


# --- offers ------------------------------------------------------------------------------------
def test_nothing_is_offered_before_the_negotiations_or_tomorrow(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    early = {"on": world.campaign.starts_on - timedelta(days=1)}
    late = {"on": today + timedelta(days=1)}
    one = {"actor": anna, "offer": offer, "percent": FIFTEEN}
    many = {
        "actor": anna, "campaign": world.campaign, "offers": IndexationOffer.objects.all(),
    }  # fmt: skip
    for call, given in ((services.make_offer, one), (services.make_offers, many)):
        assert refused(call, **given, **early) == {"offered_on": ["Переговоры ещё не начались."]}
        assert list(refused(call, **given, **late)) == ["offered_on"]
    assert IndexationOffer.objects.exclude(stage=OfferStage.PLANNED).count() == 0


def test_the_plan_offered_to_nobody_leaves_no_trace(world: World, anna: Any, today: date) -> None:
    entries = AuditEntry.objects.count()
    made = services.make_offers(
        actor=anna, campaign=world.campaign, offers=IndexationOffer.objects.none(), on=today
    )
    assert (made, AuditEntry.objects.count()) == (0, entries)


def test_what_is_answered_is_not_offered_over_its_answer(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    """An agreement has its price in the contract: it goes back by `reopen` alone."""
    agreed = services.agree(
        actor=anna, offer=offered(offer, anna, today), percent=FIFTEEN, on=today
    )
    anew = {"percent": Decimal(16), "on": today}
    said = refused(services.make_offer, actor=anna, offer=agreed, **anew)
    assert said == ["«Согласовано»: сначала верните к предложению."]
    said = refused(services.refuse, actor=anna, offer=agreed, on=today, reason="дорого")
    assert said == ["Из «Согласовано» нельзя в «отказ»."]
    back = services.reopen(actor=anna, offer=agreed)
    no = services.refuse(actor=anna, offer=back, on=today, reason="дорого")
    assert refused(services.make_offer, actor=anna, offer=no, **anew) == [
        "«Отказ»: сначала верните к предложению."
    ]


def test_an_answer_does_not_come_before_the_offer(
    offer: IndexationOffer, anna: Any, today: date
) -> None:
    made = offered(offer, anna, today)
    before = today - timedelta(days=1)
    said = refused(services.agree, actor=anna, offer=made, percent=FIFTEEN, on=before)
    assert said == {"agreed_on": ["Согласовано раньше, чем предложено."]}
    said = refused(services.refuse, actor=anna, offer=made, on=before, reason="дорого")
    assert said == {"refused_on": ["Отказ раньше, чем предложено."]}


def test_a_declined_exception_goes_back_to_the_offer_and_is_judged_once(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    made = offered(offer, anna, today)
    asked = services.ask_exception(
        actor=anna, offer=made, percent=Decimal(5), on=today, reason="трудный год"
    )
    said = refused(services.agree, actor=anna, offer=asked, percent=FIFTEEN, on=today)
    assert said == ["Исключение ждёт утверждения другого человека."]
    galina = world.users["galina"]
    back = services.decline_exception(actor=galina, offer=asked)
    assert (back.stage, back.offered_percent, back.asked_by) == ("offered", FIFTEEN, None)
    for service in (services.approve_exception, services.decline_exception):
        said = refused(service, actor=galina, offer=back)
        assert said == ["Исключение уже рассмотрено."]


def test_an_exception_waits_in_every_total(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    """Not in the fact, not above the plan, at the old price in the forecast; approved, in all."""
    asked = services.ask_exception(
        actor=anna, offer=offer, percent=Decimal(40), on=today, reason="новые отделы"
    )
    rows = campaigns.offers_for(world.users["elena"]).filter(pk=offer.pk)
    before = campaigns.summarise(rows)
    assert (before.agreed, before.agreed_new, before.above_plan, before.forecast) == (0, 0, 0, 1000)
    services.approve_exception(actor=world.users["galina"], offer=asked)
    after = campaigns.summarise(rows)
    assert (after.agreed, after.agreed_new, after.above_plan, after.forecast) == (1, 1400, 1, 1400)
    assert after.approved_exceptions == 1


def test_what_is_not_answered_is_not_taken_back(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    made = offered(offer, anna, today)
    asked = services.ask_exception(
        actor=anna, offer=made, percent=Decimal(5), on=today, reason="трудный год"
    )
    said = refused(services.reopen, actor=anna, offer=asked)
    assert said == ["Возвращать нечего: предложение ещё в переговорах."]


def test_an_exception_that_nobody_offered_is_not_taken_back(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    asked = services.ask_exception(
        actor=anna, offer=offer, percent=Decimal(5), on=today, reason="трудный год"
    )
    done = services.approve_exception(actor=world.users["galina"], offer=asked)
    said = refused(services.reopen, actor=anna, offer=done)
    assert said == ["Исключение без предложения не возвращают: измените цену договора."]


def test_a_refusal_is_taken_back_to_the_offer(
    offer: IndexationOffer, anna: Any, today: date
) -> None:
    made = offered(offer, anna, today)
    no = services.refuse(actor=anna, offer=made, on=today, reason="дорого")
    assert (no.stage, no.refusal_reason) == ("refused", "дорого")
    back = services.reopen(actor=anna, offer=no)
    assert (back.stage, back.refused_on, back.refusal_reason) == ("offered", None, "")


def test_a_price_that_cannot_be_set_refuses_the_agreement_at_its_day(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    made = offered(offer, anna, today)
    Contract.objects.filter(pk=offer.contract_id).update(ends_on=world.campaign.effective_on)
    said = refused(services.agree, actor=anna, offer=made, percent=FIFTEEN, on=today)
    assert said == {"agreed_on": ["В этот день договор не действует."]}
    made.refresh_from_db()
    assert made.stage == OfferStage.OFFERED


# --- the goal of the year ----------------------------------------------------------------------
def goal(world: World, who: str = "elena", **given: Any) -> Any:
    values = {
        "kind": TargetKind.INDEXATION, "span": TargetSpan.YEAR, "month": date(2026, 1, 1),
        "value": Decimal("15.5"),
    }  # fmt: skip
    return services.save_target(actor=world.users[who], values=values | given)


def test_a_goal_of_the_indexation_is_of_a_year_and_of_a_unit_or_the_centre(world: World) -> None:
    assert goal(world).pk and goal(world, unit=world.noio1).pk
    said = refused(goal, world=world, span=TargetSpan.MONTH, month=date(2026, 2, 1))
    assert said == {"span": ["Цель индексации ставят на год."]}
    said = refused(goal, world=world, employee=world.staff["anna"])
    assert said == {"employee": ["Цель индексации ставят отделу или центру."]}
    with pytest.raises(Refused):
        goal(world, "galina", unit=world.noio2)


def test_the_board_shows_plan_and_fact_of_the_year_by_unit(
    world: World, client_as: Callable, offer: IndexationOffer, anna: Any, today: date
) -> None:
    goal(world)
    goal(world, unit=world.noio1, value=Decimal(18))
    goal(world, unit=world.noio1, month=date(2025, 1, 1), value=Decimal(99))
    services.agree(actor=anna, offer=offered(offer, anna, today), percent=Decimal(20), on=today)
    answer = client_as("elena").get(reverse("campaign", args=[world.campaign.pk]))
    cells = {row.label: cells for row, cells in answer.context["units"]}
    assert (cells["НОИО 1"]["goal"], cells["НОИО 1"]["ahead"]) == (18, 2)
    assert (cells["НОИО 2"]["goal"], cells["НОИО 2"]["ahead"]) == (None, None)
    total = answer.context["total"]
    assert (total["goal"], total["ahead"]) == (Decimal("15.5"), Decimal("4.5"))
    text = answer.content.decode()
    assert "цель года 15,50" in text and "+4,50" in text
    assert answer.context["goal_url"].startswith(reverse("target_add"))
    head = client_as("galina").get(reverse("campaign", args=[world.campaign.pk]))
    assert head.context["total"]["goal"] is None  # the centre's goal is not a head's to see
    alone = client_as("anna").get(reverse("campaign", args=[world.campaign.pk]))
    assert not alone.context["has_goals"] and "Цель года" not in alone.content.decode()


def test_segments_stand_in_one_order(world: World, client_as: Callable) -> None:
    client = factories.client(world.staff["anna"], world.noio1, segment="network")
    factories.offer(world.campaign, factories.contract(client))
    answer = client_as("elena").get(reverse("campaign", args=[world.campaign.pk]))
    rows = [row.segment for row, _ in answer.context["segments"]]
    plans = [plan.segment for plan in answer.context["campaign"].plans.all()]
    assert rows == plans == ["retail", "network"]


# --- the price of an agreement ------------------------------------------------------------------
def price_of(offer: IndexationOffer) -> ContractPrice | None:
    return ContractPrice.objects.filter(
        contract=offer.contract_id, effective_on=offer.campaign.effective_on
    ).first()


def test_an_agreement_writes_over_no_price_that_stands_there(
    offer: IndexationOffer, anna: Any, today: date
) -> None:
    on = offer.campaign.effective_on
    factories.contract_price(offer.contract, effective_on=on, monthly=99999)
    made = offered(offer, anna, today)
    said = refused(services.agree, actor=anna, offer=made, percent=FIFTEEN, on=today)
    assert [text.replace("\xa0", " ") for text in said["agreed_on"]] == [
        f"С {on:%d.%m.%Y} в договоре стоит другая цена, 99 999,00 ₽: сначала исправьте её там."
    ]
    stands = price_of(offer)
    assert stands is not None
    assert stands.monthly == 99999
    ContractPrice.objects.filter(pk=stands.pk).update(monthly=raised(offer.price_before, FIFTEEN))
    done = services.agree(actor=anna, offer=made, percent=FIFTEEN, on=today)
    assert (done.stage, price_of(offer)) == (OfferStage.AGREED, stands)


def test_a_price_corrected_since_is_not_lost_with_the_agreement(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    done = services.agree(actor=anna, offer=offered(offer, anna, today), percent=FIFTEEN, on=today)
    price = price_of(offer)
    assert price is not None
    services.set_price(
        actor=world.users["elena"], price=price, values={"monthly": price.monthly + 5}
    )
    (said,) = refused(services.reopen, actor=anna, offer=done)
    assert "после согласования изменили" in said
    assert price_of(offer) == price
    ContractPrice.objects.filter(pk=price.pk).update(monthly=price.monthly)
    assert services.reopen(actor=anna, offer=done).stage == OfferStage.OFFERED
    assert price_of(offer) is None


def test_a_price_that_was_agreed_or_is_fixed_is_not_deleted(
    world: World, offer: IndexationOffer, anna: Any, today: date
) -> None:
    elena = world.users["elena"]
    done = services.agree(actor=anna, offer=offered(offer, anna, today), percent=FIFTEEN, on=today)
    price = price_of(offer)
    assert price is not None
    (said,) = refused(services.delete_price, actor=elena, price=price)
    assert "Клиент согласился на эту цену" in said
    services.reopen(actor=anna, offer=done)
    contract = offer.contract
    fixed = factories.contract_price(contract, effective_on=today, monthly=1100)
    Contract.objects.filter(pk=contract.pk).update(
        fixed_from=today - timedelta(days=9), fixed_until=today + timedelta(days=9)
    )
    assert list(refused(services.delete_price, actor=elena, price=fixed)) == ["effective_on"]
    assert ContractPrice.objects.filter(pk=fixed.pk).exists()


# --- what a person saw ---------------------------------------------------------------------------
@pytest.mark.parametrize("asked", ["unit=999999", "specialist=abc", "segment=zzz", "below=x"])
def test_a_filter_that_is_not_understood_offers_to_nobody(
    world: World, client_as: Callable, asked: str
) -> None:
    browser = client_as("elena")
    address = f"{reverse('offers_make')}?campaign={world.campaign.pk}&{asked}"
    assert "Отбор непонятен" in browser.get(address).content.decode()
    answer = browser.post(address, {"offered_on": "2026-09-16"})
    assert "Отбор непонятен" in answer.content.decode()
    assert not IndexationOffer.objects.exclude(stage=OfferStage.PLANNED).exists()


def test_a_button_acts_on_the_exception_that_was_seen(
    world: World, offer: IndexationOffer, anna: Any, today: date, client_as: Callable
) -> None:
    made = offered(offer, anna, today)
    asked = {"actor": anna, "on": today, "reason": "Просит директор"}
    seen = services.ask_exception(offer=made, percent=Decimal(1), **asked)
    services.decline_exception(actor=world.users["elena"], offer=seen)
    services.ask_exception(offer=made, percent=Decimal(2), **asked)
    browser, address = client_as("elena"), reverse("offer_approve", args=[offer.pk])
    answer = browser.post(address, {"version": seen.version}, follow=True)
    assert "изменили, пока вы смотрели" in answer.content.decode()
    offer.refresh_from_db()
    assert offer.stage == OfferStage.EXCEPTION
    browser.post(address, {"version": offer.version})
    offer.refresh_from_db()
    assert (offer.stage, offer.agreed_percent) == (OfferStage.AGREED, 2)
