"""Every resource: written, unchanged the second time, refused with a reason, taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import (
    Churn,
    ChurnCause,
    Client,
    Contract,
    ContractPrice,
    Employee,
    Entitlement,
    GndRecord,
    Invoice,
    Payment,
    Training,
)
from contacts.models import Participant
from core.bulk.resources import all_resources
from core.models import AuditEntry
from tests import factories
from tests.bulk.conftest import Importing, csv_of
from tests.personas import World
from visits.models import Visit

pytestmark = pytest.mark.django_db


def rows_of(world: World) -> dict[str, list[dict[str, Any]]]:
    """Good rows of every resource."""
    own = {"inn": world.clients["own"].inn}
    code = {"external_id": "B-1"}
    return {
        "clients": [
            {
                **code,
                "name": "ООО Новая",
                "inn": factories.inn(700),
                "segment": "retail",
                "connected_on": "2026-09-01",
                "is_key": "да",
            }
        ],
        "staff": [
            {
                **code,
                "last_name": "Новикова",
                "first_name": "Нина",
                "hired_on": "01.09.2026",
                "unit": "НОИО 1",
                "position": "Специалист",
            }
        ],
        "usage": [{**own, "service": "kplus", "day": "2026-08-03", "quantity": 4}],
        "entitlements": [
            {**own, "service": "kplus", "starts_on": "03.08.2026", "valid_until": "31.12.2026"}
        ],
        "trainings": [
            {**own, "topic": "Поиск", "held_on": "2026-08-03", "valid_until": "2027-08-03"}
        ],
        "gnd": [{**code, **own, "opened_on": "2026-08-03", "note": "вопрос"}],
        "invoices": [
            {
                **own,
                "number": "77",
                "month": "08.2026",
                "amount": "1 000,50",
                "due_on": "15.08.2026",
            }
        ],
        "payments": [
            {
                **code,
                **own,
                "invoice_month": f"{world.row('accounts.invoice').month:%m.%Y}",
                "invoice_number": world.row("accounts.invoice").number or None,
                "paid_on": "2026-09-10",
                "amount": "10.00",
            }
        ],
        "contracts": [
            {
                "number": "Д-900",
                **own,
                "kit": "Бухгалтер: Версия Проф",
                "starts_on": "01.09.2026",
                "fixed_from": "01.09.2026",
                "fixed_until": "31.12.2026",
                "external_id": "B-1",
            }
        ],
        "contract-prices": [
            {
                "contract": world.row("accounts.contract").number,
                "effective_on": "01.09.2026",
                "monthly": "12 500,50",
            }
        ],
        "churns": [
            {
                **own,
                "on": "2026-09-10",
                "reason": "Подняли цену",
                "cause": str(ChurnCause.objects.first()),
                "lost_monthly": "100,00",
            }
        ],
        "participants": [
            {
                **code,
                **own,
                "last_name": "Орлова",
                "first_name": "Ольга",
                "phone": "8 495 123-45-67",
                "department": "Бухгалтерия",
                "roles": "ЛПР, КлП",
            }
        ],
        "visits": [
            {
                **code,
                **own,
                "level": "К1У",
                "employee": str(world.staff["anna"]),
                "started_at": "10.09.2026 12:30",
                "materials": 2,
            }
        ],
    }


MODELS: dict[str, Any] = {
    "clients": Client, "staff": Employee, "entitlements": Entitlement, "trainings": Training,
    "gnd": GndRecord, "contracts": Contract, "contract-prices": ContractPrice,
    "invoices": Invoice, "payments": Payment, "churns": Churn,
    "participants": Participant, "visits": Visit,
}  # fmt: skip
CODES = [resource.code for resource in all_resources()]


@pytest.mark.parametrize("code", CODES)
def test_written_once_however_often_it_is_sent(
    world: World, load: Callable[..., Any], code: str
) -> None:
    rows = rows_of(world).get(code)
    if rows is None:
        pytest.skip("declared and tested by its own app")
    dry = load(code, rows, dry_run=True).json()
    assert (dry["applied"], dry["created"]) == (False, 1), dry
    first = load(code, rows).json()
    assert (first["applied"], first["created"]) == (True, 1), first
    audits = AuditEntry.objects.count()
    second = load(code, rows).json()
    assert (second["unchanged"], AuditEntry.objects.count()) == (1, audits), second
    if code in MODELS:
        assert MODELS[code].objects.filter(pk=first["rows"][0]["id"]).exists()


@pytest.mark.parametrize("code", [code for code in CODES if code in MODELS or code == "usage"])
def test_an_import_is_taken_back_to_the_last_value(
    world: World, importing: Importing, code: str
) -> None:
    """The tables of the business stand after import and undo as they stood before."""
    rows = rows_of(world)[code]
    names = list(rows[0])
    lines = [[("" if row[name] is None else row[name]) for name in names] for row in rows]
    before = _digest()
    found = importing.checked(code, "a.csv", csv_of(names, *lines))
    assert found.counts["created"] == 1, list(found.rows.values("errors"))
    assert _digest() == before
    found = importing.write(found)
    assert _digest() != before
    found = importing.take_back(found)
    assert (found.status, found.problem) == ("undone", "")
    assert _digest() == before


def _digest() -> dict[str, list[Any]]:
    """Everything of the business but versions."""
    from accounts.models import Assignment, Position, Usage
    from contacts.models import Person, RolePeriod

    models = [*MODELS.values(), Assignment, Position, Usage, Person, RolePeriod]
    found = {}
    for model in models:
        names = [f.attname for f in model._meta.concrete_fields if f.name != "version"]
        found[model.__name__] = list(model._base_manager.order_by("pk").values_list(*names))
    return found


def test_a_payment_settles_its_invoice_and_the_undo_unsettles_it(
    world: World, importing: Importing
) -> None:
    client = world.clients["own"]
    invoice = factories.invoice(client, number="900", amount="50.00", settled_on=None)
    head = ["external_id", "inn", "invoice_month", "invoice_number", "paid_on", "amount"]
    line = ["P-1", client.inn, f"{invoice.month:%m.%Y}", "900", "10.09.2026", "50,00"]
    found = importing.write(importing.checked("payments", "p.csv", csv_of(head, line)))
    invoice.refresh_from_db()
    assert str(invoice.settled_on) == "2026-09-10"
    importing.take_back(found)
    invoice.refresh_from_db()
    assert invoice.settled_on is None


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        ("invoices", {"amount": "-5"}, "amount"),
        ("invoices", {"amount": "12 руб."}, "amount"),
        ("invoices", {"amount": "0.001"}, "amount"),
        ("invoices", {"month": "02.08.2026"}, "month"),
        ("payments", {"invoice_month": "01.2020"}, "invoice_number"),
        ("entitlements", {"valid_until": "01.01.2026"}, ""),
        ("staff", {"unit": "НОИО 99"}, "unit"),
        ("staff", {"position": None}, "unit"),
        ("contracts", {"ends_on": "01.08.2026"}, ""),
        ("contracts", {"fixed_until": None}, ""),
        ("contracts", {"kit": None}, "kit"),
        ("contracts", {"inn": "7707083893"}, "inn"),
        ("contract-prices", {"contract": "нет-такого"}, "contract"),
        ("contract-prices", {"monthly": "-1"}, "monthly"),
        ("contract-prices", {"effective_on": "01.01.1990"}, "effective_on"),
        ("churns", {"on": "01.01.2030"}, "on"),
        ("churns", {"cause": "Неведомая"}, "cause"),
        ("participants", {"phone": "123"}, "phone"),
        ("participants", {"roles": "царь"}, "roles"),
        ("participants", {"department": "Космос"}, "department"),
        ("visits", {"employee": "Некто Никто"}, "employee"),
        ("visits", {"participants": "нет-такого"}, "participants"),
        ("visits", {"started_at": "27.03.2011 02:30"}, "started_at"),
    ],
)
def test_a_wrong_value_is_refused_at_its_column(
    world: World, load: Callable[..., Any], code: str, change: dict[str, Any], field: str
) -> None:
    row = rows_of(world)[code][0] | change
    answer = load(code, [row]).json()
    assert answer["refused"] == 1, answer
    if code == "payments" and not row["invoice_number"]:
        field = "invoice_month"
    assert {error["field"] for error in answer["rows"][0]["errors"]} == {field}, answer


def test_a_contract_stays_its_client_s_and_the_cause_of_a_loss_is_kept(
    world: World, load: Callable[..., Any]
) -> None:
    row = rows_of(world)["contracts"][0]
    assert load("contracts", [row]).json()["applied"] is True
    other = row | {"inn": world.clients["colleague"].inn}
    told = load("contracts", [other]).json()["rows"][0]["errors"]
    assert told == [{"field": "", "message": "Клиент договора не меняется."}]
    kit = {"number": row["number"], "inn": row["inn"], "kit": "Юрист"}
    assert load("contracts", [kit]).json()["updated"] == 1
    contract = Contract.objects.get(number=row["number"])
    assert (contract.kit, f"{contract.fixed_until:%d.%m.%Y}") == ("Юрист", "31.12.2026")
    row = rows_of(world)["churns"][0]
    load("churns", [row])
    assert (
        str(Churn.objects.get(client=world.clients["own"], on="2026-09-10").cause) == row["cause"]
    )


def test_a_price_is_judged_as_a_single_one_and_sent_again_stays(
    world: World, load: Callable[..., Any]
) -> None:
    """What is written already is not refused for days that were fixed since."""
    contract = world.row("accounts.contract")
    row = rows_of(world)["contract-prices"][0]
    twice = load("contract-prices", [row, row | {"monthly": "2"}]).json()["rows"][1]["errors"]
    assert twice == [{"field": "", "message": "То же, что в строке 0."}]
    assert load("contract-prices", [row]).json()["created"] == 1
    Contract.objects.filter(pk=contract.pk).update(
        fixed_from=contract.starts_on, fixed_until="2026-12-31"
    )
    assert load("contract-prices", [row]).json()["unchanged"] == 1
    told = load("contract-prices", [row | {"monthly": "1"}]).json()["rows"][0]["errors"]
    assert told == [{"field": "effective_on", "message": "Цена зафиксирована по 31.12.2026."}]


def test_every_resource_is_told_in_the_docs_and_has_labels() -> None:
    for resource in all_resources():
        labels = [column.label for column in resource.columns]
        assert len(labels) == len(set(labels)), resource.code
        assert resource.key and resource.label and reverse(f"api-bulk/{resource.code}-list")
