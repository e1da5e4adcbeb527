"""Invoices and payments, many at a time. `settled_on` follows the payments."""

from collections import defaultdict
from typing import Any

from accounts.models import Invoice, Payment
from accounts.services.loads.lookups import clients_of, refuse_future, require
from accounts.services.money import settled_on
from accounts.services.reach import announce
from core.bulk.resources import Batch, Row
from core.bulk.saving import Line, by, lock_rows, save_many


def load_invoices(batch: Batch) -> None:
    """Write bills, found by client, month and number; a new amount may settle or unsettle."""
    clients = clients_of(batch)
    for row in batch.good:
        require(row, "month")
    held = lock_rows(Invoice.objects.filter(client__in={c.pk for c in clients.values()}))
    stored = by(held, "client_id", "month", "number")
    paid = _payments([invoice.pk for invoice in held])
    lines = {}
    keys: dict[int, Any] = {}
    for row in batch.good:
        client = clients[row.number]
        number = row.values.get("number") or ""
        key = (client.pk, row.values["month"], number)
        present = stored.get(key)
        if present is None and not require(row, "amount", "due_on"):
            continue
        names = [name for name in ("month", "amount", "due_on") if name in row.values]
        values: dict[str, Any] = {name: row.values[name] for name in names}
        values["number"] = number
        if present is None:
            values["client"] = client
        else:
            present.client = client
            if values.get("amount") is not None:
                values["settled_on"] = settled_on(values["amount"], paid[present.pk])
        keys[row.number] = key
        lines[row.number] = Line(row, present or Invoice(), values)
    batch.refuse_doubles(keys)
    written = save_many(batch, [lines[row.number] for row in batch.good])
    if not batch.dry_run:
        announce(*(line.instance.client_id for line in written))


def load_payments(batch: Batch) -> None:
    """Write money received, found by its code; the invoices are settled by it.

    A row names its invoice by client, month and number; the number is not needed where the
    month has one invoice.
    """
    for row in batch.good:
        require(row, "external_id", "invoice_month", "paid_on", "amount")
    refuse_future(batch.good, "paid_on", batch.today)
    clients = clients_of(batch)
    held = lock_rows(Invoice.objects.filter(client__in={c.pk for c in clients.values()}))
    by_month: dict[Any, list[Invoice]] = defaultdict(list)
    for invoice in held:
        by_month[invoice.client_id, invoice.month].append(invoice)
    known = Payment.objects.visible_to(batch.actor).order_by()
    stored = by(lock_rows(known.filter(external_id__in=batch.given("external_id"))), "external_id")
    lines = {}
    for row in batch.good:
        invoice = _invoice_of(row, by_month[clients[row.number].pk, row.values["invoice_month"]])
        if invoice is None:
            continue
        present = stored.get(row.values["external_id"])
        if present is not None and present.invoice_id != invoice.pk:
            row.refuse("", "Счёт платежа не меняется: удалите его и запишите заново.")
            continue
        invoice.client = clients[row.number]
        payment = present or Payment()
        names = ("external_id", "paid_on", "amount")
        values = {name: row.values[name] for name in names} | {"invoice": invoice}
        lines[row.number] = Line(row, payment, values)
    batch.refuse_doubles({n: line.values["external_id"] for n, line in lines.items()})
    written = save_many(batch, [lines[row.number] for row in batch.good])
    if not batch.dry_run:
        _settle(batch, written)
        announce(*(line.instance.invoice.client_id for line in written))


def _invoice_of(row: Row, found: list[Invoice]) -> Invoice | None:
    number = row.values.get("invoice_number")
    if number:
        found = [invoice for invoice in found if invoice.number == number]
    if len(found) == 1:
        return found[0]
    if found:
        row.refuse("invoice_number", "Счетов за месяц несколько: укажите номер.")
    else:
        row.refuse("invoice_number" if number else "invoice_month", "Счёт не найден.")
    return None


def _payments(ids: list[int]) -> dict[int, list[Any]]:
    paid: dict[int, list[Any]] = defaultdict(list)
    rows = Payment.objects.filter(invoice__in=ids).order_by()
    for pk, paid_on, amount in rows.values_list("invoice", "paid_on", "amount"):
        paid[pk].append((paid_on, amount))
    return paid


def _settle(batch: Batch, written: list[Line]) -> None:
    """Bring `settled_on` of the invoices in line with their payments."""
    first = {line.instance.invoice_id: line for line in reversed(written)}
    paid = _payments(list(first))
    pairs = []
    for pk, line in first.items():
        invoice = line.instance.invoice
        values = {"settled_on": settled_on(invoice.amount, paid[pk])}
        pairs.append((line, Line(Row(line.row.number), invoice, values)))
    save_many(batch, [settled for _, settled in pairs])
    for line, settled in pairs:
        line.row.changes += settled.row.changes
