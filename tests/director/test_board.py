"""The year's goals: each figure is its page's own, opens its rows, and is told without colour."""

import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import TargetKind, TargetSpan
from accounts.models import Churn, Invoice
from needs.selectors.plan import read_plan
from reports.director.board import read_board
from reports.director.goals import Goal, Mark
from tests import factories
from tests.personas import World
from visits.enums import VisitLevel
from visits.figures.periods import Period, PeriodKind
from visits.selectors.figures import (
    MonthScores,
    cells_of,
    coverage,
    month_scores,
    reach_of,
    read_figures,
)

pytestmark = pytest.mark.django_db


def goals(world: World, today: date, who: str = "elena") -> dict[str, Goal]:
    board = read_board(world.users[who], today.year, today)
    return {goal.code: goal for section in board.sections for goal in section.goals}


def year_goal(kind: TargetKind, value: int, today: date) -> None:
    factories.target(
        kind=kind, span=TargetSpan.YEAR, month=date(today.year, 1, 1), value=Decimal(value)
    )


def test_the_board_holds_every_goal_of_the_year(world: World, today: date) -> None:
    assert list(goals(world, today)) == [
        "churn", "churn_cut", "lost_revenue", "indexation", "payments", "pools",
        "coverage_main_key_user", "coverage_key_user",
        "needs_01", "needs_03", "needs_04", "needs_06", "satisfaction", "k2_quality",
    ]  # fmt: skip


def test_without_a_target_the_page_says_so_and_leads_to_it(
    world: World, today: date, client_as: Callable
) -> None:
    page = client_as("elena")
    body = page.get(reverse("director")).content.decode()
    assert "цель не задана" in body
    address = goals(world, today)["churn"].target_url
    form = page.get(address).context["form"]
    assert form.initial["kind"] == "disconnected"
    assert form.initial["span"] == "year"


def test_targets_are_those_set_for_the_year(world: World, today: date) -> None:
    year_goal(TargetKind.DISCONNECTED, 10, today)
    year_goal(TargetKind.PAYMENTS, 98, today)
    year_goal(TargetKind.SATISFACTION, 95, today)
    year_goal(TargetKind.NEEDS_EFFECT_CLIENTS, 130, today)
    found = goals(world, today)
    told = {code: found[code].target for code in ("churn", "payments", "satisfaction", "needs_04")}
    assert told == {"churn": 10, "payments": 98, "satisfaction": 95, "needs_04": 130}


def test_a_goal_set_for_indexation_goes_before_the_plan_of_the_campaign(
    world: World, today: date
) -> None:
    year_goal(TargetKind.INDEXATION, 17, today)
    assert goals(world, today)["indexation"].target == 17


def test_losses_are_counted_by_their_list(world: World, today: date) -> None:
    Churn.objects.all().delete()
    client = world.clients["own"]
    factories.churn(client, on=today, lost_monthly=Decimal(700))
    factories.churn(client, on=today.replace(year=today.year - 1), lost_monthly=Decimal(300))
    found = goals(world, today)
    assert (found["churn"].fact, found["churn"].last) == (1, 1)
    assert (found["lost_revenue"].fact, found["lost_revenue"].last) == (700, 300)
    assert found["churn_cut"].fact == 0


def test_contacts_are_those_of_the_tree_of_figures(world: World, today: date) -> None:
    anna, own = world.staff["anna"], world.clients["own"]
    for score in (7, 10):
        factories.visit(own, anna, satisfaction=score, satisfaction_scale=10)
    factories.visit(own, world.staff["galina"], level=VisitLevel.K2)
    reach = reach_of(world.users["elena"])
    period = Period.of(PeriodKind.YEAR, today)
    tree = read_figures(reach, period, today)
    row = tree.total if tree.has_total else tree.roots[0]
    cells = {cell.figure.code: cell.share for cell in cells_of(row, tree)}
    together = sum(month_scores(reach, period).values(), MonthScores())
    assert together.satisfaction == cells["satisfaction"]
    assert together.quality == cells["k2_quality"]
    assert together.satisfaction.whole > 0 and together.quality.whole > 0
    found = goals(world, today)
    share = cells["satisfaction"]
    assert found["satisfaction"].fact == Decimal(share.part * 100) / share.whole


def test_coverage_is_that_of_the_tree_of_figures(world: World, today: date) -> None:
    reach = reach_of(world.users["elena"])
    for month in (today, today.replace(day=1) - timedelta(days=1)):
        period = Period.of(PeriodKind.MONTH, month)
        tree = read_figures(reach, period, today)
        row = tree.total if tree.has_total else tree.roots[0]
        if period.until > today:
            continue
        for code, share in coverage(reach, period).items():
            assert share == row.share(code)


