"""Closed sheets as documents, and what is wrong with their chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bonuses import formulas
from bonuses.digests import EMPTY, digest_of
from bonuses.enums import LineKind, SheetStatus
from bonuses.models import Sheet, SheetLine

_BATCH = 500
# What a sheet was paid by. Ids name rows; amounts are roubles to the kopeck.
SHEET_FIELDS = (
    "number", "employee_id", "unit_id", "kind", "month", "scheme_id", "since", "until", "worked",
    "working_days", "base", "points", "earned", "corrections", "total", "assessed_by_id",
    "approved_by_id",
)  # fmt: skip
LINE_FIELDS = (
    "code", "kind", "order", "block", "label", "kpi_id", "corrects_id", "since", "until", "share",
    "weight", "plan", "fact", "part", "whole", "note", "attainment", "points", "amount", "rows",
    "counted",
)  # fmt: skip


def sheet_document(sheet: Sheet) -> dict[str, Any]:
    """What the digest covers of a sheet."""
    return {name: getattr(sheet, name) for name in SHEET_FIELDS}


def line_document(line: SheetLine) -> dict[str, Any]:
    """What the digest covers of a line."""
    return {name: getattr(line, name) for name in LINE_FIELDS}


@dataclass(frozen=True)
class Broken:
    """The first entry of the chain that is not what it was: no amounts, they are read by all."""

    number: int
    sheet: int
    why: str


def recomputed(sheet: Sheet, lines: list[SheetLine]) -> list[dict[str, Any]]:
    """The documents of a sheet's lines with attainment, points and roubles computed anew from
    the facts, plans and the version of the rules that it keeps."""
    kpis = {k.pk: (k, block) for block in sheet.scheme.blocks.all() for k in block.kpis.all()}
    own = [line for line in lines if line.kind == LineKind.KPI]
    documents = [line_document(line) for line in lines]
    points: list[Decimal] = []
    for line in own:
        kpi, block = kpis[line.kpi_id or 0]
        attained = formulas.attainment(kpi.rule, line.fact, line.plan)
        points.append(formulas.points(attained, kpi.weight, block.share))
        at = lines.index(line)
        documents[at] |= {
            "attainment": attained, "points": points[-1], "weight": kpi.weight,
            "share": block.share,
        }  # fmt: skip
    for line, amount in zip(own, formulas.spread(sheet.base, points), strict=True):
        documents[lines.index(line)]["amount"] = amount
    return documents


def chain(*, recompute: bool = True) -> Iterator[Broken]:
    """Go through every closed sheet in order and tell what does not hold.

    Each digest is made again from what is stored and, with `recompute`, from the formulas; the
    numbers run without a gap.
    """
    previous, expected = EMPTY, 1
    rows = Sheet.objects.filter(status=SheetStatus.CLOSED).order_by("number")
    while True:
        batch = list(with_batch(rows.filter(number__gte=expected)[:_BATCH]))
        if not batch:
            return
        for sheet in batch:
            if sheet.number != expected:
                yield Broken(expected, sheet.pk, "номера идут с пропуском")
                return
            lines = list(sheet.lines.all())
            document = sheet_document(sheet)
            stored = digest_of(document, map(line_document, lines), previous)
            if sheet.previous != previous or stored != sheet.digest:
                yield Broken(expected, sheet.pk, "отпечаток не сходится с содержимым")
                return
            if recompute and digest_of(document, recomputed(sheet, lines), previous) != stored:
                yield Broken(expected, sheet.pk, "пересчёт по правилам даёт другой лист")
                return
            previous, expected = sheet.digest, expected + 1


def with_batch(rows: Any) -> Any:
    """Sheets with lines and rules."""
    return rows.select_related("scheme").prefetch_related("lines", "scheme__blocks__kpis__steps")
