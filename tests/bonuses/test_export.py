"""The workbook for payroll agrees with the page; no text in any file is ever a formula."""

import io
from datetime import date
from decimal import Decimal as D

import openpyxl
import pytest

from bonuses.models import Sheet
from bonuses.payroll import Department, PayRow, workbook
from bonuses.services.drafts import draft_month
from tests.bonuses.builders import AUGUST
from tests.bonuses.test_way import LATER, paid, settle  # noqa: F401
from tests.personas import World

INJECTED = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "http://example.org", "{=1}")


def _row(name: str = "Иванова Анна", blocks: tuple[str, ...] = ("10.10", "20.20")) -> PayRow:
    return PayRow(name, "7", "Специалисты", 20, 22, D("100.00"), [D(b) for b in blocks], D("-1.05"))


def _open(data: bytes, *, values: bool):
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def test_totals_are_formulas_that_agree_with_their_values() -> None:
    data = workbook(
        AUGUST,
        ["Производство", "ВСК"],
        [Department("НОИО 1", [_row(), _row()]), Department("НОИО 2", [_row()])],
    )
    formulas, values = _open(data, values=False), _open(data, values=True)
    assert formulas.sheetnames == ["Свод", "НОИО 1", "НОИО 2"]
    sheet, shown = formulas["НОИО 1"], values["НОИО 1"]
    assert sheet.freeze_panes == "C4" and sheet.page_setup.orientation == "landscape"
    assert sheet["K4"].value == "=SUM(H4:J4)" and shown["K4"].value == 29.25
    assert sheet["K6"].value == "=SUM(K4:K5)" and shown["K6"].value == 58.5
    for row in shown.iter_rows(min_row=4, max_row=5):
        assert row[10].value == pytest.approx(sum(cell.value for cell in row[7:10]))
    total = values["Свод"]["G6"].value
    assert total == pytest.approx(87.75) and formulas["Свод"]["G6"].value == "=SUM(G4:G5)"
    assert formulas["Свод"]["G4"].value == "='НОИО 1'!K6"
    assert "₽" in sheet["K4"].number_format


@pytest.mark.parametrize("text", INJECTED)
def test_no_name_becomes_a_formula_or_a_link(text: str) -> None:
    data = workbook(AUGUST, [text], [Department(text, [_row(text, ("1",))])])
    book = _open(data, values=False)
    for sheet in book:
        for cells in sheet.iter_rows():
            for cell in cells:
                ours = str(cell.value).startswith(("=SUM(", "='", "=0"))
                assert cell.data_type != "f" or ours
                assert cell.hyperlink is None
    assert book.worksheets[1]["B4"].value.strip() == text.strip()


def test_the_same_rows_give_the_same_bytes() -> None:
    made = [workbook(AUGUST, ["П"], [Department("О", [_row(blocks=("1",))])]) for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.django_db
def test_the_file_shows_the_figures_of_the_page(paid: World, move_clock, client_as, api_as) -> None:  # noqa: F811
    paid.staff["anna"].last_name = "=1+1"
    paid.staff["anna"].save()
    draft_month(AUGUST, date(2026, 9, 16))
    move_clock(LATER)
    settle(paid)
    director = client_as("elena")
    answers = [director.post("/pay/month/export/", {"month": "2026-08"}) for _ in range(2)]
    assert answers[0].status_code == 200 and answers[0].content == answers[1].content
    book = _open(answers[0].content, values=True)
    shown = {
        row[1].value: D(str(row[-1].value)).quantize(D("0.01"))
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows(min_row=4)
        if row[0].value
    }
    assert shown == {str(s.employee): s.total for s in Sheet.objects.select_related("employee")}
    given = api_as("reader").get("/api/v1/payroll-exports/").json()["results"]
    export = next(one for one in given if one["month"] == "2026-08-01")
    rows = api_as("reader").get(f"/api/v1/payroll-exports/{export['id']}/rows/").json()
    assert {row["name"]: D(row["total"]) for row in rows} == shown
    text = api_as("reader").get(f"/api/v1/payroll-exports/{export['id']}/csv/").content
    lines = text.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(rows)
    assert not [part for line in lines[1:] for part in line.split(";") if part.startswith("=")]
    assert "18000,00" in text.decode("utf-8-sig")
