"""Invoices and payments. `settled_on` follows the payments and is nobody's to type."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client, Invoice, Payment
from accounts.services.reach import announce, not_future
from core.policy import policy_for
from core.services import create, delete, update


@transaction.atomic
def add_invoice(*, actor: Any, values: dict[str, Any]) -> Invoice:
    """Record a month's bill."""
    policy_for(Invoice).check(actor, "add")
    policy_for(Client).check(actor, "view", values["client"])
    created = create(Invoice(**values), actor=actor)
    announce(created.client_id)
    return created


@transaction.atomic
def update_invoice(
    *, actor: Any, invoice: Invoice, values: dict[str, Any], version: int | None = None
) -> Invoice:
    """Change a bill; a new amount may settle or unsettle it."""
    policy_for(Invoice).check(actor, "change", invoice)
    if "client" in values and values["client"].pk != invoice.client_id:
        raise ValidationError({"client": "Клиент счёта не меняется."})
    _lock(invoice.pk)
    update(invoice, values, actor=actor, version=version)
    return _settle(invoice.pk, actor)


@transaction.atomic
def delete_invoice(*, actor: Any, invoice: Invoice, version: int | None = None) -> None:
    """Delete a bill entered by mistake; one with payments stays."""
    policy_for(Invoice).check(actor, "delete", invoice)
    _lock(invoice.pk)
    if invoice.payments.exists():
        raise ValidationError("По счёту есть платежи: сначала удалите их.")
    delete(invoice, actor=actor, version=version)
    announce(invoice.client_id)


@transaction.atomic
def record_payment(*, actor: Any, values: dict[str, Any]) -> Payment:
    """Record money received; the bill is settled on the day its payments reach the amount."""
    policy_for(Payment).check(actor, "add")
    invoice = values["invoice"]
    policy_for(Invoice).check(actor, "view", invoice)
    not_future("paid_on", values["paid_on"])
    _lock(invoice.pk)
    payment = create(Payment(**values), actor=actor)
    _settle(invoice.pk, actor)
    return payment


@transaction.atomic
def update_payment(
    *, actor: Any, payment: Payment, values: dict[str, Any], version: int | None = None
) -> Payment:
    """Change a payment; its bill stays the same one."""
    policy_for(Payment).check(actor, "change", payment)
    if "invoice" in values and values["invoice"].pk != payment.invoice_id:
        raise ValidationError({"invoice": "Счёт платежа не меняется: удалите и запишите заново."})
    not_future("paid_on", values.get("paid_on", payment.paid_on))
    _lock(payment.invoice_id)
    changed = update(payment, values, actor=actor, version=version)
    _settle(payment.invoice_id, actor)
    return changed


@transaction.atomic
def delete_payment(*, actor: Any, payment: Payment, version: int | None = None) -> None:
    """Delete a payment entered by mistake."""
    policy_for(Payment).check(actor, "delete", payment)
    _lock(payment.invoice_id)
    delete(payment, actor=actor, version=version)
    _settle(payment.invoice_id, actor)


def _lock(invoice_id: int) -> Invoice:
    return Invoice.objects.select_for_update(of=("self",)).get(pk=invoice_id)


def settled_on(amount: Decimal, payments: list[tuple[date, Decimal]]) -> date | None:
    """The day on which payments, taken by date, reach the amount; None while they do not."""
    total = Decimal(0)
    for paid_on, paid in sorted(payments):
        total += paid
        if total >= amount:
            return paid_on
    return None


def _settle(invoice_id: int, actor: Any) -> Invoice:
    """Bring `settled_on` in line with the payments. The invoice is locked by the caller."""
    invoice = Invoice.objects.get(pk=invoice_id)
    payments = list(Payment.objects.filter(invoice=invoice).values_list("paid_on", "amount"))
    changed = update(invoice, {"settled_on": settled_on(invoice.amount, payments)}, actor=actor)
    announce(invoice.client_id)
    return changed
