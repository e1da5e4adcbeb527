"""Pay is seen by its owner, by whoever led the department then and by managers; by no other way."""

import logging
import traceback
from collections.abc import Callable
from datetime import date
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import Position
from bonuses import tasks
from bonuses.models import ManualFact, Objection, Sheet, SheetLine, SheetView
from bonuses.services import drafts as drafting
from bonuses.services import facts
from config.logging import render
from core import clock
from core.models import AuditEntry, Delivery, Event, JobRun
from core.policy import policy_for
from tests import canaries
from tests.bonuses.builders import AUGUST, SEPTEMBER, D, block, kpi, manual, publish, scheme, sheet
from tests.bonuses.test_way import LATER, paid, settle  # noqa: F401
from tests.bulk.conftest import load  # noqa: F401
from tests.personas import World

pytestmark = pytest.mark.django_db


Load = Callable[..., Any]


def seen(world: World, name: str, model: Any) -> set[tuple[str, date]]:
    """(whose, month) of the rows that a persona sees, as if newly logged in."""
    user = world.users[name]
    user.__dict__.pop("_led", None)
    path = {Sheet: "", SheetLine: "sheet__", Objection: "line__sheet__", SheetView: "sheet__"}
    prefix = path.get(model, "")
    rows = policy_for(model).visible_to(user)
    names = {row.pk: who for who, row in world.staff.items()}
    return {
        (names[pk], month) for pk, month in rows.values_list(f"{prefix}employee", f"{prefix}month")
    }


@pytest.fixture
def two_months(world: World) -> World:
    """Anna's August from the centre, and her September, both with a fact by hand."""
    scheme = world.row("bonuses.sheet").scheme
    sheet(world.staff["anna"], scheme, SEPTEMBER, "15.00")
    manual(world.staff["anna"], 5, world.users["elena"], SEPTEMBER)
    return world


def goes_on_to_lead(world: World, name: str, unit: Any, since: date) -> None:
    """A head leaves their department for another on a day."""
    world.staff[name].positions.update(ends_on=since)
    Position.objects.create(employee=world.staff[name], unit=unit, kind="head", starts_on=since)


@pytest.mark.parametrize("model", [Sheet, SheetLine, ManualFact], ids=lambda m: m.__name__)
def test_a_head_sees_the_months_in_which_they_led(two_months: World, model: Any) -> None:
    """Галина led НОИО 1 until the end of August, Дмитрий leads it since; before, he led НОИО 2."""
    world = two_months
    world.staff["galina"].positions.update(ends_on=SEPTEMBER)
    goes_on_to_lead(world, "dmitry", world.noio1, SEPTEMBER)
    assert seen(world, "galina", model) == {("anna", AUGUST), ("boris", AUGUST)}
    assert seen(world, "dmitry", model) == {("vera", AUGUST), ("anna", SEPTEMBER)}
    assert seen(world, "elena", model) >= {("anna", AUGUST), ("anna", SEPTEMBER)}


def test_of_two_heads_of_one_month_both_saw_the_work(two_months: World) -> None:
    world, middle = two_months, date(2026, 8, 17)
    world.staff["galina"].positions.update(ends_on=middle)
    goes_on_to_lead(world, "dmitry", world.noio1, middle)
    assert seen(world, "galina", Sheet) == {("anna", AUGUST), ("boris", AUGUST)}
    assert seen(world, "dmitry", Sheet) == {
        ("vera", AUGUST), ("anna", AUGUST), ("boris", AUGUST), ("anna", SEPTEMBER)
    }  # fmt: skip


def test_a_head_who_left_or_leads_no_more_by_role_sees_their_own_alone(two_months: World) -> None:
    world = two_months
    world.users["galina"].role = "specialist"
    assert seen(world, "galina", Sheet) == set()
    world.users["galina"].role = "head"
    type(world.staff["galina"]).objects.filter(pk=world.staff["galina"].pk).update(
        left_on=date(2026, 9, 1)
    )
    assert seen(world, "galina", Sheet) == set()


