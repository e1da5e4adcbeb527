"""Plan figures («ПП»): what is expected of an employee, of a unit or of the whole."""

from django.db import models
from django.db.models import Q

from accounts.enums import TargetKind, TargetSpan
from accounts.models.staff import Employee, Unit
from core.models import Versioned
from core.policy import ScopedQuerySet


class Target(Versioned):
    """A plan figure for a month, a quarter or a year: of an employee, of a unit, or of the whole
    (neither). `month` is the first day of it."""

    kind = models.CharField("показатель", max_length=30, choices=TargetKind)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, verbose_name="отдел", related_name="targets"
    )
    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="сотрудник",
        related_name="targets",
    )
    span = models.CharField(
        "на сколько", max_length=7, choices=TargetSpan, default=TargetSpan.MONTH
    )
    month = models.DateField("начало")
    value = models.DecimalField("план", max_digits=14, decimal_places=2)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "плановая цифра"
        verbose_name_plural = "плановые цифры"
        ordering = ["-month", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "unit", "employee", "span", "month"],
                name="target_once",
                nulls_distinct=False,
                violation_error_message="План на этот срок уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(unit=None) | Q(employee=None),
                name="target_of_one",
                violation_error_message="План — отдела или сотрудника, не обоих сразу.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="target_month_start",
                violation_error_message="Месяц — его первый день.",
            ),
            models.CheckConstraint(
                condition=Q(span=TargetSpan.MONTH)
                | Q(span=TargetSpan.QUARTER, month__month__in=[1, 4, 7, 10])
                | Q(span=TargetSpan.YEAR, month__month=1),
                name="target_span_start",
                violation_error_message="Квартал и год начинаются со своего первого месяца.",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="target_not_negative",
                violation_error_message="План не может быть отрицательным.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.when}"

    @property
    def when(self) -> str:
        """«10.2026», «4-й квартал 2026», «2026 год»."""
        if self.span == TargetSpan.YEAR:
            return f"{self.month.year} год"
        if self.span == TargetSpan.QUARTER:
            return f"{self.month.month // 3 + 1}-й квартал {self.month.year}"
        return f"{self.month:%m.%Y}"
