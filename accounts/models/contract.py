"""Contracts: what kit a client pays for, at which monthly price since when."""

from django.db import models
from django.db.models import F, Q

from accounts.models.client import Client
from accounts.querysets import DatedQuerySet
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class Contract(Versioned):
    """A contract for one kit. `fixed_from` and `fixed_until` (inclusive) bound the days on which
    its price does not change."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="contracts"
    )
    number = CharField("номер", max_length=60, unique=True)
    kit = CharField("комплект", max_length=200)
    starts_on = models.DateField("действует с")
    ends_on = models.DateField("до (не включая)", null=True, blank=True)
    fixed_from = models.DateField("цена зафиксирована с", null=True, blank=True)
    fixed_until = models.DateField("по (включительно)", null=True, blank=True)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "договор"
        verbose_name_plural = "договоры"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="contract_period",
                violation_error_message="Конец договора раньше начала.",
            ),
            models.CheckConstraint(
                condition=Q(fixed_from=None, fixed_until=None)
                | Q(
                    fixed_from__isnull=False,
                    fixed_until__isnull=False,  # else it is unknown to the database, and passes
                    fixed_until__gte=F("fixed_from"),
                ),
                name="contract_fixed_period",
                violation_error_message="Укажите начало и конец фиксации, конец не раньше начала.",
            ),
        ]
        indexes = [models.Index(fields=["client", "starts_on"], name="contract_client")]

    def __str__(self) -> str:
        return f"Договор {self.number}"

    def audit_about(self) -> Client:
        return self.client

    def is_fixed_on(self, day: object) -> bool:
        """Whether the price may not change on a day."""
        return (
            self.fixed_from is not None
            and self.fixed_until is not None
            and self.fixed_from < day <= self.fixed_until  # type: ignore[operator]
        )


class ContractPrice(Versioned):
    """The monthly price of a contract from a day on, until the next row: prices never overlap."""

    contract = models.ForeignKey(
        Contract, models.CASCADE, verbose_name="договор", related_name="prices"
    )
    effective_on = models.DateField("действует с")
    monthly = models.DecimalField("цена в месяц, ₽", max_digits=12, decimal_places=2)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "цена договора"
        verbose_name_plural = "цены договоров"
        ordering = ["-effective_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "effective_on"],
                include=["monthly"],
                name="contract_price_once_per_day",
                violation_error_message="С этого дня цена уже задана.",
            ),
            models.CheckConstraint(
                condition=Q(monthly__gte=0),
                name="contract_price_not_negative",
                violation_error_message="Цена не может быть отрицательной.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract}: {self.monthly} ₽ с {self.effective_on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.contract.client