def test_needs_are_those_of_the_plan_page(world: World, today: date) -> None:
    factories.need_step(factories.need(world.clients["own"], world.staff["anna"]), on=today)
    user = world.users["elena"]
    year = Period.of(PeriodKind.YEAR, today)
    table = read_plan(reach_of(user), year, today)
    row = table.total if table.has_total else table.roots[0]
    clients = row.pair(0)[1].fact
    found = goals(world, today)["needs_01"]
    assert found.fact == clients
    assert clients > 0


def test_payments_are_of_closed_months_by_the_page_of_payments(
    world: World, today: date, client_as: Callable
) -> None:
    Invoice.objects.all().delete()
    closed = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    bill = factories.invoice(world.clients["own"], month=closed, amount=Decimal(1000))
    factories.payment(bill, amount=Decimal(750), paid_on=today)
    factories.invoice(world.clients["own"], month=today.replace(day=1), amount=Decimal(999))
    found = goals(world, today)["payments"]
    assert found.fact == 75
    body = client_as("elena").get(found.rows_url).content.decode()
    assert "75,0\u00a0%" in body


def test_each_goal_opens_a_page(world: World, today: date, client_as: Callable) -> None:
    page = client_as("elena")
    for goal in goals(world, today).values():
        assert page.get(goal.rows_url).status_code == 200, goal.rows_url
        assert page.get(goal.target_url).status_code == 200, goal.target_url


def test_counted_goals_open_as_many_rows(world: World, today: date, client_as: Callable) -> None:
    factories.churn(world.clients["own"], on=today)
    factories.need_step(factories.need(world.clients["own"], world.staff["anna"]), on=today)
    page = client_as("elena")
    found = goals(world, today)
    for code in ("churn", "needs_01", "needs_03", "needs_04", "needs_06"):
        rows = page.get(found[code].rows_url).context["table"].rows
        assert len(rows) == found[code].fact, code


def test_a_verdict_is_a_shape_and_words(world: World, today: date, client_as: Callable) -> None:
    year_goal(TargetKind.DISCONNECTED, 0, today)
    factories.churn(world.clients["own"], on=today)
    body = client_as("elena").get(reverse("director")).content.decode()
    assert re.search(r"goal-bad[^>]*><svg.*?circle-x.*?</svg> больше цели", body, re.S)
    assert goals(world, today)["churn"].verdict == (Mark.BAD, "больше цели")


def test_the_sheet_is_one_page_of_a4(world: World, client_as: Callable, today: date) -> None:
    answer = client_as("elena").get(reverse("director_pdf"))
    assert answer["Content-Type"] == "application/pdf"
    found = PdfReader(io.BytesIO(answer.content))
    assert len(found.pages) == 1
    width, height = (float(found.pages[0].mediabox[n]) for n in (2, 3))
    assert (round(width), round(height)) == (595, 842)
    fonts = found.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    assert any("Golos" in font.get_object()["/BaseFont"] for font in fonts)
    text = found.pages[0].extract_text()
    assert f"Цели {today.year} года" in text and "Качество К2У" in text


def test_the_api_gives_what_the_page_shows(world: World, today: date, api_as: Callable) -> None:
    year_goal(TargetKind.DISCONNECTED, 10, today)
    found = json.loads(api_as("reader").get("/api/v1/director-board/").content)
    assert found["year"] == today.year
    churn = found["goals"][0]
    assert (churn["code"], churn["target"], churn["section"]) == (
        "churn",
        "10.00",
        "Клиенты и деньги",
    )
    assert [g["code"] for g in found["goals"]] == list(goals(world, today))
    assert api_as("reader").get("/api/v1/director-board/?year=2099").status_code == 400
    assert api_as("galina").get("/api/v1/director-board/").status_code == 403


def test_a_past_year_is_read_as_of_its_end(world: World, today: date, client_as: Callable) -> None:
    answer = client_as("elena").get(reverse("director"), {"year": today.year - 1})
    assert f"Цели {today.year - 1} года" in answer.content.decode()
    assert client_as("elena").get(reverse("director"), {"year": "2099"}).status_code == 404


def test_the_number_of_queries_does_not_grow(
    world: World, today: date, client_as: Callable, count_queries: Callable
) -> None:
    page = client_as("elena")
    page.get(reverse("director"))
    with count_queries() as few:
        page.get(reverse("director"))
    for n in range(5):
        client = factories.client(world.staff["anna"], world.noio1)
        factories.churn(client, on=today - timedelta(days=n))
        factories.need_step(factories.need(client, world.staff["anna"]), on=today)
        factories.visit(client, world.staff["anna"], satisfaction=9, satisfaction_scale=10)
    with count_queries() as many:
        page.get(reverse("director"))
    assert len(many) == len(few)
