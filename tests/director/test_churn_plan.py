"""Losses of a year beside plan and last year: every number opens exactly its rows."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import TargetKind, TargetSpan
from accounts.models import Churn, ChurnCause, Client, Unit
from reports.director.selectors.churn import read_churn
from reports.director.years import Year
from tests import factories
from tests.personas import World
from visits.selectors.figures import reach_of

pytestmark = pytest.mark.django_db


def lose(unit: Unit | None, on: date, **given: Any) -> Churn:
    """A client of a unit that left."""
    client = factories.client(
        disconnected_on=on, connected_on=date(2020, 1, 1), **({"unit": unit} if unit else {})
    )
    return factories.churn(client, on=on, **given)


@pytest.fixture
def losses(world: World, today: date) -> World:
    """This year НОИО 1 lost two and НОИО 2 one; by the same day of last year, one and one; one
    of last year's came later in the year."""
    Churn.objects.all().delete()
    cause = ChurnCause.objects.order_by("order")[0]
    first = date(today.year, 1, 1)
    lose(world.noio1, first, lost_monthly=Decimal(1000), cause=cause)
    lose(world.noio1, today, lost_monthly=Decimal(500), competitor="Другая система")
    lose(world.noio2, first, lost_monthly=Decimal(200))
    lose(world.noio1, date(today.year - 1, 1, 1), lost_monthly=Decimal(70), cause=cause)
    lose(world.noio2, today.replace(year=today.year - 1), lost_monthly=Decimal(30))
    lose(world.noio2, today.replace(year=today.year - 1) + timedelta(days=1))
    return world


def read(world: World, who: str, today: date, unit: Unit | None = None) -> Any:
    user = world.users[who]
    return read_churn(user, reach_of(user), Year(today.year, today), unit)


def test_units_are_sums_of_what_lies_below(losses: World, today: date) -> None:
    found = read(losses, "elena", today)
    rows = {row.label: (row.now.clients, row.before.clients, row.now.monthly) for row in found.rows}
    assert rows == {
        str(losses.division): (3, 2, Decimal(1700)),
        str(losses.noio1): (2, 1, Decimal(1500)),
        str(losses.noio2): (1, 1, Decimal(200)),
    }
    assert found.total.cut == Decimal(-50)
    assert [row.label for row in found.lines()] == [row.label for row in found.rows]


def test_a_head_sees_the_department_alone(losses: World, today: date) -> None:
    found = read(losses, "galina", today)
    assert [(r.label, r.now.clients) for r in found.lines()] == [(str(losses.noio1), 2)]


def test_losses_of_no_unit_stand_apart(losses: World, today: date) -> None:
    lose(None, today)
    found = read(losses, "elena", today)
    assert [(r.label, r.now.clients) for r in found.lines()][-2:] == [
        ("Без отдела", 1),
        ("Итого", 4),
    ]


def test_plans_are_a_units_own_or_the_sum_of_its_parts(losses: World, today: date) -> None:
    first = date(today.year, 1, 1)
    kind = TargetKind.DISCONNECTED
    year = {"kind": kind, "span": TargetSpan.YEAR, "month": first}
    factories.target(unit=losses.noio1, value=5, **year)
    found = {row.label: row for row in read(losses, "elena", today).rows}
    assert found[str(losses.noio1)].plan == 5
    assert found[str(losses.division)].plan is None, "НОИО 2 has no plan, so there is no sum"
    factories.target(unit=losses.noio2, value=3, **year)
    factories.target(unit=losses.noio1, value=1, kind=kind, month=first)
    found = {row.label: row for row in read(losses, "elena", today).rows}
    assert found[str(losses.division)].plan == 8
    assert found[str(losses.noio1)].plans[first] == 1


def test_the_goal_of_fewer_losses_is_a_target(
    losses: World, today: date, client_as: Callable
) -> None:
    page = client_as("elena")
    assert "цель не задана" in page.get(reverse("churn_plan")).content.decode()
    factories.target(
        kind=TargetKind.CHURN_CUT, span=TargetSpan.YEAR, month=date(today.year, 1, 1), value=14
    )
    body = page.get(reverse("churn_plan")).content.decode()
    assert "цель −14 %" in body and "не выполняется" in body


def test_every_number_opens_exactly_its_rows(losses: World, client_as: Callable) -> None:
    page = client_as("elena")
    body = page.get(reverse("churn_plan")).content.decode()
    links = re.findall(rf'<a href="({reverse("churns")}\?[^"]+)">(?:<b>)?(\d+)(?:</b>)?</a>', body)
    assert len(links) >= 15
    for address, number in links:
        rows = page.get(unescape(address)).context["table"].rows
        assert len(rows) == int(number), address


def test_the_list_filters_by_rival_and_by_no_cause(losses: World, client_as: Callable) -> None:
    page = client_as("elena")
    address = reverse("churns")
    assert len(page.get(address, {"competitor": "Другая система"}).context["table"].rows) == 1
    assert len(page.get(address, {"cause": "null"}).context["table"].rows) == 4


def test_the_file_holds_the_same_rows(losses: World, client_as: Callable, today: date) -> None:
    answer = client_as("elena").get(reverse("churn_plan"), {"format": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    own = next(line for line in lines if str(losses.noio1) in line).split(";")
    assert own[26:38] == [
        "1000,00",
        *["0"] * (today.month - 2),
        "500,00",
        *["0"] * (12 - today.month),
    ]
    assert own[38:] == ["2", "", "1", "-100,0", "1500,00", "", "70,00"]
    assert any(line.startswith("Конкурент;Другая система") for line in lines)


def test_months_are_told_in_roubles_too(losses: World, client_as: Callable, today: date) -> None:
    factories.target(
        unit=losses.noio1, kind=TargetKind.LOST_REVENUE, month=date(today.year, 1, 1), value=900
    )
    page = client_as("elena").get(reverse("churn_plan"), {"measure": "money"})
    line = next(li for li in page.context["lines"] if li["row"].label == str(losses.noio1))
    first = line["cells"][0]
    assert (first["fact"], first["plan"], first["is_over"]) == (1000, 900, True)
    assert "1\u00a0000</a>" in page.content.decode()


@pytest.mark.parametrize("query", ["year=1999", "year=2099", "year=x", "unit=987654321"])
def test_a_year_or_unit_that_is_none_is_not_found(
    losses: World, client_as: Callable, query: str
) -> None:
    assert client_as("elena").get(f"{reverse('churn_plan')}?{query}").status_code == 404


def test_the_number_of_queries_does_not_grow(
    losses: World, today: date, client_as: Callable, count_queries: Callable
) -> None:
    page = client_as("elena")
    page.get(reverse("churn_plan"))
    with count_queries() as few:
        page.get(reverse("churn_plan"))
    for n in range(10):
        lose(losses.noio1, today - timedelta(days=n), competitor=f"Соперник {n}")
    with count_queries() as many:
        page.get(reverse("churn_plan"))
    assert len(many) == len(few)


def test_another_heads_unit_is_not_found(losses: World, client_as: Callable) -> None:
    address = f"{reverse('churn_plan')}?unit={losses.noio2.pk}"
    assert client_as("galina").get(address).status_code == 404
    assert Client.objects.filter(unit=losses.noio2).exists()
