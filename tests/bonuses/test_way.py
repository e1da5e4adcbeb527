"""The way of a sheet from draft to closed, and what the database refuses afterwards."""

from datetime import date, datetime
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, connection, transaction

from bonuses.digests import EMPTY
from bonuses.enums import LineKind, ObjectionStatus, SheetStatus
from bonuses.models import Objection, PayrollExport, Sheet, SheetLine
from bonuses.selectors.chain import chain
from bonuses.services import drafts
from bonuses.services.closing import close_month, record_export
from bonuses.services.drafts import draft_month, draft_sheet
from bonuses.services.sheets import agree, answer, approve, assess, give_back, object_to
from core import clock
from core.errors import Conflict, Refused
from core.models import AuditEntry
from tests import factories
from tests.bonuses.builders import AUGUST, SEPTEMBER, D, base, clear, manual, manual_scheme
from tests.personas import World

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 16)
LATER = datetime(2026, 10, 20, 9, tzinfo=clock.MOSCOW)


@pytest.fixture
def paid(world: World) -> World:
    """Анна and Борис with a base and a manual fact of August."""
    clear()
    manual_scheme()
    for name, fact in (("anna", 90), ("boris", 50)):
        base(world.staff[name])
        manual(world.staff[name], fact, world.users["elena"])
    return world


def sheet_of(world: World, name: str = "anna", month: date = AUGUST) -> Sheet:
    return Sheet.objects.get(employee=world.staff[name], month=month)


def second_manager(world: World):
    if "second" not in world.users:
        world.users["second"] = factories.user("second", "manager")
    return world.users["second"]


def settle(world: World, month: date = AUGUST) -> None:
    """Everybody agrees, Галина assesses, Елена approves, the month is closed."""
    head = {"head": second_manager(world)}
    for sheet in Sheet.objects.filter(month=month, status=SheetStatus.DRAFT):
        if sheet.employee.user.is_active and sheet.objections_until >= clock.today():
            agree(sheet, actor=sheet.employee.user)
        else:  # who cannot log in lets the time pass
            Sheet.objects.filter(pk=sheet.pk).update(objections_until=month)
        approve(assess(sheet, actor=head["head"]), actor=world.users["elena"])
    close_month(month, actor=world.users["elena"])


def test_a_draft_says_fact_plan_attainment_points_and_roubles(paid: World) -> None:
    counters = draft_month(AUGUST, TODAY)
    assert counters["sheets"] == Sheet.objects.count() == 5  # every specialist
    sheet = sheet_of(paid)
    line = sheet.lines.get()
    assert (line.fact, line.plan, line.attainment) == (D(90), D(100), D(90))
    assert (line.points, line.amount) == (D(90), D("18000.00"))
    assert (sheet.base, sheet.total) == (D("20000.00"), D("18000.00"))
    assert (sheet.worked, sheet.working_days) == (21, 21)


def test_drafted_again_a_line_keeps_its_id_and_a_changed_sheet_loses_the_agreement(
    paid: World,
) -> None:
    draft_month(AUGUST, TODAY)
    sheet, line = sheet_of(paid), sheet_of(paid).lines.get()
    agree(sheet, actor=paid.users["anna"])
    draft_month(AUGUST, TODAY)
    assert sheet_of(paid).agreed_at is not None
    paid.staff["anna"].manual_facts.update(value=91)
    draft_month(AUGUST, TODAY)
    again = sheet_of(paid)
    assert (again.pk, again.lines.get().pk, again.agreed_at) == (sheet.pk, line.pk, None)
    assert again.version > sheet.version
    with pytest.raises(Conflict):
        assess_ready(paid, again, version=sheet.version)


def assess_ready(world: World, sheet: Sheet, **given) -> Sheet:
    agree(sheet, actor=sheet.employee.user)
    return assess(sheet, actor=world.users["galina"], **given)


def test_a_month_that_has_not_begun_and_one_without_a_scheme_are_refused(paid: World) -> None:
    with pytest.raises(ValidationError, match="ещё не начался"):
        draft_month(date(2026, 10, 1), TODAY)
    with pytest.raises(ValidationError, match="не действует ни одна схема"):
        draft_month(date(2019, 12, 1), TODAY)


