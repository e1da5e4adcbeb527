"""Signals of churn: when each rule speaks, in which words, to whom; the check with the past."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client
from core.models import Setting
from lamps.churn_risk import Code, PastCheck, RiskSignal
from lamps.enums import Colour
from lamps.models import Lamp, LampPeriod
from lamps.selectors.churn_risk import ChurnRisk, signals_of
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def calm(today: date, **given: Any) -> Client:
    """A client of nobody that shows nothing: a green lamp, a decision maker, no bills."""
    client = factories.client(**given)
    factories.participant(client, roles=["decision_maker"], starts_on=today - 600 * DAY)
    return client


def lamp(client: Client, *colours: tuple[str, date]) -> None:
    """The colours of a client, oldest first, each since a day; the last is its present lamp."""
    factories.lamp(client, colours[-1][0], since=colours[-1][1])
    pattern = LampPeriod.objects.get(client=client)
    LampPeriod.objects.filter(client=client).delete()
    for n, (colour, since) in enumerate(colours):
        pattern.pk, pattern.colour, pattern.since, pattern.starts_on = None, colour, since, since
        pattern.ends_on = colours[n + 1][1] if n + 1 < len(colours) else None
        pattern.total = None if colour == Colour.NONE else 50
        pattern._state.adding = True
        pattern.save(force_insert=True)


def shown(client: Client, today: date) -> dict[Code, str]:
    """Code → words of a client's signals."""
    return {s.code: s.words for s in signals_of([client.pk], today).get(client.pk, [])}


def bill(client: Client, due_on: date, settled_on: date | None, **given: Any) -> Any:
    return factories.invoice(
        client,
        month=due_on.replace(day=1),
        due_on=due_on,
        settled_on=settled_on,
        amount=Decimal("1000.00"),
        **given,
    )


def test_a_calm_client_shows_nothing(world: World, today: date) -> None:
    client = calm(today)
    lamp(client, ("green", today - 200 * DAY))
    bill(client, today - 5 * DAY, None)
    assert shown(client, today) == {}


def test_red_says_since_when(world: World, today: date) -> None:
    client = calm(today)
    lamp(client, ("green", today - 400 * DAY), ("red", today - 40 * DAY))
    assert shown(client, today) == {
        Code.RED: f"Лампочка красная с {today - 40 * DAY:%d.%m.%Y}, 40\u00a0дней"
    }


def test_not_green_counts_from_the_last_green_day_whatever_came_between(
    world: World, today: date
) -> None:
    client = calm(today)
    at = [("green", 400), ("yellow", 60), ("red", 50), ("yellow", 40)]
    lamp(client, *[(colour, today - ago * DAY) for colour, ago in at])
    assert shown(client, today)[Code.NOT_GREEN] == (
        f"Лампочка не зелёная с {today - 60 * DAY:%d.%m.%Y}, 60\u00a0дней"
    )
    assert Code.NOT_GREEN not in shown(client, today - DAY)


def test_a_fall_counts_within_its_days_and_a_rise_does_not(world: World, today: date) -> None:
    fell, rose, long_ago = calm(today), calm(today), calm(today)
    lamp(fell, ("green", today - 99 * DAY), ("yellow", today - 29 * DAY))
    lamp(rose, ("red", today - 30 * DAY), ("yellow", today - 9 * DAY))
    lamp(long_ago, ("green", today - 99 * DAY), ("yellow", today - 30 * DAY))
    assert shown(fell, today) == {
        Code.FELL: f"Лампочка {today - 29 * DAY:%d.%m.%Y} из зелёной стала жёлтой"
    }
    assert shown(rose, today) == {}
    assert shown(long_ago, today) == {}


def test_overdue_bills_count_with_what_is_still_owed(world: World, today: date) -> None:
    client = calm(today)
    first = bill(client, today - 40 * DAY, None)
    factories.payment(first, amount=Decimal("400.00"), paid_on=today - 9 * DAY)
    assert shown(client, today) == {}
    bill(client, today - DAY, None)
    assert shown(client, today)[Code.OVERDUE] == (
        f"Просрочено 2\u00a0счёта на 1\u00a0600,00\u00a0₽, старший — с {today - 40 * DAY:%d.%m.%Y}"
    )


