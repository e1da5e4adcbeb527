"""What is known after a month was closed comes to the open one, and goes back the same way."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Position, Target
from bonuses.enums import KpiSource, LineKind, PlanLevel, SchemeKind, SheetStatus
from bonuses.models import PayBase, Sheet, SheetLine
from bonuses.preferences import CORRECTION_MONTHS
from bonuses.selectors.chain import chain
from bonuses.services import facts
from bonuses.services.drafts import draft_month
from core import clock
from core.services_settings import set_preference
from tests import factories
from tests.bonuses.builders import (
    AUGUST,
    SEPTEMBER,
    D,
    base,
    block,
    clear,
    kpi,
    manual,
    publish,
    scheme,
)
from tests.bonuses.test_way import LATER, closed, paid, settle, sheet_of  # noqa: F401
from tests.personas import World
from visits.models import Visit, VisitCriterion, VisitMark

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
Change = Callable[[World], Callable[[], Any]]


def corrections(month: date) -> list[SheetLine]:
    """The corrections that a month takes up, drafted now."""
    draft_month(month, clock.today())
    found = SheetLine.objects.filter(sheet__month=month, kind=LineKind.CORRECTION)
    return list(found.order_by("sheet", "order"))


def leave(world: World) -> Callable[[], Any]:
    """Five working days of August: 16 of 21 days of 20 000 are 15 238,10; 90 % are 13 714,29."""
    row = factories.substitution(
        world.staff["anna"], world.staff["zoya"], starts_on=date(2026, 8, 8),
        ends_on=date(2026, 8, 16),
    )  # fmt: skip
    return row.delete


def a_better_base(world: World) -> Callable[[], Any]:
    """21 000 from the first of August: 90 % are 18 900,00."""
    values = {"employee": world.staff["anna"], "starts_on": AUGUST, "amount": D("21000.00")}
    row = facts.save_pay_base(actor=world.users["elena"], values=values)
    return lambda: facts.delete_pay_base(actor=world.users["elena"], row=row)


def half_a_rate(world: World) -> Callable[[], Any]:
    """10 days of 20 000 and 11 of half of 30 000: 17 380,95; 90 % are 15 642,855."""
    values = {
        "employee": world.staff["anna"], "starts_on": date(2026, 8, 17), "amount": D("30000.00"),
        "rate": D("0.5"),
    }  # fmt: skip
    row = facts.save_pay_base(actor=world.users["elena"], values=values)
    return lambda: facts.delete_pay_base(actor=world.users["elena"], row=row)


def came_later(world: World) -> Callable[[], Any]:
    """From the 24th: 6 of 21 days are 5 714,29; 90 % are 5 142,86."""
    places = world.staff["anna"].positions
    was = places.get().starts_on
    places.update(starts_on=date(2026, 8, 24))
    return lambda: places.update(starts_on=was)


def was_not_there(world: World) -> Callable[[], Any]:
    """From the first of September: all of August is taken back."""
    places = world.staff["anna"].positions
    was = places.get().starts_on
    places.update(starts_on=SEPTEMBER)
    return lambda: places.update(starts_on=was)


@pytest.mark.parametrize(
    ("change", "amount", "why"),
    [
        (leave, "-4285.71", "отработано 16 из 21 рабочих дней вместо 21, база 15 238,10 ₽"),
        (a_better_base, "900.00", "база 21 000,00 ₽ вместо 20 000,00 ₽"),
        (half_a_rate, "-2357.14", "база 17 380,95 ₽ вместо 20 000,00 ₽"),
        (came_later, "-12857.14", "отработано 6 из 21 рабочих дней вместо 21"),
        (was_not_there, "-18000.00", "этой работы не было"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_late_base_or_days_are_corrected_and_taken_back_to_the_kopeck(
    closed: World,  # noqa: F811
    change: Change,
    amount: str,
    why: str,
) -> None:
    reverse = change(closed)
    (line,) = corrections(SEPTEMBER)
    assert (line.amount, line.corrects.sheet) == (D(amount), sheet_of(closed))
    assert why in line.note.replace("\xa0", " ")
    sheet = sheet_of(closed, month=SEPTEMBER)
    assert sheet.total == sheet.earned + D(amount)
    settle(closed, SEPTEMBER)
    assert list(chain()) == []
    assert corrections(OCTOBER) == []  # it is paid
    reverse()
    (back,) = corrections(OCTOBER)
    assert (back.amount, back.corrects_id) == (-D(amount), line.corrects_id)
    settle_october = sheet_of(closed, month=OCTOBER)
    assert settle_october.corrections == -D(amount)


def transfer(world: World) -> Callable[[], Any]:
    """To the other department on the 17th: 10 days there, 11 here."""
    anna = world.staff["anna"]
    anna.positions.update(ends_on=date(2026, 8, 17))
    place = Position.objects.create(
        employee=anna, unit=world.noio2, kind="specialist", starts_on=date(2026, 8, 17)
    )

    def back() -> None:
        place.delete()
        anna.positions.update(ends_on=None)

    return back


def test_a_transfer_known_late_is_taken_off_one_department_and_paid_by_the_other(
    closed: World,  # noqa: F811
) -> None:
    """9 523,81 and 10 476,19 of 20 000; 90 % are 8 571,43 and 9 428,57: 18 000 together."""
    back = transfer(closed)
    by_unit = {line.corrects_id is None: line for line in corrections(SEPTEMBER)}
    assert [by_unit[False].amount, by_unit[True].amount] == [D("-9428.57"), D("9428.57")]
    assert "работа, на которую листа не было: 11 из 21" in by_unit[True].note
    sheet = sheet_of(closed, month=SEPTEMBER)
    assert (sheet.unit, sheet.corrections) == (closed.noio2, 0)
    settle(closed, SEPTEMBER)
    assert list(chain()) == []
    assert corrections(OCTOBER) == []
    back()
    again = corrections(OCTOBER)
    assert sorted(line.amount for line in again) == [D("-9428.57"), D("9428.57")]
    gone = next(line for line in again if line.amount < 0)
    assert (gone.code, gone.corrects_id) == (by_unit[True].code, None)
    assert "этой работы не было" in gone.note


def test_whoever_was_written_down_late_is_paid_in_the_open_month(closed: World) -> None:  # noqa: F811
    late = factories.employee(closed.noio1, hired_on=date(2026, 8, 3))
    facts.save_pay_base(
        actor=closed.users["elena"],
        values={"employee": late, "starts_on": AUGUST, "amount": D("20000.00")},
    )
    manual(late, 50, closed.users["elena"])
    (line,) = corrections(SEPTEMBER)
    assert (line.sheet.employee, line.amount, line.fact) == (late, D("10000.00"), 50)
    assert line.label == line.kpi.label


def test_a_sheet_of_the_month_that_is_still_open_says_it_itself(closed: World) -> None:  # noqa: F811
    """The month is not given to payroll yet: its drafts take up whoever was forgotten."""
    late = factories.employee(closed.noio1, hired_on=date(2026, 8, 3))
    manual(late, 50, closed.users["elena"])
    draft_month(AUGUST, clock.today())
    facts.save_pay_base(
        actor=closed.users["elena"],
        values={"employee": late, "starts_on": AUGUST, "amount": D("20000.00")},
    )
    assert corrections(SEPTEMBER) == []
    draft_month(AUGUST, clock.today())
    assert Sheet.objects.get(employee=late, month=AUGUST).total == D("10000.00")
    assert Sheet.objects.get(employee=late, month=AUGUST).status == SheetStatus.DRAFT


def test_what_was_paid_as_a_correction_is_not_paid_again_by_a_sheet_that_came_later(
    closed: World,  # noqa: F811
) -> None:
    late = factories.employee(
        closed.noio1, hired_on=date(2026, 8, 3), user=factories.user("late", "specialist")
    )
    values = {"employee": late, "starts_on": AUGUST, "amount": D("20000.00")}
    facts.save_pay_base(actor=closed.users["elena"], values=values)
    manual(late, 50, closed.users["elena"])
    corrections(SEPTEMBER)
    settle(closed, SEPTEMBER)
    draft_month(AUGUST, clock.today())
    settle(closed, AUGUST)
    assert Sheet.objects.get(employee=late, month=AUGUST).total == D("10000.00")
    (back,) = corrections(OCTOBER)
    assert (back.sheet.employee, back.amount) == (late, D("-10000.00"))


def test_where_nothing_is_corrected_a_base_keeps_out_of_closed_months(
    closed: World,  # noqa: F811
) -> None:
    set_preference(actor=closed.users["zhanna"], preference=CORRECTION_MONTHS, value=0)
    anna = closed.staff["anna"]
    values = {"employee": anna, "starts_on": date(2026, 8, 31), "amount": D("1.00")}
    with pytest.raises(ValidationError, match=r"задайте базу с 01\.09\.2026 или позже"):
        facts.save_pay_base(actor=closed.users["elena"], values=values)
    with pytest.raises(ValidationError, match="больше не исправляются"):
        facts.delete_pay_base(actor=closed.users["elena"], row=PayBase.objects.get(employee=anna))
    facts.save_pay_base(actor=closed.users["elena"], values=values | {"starts_on": SEPTEMBER})
    assert corrections(SEPTEMBER) == []


@pytest.fixture
def closed_by_plan(world: World, move_clock: Any) -> World:
    """August of Анна closed by a plan of needs for her department, 10 for a full month, of which
    one was identified: 10 % of 20 000; and by К2У for Галина."""
    clear()
    row = scheme()
    kpi(block(row), KpiSource.NEEDS, plan=None, plan_level=PlanLevel.UNIT,
        target_kind="needs_identified")  # fmt: skip
    publish(row)
    heads = scheme(SchemeKind.HEAD)
    kpi(block(heads), KpiSource.K2_QUALITY)
    publish(heads)
    for name in ("anna", "galina"):
        base(world.staff[name])
    factories.target(None, unit=world.noio1, kind="needs_identified", month=AUGUST, value=D(10))
    need = factories.need(world.clients["own"], world.staff["anna"], opened_on=AUGUST,
                          unit=world.noio1)  # fmt: skip
    factories.need_step(need, on=date(2026, 8, 12))
    visit = factories.visit(world.clients["own"], world.staff["galina"], level="K2",
                            held_on=date(2026, 8, 12))  # fmt: skip
    for criterion in VisitCriterion.objects.filter(is_on=True, is_scored=True)[:3]:
        VisitMark.objects.create(visit=visit, criterion=criterion)
    draft_month(AUGUST, clock.today())
    settle(world, AUGUST)
    move_clock(LATER)
    return world


def test_a_plan_or_a_criterion_changed_later_pays_no_closed_month_again(
    closed_by_plan: World,
) -> None:
    Target.objects.filter(kind="needs_identified").update(value=1)
    extra = VisitCriterion.objects.filter(is_on=True, is_scored=True)[0]
    VisitCriterion.objects.filter(pk=extra.pk).update(is_scored=False)
    assert corrections(SEPTEMBER) == []


def test_days_known_late_take_their_part_of_the_plan_that_was_in_force(
    closed_by_plan: World,
) -> None:
    """16 of 21 days: of the plan of 10 are left 7,62, of the base 15 238,10; one need of those is
    13,12 % → 1 999,24 instead of 2 000,00. What was planned since says nothing."""
    Target.objects.filter(kind="needs_identified").update(value=1)
    leave(closed_by_plan)
    (line,) = corrections(SEPTEMBER)
    assert (line.plan, line.attainment, line.amount) == (D("7.62"), D("13.12"), D("-0.76"))


def test_a_mark_written_late_still_counts_for_the_quality_of_a_closed_month(
    closed_by_plan: World,
) -> None:
    (visit,) = Visit.objects.filter(level="K2", held_on=date(2026, 8, 12))
    for criterion in VisitCriterion.objects.filter(is_on=True, is_scored=True):
        VisitMark.objects.get_or_create(visit=visit, criterion=criterion)
    (line,) = corrections(SEPTEMBER)
    assert line.kpi.source == KpiSource.K2_QUALITY
    assert line.amount > 0