def test_an_objection_needs_a_reason_its_time_and_its_owner(paid: World, move_clock) -> None:
    draft_month(AUGUST, TODAY)
    line = sheet_of(paid).lines.get()
    with pytest.raises(Refused):
        object_to(line, actor=paid.users["boris"], reason="не моё")
    with pytest.raises(Refused):
        object_to(line, actor=paid.users["galina"], reason="за Анну")
    with pytest.raises(ValidationError):
        object_to(line, actor=paid.users["anna"], reason="")
    made = object_to(line, actor=paid.users["anna"], reason="Два счёта не учтены")
    with pytest.raises(ValidationError, match="уже ждёт ответа"):
        object_to(line, actor=paid.users["anna"], reason="ещё раз")
    with pytest.raises(ValidationError, match="без ответа"):
        agree(sheet_of(paid), actor=paid.users["anna"])
    with pytest.raises(Refused):
        answer(made, actor=paid.users["dmitry"], status="accepted", text="да")
    with pytest.raises(ValidationError):
        answer(made, actor=paid.users["galina"], status="accepted", text="")
    done = answer(made, actor=paid.users["galina"], status="accepted", text="Учтём")
    assert done.status == ObjectionStatus.ACCEPTED
    move_clock(LATER)
    with pytest.raises(ValidationError, match="истёк"):
        object_to(line, actor=paid.users["anna"], reason="поздно")


def test_nobody_is_assessed_before_they_could_object(paid: World, move_clock) -> None:
    draft_month(AUGUST, TODAY)
    sheet = sheet_of(paid)
    with pytest.raises(ValidationError, match="может возразить"):
        assess(sheet, actor=paid.users["galina"])
    move_clock(LATER)
    assert assess(sheet, actor=paid.users["galina"]).status == SheetStatus.ASSESSED


def test_only_the_head_of_the_department_assesses_and_only_a_manager_approves(
    paid: World,
) -> None:
    draft_month(AUGUST, TODAY)
    sheet = sheet_of(paid)
    agree(sheet, actor=paid.users["anna"])
    for name in ("anna", "boris", "dmitry", "zhanna", "reader"):
        with pytest.raises(Refused):
            assess(sheet, actor=paid.users[name])
    assessed = assess(sheet, actor=paid.users["galina"])
    with pytest.raises(Refused):
        approve(assessed, actor=paid.users["galina"])
    assert approve(assessed, actor=paid.users["elena"]).status == SheetStatus.APPROVED


def test_two_different_people_assess_and_approve(paid: World) -> None:
    draft_month(AUGUST, TODAY)
    sheet = sheet_of(paid)
    agree(sheet, actor=paid.users["anna"])
    assess(sheet, actor=paid.users["elena"])
    with pytest.raises(ValidationError, match="разные люди"):
        approve(sheet, actor=paid.users["elena"])
    # And the database itself, whoever asks it.
    with pytest.raises(IntegrityError, match="sheet_two_people"), transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk).update(
            status=SheetStatus.APPROVED, approved_by=paid.users["elena"], approved_at=clock.now()
        )


def test_an_assessed_sheet_is_not_drafted_over_until_it_is_given_back(paid: World) -> None:
    draft_month(AUGUST, TODAY)
    assess_ready(paid, sheet_of(paid))
    paid.staff["anna"].manual_facts.update(value=10)
    assert draft_month(AUGUST, TODAY)["settled"] == 1
    assert sheet_of(paid).total == D("18000.00")
    with pytest.raises(ValidationError, match="только черновик"):
        draft_sheet(sheet_of(paid), actor=paid.users["galina"])
    give_back(sheet_of(paid), actor=paid.users["galina"])
    assert draft_sheet(sheet_of(paid), actor=paid.users["galina"]).total == D("2000.00")


def test_a_month_closes_only_when_every_sheet_is_approved(paid: World) -> None:
    draft_month(AUGUST, TODAY)
    with pytest.raises(ValidationError, match="без утверждения — 5"):
        close_month(AUGUST, actor=paid.users["elena"])
    with pytest.raises(Refused):
        close_month(AUGUST, actor=paid.users["galina"])
    with pytest.raises(ValidationError, match="нет ни одного листа"):
        close_month(date(2026, 3, 1), actor=paid.users["elena"])


