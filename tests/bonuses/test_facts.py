"""Every KPI from the program's own rows, by hand, and in a constant number of queries."""

from datetime import date, datetime, timedelta
from decimal import Decimal as D

import pytest

from bonuses.enums import KpiSource, SchemeKind
from bonuses.models import BonusKpi, Sheet, SheetLine
from bonuses.selectors.rows import rows_of
from bonuses.services.drafts import draft_month
from core import clock
from lamps.models import Night
from lamps.selectors import board
from tests import factories
from tests.bonuses.builders import (
    AUGUST,
    SEPTEMBER,
    base,
    block,
    clear,
    kpi,
    manual,
    publish,
    scheme,
    talk_scheme,
    upsell,
)
from tests.personas import World
from visits.enums import VisitLevel
from visits.models import VisitCriterion, VisitMark

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 16)
IN = date(2026, 8, 12)


@pytest.fixture
def centre(world: World) -> World:
    """Анна with three clients more, Галина above her; schemes for both."""
    clear()
    talk_scheme()
    talk_scheme(SchemeKind.HEAD)
    for name in ("anna", "galina"):
        base(world.staff[name])
    anna = world.staff["anna"]
    for name in ("first", "second", "third"):
        world.clients[name] = factories.client(anna, world.noio1)
    return world


def line(world: World, source: str, name: str = "anna", month: date = AUGUST) -> SheetLine:
    return SheetLine.objects.get(
        sheet__employee=world.staff[name], sheet__month=month, kpi__source=source
    )


def test_payments_are_those_of_the_pool_by_the_last_day(centre: World) -> None:
    for name, paid_on, amount in (
        ("first", IN, 1000),
        ("second", IN, 250),
        ("third", SEPTEMBER, 1000),
        ("colleague", IN, 1000),
    ):
        bill = factories.invoice(centre.clients[name], month=AUGUST, amount=D(1000), due_on=IN)
        factories.payment(bill, paid_on=paid_on, amount=D(amount))
    draft_month(AUGUST, TODAY)
    mine = line(centre, KpiSource.PAYMENTS)
    assert (mine.fact, mine.part, mine.whole, len(mine.rows)) == (D("41.67"), 1250, 3000, 3)
    assert mine.attainment == 0  # 43,86 % of 95 %, below the floor
    head = line(centre, KpiSource.PAYMENTS, "galina")
    assert (head.fact, head.part, head.whole) == (D("56.25"), 2250, 4000)
    assert [row.is_counted for row in rows_of(mine)] == [True, False, False]


def test_a_lost_client_counts_for_whoever_served_it_the_day_before(centre: World) -> None:
    client = centre.clients["first"]
    client.assignments.update(ends_on=IN)
    factories.churn(client, on=IN)
    draft_month(AUGUST, TODAY)
    mine = line(centre, KpiSource.DISCONNECTED)
    assert (mine.fact, mine.attainment) == (1, 50)
    assert line(centre, KpiSource.DISCONNECTED, "galina").fact == 1
    assert line(centre, KpiSource.DISCONNECTED, "boris").fact == 0


def test_sales_are_summed_and_returns_taken_off(centre: World) -> None:
    anna, author = centre.staff["anna"], centre.users["elena"]
    upsell(anna, centre.clients["first"], author, "40000", external_id="1")
    upsell(anna, centre.clients["first"], author, "-5000", on=IN, external_id="2")
    upsell(anna, centre.clients["first"], author, "9000", on=SEPTEMBER, external_id="3")
    factories.target(anna, kind="upsell", month=AUGUST, value=D(50000))
    draft_month(AUGUST, TODAY)
    mine = line(centre, KpiSource.UPSELL)
    assert (mine.fact, mine.plan, mine.attainment, mine.points) == (35000, 50000, 70, D("9.1"))


def test_the_pool_is_judged_as_the_board_judges_it(centre: World) -> None:
    for on, red in ((AUGUST, 3), (date(2026, 8, 31), 2)):
        Night.objects.get_or_create(on=on, defaults={"computed_at": "2026-08-31T03:00Z"})
        factories.pool_day(centre.noio1, centre.staff["anna"], on=on, red=red, yellow=0, green=20)
    draft_month(AUGUST, TODAY)
    mine = line(centre, KpiSource.POOL)
    assert (mine.fact, mine.attainment) == (1, 100)
    assert mine.note.startswith("вне нормы, но улучшается: красных 2")
    shown = board(centre.users["galina"], date(2026, 8, 31))
    row = next(r for r in shown.rows() if r.specialist == centre.staff["anna"])
    assert row.standard.holds is True