def test_paying_less_compares_two_quarters_of_bills(world: World, today: date) -> None:
    client = calm(today)
    for ago in (190, 160, 130):
        bill(client, today - ago * DAY, today - ago * DAY)
    for ago, late in ((100, 0), (70, 11), (40, 11)):
        bill(client, today - ago * DAY, today - (ago - late) * DAY)
    assert shown(client, today) == {
        Code.PAYING_LESS: "Вовремя оплачено 1 из 3\u00a0счетов за три месяца, "
        "за три до того — 3 из 3\u00a0счетов"
    }
    Setting.objects.create(code="lamps.risk_paying_points", value=67)
    assert shown(client, today) == {}


def test_who_left_the_scheme_and_who_never_decided(world: World, today: date) -> None:
    left, changed, never = factories.client(), calm(today), factories.client()
    for client in (left, changed):
        gone = factories.participant(
            client, roles=["decision_maker"], starts_on=today - 600 * DAY, ends_on=today - 59 * DAY
        )
        gone.roles.update(ends_on=today - 59 * DAY)
    day = f"{today - 59 * DAY:%d.%m.%Y}"
    assert shown(left, today) == {
        Code.KEY_LEFT: f"ЛПР вышел из СПР {day}",
        Code.NO_DECISION_MAKER: f"В СПР нет ЛПР с {day}",
    }
    assert shown(changed, today) == {Code.KEY_LEFT: f"ЛПР вышел из СПР {day}"}
    assert shown(changed, today + DAY) == {}
    assert shown(never, today) == {Code.NO_DECISION_MAKER: "ЛПР не записан в СПР"}


def test_a_rival_and_open_risks_are_signals_until_closed(world: World, today: date) -> None:
    client = calm(today, competitor="Другая система")
    risk = factories.risk(client)
    assert shown(client, today) == {
        Code.RISK: f"Не снято: 1\u00a0риск с {today - 7 * DAY:%d.%m.%Y} (конкурент)",
        Code.COMPETITOR: "У клиента видели конкурента: Другая система",
    }
    risk.closed_on = today
    risk.save()
    assert shown(client, today) == {Code.COMPETITOR: "У клиента видели конкурента: Другая система"}


def test_a_weight_of_nought_switches_a_signal_off(world: World, today: date) -> None:
    client = calm(today, competitor="Другая система")
    Setting.objects.create(code="lamps.risk_weight_competitor", value=0)
    assert shown(client, today) == {}
    at_risk = ChurnRisk(world.users["elena"], today).at_risk()
    assert not at_risk.filter(pk=client.pk).exists()


def test_the_list_stands_by_weight_and_weighs_as_the_card_does(world: World, today: date) -> None:
    heavy, light = calm(today, competitor="Другая"), calm(today, competitor="Другая")
    factories.risk(heavy)
    rows = ChurnRisk(world.users["elena"], today).at_risk().order_by("-weight")
    weights = {row.pk: row.weight for row in rows}
    assert (weights[heavy.pk], weights[light.pk]) == (5, 2)
    for pk, signals in signals_of(list(weights), today).items():
        assert weights[pk] == sum(signal.weight for signal in signals)
    assert set(signals_of([c.pk for c in Client.objects.all()], today)) == set(weights)


def test_a_disconnected_client_is_not_at_risk(world: World, today: date) -> None:
    client = calm(today, competitor="Другая", disconnected_on=today - DAY)
    assert shown(client, today) == {}
    assert client not in ChurnRisk(world.users["elena"], today).at_risk()


@pytest.mark.parametrize(
    ("who", "sees"),
    [("anna", {"own"}), ("galina", {"own", "colleague"}), ("dmitry", {"foreign"})],
)
def test_everybody_sees_the_signals_of_their_own(
    world: World, today: date, client_as: Callable, who: str, sees: set[str]
) -> None:
    Client.objects.filter(pk__in=[c.pk for c in world.clients.values()]).update(
        competitor="Соперник"
    )
    body = client_as(who).get(reverse("churn_risk")).content.decode()
    found = {whose for whose, client in world.clients.items() if client.name in body}
    assert found == sees


def test_filters_narrow_by_signal_and_weight(
    world: World, today: date, client_as: Callable
) -> None:
    rival, risky = calm(today, competitor="Другая"), calm(today)
    factories.risk(risky)
    page = client_as("elena")
    by_signal = page.get(reverse("churn_risk"), {"signal": "competitor"}).content.decode()
    assert rival.name in by_signal and risky.name not in by_signal
    by_weight = page.get(reverse("churn_risk"), {"weight": "3"}).content.decode()
    assert risky.name in by_weight and rival.name not in by_weight


