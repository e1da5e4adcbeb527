"""What is refused, and how: the row, the column, the reason; the rest as the caller chooses.

One table for the two doors, the bulk calls of the API and the files of the browser.
"""

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Client, Employee, Invoice
from core.bulk import services
from core.bulk.models import Import
from core.bulk.resources import find
from tests import factories
from tests.bulk.conftest import Importing, csv_of, sent, xlsx_of
from tests.personas import World

pytestmark = pytest.mark.django_db


def client(world: World, n: int) -> dict[str, Any]:
    return {
        "external_id": f"R-{n}", "name": f"ООО Ряд {n}", "inn": factories.inn(820 + n),
        "kpp": "770101001", "segment": "Розница", "connected_on": "01.09.2026",
    }  # fmt: skip


def invoice(world: World, n: int) -> dict[str, Any]:
    return {
        "inn": world.clients["own"].inn, "number": f"R-{n}", "month": "08.2026",
        "amount": "1 000,50", "due_on": "15.08.2026",
    }  # fmt: skip


def employee(world: World, n: int) -> dict[str, Any]:
    return {
        "external_id": f"R-{n}", "last_name": "Новикова", "first_name": "Нина",
        "hired_on": "01.09.2026", "unit": "НОИО 1", "position": "Специалист",
    }  # fmt: skip