def test_preparation_folders_and_satisfaction_are_of_their_own_contacts(centre: World) -> None:
    anna = centre.staff["anna"]
    before = {"plan": "план", "prepared_at": "2026-08-01T06:00Z"}
    factories.visit(
        centre.clients["first"], anna, held_on=IN, materials=2, satisfaction=9, **before
    )
    factories.visit(centre.clients["second"], anna, held_on=IN, satisfaction=7)
    factories.visit(centre.clients["third"], anna, held_on=IN, **before)
    draft_month(AUGUST, TODAY)
    # The К2У that the centre begins with was not prepared.
    assert line(centre, KpiSource.PREPARED).fact == D(50)
    folders = line(centre, KpiSource.MATERIALS)
    assert (folders.fact, folders.part, folders.whole) == (D(25), 1, 4)
    # August pays the second quarter: nothing was asked then, and that lowers nothing.
    asked = line(centre, KpiSource.SATISFACTION)
    assert (asked.fact, asked.attainment) == (None, 100)
    draft_month(SEPTEMBER, TODAY)
    asked = line(centre, KpiSource.SATISFACTION, month=SEPTEMBER)
    assert (asked.fact, asked.attainment) == (D(80), D("88.89"))


def test_needs_of_a_quarter_are_planned_by_the_days_worked(centre: World) -> None:
    for name in ("first", "second"):
        need = factories.need(centre.clients[name], centre.staff["anna"], opened_on=IN,
                              unit=centre.noio1)  # fmt: skip
        factories.need_step(need, on=IN)
    draft_month(SEPTEMBER, TODAY)
    mine = line(centre, KpiSource.NEEDS, month=SEPTEMBER)
    away = sum((date(2026, 9, 13) + timedelta(days=n)).weekday() < 5 for n in range(14))
    assert mine.fact == 3  # with the one that the centre begins with
    assert mine.plan == (D(10) * (66 - away) / 66).quantize(D("0.01"))


def test_quality_of_k2_is_the_share_of_scored_criteria(centre: World) -> None:
    visit = factories.visit(centre.clients["first"], centre.staff["galina"], level=VisitLevel.K2,
                            held_on=IN)  # fmt: skip
    scored = list(VisitCriterion.objects.filter(is_on=True, is_scored=True))
    for criterion in scored[:3]:
        VisitMark.objects.create(visit=visit, criterion=criterion)
    draft_month(AUGUST, TODAY)
    head = line(centre, KpiSource.K2_QUALITY, "galina")
    met = VisitMark.objects.filter(visit__in=head.rows, criterion__in=scored).count()
    assert (head.part, head.whole) == (met, len(scored) * len(head.rows))
    assert visit.pk in head.rows


def test_drafts_ask_the_same_of_the_database_for_few_and_for_many(
    centre: World, count_queries
) -> None:
    with count_queries() as few:
        draft_month(AUGUST, TODAY)
    for _ in range(25):
        person = factories.employee(centre.noio1)
        base(person)
        factories.client(person, centre.noio1)
    with count_queries() as many:
        draft_month(AUGUST, TODAY)
    assert len(many) <= len(few)
    assert Sheet.objects.filter(month=AUGUST).count() > 30


def test_what_a_leaver_was_paid_for_is_what_its_rows_show(centre: World) -> None:
    """The money of August counts until its end, also for whoever left on the 17th."""
    anna = centre.staff["anna"]
    anna.positions.update(ends_on=date(2026, 8, 17))
    bill = factories.invoice(centre.clients["first"], month=AUGUST, amount=D(1000), due_on=IN)
    factories.payment(bill, paid_on=date(2026, 8, 25), amount=D(1000))
    draft_month(AUGUST, TODAY)
    mine = line(centre, KpiSource.PAYMENTS)
    assert (mine.until, mine.part) == (date(2026, 8, 16), 1000)
    (row,) = [row for row in rows_of(mine) if row.is_counted]
    assert "оплачено 1000.00 ₽" in row.what


def test_a_quarter_entered_by_hand_is_paid_by_the_version_that_took_the_kpi_over(
    world: World, move_clock
) -> None:
    """The third quarter is paid in October by one version and in November by its copy."""
    clear()
    for since in (date(2026, 1, 1), date(2026, 11, 1)):
        row = scheme(effective_from=since)
        kpi(block(row, period="quarter"), "manual", label="Аттестация", plan=D(10))
        publish(row)
    base(world.staff["anna"])
    first = BonusKpi.objects.filter(label="Аттестация").earliest("pk")
    manual(world.staff["anna"], 9, world.users["elena"], date(2026, 7, 1), kpi=first)
    move_clock(datetime(2026, 12, 7, 9, tzinfo=clock.MOSCOW))
    found = []
    for month in (date(2026, 10, 1), date(2026, 11, 1)):
        draft_month(month, clock.today())
        found.append(line(world, KpiSource.MANUAL, month=month))
    assert [(one.fact, one.attainment) for one in found] == [(9, 90), (9, 90)]
    assert found[0].kpi != found[1].kpi
