"""The workbook for payroll opened in LibreOffice: it counts to the figures of the page."""

import html
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils.html import strip_tags

from bonuses.models import Sheet, SheetLine
from bonuses.selectors.sheets import month_by_unit
from bonuses.services.drafts import draft_month
from core.russian import NBSP, roubles
from tests.bonuses.builders import AUGUST, SEPTEMBER, D, base, manual
from tests.bonuses.test_way import LATER, paid, settle  # noqa: F401
from tests.personas import World

pytestmark = [pytest.mark.django_db, pytest.mark.office]
# Russian numbers, and formulas counted anew whatever the file says they come to.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>ru-RU</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""
Shown = dict[str, list[list[str]]]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Shown]:
    """Open a workbook headless, in a profile of its own: worksheet → rows of cells as shown."""
    found = os.environ.get("LAMPA_SOFFICE") or shutil.which("soffice")
    if not found:
        pytest.skip("ВНИМАНИЕ: LibreOffice не найден, книга для зарплаты им не проверена")
    profile = tmp_path_factory.mktemp("office")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")

    def opened(data: bytes) -> Shown:
        folder = tmp_path_factory.mktemp("book")
        (folder / "book.xlsx").write_bytes(data)
        command = [
            found, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore",
            "--convert-to", "html:HTML (StarCalc)", "--outdir", str(folder),
            str(folder / "book.xlsx"),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return dict(_read((folder / "book.html").read_text(encoding="utf-8")))

    return opened


def _read(page: str) -> Iterator[tuple[str, list[list[str]]]]:
    parts = re.split(r"<h1>Sheet \d+: <em>(.*?)</em></h1>", page)
    assert "<a href" not in page.split("</center>")[-1].lower()  # the list of worksheets aside
    for name, table in zip(parts[1::2], parts[2::2], strict=True):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
        yield (
            html.unescape(name),
            [[html.unescape(strip_tags(cell)).strip() for cell in row] for row in cells],
        )


def without_values(data: bytes, folder: Path) -> bytes:
    """The same workbook, its formulas without what they come to: whoever shows it must count."""
    source, bare = folder / "with.xlsx", folder / "without.xlsx"
    source.write_bytes(data)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode() if name.endswith(".xml") else old.read(name)
            if name.startswith("xl/worksheets/"):
                part, known = re.subn(r"(</f>)<v>[^<]*</v>", r"\1", part)
                assert known and not re.search(r"</f><v>", part)
            new.writestr(name, part)
    return bare.read_bytes()


def money(cell: str) -> str:
    """A sum as the page writes it: both put a space of some kind between thousands."""
    return re.sub(r"\s", NBSP, cell).replace("-", "−")


@pytest.fixture
def file_of_two_months(
    paid: World,  # noqa: F811
    move_clock: Any,
    client_as: Any,
) -> tuple[World, Any, bytes]:
    """September with bases to the kopeck and a correction of August, given to payroll."""
    world = paid
    draft_month(AUGUST, date(2026, 9, 16))
    move_clock(LATER)
    settle(world)
    world.staff["anna"].manual_facts.update(value=D("83.33"))
    for name, amount, fact in (("vera", "19999.99", "99.99"), ("boris", "", "66.67")):
        if amount:
            base(world.staff[name], amount)
        manual(world.staff[name], fact, world.users["elena"], SEPTEMBER)
    draft_month(SEPTEMBER, date(2026, 10, 20))
    settle(world, SEPTEMBER)
    director = client_as("elena")
    answer = director.post("/pay/month/export/", {"month": "2026-09"})
    assert answer.status_code == 200
    return world, director, answer.content


def test_libreoffice_counts_the_formulas_to_the_figures_of_the_sheets_and_of_the_page(
    file_of_two_months: tuple[World, Any, bytes], office: Callable[[bytes], Shown], tmp_path: Path
) -> None:
    world, director, data = file_of_two_months
    shown = office(without_values(data, tmp_path))
    sheets = list(Sheet.objects.filter(month=SEPTEMBER).select_related("employee", "unit"))
    assert any(sheet.corrections for sheet in sheets)
    assert {name for name in shown if name != "Свод"} == {sheet.unit.name for sheet in sheets}
    rows = {
        (unit, row[1]): [money(cell) for cell in row[6:]]
        for unit, lines in shown.items()
        for row in lines[3:]
        if row[0].isdigit()
    }
    assert rows == {
        (sheet.unit.name, str(sheet.employee)): [
            roubles(amount)
            for amount in (
                sheet.base,
                sum(line.amount for line in SheetLine.objects.filter(sheet=sheet, kind="kpi")),
                sheet.corrections,
                sheet.total,
            )
        ]
        for sheet in sheets
    }
    # The totals of departments and of all, which stand in the file as formulas alone.
    page = strip_tags(director.get("/pay/month/?month=2026-09").content.decode())
    page = re.sub(r"\s", NBSP, page.replace("&nbsp;", NBSP)).replace("&minus;", "−")
    units = month_by_unit(world.users["elena"], SEPTEMBER)
    summary = {row[0]: row for row in shown["Свод"] if row and row[0]}
    for unit in units:
        expected = [roubles(v) for v in (unit.base, unit.earned, unit.corrections, unit.total)]
        total = next(row for row in shown[unit.unit["name"]] if row[1] == "Итого")
        assert [money(cell) for cell in total[6:]] == expected
        assert summary[unit.unit["name"]][1] == str(unit.sheets)
        assert [money(cell) for cell in summary[unit.unit["name"]][2:]] == expected
        assert expected[-1] in page
    whole = [
        roubles(sum(getattr(unit, name) for unit in units))
        for name in ("base", "earned", "corrections", "total")
    ]
    assert [money(cell) for cell in summary["Итого"][2:]] == whole
    assert summary["Итого"][1] == str(len(sheets))
    assert all(amount in page for amount in whole)


def test_libreoffice_finds_no_formula_in_names(office: Callable[[bytes], Shown]) -> None:
    from bonuses.payroll import Department, workbook
    from tests.bonuses.test_export import _row

    typed = '=HYPERLINK("http://example.org","x")', "=1+1", "+1+1", "-1+1", "@SUM(A1)"
    rows = [_row(name, ("1",)) for name in typed]
    shown = office(workbook(AUGUST, ["=2+2"], [Department("=3+3", rows)]))
    (lines,) = (lines for name, lines in shown.items() if name != "Свод")
    assert [row[1] for row in lines if row[0].isdigit()] == list(typed)
    assert lines[2][7] == "=2+2" and lines[0][0].startswith("=3+3")
    assert shown["Свод"][3][0] == "=3+3"