ROW: dict[str, Callable[[World, int], dict[str, Any]]] = {
    "clients": client, "invoices": invoice, "staff": employee,
}  # fmt: skip
WRITTEN: dict[str, Callable[[], int]] = {
    "clients": Client.objects.filter(external_id__startswith="R-").count,
    "invoices": Invoice.objects.filter(number__startswith="R-").count,
    "staff": Employee.objects.filter(external_id__startswith="R-").count,
}
# What it is called, of which resource, what stands in the row, column → reason.
CASES: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    ("wrong ИНН", "clients", {"inn": "7707083890"},
     {"inn": "Контрольные цифры ИНН не сходятся."}),
    ("ИНН without its nought", "clients", {"inn": "123456789"},
     {"inn": "ИНН — это 10 цифр организации или 12 цифр ИП."}),
    ("ИНН as Excel shortens it", "clients", {"inn": "7.70708E+09"},
     {"inn": "Excel сократил код до «7.70708E+09»: задайте ячейке текстовый вид."}),
    ("columns swapped", "clients", {"inn": "770101001", "kpp": "7707083893"},
     {"inn": "ИНН — это 10 цифр организации или 12 цифр ИП.", "kpp": ""}),
    ("name and day swapped", "clients", {"name": "01.09.2026", "connected_on": "ООО Ряд"},
     {"connected_on": ""}),
    ("negative amount", "invoices", {"amount": "-1 000,50"}, {"amount": "Не меньше 0.01."}),
    ("nothing to pay", "invoices", {"amount": "0"}, {"amount": "Не меньше 0.01."}),
    ("formula", "invoices", {"amount": "=cmd()"}, {"amount": "«=cmd()» — не число."}),
    ("formula in a code", "clients", {"inn": "=cmd()"},
     {"inn": "ИНН — это 10 цифр организации или 12 цифр ИП."}),
    ("NaN", "invoices", {"amount": "NaN"}, {"amount": "«NaN» — не число."}),
    ("infinity", "invoices", {"amount": "Infinity"}, {"amount": "«Infinity» — не число."}),
    ("minus infinity", "invoices", {"amount": "-inf"}, {"amount": "«-inf» — не число."}),
    ("a number beyond all", "invoices", {"amount": "1e400"}, {"amount": "«1e400» — не число."}),
    ("a unit of measure", "invoices", {"amount": "12 шт."},
     {"amount": "«12 шт.»: нужно число без единиц измерения."}),
    ("thousands by comma", "invoices", {"amount": "1,234.56"}, {"amount": ""}),
    ("below a kopeck", "invoices", {"amount": "0,001"}, {"amount": ""}),
    ("unknown unit", "staff", {"unit": "НОИО 99"}, {"unit": "Такого подразделения нет."}),
    ("unknown position", "staff", {"position": "Царь"}, {"position": ""}),
    ("a day in 1900", "clients", {"connected_on": "01.01.1900"},
     {"connected_on": "01.01.1900: раньше 01.01.1990 не бывает."}),
    ("a day that never was", "invoices", {"due_on": "31.02.2026"}, {"due_on": ""}),
    ("a month in 1900", "invoices", {"month": "01.1900"},
     {"month": "01.01.1900: раньше 01.01.2000 не бывает."}),
    ("a client that is not there", "invoices", {"inn": "7707083893"},
     {"inn": "Клиент не найден."}),
]  # fmt: skip
table = pytest.mark.parametrize(
    ("resource", "change", "reasons"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)


def rows_with(world: World, resource: str, change: dict[str, Any]) -> list[dict[str, Any]]:
    """Good, bad, good."""
    rows = [ROW[resource](world, n) for n in range(3)]
    rows[1] |= change
    return rows


def agree(told: dict[str, Any], reasons: dict[str, str]) -> None:
    """The columns are these; the reasons too, where the table names them."""
    assert told.keys() == reasons.keys(), told
    for name, reason in reasons.items():
        assert told[name] and reason in ("", told[name])


@table
def test_a_call_refuses_the_row_and_the_caller_chooses_for_the_rest(
    world: World,
    load: Callable[..., Any],
    resource: str,
    change: dict[str, Any],
    reasons: dict[str, str],
) -> None:
    rows = rows_with(world, resource, change)
    for mode, written in (("all_or_nothing", 0), ("best_effort", 2)):
        answer = load(resource, rows, mode=mode).json()
        assert (answer["applied"], answer["refused"]) == (bool(written), 1), answer
        assert [row["index"] for row in answer["rows"] if row["outcome"] == "refused"] == [1]
        agree({e["field"]: e["message"] for e in answer["rows"][1]["errors"]}, reasons)
        assert WRITTEN[resource]() == written, mode


@table
def test_a_file_refuses_the_row_and_the_person_chooses_for_the_rest(
    world: World,
    importing: Importing,
    client_as: Callable[[str], Any],
    resource: str,
    change: dict[str, Any],
    reasons: dict[str, str],
) -> None:
    rows = rows_with(world, resource, change)
    content = csv_of(list(rows[0]), *[list(row.values()) for row in rows])
    found = importing.checked(resource, "a.csv", content)
    (refused,) = found.rows.filter(outcome="refused")
    assert refused.number == 3  # as the spreadsheet counts: the header is the first
    agree({name: " ".join(told) for name, told in refused.errors.items()}, reasons)
    file = client_as("elena").get(reverse("import_refused", args=[found.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active
    line = [cell.value for cell in sheet[2]]
    assert line[-2] == 3
    for name in reasons:
        assert find(resource).column(name).label in line[-1]
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}
    with pytest.raises(ValidationError, match="Отказано строкам: 1"):
        services.confirm(actor=importing.actor, found=found, mode="all_or_nothing")
    assert WRITTEN[resource]() == 0
    importing.write(found)
    assert WRITTEN[resource]() == 2


def test_a_formula_of_a_workbook_is_no_value(world: World, importing: Importing) -> None:
    rows = rows_with(world, "invoices", {"amount": "=cmd()"})
    found = importing.checked(
        "invoices", "a.xlsx", xlsx_of(list(rows[0]), *[list(row.values()) for row in rows])
    )
    (refused,) = found.rows.filter(outcome="refused")
    assert (refused.number, list(refused.errors)) == (3, ["amount"])
    assert "формула без значения" in refused.errors["amount"][0]


def test_numbers_that_are_none_are_refused_before_any_row(
    world: World, api_as: Callable[[str], Any]
) -> None:
    """Bare NaN and Infinity are no JSON: which row they stood in nobody can say."""
    for word in ("NaN", "Infinity", "-Infinity"):
        body = json.dumps({"rows": [invoice(world, 1)]}).replace('"1 000,50"', word)
        address = "/api/v1/bulk/invoices/"
        answer = api_as("writer").post(address, body, content_type="application/json")
        assert answer.status_code == 400 and word in answer.json()["detail"]
    assert WRITTEN["invoices"]() == 0


def test_a_million_rows_are_more_than_a_call_takes(
    world: World, api_as: Callable[[str], Any]
) -> None:
    api, address = api_as("writer"), "/api/v1/bulk/usage/"
    body = '{"rows": [' + ",".join(["{}"] * 10**6) + "]}"
    answer = api.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    many = api.post(address, {"rows": [{}] * 5001}, format="json")
    assert many.json()["errors"] == [
        {"field": "rows", "message": "За один вызов — не больше 5000 строк."}
    ]


def test_a_bomb_sent_to_a_call_is_never_unpacked(
    world: World, api_as: Callable[[str], Any]
) -> None:
    bomb = gzip.compress(b" " * (50 << 20))
    answer = api_as("writer").post(
        "/api/v1/bulk/usage/", bomb, content_type="application/json", HTTP_CONTENT_ENCODING="gzip"
    )
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"


def bomb() -> bytes:
    """A workbook of a thousandth of what it would be unpacked."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        with zipfile.ZipFile(io.BytesIO(xlsx_of(["Код"], ["1"]))) as source:
            for name in source.namelist():
                book.writestr(name, source.read(name))
        book.writestr("xl/media/a.bin", b"\0" * (60 << 20))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        (
            "million.csv",
            lambda: b"external_id;name\r\n" + b"1;x\r\n" * 10**6,
            "Строк больше 200000",
        ),
        ("bomb.xlsx", bomb, "подозрительно"),
    ],
    ids=["a million rows", "a zip bomb"],
)
def test_a_file_that_is_too_much_is_refused_whole_and_says_why(
    world: World,
    importing: Importing,
    client_as: Callable[[str], Any],
    name: str,
    make: Callable[[], bytes],
    reason: str,
) -> None:
    browser, body = client_as("elena"), make()
    data = {"resource": "clients", "file": sent(name, body), "whole": "yes"}
    answer = browser.post(reverse("import_new"), data)
    if answer.status_code == 422:  # seen by the directory of the zip, before anything is read
        assert reason in answer.content.decode()
        return
    found = importing.check(Import.objects.get(file_name=name))
    assert found.status == "unreadable" and reason in found.problem
    assert reason in browser.get(reverse("import", args=[found.pk])).content.decode()
    assert not found.rows.exists() and WRITTEN["clients"]() == 0
