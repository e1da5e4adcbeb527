"""The workbook for payroll: a sheet per department, totals as formulas beside their values.

Text is text whatever it begins with. The same rows give the same bytes: the file names no moment
of its making (docs/bonuses.md, «Выгрузка»).
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from bonuses.months import label

FIXED = ("№", "Сотрудник", "Табельный код", "Должность", "Дней", "Рабочих дней", "База, ₽")
SUMMARY = "Свод"
_MONEY = '#,##0.00\\ "₽"'
_LONGEST_NAME = 31


@dataclass(frozen=True)
class PayRow:
    """A sheet as payroll needs it; `blocks` are roubles by block, in the order of the columns."""

    employee: str
    code: str
    position: str
    worked: int
    working_days: int
    base: Decimal
    blocks: Sequence[Decimal]
    corrections: Decimal

    @property
    def total(self) -> Decimal:
        """Roubles to pay."""
        return sum(self.blocks, self.corrections)


@dataclass(frozen=True)
class Department:
    """A department's rows."""

    name: str
    rows: Sequence[PayRow]


def worksheet_names(names: Iterable[str]) -> Iterator[str]:
    """Names of departments as Excel allows them: short, without its signs, each once."""
    taken = {SUMMARY.casefold()}
    for name in names:
        clean = "".join(c for c in name if c not in "[]:*?/\\'").strip() or "Отдел"
        found, number = clean[:_LONGEST_NAME], 2
        while found.casefold() in taken:
            tail = f" ({number})"
            found, number = clean[: _LONGEST_NAME - len(tail)] + tail, number + 1
        taken.add(found.casefold())
        yield found


def workbook(month: date, blocks: Sequence[str], departments: Sequence[Department]) -> bytes:
    """The file: a summary first, then each department with its own total."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties(
        {"title": f"Премирование, {label(month)}", "created": datetime(month.year, month.month, 1)}
    )
    _Writer(book, month, blocks).write(departments)
    book.close()
    return file.getvalue()


class _Writer:
    def __init__(self, book: Any, month: date, blocks: Sequence[str]) -> None:
        self.book, self.month = book, month
        self.heads = [*FIXED, *blocks, "Корректировки, ₽", "К выплате, ₽"]
        self.first = len(FIXED)  # the first column of what is summed up to the total
        self.last = len(self.heads) - 1
        self.bold = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF2F6"}
        )
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.money = book.add_format({"num_format": _MONEY})
        self.sum = book.add_format({"num_format": _MONEY, "bold": True, "top": 1})
        self.total = book.add_format({"bold": True, "top": 1})

    def write(self, departments: Sequence[Department]) -> None:
        """Every worksheet."""
        summary = self.book.add_worksheet(SUMMARY)
        names = list(worksheet_names(d.name for d in departments))
        sums = []
        for name, department in zip(names, departments, strict=True):
            sums.append(self._department(name, department))
        self._summary(summary, names, departments, sums)

    def _sheet(self, sheet: Any, heads: Sequence[str], title: str) -> None:
        sheet.write_string(0, 0, title, self.title)
        for column, head in enumerate(heads):
            sheet.write_string(2, column, head, self.bold)
        sheet.freeze_panes(3, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L&A&R&P из &N")

    def _department(self, name: str, department: Department) -> tuple[int, list[Decimal]]:
        sheet = self.book.add_worksheet(name)
        self._sheet(sheet, self.heads, f"{department.name}: премирование, {label(self.month)}")
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, 1, 34)
        sheet.set_column(2, 5, 13)
        sheet.set_column(6, self.last, 16)
        start = 3
        for number, row in enumerate(department.rows):
            self._row(sheet, start + number, number + 1, row)
        end = start + len(department.rows)
        sums = self._sums(department.rows)
        sheet.write_string(end, 1, "Итого", self.total)
        for column, value in enumerate(sums, start=6):
            cells = f"{_cell(start, column)}:{_cell(end - 1, column)}"
            formula = f"=SUM({cells})" if department.rows else "=0"
            sheet.write_formula(end, column, formula, self.sum, float(value))
        return end, sums

    def _row(self, sheet: Any, y: int, number: int, row: PayRow) -> None:
        sheet.write_number(y, 0, number)
        sheet.write_string(y, 1, row.employee)
        sheet.write_string(y, 2, row.code)
        sheet.write_string(y, 3, row.position)
        sheet.write_number(y, 4, row.worked)
        sheet.write_number(y, 5, row.working_days)
        values = [row.base, *row.blocks, row.corrections]
        for column, value in enumerate(values, start=6):
            sheet.write_number(y, column, float(value), self.money)
        cells = f"{_cell(y, self.first)}:{_cell(y, self.last - 1)}"
        sheet.write_formula(y, self.last, f"=SUM({cells})", self.money, float(row.total))

    def _sums(self, rows: Sequence[PayRow]) -> list[Decimal]:
        """Base, each block, corrections, total."""
        columns = [[r.base, *r.blocks, r.corrections, r.total] for r in rows]
        width = self.last - 5
        return [sum((c[n] for c in columns), Decimal(0)) for n in range(width)]

    def _summary(
        self,
        sheet: Any,
        names: Sequence[str],
        departments: Sequence[Department],
        sums: Sequence[tuple[int, list[Decimal]]],
    ) -> None:
        heads = ["Отдел", "Сотрудников", *self.heads[6:]]
        self._sheet(sheet, heads, f"Премирование, {label(self.month)}")
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, len(heads) - 1, 16)
        for y, (name, department, (end, values)) in enumerate(
            zip(names, departments, sums, strict=True), start=3
        ):
            sheet.write_string(y, 0, department.name)
            sheet.write_number(y, 1, len(department.rows))
            for n, value in enumerate(values):
                formula = f"='{name}'!{_cell(end, 6 + n)}"
                sheet.write_formula(y, 2 + n, formula, self.money, float(value))
        bottom = 3 + len(departments)
        sheet.write_string(bottom, 0, "Итого", self.total)
        people = sum(len(d.rows) for d in departments)
        totals: list[Decimal | int] = [
            people,
            *(sum((s[1][n] for s in sums), Decimal(0)) for n in range(self.last - 5)),
        ]
        for column, figure in enumerate(totals, start=1):
            cells = f"{_cell(3, column)}:{_cell(bottom - 1, column)}"
            formula = f"=SUM({cells})" if departments else "=0"
            style = self.total if column == 1 else self.sum
            sheet.write_formula(bottom, column, formula, style, float(figure))


def _cell(row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(row, column))
