"""The sheets of a month as payroll takes them, in two queries."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from bonuses.enums import LineKind, SheetStatus
from bonuses.models import Sheet, SheetLine
from bonuses.payroll import Department, PayRow, workbook


def closed_sheets(month: date) -> Any:
    """The closed sheets of a month, in order of unit and name."""
    return in_order(Sheet.objects.filter(month=month, status=SheetStatus.CLOSED))


def in_order(sheets: Any) -> Any:
    """Sheets by unit and name."""
    return sheets.select_related("employee", "unit").order_by(
        "unit__path", "employee__last_name", "employee__first_name", "employee__pk", "pk"
    )


def block_amounts(sheets: Any) -> tuple[list[str], dict[int, dict[str, Decimal]]]:
    """The blocks in order of appearance, and roubles by sheet and block."""
    order: dict[str, int] = {}
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = SheetLine.objects.filter(sheet__in=sheets.order_by().values("pk"), kind=LineKind.KPI)
    for sheet, block, number, amount in rows.order_by("sheet", "order").values_list(
        "sheet_id", "block", "order", "amount"
    ):
        found[sheet][block] += amount
        order[block] = min(order.get(block, number), number)
    return sorted(order, key=lambda name: (order[name], name)), found


def departments(sheets: Any) -> tuple[list[str], list[Department]]:
    """Blocks, and the sheets by department."""
    sheets = in_order(sheets)
    blocks, amounts = block_amounts(sheets)
    found: dict[int, tuple[str, list[PayRow]]] = {}
    for sheet in sheets:
        row = PayRow(
            employee=str(sheet.employee),
            code=sheet.employee.external_id or "",
            position=sheet.get_kind_display(),
            worked=sheet.worked,
            working_days=sheet.working_days,
            base=sheet.base,
            blocks=[amounts[sheet.pk][block] for block in blocks],
            corrections=sheet.corrections,
        )
        found.setdefault(sheet.unit_id, (sheet.unit.name, []))[1].append(row)
    return blocks, [Department(name, rows) for name, rows in found.values()]


def payroll_file(month: date) -> bytes:
    """The workbook of a closed month."""
    return workbook(month, *departments(closed_sheets(month)))
