"""Whatever a name, a comment or a document begins with, no export of bonuses makes it a formula."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from accounts.models import Client, Employee, Unit, User
from bonuses.models import Objection, PayrollExport, Sheet, SheetLine, Upsell
from bonuses.services import sheets as services
from bonuses.services.closing import record_export
from tests.bonuses.builders import AUGUST
from tests.bonuses.test_way import LATER, settle
from tests.personas import World

pytestmark = pytest.mark.django_db
TEXTS = (
    "=cmd|' /C calc'!A0", "=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "http://x.example",
)  # fmt: skip
LISTS = (
    "/pay/",
    "/pay/objections/",
    "/pay/schemes/",
    "/pay/bases/",
    "/pay/upsells/",
    "/pay/facts/",
)
RISKY = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?\d+(,\d+)?")


@pytest.fixture(params=TEXTS, ids=ascii)
def hostile(world: World, request: pytest.FixtureRequest) -> tuple[World, str]:
    """Every text that an export of bonuses may hold begins so, written past the forms."""
    text = request.param
    for row in Objection.objects.all():
        services.answer(row, actor=world.users["elena"], status="accepted", text="да")
    Objection.objects.update(reason=f"{text} возражение", answer=f"{text} ответ")
    Upsell.objects.update(product=f"{text} товар", document=f"{text} документ")
    Employee.objects.update(last_name=f"{text} Фамилия", external_id=None)
    Employee.objects.filter(pk=world.staff["anna"].pk).update(external_id=f"{text} код")
    User.objects.update(last_name=f"{text} Автор")
    Client.objects.update(name=f"{text} клиент")
    Unit.objects.update(name=f"{text} отдел")
    SheetLine.objects.update(
        block=f"{text} блок", label=f"{text} показатель", note=f"{text} пояснение"
    )
    from bonuses.models import ManualFact

    ManualFact.objects.update(document=f"{text} документ")
    return world, text


def cells_of(data: bytes, text: str) -> list[str]:
    """The texts of a workbook, none of them a formula of somebody's or a link."""
    found = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.data_type == "f":  # ours: sums, and references to a department's total
                assert re.fullmatch(r"=(SUM\([A-Z]+\d+:[A-Z]+\d+\)|'.*'![A-Z]+\d+|0)", cell.value)
                assert "cmd" not in cell.value or cell.value.startswith("='")
            assert cell.hyperlink is None
            # A workbook keeps a carriage return as a sign of its own.
            found.append(str(cell.value).removeprefix("_x000D_"))
    wanted = text.strip()
    assert any(wanted in cell for cell in found)
    return found


def lines_of(data: bytes, text: str) -> list[list[str]]:
    """The cells of a CSV, none of which a spreadsheet would take for a formula."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    cells = [cell for row in rows for cell in row]
    assert [c for c in cells if c.startswith(RISKY) and not NUMBER.fullmatch(c)] == []
    kept = {text, text.strip()}  # most fields take no white space at their ends
    wanted = tuple(f"'{one}" if one.startswith(RISKY) else one for one in kept)
    assert any(cell.startswith(wanted) for cell in cells)
    return rows


@pytest.mark.parametrize("address", LISTS)
def test_lists_as_files(
    hostile: tuple[World, str], client_as: Callable[[str], Any], address: str
) -> None:
    text = hostile[1]
    if address == "/pay/schemes/":
        from bonuses.models import BonusScheme

        BonusScheme.objects.filter(status="draft").update(name=f"{text} схема")
    director = client_as("elena")
    cells_of(director.get(f"{address}?format=xlsx").getvalue(), text)
    lines_of(director.get(f"{address}?format=csv").getvalue(), text)


def test_the_workbook_and_the_rows_for_payroll(
    hostile: tuple[World, str],
    move_clock: Callable[[Any], None],
    client_as: Callable[[str], Any],
    api_as: Callable[[str], Any],
) -> None:
    world, text = hostile
    move_clock(LATER)
    settle(world)
    export = record_export(AUGUST, actor=world.users["elena"])
    answer = client_as("elena").post("/pay/month/export/", {"month": "2026-08"})
    cells = cells_of(answer.content, text)
    for what in ("Фамилия", "код", "блок", "отдел"):
        assert any(cell.startswith(f"{text.strip()} {what}") for cell in map(str.strip, cells)), (
            what
        )
    reader = api_as("reader")
    base = f"/api/v1/payroll-exports/{export.pk}"
    rows = lines_of(reader.get(f"{base}/csv/").content, text)
    assert len(rows) == 1 + Sheet.objects.filter(month=AUGUST).count()
    # JSON is no spreadsheet: the text goes as it is.
    given = {row["name"] for row in reader.get(f"{base}/rows/").json()}
    assert all(name.strip().startswith(f"{text.strip()} Фамилия") for name in given)
    assert PayrollExport.objects.get(pk=export.pk).sheets == len(rows) - 1


def test_json_gives_texts_as_they_are(
    hostile: tuple[World, str], api_as: Callable[[str], Any]
) -> None:
    world, text = hostile[0], hostile[1].strip()
    director = api_as("writer")
    sale = director.get(f"/api/v1/upsells/{world.row('bonuses.upsell').pk}/").json()
    assert (sale["product"], sale["document"]) == (f"{text} товар", f"{text} документ")
    fact = director.get(f"/api/v1/manual-facts/{world.row('bonuses.manualfact').pk}/").json()
    assert fact["document"] == f"{text} документ"


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
def test_a_sheet_on_paper_says_the_text(
    hostile: tuple[World, str], client_as: Callable[[str], Any], tmp_path: Path
) -> None:
    world, text = hostile
    row = world.row("bonuses.sheet")
    answer = client_as("anna").get(f"/pay/{row.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    (tmp_path / "a.pdf").write_bytes(answer.content)
    command = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert text.strip() in re.sub(r"\s+", " ", told)
    assert b"/URI" not in answer.content and b"/JavaScript" not in answer.content