def test_facts_of_whoever_went_elsewhere_stay_with_the_head_of_then(two_months: World) -> None:
    """Anna goes to НОИО 2 in September: Галина keeps August, Дмитрий gets September."""
    world = two_months
    world.staff["anna"].positions.update(ends_on=SEPTEMBER)
    Position.objects.create(
        employee=world.staff["anna"], unit=world.noio2, kind="specialist", starts_on=SEPTEMBER
    )
    assert seen(world, "galina", ManualFact) == {("anna", AUGUST), ("boris", AUGUST)}
    assert seen(world, "dmitry", ManualFact) == {("vera", AUGUST), ("anna", SEPTEMBER)}
    september = ManualFact.objects.get(month=SEPTEMBER)
    values = {"employee": september.employee, "kpi": september.kpi, "month": date(2026, 10, 1),
              "value": D(1), "document": "д"}  # fmt: skip
    with pytest.raises(ValidationError, match="не стоял в вашем подразделении"):
        facts.save_manual_fact(actor=world.users["galina"], values=values)
    assert facts.save_manual_fact(actor=world.users["dmitry"], values=values).value == 1


def test_a_sale_is_written_by_the_head_of_its_month(two_months: World) -> None:
    world, galina = two_months, two_months.users["galina"]
    world.staff["galina"].positions.update(starts_on=SEPTEMBER)
    values = {"employee": world.staff["anna"], "client": world.clients["own"],
              "on": date(2026, 8, 31), "product": "п", "amount": D(1), "document": "д"}  # fmt: skip
    with pytest.raises(ValidationError, match="не стоял"):
        facts.save_upsell(actor=galina, values=values)
    with pytest.raises(ValidationError, match="не стоял"):
        facts.delete_upsell(actor=galina, row=world.row("bonuses.upsell"))
    assert facts.save_upsell(actor=galina, values=values | {"on": SEPTEMBER}).amount == 1


@pytest.fixture
def closed_with_canaries(
    world: World,
    move_clock: Callable[[Any], None],
    caplog: pytest.LogCaptureFixture,
) -> World:
    """August closed with the canary amounts, all that was logged on the way caught."""
    caplog.set_level(logging.DEBUG)
    Objection.objects.all().delete()
    move_clock(LATER)
    settle(world)
    return world


