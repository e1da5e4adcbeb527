"""Sheets of a month with their lines, what people object to, and what went to payroll."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Employee, Unit
from bonuses.enums import LineKind, ObjectionStatus, SchemeKind, SheetStatus
from bonuses.models.scheme import BonusKpi, BonusScheme
from bonuses.months import label
from core.models import TextField, Versioned
from core.policy import ScopedQuerySet

_user = settings.AUTH_USER_MODEL


class Sheet(Versioned):
    """The bonus of an employee in a unit for a month.

    `base` is the variable-pay base of the days worked there. Closed, the row and its lines are
    kept by the database as they are; `digest` covers them and the digest before (`number` is the
    place in that chain).
    """

    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="сотрудник", related_name="sheets"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="подразделение", related_name="sheets"
    )
    kind = models.CharField("должность", max_length=12, choices=SchemeKind)
    month = models.DateField("месяц")
    scheme = models.ForeignKey(
        BonusScheme, models.PROTECT, verbose_name="схема", related_name="sheets"
    )
    status = models.CharField(
        "состояние", max_length=10, choices=SheetStatus, default=SheetStatus.DRAFT
    )
    since = models.DateField("первый день")
    until = models.DateField("последний день")
    worked = models.PositiveSmallIntegerField("отработано дней")
    working_days = models.PositiveSmallIntegerField("рабочих дней в месяце")
    base = models.DecimalField("база, ₽", max_digits=12, decimal_places=2)
    points = models.DecimalField("баллы", max_digits=14, decimal_places=10)
    earned = models.DecimalField("по показателям, ₽", max_digits=12, decimal_places=2)
    corrections = models.DecimalField("корректировки, ₽", max_digits=12, decimal_places=2)
    total = models.DecimalField("к выплате, ₽", max_digits=12, decimal_places=2)
    computed_at = models.DateTimeField("рассчитан")
    objections_until = models.DateField("возражения до")
    agreed_at = models.DateTimeField("сотрудник согласен", null=True, blank=True)
    assessed_by = models.ForeignKey(
        _user, models.PROTECT, null=True, blank=True, verbose_name="кто оценил", related_name="+"
    )
    assessed_at = models.DateTimeField("оценён", null=True, blank=True)
    approved_by = models.ForeignKey(
        _user, models.PROTECT, null=True, blank=True, verbose_name="кто утвердил", related_name="+"
    )
    approved_at = models.DateTimeField("утверждён", null=True, blank=True)
    closed_at = models.DateTimeField("закрыт", null=True, blank=True)
    number = models.PositiveIntegerField("номер в цепочке", null=True, blank=True, unique=True)
    previous = models.CharField("отпечаток предыдущего", max_length=64, blank=True)
    digest = models.CharField("отпечаток", max_length=64, blank=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"base", "points", "earned", "corrections", "total"})

    class Meta:
        verbose_name = "лист премирования"
        verbose_name_plural = "листы премирования"
        ordering = ["-month", "employee", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "month", "unit", "kind"], name="sheet_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="sheet_month_start"),
            models.CheckConstraint(
                condition=Q(total=F("earned") + F("corrections")), name="sheet_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(base__gte=0, earned__gte=0, worked__lte=F("working_days")),
                name="sheet_not_negative",
            ),
            # Two different people: the second half of a rule that the service asks first.
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("assessed_by")),
                name="sheet_two_people",
                violation_error_message="Оценить и утвердить лист должны разные люди.",
            ),
            models.CheckConstraint(
                condition=Q(status=SheetStatus.DRAFT, assessed_by=None, approved_by=None)
                | Q(status=SheetStatus.ASSESSED, assessed_by__isnull=False, approved_by=None)
                | Q(
                    status__in=[SheetStatus.APPROVED, SheetStatus.CLOSED],
                    assessed_by__isnull=False,
                    approved_by__isnull=False,
                ),
                name="sheet_steps",
            ),
            models.CheckConstraint(
                condition=Q(status=SheetStatus.CLOSED, number__isnull=False, digest__regex=".{64}")
                | (~Q(status=SheetStatus.CLOSED) & Q(number=None, digest="")),
                name="sheet_closed_has_digest",
            ),
        ]
        indexes = [models.Index(fields=["month", "unit"], name="sheet_month_unit")]

    def __str__(self) -> str:
        return f"{self.employee}, {label(self.month)}"

    def audit_about(self) -> Employee:
        return self.employee

    @property
    def month_label(self) -> str:
        """«ноябрь 2026»."""
        return label(self.month)


class SheetLine(models.Model):
    """A line: fact → plan → attainment → weight → points → roubles, with the rows it counted.

    A correction line pays the difference that what is known late (facts, bases, days) makes to
    a line of a closed month, or to work of that month which had no sheet.
    """

    sheet = models.ForeignKey(Sheet, models.CASCADE, verbose_name="лист", related_name="lines")
    # The same line of the same sheet, however often it is computed again.
    code = models.CharField("код", max_length=40)
    kind = models.CharField("вид", max_length=10, choices=LineKind, default=LineKind.KPI)
    order = models.PositiveSmallIntegerField("порядок")
    block = models.CharField("блок", max_length=80)
    label = models.CharField("показатель", max_length=80)
    kpi = models.ForeignKey(
        BonusKpi,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="правило",
        related_name="lines",
    )
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="исправляет",
        related_name="corrected_by",
    )
    since = models.DateField("с")
    until = models.DateField("по")
    share = models.DecimalField("доля блока, %", max_digits=5, decimal_places=2)
    weight = models.DecimalField("вес, %", max_digits=5, decimal_places=2)
    plan = models.DecimalField("план", max_digits=14, decimal_places=2, null=True, blank=True)
    # The plan of all days, where `plan` is the part of those worked: days known late change it.
    plan_whole = models.DecimalField(
        "план на все дни", max_digits=14, decimal_places=2, null=True, blank=True, editable=False
    )
    fact = models.DecimalField("факт", max_digits=14, decimal_places=2, null=True, blank=True)
    part = models.DecimalField("числитель", max_digits=16, decimal_places=2, null=True, blank=True)
    whole = models.DecimalField(
        "знаменатель", max_digits=16, decimal_places=2, null=True, blank=True
    )
    note = models.CharField("пояснение", max_length=300, blank=True)
    attainment = models.DecimalField("выполнение, %", max_digits=6, decimal_places=2)
    points = models.DecimalField("баллы", max_digits=14, decimal_places=10)
    amount = models.DecimalField("сумма, ₽", max_digits=12, decimal_places=2)
    # The rows behind the fact, and those of them that count in the numerator.
    rows = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name="строки")
    counted = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name="засчитаны"
    )

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"plan", "plan_whole", "fact", "part", "whole", "attainment", "points",
                              "amount", "rows", "counted", "note"})  # fmt: skip

    class Meta:
        verbose_name = "строка листа"
        verbose_name_plural = "строки листа"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "code"], name="sheet_line_once"),
            models.CheckConstraint(
                condition=Q(kind=LineKind.KPI, kpi__isnull=False, corrects=None)
                # Work that no closed sheet knew has no line to correct: its KPI says what.
                | Q(kind=LineKind.CORRECTION, corrects__isnull=False)
                | Q(kind=LineKind.CORRECTION, kpi__isnull=False),
                name="sheet_line_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def audit_about(self) -> Employee:
        return self.sheet.employee


class Objection(Versioned):
    """An employee does not agree with a line, and why; the answer."""

    line = models.ForeignKey(
        SheetLine, models.CASCADE, verbose_name="строка", related_name="objections"
    )
    reason = TextField("в чём ошибка", max_length=2000)
    made_by = models.ForeignKey(
        _user, models.PROTECT, verbose_name="кто возражает", related_name="+"
    )
    made_at = models.DateTimeField("когда")
    status = models.CharField(
        "состояние", max_length=8, choices=ObjectionStatus, default=ObjectionStatus.OPEN
    )
    answer = TextField("ответ", blank=True, max_length=2000)
    answered_by = models.ForeignKey(
        _user, models.PROTECT, null=True, blank=True, verbose_name="кто ответил", related_name="+"
    )
    answered_at = models.DateTimeField("отвечено", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"reason", "answer"})

    class Meta:
        verbose_name = "возражение"
        verbose_name_plural = "возражения"
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(status=ObjectionStatus.OPEN),
                name="objection_one_open",
                violation_error_message="По этой строке возражение уже ждёт ответа.",
            ),
            models.CheckConstraint(
                condition=Q(status=ObjectionStatus.OPEN, answered_at=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="objection_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"Возражение: {self.line}"

    def audit_about(self) -> Employee:
        return self.line.sheet.employee


class PayrollExport(models.Model):
    """That a closed month was given to payroll, with the digest of what was given."""

    month = models.DateField("месяц", unique=True)
    sheets = models.PositiveIntegerField("листов")
    digest = models.CharField("отпечаток", max_length=64)
    made_by = models.ForeignKey(_user, models.PROTECT, verbose_name="кто", related_name="+")
    made_at = models.DateTimeField("когда")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "выгрузка в расчёт зарплаты"
        verbose_name_plural = "выгрузки в расчёт зарплаты"
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"Выгрузка за {label(self.month)}"


class SheetView(models.Model):
    """Who looked at another's sheet, when and how. Only added, never changed."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, verbose_name="лист", related_name="views")
    user = models.ForeignKey(_user, models.PROTECT, verbose_name="кто смотрел", related_name="+")
    at = models.DateTimeField("когда")
    how = models.CharField("где", max_length=20)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "просмотр листа"
        verbose_name_plural = "просмотры листов"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user}: {self.at:%d.%m.%Y}"