@pytest.fixture
def closed(paid: World, move_clock) -> World:
    """August closed, seen from October."""
    draft_month(AUGUST, TODAY)
    move_clock(LATER)
    settle(paid)
    return paid


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bonuses_sheet SET total = total + 1, earned = earned + 1",
        "UPDATE bonuses_sheet SET status = 'approved', number = NULL, digest = ''",
        "DELETE FROM bonuses_sheet",
        "TRUNCATE bonuses_sheet CASCADE",
        "UPDATE bonuses_sheetline SET amount = amount + 1",
        "DELETE FROM bonuses_sheetline",
        "TRUNCATE bonuses_sheetline CASCADE",
        "INSERT INTO bonuses_sheetline SELECT (l).* FROM (SELECT l FROM bonuses_sheetline l) x",
        "UPDATE bonuses_payrollexport SET digest = repeat('1', 64)",
        "DELETE FROM bonuses_payrollexport",
        "TRUNCATE bonuses_payrollexport",
        "UPDATE bonuses_bonuskpi SET weight = 1",
        "DELETE FROM bonuses_bonusblock",
        "UPDATE bonuses_bonusscheme SET name = 'x'",
    ],
)
def test_the_database_refuses_to_change_what_was_paid_by(closed: World, statement: str) -> None:
    before = list(Sheet.objects.values()), list(SheetLine.objects.values())
    refused = pytest.raises(InternalError, match="never changes")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert (list(Sheet.objects.values()), list(SheetLine.objects.values())) == before


def test_a_sheet_cannot_be_closed_past_its_approval(paid: World) -> None:
    draft_month(AUGUST, TODAY)
    sheet = sheet_of(paid)
    with pytest.raises(InternalError, match="approved before it is closed"), transaction.atomic():
        Sheet.objects.filter(pk=sheet.pk).update(
            status=SheetStatus.CLOSED, number=1, digest="0" * 64, assessed_by=paid.users["galina"],
            approved_by=paid.users["elena"],
        )  # fmt: skip


def test_closed_sheets_form_a_chain_that_recomputes_to_the_same_digests(
    closed: World, capsys
) -> None:
    rows = list(Sheet.objects.order_by("number"))
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert [row.previous for row in rows] == [EMPTY, *(row.digest for row in rows[:-1])]
    assert list(chain(recompute=True)) == []
    call_command("verify_sheets")
    assert rows[-1].digest in capsys.readouterr().out


@pytest.mark.parametrize("harm", ["amount", "fact", "sheet", "gone", "chain"])
def test_verify_names_the_first_sheet_that_was_tampered_with(closed: World, harm: str) -> None:
    second = Sheet.objects.get(number=2)
    line = second.lines.first()
    statements = {
        "amount": f"UPDATE bonuses_sheetline SET amount = amount + 1 WHERE id = {line.pk}",
        "fact": f"UPDATE bonuses_sheetline SET fact = coalesce(fact, 0) + 5 WHERE id = {line.pk}",
        "sheet": f"UPDATE bonuses_sheet SET worked = worked - 1 WHERE id = {second.pk}",
        "gone": f"DELETE FROM bonuses_sheetline WHERE sheet_id = {second.pk};"
        f"DELETE FROM bonuses_sheet WHERE id = {second.pk}",
        "chain": f"UPDATE bonuses_sheet SET previous = repeat('1', 64) WHERE id = {second.pk}",
    }
    with connection.cursor() as cursor:  # whoever owns the server can stop the triggers
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statements[harm])
        cursor.execute("SET session_replication_role = origin")
    with pytest.raises(CommandError, match="Лист № 2"):
        call_command("verify_sheets")


