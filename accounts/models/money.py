"""Invoices and payments by month. An invoice overdue and not settled is overhang."""

from django.db import models
from django.db.models import Q

from accounts.models.client import Client
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class Invoice(Versioned):
    """A month's bill. `settled_on` is the day its payments reached the amount, kept by the
    payment service so that overhang of any past day is one comparison of dates."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="invoices"
    )
    number = CharField("номер", max_length=40, blank=True)
    month = models.DateField("месяц")
    amount = models.DecimalField("сумма, ₽", max_digits=12, decimal_places=2)
    due_on = models.DateField("оплатить до")
    settled_on = models.DateField("оплачен", null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "счёт"
        verbose_name_plural = "счета"
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="invoice_amount_positive",
                violation_error_message="Сумма должна быть больше нуля.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="invoice_month_first_day",
                violation_error_message="Месяц задаётся его первым числом.",
            ),
            models.UniqueConstraint(
                fields=["client", "month", "number"],
                name="invoice_unique",
                violation_error_message="Такой счёт уже есть.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client", "due_on", "settled_on"], name="invoice_client_due_settled"
            )
        ]

    def __str__(self) -> str:
        return f"Счёт за {self.month:%m.%Y}"

    def audit_about(self) -> Client:
        return self.client


class Payment(Versioned):
    """Money received against an invoice."""

    invoice = models.ForeignKey(
        Invoice, models.CASCADE, verbose_name="счёт", related_name="payments"
    )
    paid_on = models.DateField("оплачено")
    amount = models.DecimalField("сумма, ₽", max_digits=12, decimal_places=2)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "платёж"
        verbose_name_plural = "платежи"
        ordering = ["-paid_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_amount_positive",
                violation_error_message="Сумма должна быть больше нуля.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} ₽ {self.paid_on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.invoice.client