def test_no_amount_goes_by_events_deliveries_log_or_audit(
    closed_with_canaries: World,
    client_as: Callable[[str], Any],
    api_as: Callable[[str], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    director = client_as("elena")
    assert director.post("/pay/month/export/", {"month": "2026-08"}).status_code == 200
    assert canaries.amounts_in(director.get("/pay/").content.decode()) == set(canaries.AMOUNT)
    from core import events

    events.sequence()
    assert Event.objects.filter(kind="sheet.closed").count() == 3
    told = [
        caplog.text,
        str(list(Event.objects.values())),
        str(list(Delivery.objects.values())),
        str(list(AuditEntry.objects.values())),
        str(list(JobRun.objects.values())),
        api_as("reader").get("/api/v1/events/").content.decode(),
        client_as("zhanna").get("/audit/").content.decode(),
        client_as("zhanna").get("/audit/?format=csv").getvalue().decode(),
    ]
    assert "sheet.closed" in told[5]
    assert [canaries.amounts_in(text) for text in told] == [set()] * len(told)


def test_a_search_by_an_amount_finds_nothing_that_the_asker_may_not_see(
    world: World, client_as: Callable[[str], Any]
) -> None:
    amount = canaries.AMOUNT["own"]
    for name in ("boris", "zoya", "dmitry"):
        page = client_as(name).get("/pay/", {"q": amount, "employee": world.staff["anna"].pk})
        # What was asked stands in the address of the page itself; as a sum it stands nowhere.
        shown = page.content.decode().replace(amount, "")
        assert "own" not in canaries.amounts_in(shown)


def test_a_row_that_the_database_refused_is_quoted_neither_by_the_job_nor_in_the_log(
    paid: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quoted = f'DETAIL:  Failing row contains (7, {canaries.AMOUNT["own"]}, "Анна\nвторая строка).'

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise IntegrityError(f"violates check constraint\n{quoted}\n")

    monkeypatch.setattr(drafting.Sheet.objects, "bulk_create", refuse)
    try:
        tasks.drafts(Mock(), AUGUST)
    except tasks.DraftsFailed as error:
        assert str(error) == "Ошибка базы данных: IntegrityError"
        assert canaries.amounts_in(traceback.format_exc()) == set()
    else:
        raise AssertionError("it went through")
    # On a page the error is nobody's to catch: the log leaves the row out of it.
    try:
        refuse()
    except IntegrityError:
        trace = traceback.format_exc()
    line = render(None, "error", {"event": "Internal Server Error: /pay/1/", "exception": trace})
    assert "violates check constraint" in line and '"event": "Internal' in line
    assert canaries.amounts_in(line) == set() and "вторая" not in line
    try:
        try:
            refuse()
        except IntegrityError as error:
            raise RuntimeError("и дальше") from error
    except RuntimeError:
        trace = traceback.format_exc()
    line = render(None, "error", {"event": "x", "exception": trace})
    assert "и дальше" in line and canaries.amounts_in(line) == set()


def test_a_look_at_anothers_sheet_is_noted_and_the_owner_reads_it(
    world: World, client_as: Callable[[str], Any]
) -> None:
    row = world.row("bonuses.sheet")
    for address in (f"/pay/{row.pk}/", f"/pay/lines/{row.lines.get().pk}/", "/pay/?format=csv"):
        assert client_as("galina").get(address).status_code == 200
    ways = SheetView.objects.filter(sheet=row, user=world.users["galina"])
    assert sorted(ways.values_list("how", flat=True)) == ["лист", "строки", "файл"]
    page = client_as("anna").get(f"/pay/{row.pk}/").content.decode()
    assert "Галина-Фамилия" in page and "(файл)" in page
    assert not SheetView.objects.filter(user=world.users["anna"]).exists()
    assert clock.today() == date(2026, 9, 16)


def test_a_head_neither_takes_a_strangers_sale_nor_gives_one_away(
    two_months: World,
    load: Load,  # noqa: F811
) -> None:
    """The sale of somebody of НОИО 2 to a client of НОИО 1: Галина sees it, and that is all."""
    world, galina = two_months, two_months.users["galina"]
    sale = facts.save_upsell(
        actor=world.users["elena"],
        values={
            "employee": world.staff["vera"], "client": world.clients["own"], "on": AUGUST,
            "product": "п", "amount": D(30000), "document": "д", "external_id": "S-1",
        },
    )  # fmt: skip
    own = {"employee": world.staff["anna"]}
    for values in (own, {"amount": D(1)}):
        with pytest.raises(ValidationError, match="не стоял"):
            facts.save_upsell(actor=galina, values=values, row=sale)
    row = {
        "external_id": "S-1", "client": world.clients["own"].pk,
        "employee": str(world.staff["anna"]),
    }  # fmt: skip
    answer = load("upsells", [row], persona="galina").json()
    assert [error["field"] for error in answer["rows"][0]["errors"]] == ["employee"]
    mine = world.row("bonuses.upsell")
    with pytest.raises(ValidationError, match="не стоял"):
        facts.save_upsell(actor=galina, values={"employee": world.staff["vera"]}, row=mine)
    sale.refresh_from_db()
    assert (sale.employee, sale.amount) == (world.staff["vera"], 30000)


def test_the_head_who_came_after_does_not_see_the_pay_of_the_one_before(two_months: World) -> None:
    """Both led НОИО 1 in August: each sees the people, neither the other's own sheet."""
    world, middle = two_months, date(2026, 8, 17)
    heads = scheme("head")
    kpi(block(heads), "manual", label="Порядок")
    sheet(world.staff["galina"], publish(heads), AUGUST, "99.00")
    world.staff["galina"].positions.update(ends_on=middle)
    goes_on_to_lead(world, "dmitry", world.noio1, middle)
    assert ("galina", AUGUST) in seen(world, "galina", Sheet)
    assert ("galina", AUGUST) in seen(world, "elena", Sheet)
    assert seen(world, "dmitry", Sheet) == {
        ("vera", AUGUST), ("anna", AUGUST), ("boris", AUGUST), ("anna", SEPTEMBER)
    }  # fmt: skip