def test_a_late_fact_comes_as_a_correction_and_taken_back_takes_the_same(
    closed: World, move_clock
) -> None:
    fact = closed.staff["anna"].manual_facts.get(month=AUGUST)
    manual(closed.staff["anna"], 100, closed.users["elena"], SEPTEMBER)
    type(fact).objects.filter(pk=fact.pk).update(value=D("95.55"))
    draft_month(SEPTEMBER, clock.today())
    sheet = sheet_of(closed, month=SEPTEMBER)
    line = sheet.lines.get(kind=LineKind.CORRECTION)
    assert (line.amount, line.corrects.sheet.month) == (D("1110.00"), AUGUST)
    assert (sheet.earned, sheet.corrections, sheet.total) == (
        D("10909.09"), D("1110.00"), D("12019.09"),
    )  # fmt: skip
    settle(closed, SEPTEMBER)
    assert list(chain()) == []
    # September is paid with it: nothing more comes in October, until the fact is taken back.
    october = date(2026, 10, 1)
    draft_month(october, clock.today())
    assert not SheetLine.objects.filter(sheet__month=october, kind=LineKind.CORRECTION).exists()
    type(fact).objects.filter(pk=fact.pk).update(value=D(90))
    draft_month(october, clock.today())
    back = SheetLine.objects.get(sheet__month=october, kind=LineKind.CORRECTION)
    assert back.amount == D("-1110.00")


def test_a_correction_of_somebody_who_left_has_a_sheet_of_its_own(closed: World) -> None:
    boris = closed.staff["boris"]
    boris.positions.update(ends_on=date(2026, 9, 1))
    boris.manual_facts.update(value=60)
    draft_month(SEPTEMBER, clock.today())
    sheet = sheet_of(closed, "boris", SEPTEMBER)
    assert (sheet.base, sheet.worked, sheet.earned, sheet.total) == (0, 0, 0, D("2000.00"))


def test_payroll_takes_a_closed_month_once_and_says_so_in_the_log(closed: World) -> None:
    first = record_export(AUGUST, actor=closed.users["elena"])
    second = record_export(AUGUST, actor=closed.users["elena"])
    assert (second.pk, second.digest, PayrollExport.objects.filter(month=AUGUST).count()) == (
        first.pk,
        first.digest,
        1,
    )
    rows = AuditEntry.objects.filter(subject=f"bonuses.payrollexport:{first.pk}")
    assert [row.after["digest"] for row in rows] == [first.digest] * 2
    with pytest.raises(ValidationError, match="выгружен"):
        draft_month(AUGUST, clock.today())
    with pytest.raises(ValidationError, match="нет ни одного листа"):
        record_export(SEPTEMBER, actor=closed.users["elena"])
    with pytest.raises(InternalError), transaction.atomic():
        PayrollExport.objects.all().delete()


def test_no_amount_stands_in_the_log_of_changes(closed: World) -> None:
    told = " ".join(f"{e.label} {e.before} {e.after}" for e in AuditEntry.objects.all())
    assert "18000" not in told and "20000" not in told
    assert Objection.objects.count() == 0 and Decimal(0) == 0


def test_a_draft_that_has_nothing_left_to_pay_is_gone(paid: World) -> None:
    draft_month(AUGUST, TODAY)
    paid.staff["anna"].positions.update(starts_on=SEPTEMBER)
    assert draft_sheet(sheet_of(paid), actor=paid.users["galina"]) is None
    assert not Sheet.objects.filter(employee=paid.staff["anna"], month=AUGUST).exists()


@pytest.mark.django_db(transaction=True)
def test_who_assesses_while_drafts_are_computed_waits_for_the_new_figures(
    paid: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fact changes, and while the sheet is computed anew somebody assesses the old one."""
    draft_month(AUGUST, TODAY)
    seen = agree(sheet_of(paid), actor=paid.users["anna"])
    paid.staff["anna"].manual_facts.update(value=50)
    told: list[str] = []

    def assess_the_old() -> None:
        try:
            assess(seen, actor=paid.users["galina"], version=seen.version)
            told.append("assessed")
        except (Conflict, ValidationError) as error:
            told.append(type(error).__name__)
        finally:
            connection.close()

    meanwhile = Thread(target=assess_the_old)
    known = drafts._known

    def and_then(*given: Any) -> Any:
        found = known(*given)
        meanwhile.start()
        meanwhile.join(1)
        return found

    monkeypatch.setattr(drafts, "_known", and_then)
    draft_month(AUGUST, TODAY)
    meanwhile.join(10)
    sheet = sheet_of(paid)
    assert told in (["Conflict"], ["ValidationError"])  # the agreement fell with the figures
    assert (sheet.status, sheet.total) == (SheetStatus.DRAFT, D("10000.00"))
    assert sheet.total == sum(line.amount for line in sheet.lines.all())