def test_the_file_holds_the_words(world: World, today: date, client_as: Callable) -> None:
    calm(today, competitor="Другая система")
    answer = client_as("elena").get(reverse("churn_risk"), {"format": "csv"})
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "У клиента видели конкурента: Другая система" in body


def test_the_card_says_why(world: World, today: date, client_as: Callable) -> None:
    client = world.clients["own"]
    Client.objects.filter(pk=client.pk).update(competitor="Другая система")
    tab = client_as("anna").get(reverse("client_risk", args=[client.pk])).content.decode()
    assert "У клиента видели конкурента: Другая система" in tab
    card = client_as("anna").get(reverse("client", args=[client.pk])).content.decode()
    assert "risk-sign" in card
    assert "risk-sign" not in client_as("anna").get(reverse("clients")).content.decode()


def test_the_number_of_queries_does_not_grow(
    world: World, today: date, client_as: Callable, count_queries: Callable
) -> None:
    page = client_as("elena")
    calm(today, competitor="Другая")
    page.get(reverse("churn_risk"))
    with count_queries() as few:
        page.get(reverse("churn_risk"))
    for _ in range(20):
        factories.risk(calm(today, competitor="Другая"))
    with count_queries() as many:
        page.get(reverse("churn_risk"))
    assert len(many) == len(few)


def test_the_past_is_looked_at_as_it_stood_thirty_days_before(world: World, today: date) -> None:
    """Of three lost, one had fallen by then; the second only afterwards; the third had a rival,
    and when that was seen nobody knows."""
    elena = world.users["elena"]
    before = ChurnRisk(elena, today).check()
    left = today - 50 * DAY
    warned, late, rival = (
        calm(today, disconnected_on=left, competitor=name) for name in ("", "", "Другая")
    )
    for client in (warned, late, rival):
        factories.churn(client, on=left)
    lamp(warned, ("green", today - 400 * DAY), ("red", left - 40 * DAY))
    lamp(late, ("green", today - 400 * DAY), ("red", left - 29 * DAY))
    lamp(rival, ("green", today - 400 * DAY))
    Lamp.objects.filter(client__in=[warned, late, rival]).delete()
    found = ChurnRisk(elena, today).check()
    assert found == PastCheck(
        lost=before.lost + 3,
        warned=before.warned + 1,
        served=before.served,
        signalled=before.signalled,
    )


def test_the_page_tells_the_check_beside_those_served(
    world: World, today: date, client_as: Callable
) -> None:
    client = calm(today, disconnected_on=today - 50 * DAY)
    factories.churn(client, on=today - 50 * DAY)
    body = client_as("elena").get(reverse("churn_risk")).content.decode()
    assert "Проверка прошлым: из 1\u00a0отключения за год сигнал за 30\u00a0дней" in body


def test_the_api_gives_the_signals_in_words(world: World, today: date, api_as: Callable) -> None:
    client = world.clients["own"]
    Client.objects.filter(pk=client.pk).update(competitor="Другая система")
    answer = api_as("anna").get("/api/v1/churn-risks/?signal=competitor")
    rows = json.loads(answer.content)["results"]
    assert [row["client"] for row in rows] == [client.pk]
    signal = next(s for s in rows[0]["signals"] if s["code"] == "competitor")
    assert signal == {
        "code": "competitor",
        "weight": 2,
        "since": None,
        "words": "У клиента видели конкурента: Другая система",
    }
    assert rows[0]["weight"] == sum(s["weight"] for s in rows[0]["signals"])


def test_words_of_several_roles_say_how_many_more() -> None:
    signal = RiskSignal(Code.KEY_LEFT, 2, date(2026, 10, 12), 3, said="main_key_user")
    assert signal.words == "ГКлП вышел из СПР 12.10.2026 и ещё 2"


def test_a_lamp_that_turned_red_today_is_red_for_its_first_day(today: date) -> None:
    words = [RiskSignal(Code.RED, 3, since=today - n * DAY, figure=n).words for n in (0, 1)]
    assert words == [
        f"Лампочка красная с {today:%d.%m.%Y}, первый день",
        f"Лампочка красная с {today - DAY:%d.%m.%Y}, 1\u00a0день",
    ]
