"""What people write down for a bonus: bases of pay, additional sales, KPIs entered by hand."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Client, Employee
from bonuses.models.scheme import BonusKpi
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class PayBase(Versioned):
    """The base of an employee's variable pay from a day on, and the part of a full rate."""

    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="сотрудник", related_name="pay_bases"
    )
    starts_on = models.DateField("с")
    amount = models.DecimalField(
        "база за полный месяц, ₽",
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    rate = models.DecimalField(
        "ставка",
        max_digits=3,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.05")), MaxValueValidator(1)],
        help_text="1 — полная, 0,5 — половина.",
    )

    objects = ScopedQuerySet.as_manager()
    # Money of people stands in no log that others read.
    audit_hidden = frozenset({"amount", "rate"})

    class Meta:
        verbose_name = "база премии"
        verbose_name_plural = "базы премий"
        ordering = ["-starts_on", "employee"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "starts_on"],
                name="pay_base_once",
                violation_error_message="С этого дня база уже задана.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, rate__gt=0, rate__lte=1), name="pay_base_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, с {self.starts_on:%d.%m.%Y}"

    def audit_about(self) -> Employee:
        return self.employee


class Upsell(Versioned):
    """An additional sale («допродажа ВКСП») with its document."""

    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="кто продал", related_name="upsells"
    )
    client = models.ForeignKey(
        Client, models.PROTECT, verbose_name="клиент", related_name="upsells"
    )
    on = models.DateField("дата")
    product = CharField("что продано", max_length=200)
    amount = models.DecimalField("сумма, ₽", max_digits=12, decimal_places=2)
    document = CharField("документ", max_length=200)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="кто записал",
        related_name="+",
        editable=False,
    )
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "допродажа"
        verbose_name_plural = "допродажи"
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0),
                name="upsell_amount_not_zero",
                violation_error_message="Сумма не может быть нулевой.",
            )
        ]
        indexes = [models.Index(fields=["on", "employee"], name="upsell_on_employee")]

    def __str__(self) -> str:
        return f"{self.product}, {self.on:%d.%m.%Y}"


class ManualFact(Versioned):
    """The fact of a KPI that the program cannot compute: who wrote it down, by what document."""

    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="сотрудник", related_name="manual_facts"
    )
    kpi = models.ForeignKey(
        BonusKpi, models.PROTECT, verbose_name="показатель", related_name="manual_facts"
    )
    month = models.DateField("месяц")
    value = models.DecimalField("факт", max_digits=14, decimal_places=2)
    document = CharField("документ", max_length=200)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="кто внёс",
        related_name="+",
        editable=False,
    )

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"value"})

    class Meta:
        verbose_name = "показатель вручную"
        verbose_name_plural = "показатели вручную"
        ordering = ["-month", "employee", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "kpi", "month"],
                name="manual_fact_once",
                violation_error_message="Факт за этот месяц уже внесён: измените его.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="manual_fact_month_start",
                violation_error_message="Месяц — его первый день.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}, {self.employee}, {self.month:%m.%Y}"

    def audit_about(self) -> Employee:
        return self.employee
